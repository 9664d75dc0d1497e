"""How often equal arms are said to differ: the false positives of everything that is called beyond noise.

    python -m seqbench.compare.simulate [records]         # the study of docs/statistics.md, as Markdown

Runs are made up. The logarithms of their steps to solve, and of their speed, are normal; `likeness` is the correlation
of the runs that an arm has of one seed at different gaps.
"""

import argparse
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from seqbench.analysis import apart
from seqbench.analysis.entries import Entry
from seqbench.horizon.estimate import Outcome
from seqbench.horizon.ratio import horizon_p_value
from seqbench.horizon.search import Search
from seqbench.horizon.simulated import Curve, Runs, logistic
from seqbench.statistics.differences import Timed, speed_p, success_p, time_test
from seqbench.statistics.exchange import Exchange, exchange
from seqbench.statistics.levels import LEVEL, holm, over_pairs
from seqbench.statistics.rates import Floats, wilson_interval
from seqbench.statistics.survival import Times

ARMS = ("a", "b", "c")
MEDIANS = {10: 400, 20: 800, 40: 1600, 80: 3200}
"""Median steps to solve by gap."""
BUDGET = 2000
SPREAD = 0.5
"""Standard deviation of log steps to solve, and of log speed, at one gap."""
SEARCH = Search(min_gap=5, max_gap=400, tolerance=1.5, max_runs=20)
SEEDS, LIKENESSES = (5, 8, 12), (0.0, 0.5, 0.9)
ALL, EACH = slice(None), [slice(gap, gap + 1) for gap in range(len(MEDIANS))]
"""Gaps to compare over: all together, and one at a time."""


@dataclass(frozen=True)
class Made:
    """Runs of an arm by seed and gap: steps that it would take to solve, and the logarithm of its speed."""

    seeds: Sequence[int]
    steps: Floats
    log_speed: Floats

    @property
    def solved(self) -> NDArray[np.bool_]:
        """Whether the budget was enough."""
        return self.steps < BUDGET

    def at(self, gaps: slice) -> "Group":
        """The runs at some of the gaps, one after the other."""
        chosen = [(seed, gap) for seed in self.seeds for gap in list(MEDIANS)[gaps]]
        steps, solved = np.minimum(self.steps, BUDGET)[:, gaps].ravel(), self.solved[:, gaps].ravel()
        times = Timed(Times(steps, solved), np.full(len(steps), BUDGET))
        return Group(chosen, solved, times, self.log_speed[:, gaps].ravel())


class Group(NamedTuple):
    """Some runs of an arm, as the tests take them."""

    runs: list[tuple[int, int]]
    solved: NDArray[np.bool_]
    timed: Timed
    log_speed: Floats


def made(seeds: Sequence[int], likeness: float, rng: np.random.Generator) -> Made:
    """A run for every seed and gap; all arms are made alike."""
    steps, speed = (_alike(len(seeds), likeness, rng) for _ in range(2))
    return Made(seeds, np.array(list(MEDIANS.values())) * np.exp(SPREAD * steps), SPREAD * speed)


def _alike(seeds: int, likeness: float, rng: np.random.Generator) -> Floats:
    shared, own = rng.standard_normal((seeds, 1)), rng.standard_normal((seeds, len(MEDIANS)))
    return math.sqrt(likeness) * shared + math.sqrt(1 - likeness) * own


def report_p(arms: Sequence[Made]) -> list[float]:
    """What a report tests: all pairs of arms."""
    groups = {str(number): arm.at(ALL) for number, arm in enumerate(arms)}
    return list(
        over_pairs(groups, lambda one, two: time_test(one.timed, two.timed, _between(one, two)).p_value).values()
    )


def comparison_p(first: Made, second: Made) -> dict[str, list[float]]:
    """What a comparison tests, by measure."""
    by_gap = [(first.at(gap), second.at(gap)) for gap in EACH]
    one, two = first.at(ALL), second.at(ALL)
    outcomes = [[Outcome(gap, seed, bool(solved)) for (seed, gap), solved in zip(arm.runs, arm.solved, strict=True)]
                for arm in (one, two)]  # fmt: skip
    success = success_p(one.solved, two.solved, _between(one, two))
    tests = {
        "success by gap": [success_p(a.solved, b.solved, _between(a, b)) for a, b in by_gap],
        "steps by gap": [time_test(a.timed, b.timed, _between(a, b)).p_value for a, b in by_gap],
        "success": [success],
        "steps": [time_test(one.timed, two.timed, _between(one, two)).p_value],
        "horizon": [max(success, horizon_p_value(outcomes[0], outcomes[1], min(MEDIANS), max(MEDIANS)))],
        "speed": [speed_p(one.log_speed, two.log_speed, _between(one, two))],
    }
    return {measure: holm(p_values) for measure, p_values in tests.items()}


def _between(one: Group, two: Group) -> Exchange:
    return _exchange(tuple(one.runs), tuple(two.runs))


_exchange = lru_cache(maxsize=16)(exchange)


def false_positives(records: int, seeds: int, likeness: float, shared: bool) -> dict[str, int]:
    """Of so many records of equal arms, in how many the report, and each measure of a comparison, finds a difference.

    Without `shared` every arm has seeds of its own. A report compares no such arms, so that it finds none.
    """
    rng = np.random.default_rng([seeds, round(100 * likeness), shared])
    found: Counter[str] = Counter()
    for _ in range(records):
        arms = [made(range(start, start + seeds), likeness, rng) for start in (0, 0 if shared else seeds, 0)]
        p_values = comparison_p(*arms[:2]) | ({"report": report_p(arms)} if shared else {})
        found.update(name for name, its in p_values.items() if min(its) < LEVEL)
    return found


def in_searches(search: Search, curve: Curve, rng: np.random.Generator) -> bool:
    """Whether any two of three searches on the same curve are said to have different horizons."""
    board = [Entry("task", arm, search, _frame(search, Runs(curve, rng))) for arm in ARMS]
    return any(pair.p_value < LEVEL for pair in apart.pairs(board))


def _frame(search: Search, runs: Runs) -> pd.DataFrame:
    """The runs of a whole search."""
    known: list[Outcome] = []
    while probes := search.next(known):
        known += map(runs, probes)
    return pd.DataFrame(known).assign(outcome=["solved" if run.solved else "unsolved" for run in known])


def searches_apart(records: int, width: float, search: Search = SEARCH) -> int:
    """Of so many threes of searches on logistic curves, in how many two horizons differ beyond noise."""
    rng = np.random.default_rng(round(1000 * width))
    ends = math.log(search.smallest), math.log(search.largest)
    return sum(in_searches(search, logistic(math.exp(rng.uniform(*ends)), width), rng) for _ in range(records))


COLUMNS = ("report", "success by gap", "steps by gap", "success", "steps", "horizon", "speed")
HEADER = f"| seeds | shared | likeness | {' | '.join(COLUMNS)} |\n|{'---|' * (3 + len(COLUMNS))}"


def row(records: int, seeds: int, likeness: float, shared: bool) -> str:
    """A line of the study's first table."""
    found = false_positives(records, seeds, likeness, shared)
    shares = [_share(found[name], records) if shared or name != "report" else "" for name in COLUMNS]
    return f"| {seeds} | {'yes' if shared else 'no'} | {likeness:g} | {' | '.join(shares)} |"


def _share(positives: int, records: int) -> str:
    return f"{positives / records:.1%}"


def lines(records: int) -> Iterator[str]:
    """The whole study as Markdown, line by line as it is computed."""
    yield HEADER
    for shared in (True, False):
        for seeds in SEEDS:
            for likeness in LIKENESSES:
                yield row(records, seeds, likeness, shared)
    yield "\n| curve, 90 % to 10 % within a factor | horizons of three searches |\n|---|---|"
    number = max(1, records // 10)
    for width in (1.5, 3.0, 8.0):
        low, high = wilson_interval(positives := searches_apart(number, width), number)
        yield f"| {width:g} | {_share(positives, number)} ({low:.1%} to {high:.1%}) |"


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the study."""
    parser = argparse.ArgumentParser(prog="python -m seqbench.compare.simulate", description="Markdown on the output.")
    parser.add_argument(
        "records", nargs="?", type=int, default=3000, help="of each row, and a tenth of searches; 3000 by default"
    )
    for line in lines(parser.parse_args(arguments).records):
        print(line, flush=True)


if __name__ == "__main__":
    main()
