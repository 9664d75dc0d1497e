"""Grids of learning rates, and what became of runs at them: the values of a race (`seqbench.horizon.race`)."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge, Le

from seqbench.config import Count

Trial = tuple[float, int, int]
"""A run to make: (learning rate, gap, seed)."""


@dataclass(frozen=True, order=True)
class Tried:
    """What became of one run. Every (rate, gap, seed) has exactly one outcome."""

    rate: float
    gap: int
    seed: int
    solved: bool
    steps: int = 0

    @property
    def trial(self) -> Trial:
        """Which run it was."""
        return self.rate, self.gap, self.seed


@dataclass(frozen=True, kw_only=True)
class Tuning:
    """A grid of learning rates in half decades, `half_decades` to each side of the one it is laid `around`.

    A choice rests on `seeds` seeds from `first_seed` on, which no search uses.
    """

    around: Annotated[float, Ge(1e-9), Le(1e3)]
    half_decades: Annotated[int, Ge(1), Le(8)] = 2
    seeds: Annotated[int, Ge(2), Le(100)] = 4
    first_seed: Count = 10_000

    @property
    def rates(self) -> tuple[float, ...]:
        """The grid, ascending."""
        below = [beyond(self.around, -k) for k in range(self.half_decades, 0, -1)]
        return (*below, self.around, *(beyond(self.around, k) for k in range(1, self.half_decades + 1)))

    @property
    def all_seeds(self) -> range:
        """Those that it uses."""
        return range(self.first_seed, self.first_seed + self.seeds)


def beyond(rate: float, half_decades: int) -> float:
    """So many half decades above (or below) a rate, rounded to one digit: 0.001, 0.003, 0.01, 0.03, ..."""
    place = round(2 * math.log10(rate)) + half_decades
    return float(f"{10 ** (place / 2):.0e}")


@dataclass(frozen=True)
class Tally:
    """What a rate did at a gap."""

    solved: int = 0
    runs: int = 0
    steps: int = 0

    @property
    def failed(self) -> int:
        """Runs that did not solve."""
        return self.runs - self.solved

    @property
    def works(self) -> bool:
        """Whether at least half of the runs solved, of one or more."""
        return self.solved > 0 and self.solved >= self.failed

    @property
    def steps_per_success(self) -> float:
        """All steps, those of failures included, over the successes."""
        return self.steps / self.solved if self.solved else math.inf


Counted = dict[tuple[float, int], tuple[dict[int, bool], Tally]]
"""Seeds and tally by rate and gap."""


def tallies(results: Iterable[Tried]) -> Counted:
    """Counted by rate and gap. Repeated outcomes count once; ValueError if two contradict."""
    counted: Counted = {}
    for one in sorted(set(results)):
        seeds, before = counted.get((one.rate, one.gap), ({}, Tally()))
        if one.seed in seeds:
            raise ValueError(f"rate {one.rate:g}, gap {one.gap}, seed {one.seed} is recorded with two outcomes")
        tally = Tally(before.solved + one.solved, before.runs + 1, before.steps + one.steps)
        counted[one.rate, one.gap] = {**seeds, one.seed: one.solved}, tally
    return counted
