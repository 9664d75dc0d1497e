"""What choosing the learning rate costs beside the search that it is for, and what the choice loses, on known curves.

    python benchmarks/tuning_cost.py [arms]

Each arm has a best rate, drawn log-uniformly from 1e-3 to 1e-2, at which its horizon is drawn log-uniformly from 5 to
400. Away from it the log of the horizon falls with the square of the distance in decades, twice as fast above as below.
Success at a rate is logistic in the log of the gap; the steps of a solved run grow with the gap towards the budget.
"""

import math
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from seqbench.horizon.estimate import Outcome
from seqbench.horizon.race import Race
from seqbench.horizon.search import Search
from seqbench.horizon.simulated import logistic
from seqbench.horizon.tuning import Tried, Tuning

BUDGET = 1000
COMMON = 3e-3
WIDTH = 2.0
"""Success falls from 90 % to 10 % while the gap grows by this factor."""


@dataclass(frozen=True)
class Arm:
    """An arm whose horizon at every rate is known."""

    best_rate: float
    horizon: float
    narrowness: float
    seed: int

    def gap50(self, rate: float) -> float:
        """The horizon at a rate: 2^-narrowness of the longest one half a decade below the best rate."""
        away = 2 * math.log10(rate / self.best_rate) * (1.4 if rate > self.best_rate else 1)
        return self.horizon * 2 ** -(self.narrowness * away**2)

    def run(self, rate: float, gap: int, seed: int) -> tuple[bool, int]:
        """Whether a run solves, and its steps."""
        luck, pace = np.random.default_rng([self.seed, seed, gap, round(1e7 * rate)]).random(2)
        if luck > logistic(self.gap50(rate), WIDTH)(gap):
            return False, BUDGET
        return True, round(BUDGET * min(1, (0.2 + 0.6 * min(1, gap / self.gap50(rate))) * (0.75 + 0.5 * pace)))


def tuned(arm: Arm, race: Race) -> list[Tried]:
    """A whole race, one run at a time."""
    results: list[Tried] = []
    while trials := race.next(results):
        results += [Tried(*trial, *arm.run(*trial)) for trial in trials]
    return results


def searched(arm: Arm, search: Search, rate: float) -> list[Outcome]:
    """A whole search at a rate."""
    results: list[Outcome] = []
    while probes := search.next(results):
        results += [Outcome(gap, seed, *arm.run(rate, gap, seed)) for gap, seed in probes]
    return results


def row(narrowness: float, search: Search, seeds: int, arms: int) -> Iterator[object]:
    """The cells of a line of the table."""
    rng = np.random.default_rng(round(100 * narrowness))
    race = Race(Tuning(around=COMMON, seeds=seeds), search)
    runs, shares, lost, common, spent, of_search = [], [], [], [], 0, 0
    for number in range(arms):
        arm = Arm(10 ** rng.uniform(-3, -2), math.exp(rng.uniform(math.log(5), math.log(400))), narrowness, number)
        results = tuned(arm, race)
        choice = race.standing(results).choice
        rate = choice.rate if choice else COMMON
        cost, own = (sum(one.steps for one in made) for made in (results, searched(arm, search, rate)))
        best = max(arm.gap50(10 ** (k / 2)) for k in range(-9, -1))
        runs.append(len(results))
        shares.append(cost / own)
        lost.append(arm.gap50(rate) / best)
        common.append(arm.gap50(COMMON) / best)
        spent, of_search = spent + cost, of_search + own
    yield from (f"{2**-narrowness:.0%}", search.max_runs, seeds, f"{np.median(runs):.0f}", max(runs))
    yield from (f"{spent / of_search:.0%}", f"{np.median(shares):.0%}", f"{np.mean(np.array(shares) <= 1):.0%}")
    yield from (f"{np.median(lost):.2f}", f"{np.quantile(lost, 0.1):.2f}", f"{np.quantile(common, 0.1):.2f}")


HEADER = (
    "| horizon half a decade below the best rate | most runs of a search | seeds | runs, median | runs, most | steps "
    "of all races, of those of all searches | median of an arm | arms at most 100 % | horizon kept, median | the worst "
    "tenth | the worst tenth at the common rate |"
)


def main(arms: int) -> None:
    """Print the table."""
    print(HEADER, "|---" * HEADER[1:].count("|") + "|", sep="\n")
    for narrowness in (0.25, 1, 4):
        for tolerance, most in ((1.25, 60), (1.5, 20)):
            search = Search(min_gap=5, max_gap=400, tolerance=tolerance, max_runs=most)
            for seeds in (2, 4):
                print(f"| {' | '.join(map(str, row(narrowness, search, seeds, arms)))} |", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
