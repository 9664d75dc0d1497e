"""Runs on known success curves, and the searches that make them.

A run of (gap, seed) succeeds when its luck, a number drawn once, lies below the curve. `likeness` is the correlation of
the luck of one seed at different gaps.
"""

import math
from collections import Counter
from collections.abc import Callable

import numpy as np
import scipy

from seqbench.horizon.estimate import Horizon, Outcome, Probe
from seqbench.horizon.search import Search

Curve = Callable[[float], float]


def logistic(gap50: float, width: float, lapses: float = 0.0, guesses: float = 0.0) -> Curve:
    """Success that is one half at gap50, and falls from 90 % to 10 % within the factor `width`.

    Of the seeds, the share `lapses` fails at every gap and `guesses` succeeds at every gap; the fall is that of the
    others.
    """
    slope, others = 2 * math.log(9) / math.log(width), 1 - lapses - guesses
    shift = scipy.special.logit((0.5 - guesses) / others)
    return lambda gap: float(guesses + others * scipy.special.expit(shift - slope * math.log(gap / gap50)))


def solved_within(*ranges: tuple[float, float]) -> Curve:
    """Success certain within the ranges of gaps, and nowhere else."""
    return lambda gap: float(any(low <= gap <= high for low, high in ranges))


class Runs:
    """Outcomes of simulated runs, drawn once for every (gap, seed).

    With `reuse` the k-th run at every gap has the luck of seed k, whatever seed it is given: what a search would
    get that starts from seed 0 at every gap.
    """

    def __init__(self, curve: Curve, rng: np.random.Generator, likeness: float = 0.0, reuse: bool = False) -> None:
        self._curve, self._likeness, self._reuse = curve, likeness, reuse
        self._entropy = int(rng.integers(2**63))
        self._made: Counter[int] = Counter()

    def __call__(self, probe: Probe) -> Outcome:
        gap, seed = probe
        shared = self._normal(self._made[gap] if self._reuse else seed)
        self._made[gap] += 1
        luck = math.sqrt(self._likeness) * shared + math.sqrt(1 - self._likeness) * self._normal(seed, gap)
        return Outcome(gap, seed, solved=bool(scipy.special.ndtr(luck) < self._curve(gap)))

    def _normal(self, *key: int) -> float:
        return float(np.random.Generator(np.random.SFC64([self._entropy, *key])).standard_normal())


def searched(search: Search, runs: Runs, rng: np.random.Generator, workers: int = 1) -> Horizon:
    """The end of one search that keeps `workers` runs under way, which end in random order."""
    results: set[Outcome] = set()
    pending: set[Probe] = set()
    while True:
        pending.update(search.next(results, pending, workers - len(pending)))
        if not pending:
            return search.estimate(results)
        ended = sorted(pending)[rng.integers(len(pending))]
        pending.remove(ended)
        results.add(runs(ended))
