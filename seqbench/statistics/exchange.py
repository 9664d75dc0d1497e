"""The test between two arms: whole seeds are exchanged, because the runs of one seed are alike.

If the arms are equal, it makes no difference whose run is whose: the runs of a seed might as well have been the other
arm's, all together. So the p-value is the share of exchanges that set the arms at least as far apart as they are. It
supposes nothing of how the runs of one seed depend on each other, nor of how they are distributed, and holds for any
number of seeds (Fisher 1935, The Design of Experiments, section 21; Good 2005, Permutation, Parametric and Bootstrap
Tests of Hypotheses, chapter 3).
"""

import itertools
import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seqbench.statistics.levels import DRAWN, ENUMERATED, smallest_p
from seqbench.statistics.rates import Floats

Ints = NDArray[np.int_]

Run = tuple[Hashable, Hashable]
"""Of a run, its seed and its stratum: what it is compared within (the gap, say)."""

ROUNDING = 1e-9
"""Two exchanges whose statistics differ by less are equally far."""


@dataclass(frozen=True)
class Exchange:
    """Who may be exchanged for whom between two arms, and the runs that count."""

    strata: list[tuple[Ints, Ints]]
    """Rows of both arms, by stratum."""
    units: tuple[Ints, Ints]
    """For every row of both arms its unit: a seed, or if the arms share none, a seed of one arm."""
    seeds: tuple[int, int]
    paired: bool
    signs: Floats
    """For every exchange (the first changes nothing) the sign of every unit."""

    @property
    def smallest(self) -> float:
        """The smallest p-value that it can give, however far apart the arms are."""
        if self.paired:
            return smallest_p(self.seeds[0])
        deals = math.comb(sum(self.seeds), self.seeds[0])
        return min(1.0, (1 + (self.seeds[0] == self.seeds[1])) / deals if deals <= ENUMERATED else 1 / DRAWN)

    def statistic(self, first: Floats, second: Floats) -> float:
        """Sum of the scores of the first arm's runs minus that of the second's."""
        return float(self.signs[0] @ self._by_unit(first, second))

    def p_value(self, first: Floats, second: Floats) -> float:
        """Two-sided, from scores of the runs whose sum over both arms is zero in every stratum."""
        if not self.strata:
            return 1.0
        apart = np.abs(self.signs @ self._by_unit(first, second))
        return float(np.mean(apart >= apart[0] - ROUNDING))

    def centred(self, first: ArrayLike, second: ArrayLike) -> tuple[Floats, Floats]:
        """Values of the runs as scores: less the mean of both arms in their stratum; 0 for runs that do not count."""
        values = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
        scores = np.zeros(len(values[0])), np.zeros(len(values[1]))
        for rows in self.strata:
            mean = np.concatenate([arm[own] for arm, own in zip(values, rows, strict=True)]).mean()
            for arm, own, its in zip(values, rows, scores, strict=True):
                its[own] = arm[own] - mean
        return scores

    def rows(self, arm: int) -> Ints:
        """Those of the first (0) or the second arm (1) that count."""
        return np.concatenate([np.array([], dtype=int), *(rows[arm] for rows in self.strata)])

    def _by_unit(self, first: Floats, second: Floats) -> Floats:
        """Sum of scores; of a pair the difference, as the sign of a unit is that of its first arm."""
        number = self.signs.shape[1]
        sums = np.zeros(number)
        for arm, (scores, sign) in enumerate(((first, 1), (second, -1 if self.paired else 1))):
            rows = self.rows(arm)
            sums += sign * np.bincount(self.units[arm][rows], scores[rows], number)
        return sums


def exchange(first: Sequence[Run], second: Sequence[Run]) -> Exchange:
    """Of arms with common runs (the same seed and stratum), these alone count, and each seed changes sides or not.

    Arms without a common run are dealt their seeds anew, each with all of its runs.
    """
    both = set(first) & set(second)
    counts = [[run for run in runs if not both or run in both] for runs in (first, second)]
    seeds = [list(dict.fromkeys(seed for seed, _ in runs)) for runs in counts]
    place = {seed: at for at, seed in enumerate(seeds[0])}
    places = place, place if both else {seed: len(place) + at for at, seed in enumerate(seeds[1])}
    units = tuple(np.array([its.get(seed, -1) for seed, _ in runs], dtype=int)
                  for runs, its in zip((first, second), places, strict=True))  # fmt: skip
    numbers = len(seeds[0]), len(seeds[1])
    strata = [
        (_rows(first, stratum, both), _rows(second, stratum, both))
        for stratum in dict.fromkeys(stratum for _, stratum in counts[0] + counts[1])
    ]
    return Exchange(strata, (units[0], units[1]), numbers, bool(both), _flips(numbers[0]) if both else _deals(*numbers))


def _rows(runs: Sequence[Run], stratum: Hashable, both: set[Run]) -> Ints:
    return np.array([row for row, run in enumerate(runs) if run[1] == stratum and (not both or run in both)], dtype=int)


@lru_cache(maxsize=8)
def _flips(units: int) -> Floats:
    """All changes of signs but for their opposites, which are as far; if they are too many, a sample."""
    if 2**units <= 2 * ENUMERATED:
        return np.array([(1.0, *rest) for rest in itertools.product((1.0, -1.0), repeat=units - 1)])
    drawn = np.random.default_rng(0).choice([1.0, -1.0], size=(DRAWN, units))
    drawn[0] = 1
    return drawn


@lru_cache(maxsize=8)
def _deals(first: int, second: int) -> Floats:
    """All ways to deal the units, 1 to the first arm and -1 to the second; if they are too many, a sample."""
    as_it_is = np.repeat([1.0, -1.0], [first, second])
    if math.comb(first + second, first) > ENUMERATED:
        drawn = np.random.default_rng(0).permuted(np.tile(as_it_is, (DRAWN, 1)), axis=1)
        drawn[0] = as_it_is
        return drawn
    chosen = np.array(list(itertools.combinations(range(first + second), first)), dtype=int)
    deals = np.full((len(chosen), first + second), -1.0)
    np.put_along_axis(deals, chosen, 1.0, axis=1)
    return deals
