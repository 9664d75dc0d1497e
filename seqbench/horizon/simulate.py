"""Simulated searches on known success curves: how often the interval holds the truth, how far off, at what cost.

python -m seqbench.horizon.simulate [searches]         # the study of docs/horizon.md, as Markdown
"""

import argparse
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from seqbench.horizon.curves import curves
from seqbench.horizon.estimate import Horizon, from_counts
from seqbench.horizon.search import Search
from seqbench.horizon.simulated import Runs, logistic, searched, solved_within
from seqbench.statistics.rates import wilson_interval
from seqbench.statistics.thresholds import BELOW_ALL, BEYOND_ALL

REAL = ((110.8, 1.45), (18.3, 1.43), (49.8, 3.83), (40.7, 2.08), (36.7, 1.1), (19.8, 1.1))
"""gap50 and width of the logistic curves of maximum likelihood for the outcomes of reports/reference/horizon, for the
six searches whose interval has two ends; the last two are steps, and get the steepest curve of the prior."""


@dataclass(frozen=True)
class Study:
    """Many searches for known horizons: `truths[i]` is the gap50 that `found[i]` estimates."""

    search: Search
    truths: list[float]
    found: list[Horizon]

    @property
    def covered(self) -> int:
        """In how many searches the interval held the truth."""
        return sum(its.low <= truth <= its.high for truth, its in zip(self.truths, self.found, strict=True))

    @property
    def log_errors(self) -> list[float]:
        """Of gap50, where it is a number and not censored."""
        pairs = zip(self.truths, self.found, strict=True)
        return [math.log(its.gap50 / truth) for truth, its in pairs if BELOW_ALL < its.gap50 < BEYOND_ALL]

    @property
    def bias(self) -> float:
        """Of gap50, as a share of it: the geometric mean of estimate over truth, minus one."""
        return math.expm1(float(np.mean(self.log_errors)))

    @property
    def median_ratio(self) -> float:
        """Median of the intervals' high / low."""
        return float(np.median([its.ratio for its in self.found]))

    @property
    def median_runs(self) -> float:
        """Median of the runs that a search spent."""
        return float(np.median([its.runs for its in self.found]))


def study(
    search: Search,
    width: float,
    searches: int,
    workers: int = 1,
    likeness: float = 0.0,
    reuse: bool = False,
    lapses: float = 0.0,
) -> Study:
    """Searches on logistic curves of one width, gap50 drawn log-uniformly from the searched range."""
    rng = np.random.default_rng([round(1000 * width), workers, round(100 * likeness), round(100 * lapses)])
    truths = _truths(search, searches, rng)
    runs = (Runs(logistic(truth, width, lapses), rng, likeness, reuse) for truth in truths)
    return Study(search, truths, [searched(search, its, rng, workers) for its in runs])


def study_of_the_prior(search: Search, searches: int) -> Study:
    """Searches on curves drawn from what the posterior supposes, but for gap50, which lies in the searched range."""
    rng, grid = np.random.default_rng(searches), curves(search.smallest, search.largest)
    truths = _truths(search, searches, rng)
    prior = np.exp(grid.log_prior[: len(grid.slope)])
    drawn = rng.choice(len(grid.slope), size=searches, p=prior / prior.sum())
    widths = np.exp(2 * math.log(9) / grid.slope[drawn])
    shapes = zip(truths, widths, grid.lapse[drawn], grid.guess[drawn], strict=True)
    return Study(search, truths, [searched(search, Runs(logistic(*shape), rng), rng) for shape in shapes])


def study_of_real_curves(search: Search, searches: int) -> Study:
    """Searches on the curves of `REAL`, on each as often."""
    rng = np.random.default_rng(len(REAL))
    shapes = [REAL[k % len(REAL)] for k in range(searches)]
    found = [searched(search, Runs(logistic(*shape), rng), rng) for shape in shapes]
    return Study(search, [gap50 for gap50, _ in shapes], found)


def _truths(search: Search, searches: int, rng: np.random.Generator) -> list[float]:
    ends = math.log(search.smallest), math.log(search.largest)
    return [math.exp(rng.uniform(*ends)) for _ in range(searches)]


def grid_runs(search: Search, width: float, ratio: float, grids: int = 60) -> int | None:
    """Runs that a fixed grid needs for intervals as narrow as `ratio` in the median, at its best spacing.

    Spacings of 1.25, 1.5 and 2 are tried, the seeds per gap raised by a quarter until it suffices; the estimator is
    the search's. None if 200 seeds per gap are too few.
    """
    needed = [its for spacing in (1.25, 1.5, 2.0) if (its := _grid_runs(search, width, ratio, spacing, grids))]
    return min(needed, default=None)


def _grid_runs(search: Search, width: float, ratio: float, spacing: float, grids: int) -> int | None:
    number = 1 + math.ceil(math.log(search.largest / search.smallest) / math.log(spacing))
    gaps = sorted({round(gap) for gap in np.geomspace(search.smallest, search.largest, number)})
    seeds = 1
    while seeds <= 200:
        rng = np.random.default_rng(seeds)
        found = []
        for _ in range(grids):
            curve = logistic(math.exp(rng.uniform(math.log(search.smallest), math.log(search.largest))), width)
            solved = {gap: int(rng.binomial(seeds, curve(gap))) for gap in gaps}
            counts = {gap: (its, seeds - its) for gap, its in solved.items()}
            found.append(from_counts(counts, search.smallest, search.largest).ratio)
        if float(np.median(found)) <= ratio:
            return seeds * len(gaps)
        seeds = max(seeds + 1, seeds * 5 // 4)
    return None


HEADER = (
    "| curve, 90 % to 10 % within a factor | workers | coverage of the 95 % interval | bias of gap50 | typical error "
    "| high / low | runs | ended early | runs of a grid as precise |\n|---|---|---|---|---|---|---|---|---|"
)


def row(curve: str, done: Study, workers: int, grid: int | str | None = "") -> str:
    """A line of the study's first table; "ended early" is the share of searches that did not need the budget."""
    low, high = wilson_interval(done.covered, len(done.truths))
    error = math.expm1(float(np.median(np.abs(done.log_errors))))
    early = np.mean([its.runs < done.search.max_runs for its in done.found])
    return (
        f"| {curve} | {workers} | {done.covered / len(done.truths):.1%} ({low:.1%} to {high:.1%}) "
        f"| {done.bias:+.1%} | {error:.1%} | {done.median_ratio:.2f} | {done.median_runs:.0f} | {early:.0%} "
        f"| {'over 200 seeds a gap' if grid is None else grid} |"
    )


ODD = {
    "never": solved_within(),
    "always": solved_within((0, math.inf)),
    "solved to 20 and from 60 to 200": solved_within((0, 20), (60, 200)),
    "solved from 60 to 200 only": solved_within((60, 200)),
    "one run in two, whatever the gap": lambda _: 0.5,
}


def odd_row(name: str, found: list[Horizon]) -> str:
    """A line of the second table: what the searches said, how many runs it took, how many doubt the falling curve."""
    closed = [its.low == BEYOND_ALL or its.high == BELOW_ALL for its in found]
    texts = Counter(str(its) if outside else "an interval" for its, outside in zip(found, closed, strict=True))
    said = ", ".join(f"{text}: {number}" for text, number in texts.most_common())
    numbers = [its.gap50 for its in found if BELOW_ALL < its.gap50 < BEYOND_ALL]
    middle = f"{np.median(numbers):.0f}" if numbers else ""
    runs = float(np.median([its.runs for its in found]))
    doubted = np.mean([its.consistency < 0.5 for its in found])
    return f"| {name} | {said} | {middle} | {runs:.0f} | {doubted:.0%} |"


def lines(searches: int) -> Iterator[str]:
    """The whole study as Markdown, line by line as it is computed."""
    search = Search(min_gap=5, max_gap=400)
    yield HEADER
    for width in (1.2, 1.5, 2.0, 3.0, 8.0):
        done = study(search, width, searches)
        yield row(f"{width:g}", done, 1, grid_runs(search, width, done.median_ratio))
    yield row("2", study(search, 2.0, searches, workers=4), 4)
    for width in (2.0, 8.0):
        yield row(f"{width:g}, and 30 % lapses", study(search, width, searches, lapses=0.3), 1)
    yield row("curves of real runs", study_of_real_curves(search, searches), 1)
    yield row("drawn from the prior", study_of_the_prior(search, searches), 1)
    yield row("1.2, tolerance 1.05", study(replace(search, tolerance=1.05), 1.2, searches), 1)
    yield "\n| true curve | said | median of the numbers | runs | doubted |\n|---|---|---|---|---|"
    for name, curve in ODD.items():
        rng = np.random.default_rng(len(name))
        yield odd_row(name, [searched(search, Runs(curve, rng), rng) for _ in range(searches // 10)])
    yield "\n| seeds | likeness of a seed's runs | coverage, width 8 |\n|---|---|---|"
    for likeness in (0.5, 0.9):
        for reuse in (False, True):
            done = study(search, 8.0, searches // 2, likeness=likeness, reuse=reuse)
            policy = "0, 1, 2, ... at every gap" if reuse else "one of its own for every run"
            low, high = wilson_interval(done.covered, len(done.truths))
            share = done.covered / len(done.truths)
            yield f"| {policy} | {likeness} | {share:.1%} ({low:.1%} to {high:.1%}) |"


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the study."""
    parser = argparse.ArgumentParser(prog="python -m seqbench.horizon.simulate", description="Markdown on the output.")
    parser.add_argument("searches", nargs="?", type=int, default=500, help="of each row, at least 10; 500 by default")
    options = parser.parse_args(arguments)
    if options.searches < 10:
        parser.error(f"{options.searches} searches are too few for a share; at least 10 are needed")
    for line in lines(options.searches):
        print(line, flush=True)


if __name__ == "__main__":
    main()
