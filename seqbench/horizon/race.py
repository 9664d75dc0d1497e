"""At which learning rate an arm is searched: a race of rates over growing gaps, on seeds that are not reported.

One rate climbs until it fails; then the others try the same gap, and whoever solves it climbs on. At the longest gap
that some rate solved, all rates compete. Everything is a function of the SET of results: no state, no random number, no
order. docs/tuning.md says what it costs, and what is lost by it.
"""

import math
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from seqbench.horizon.search import Search
from seqbench.horizon.tuning import Counted, Tally, Trial, Tried, Tuning, beyond, tallies

#: Half decades by which a grid may grow at either end.
MOST_ADDED = 2
#: Failures after which a rate is dropped where another one succeeds.
MOST_FAILURES = 2
#: A gap of the climb over the one before.
CLIMB = 2.0


@dataclass(frozen=True)
class Race:
    """The race for one arm: over the gaps of its search, at most as long as the search may be."""

    tuning: Tuning
    search: Search

    @cached_property
    def gaps(self) -> tuple[int, ...]:
        """Those of the climb: from the shortest to the longest, about a factor of two apart."""
        low, high = self.search.smallest, self.search.largest
        number = max(2, 1 + round(math.log(high / low) / math.log(CLIMB)))
        return tuple(sorted({round(gap) for gap in np.geomspace(low, high, number)}))

    def next(self, results: Collection[Tried], pending: Collection[Trial] = (), at_most: int = 1) -> list[Trial]:
        """Up to `at_most` further runs to start while `pending` ones are under way; none when the race is over."""
        if self.finished(results):
            return []
        known = {one.trial for one in self.own(results)}
        running = set(pending) - known
        left = self.search.max_runs - len(known) - len(running)
        wanted = [trial for trial in self.standing(results).wanted if trial not in running]
        return wanted[: max(0, min(at_most, left))]

    def finished(self, results: Collection[Tried]) -> str | None:
        """Why the race is over, in words; None while it is not."""
        standing = self.standing(results)
        if not standing.wanted:
            return "no rate succeeds" if standing.choice is None else "a rate is chosen"
        own, most = self.own(results), self.search.max_steps
        if len(own) >= self.search.max_runs:
            return f"budget of {self.search.max_runs} runs spent"
        if most is not None and sum(one.steps for one in own) >= most:
            return f"budget of {most:,} training steps spent"
        return None

    def own(self, results: Iterable[Tried]) -> set[Tried]:
        """The results at gaps and with seeds of this race: settings may have been others before."""
        return {one for one in results if one.gap in self.gaps and one.seed in self.tuning.all_seeds}

    def standing(self, results: Iterable[Tried]) -> "Standing":
        """Where the race stands, on a grid that has grown as far as its ends won."""
        counted = tallies(self.own(results))
        rates = self.tuning.rates
        for _ in range(2 * MOST_ADDED):
            standing = Standing(self, rates, counted)
            grown = self._grown(standing)
            if grown == rates:
                return standing
            rates = grown
        return Standing(self, rates, counted)

    def _grown(self, standing: "Standing") -> tuple[float, ...]:
        """The grid with another rate beyond the end that won, unless that end has moved as far as it may."""
        rates, choice = standing.rates, standing.choice
        if standing.wanted or choice is None:
            return rates
        base = self.tuning.rates
        if choice.rate == rates[0] and rates.index(base[0]) < MOST_ADDED:
            return (beyond(rates[0], -1), *rates)
        if choice.rate == rates[-1] and len(rates) - 1 - rates.index(base[-1]) < MOST_ADDED:
            return (*rates, beyond(rates[-1], 1))
        return rates


@dataclass(frozen=True)
class Choice:
    """A rate, and the gap at which it was chosen."""

    rate: float
    gap: int


class Standing:
    """Where a race stands: which runs are needed next, and which rate would be chosen now."""

    def __init__(self, race: Race, rates: tuple[float, ...], counted: "Counted") -> None:
        self.race, self.rates, self._counted = race, rates, counted

    def tally(self, rate: float, gap: int) -> Tally:
        """What a rate did at a gap."""
        return self._counted.get((rate, gap), ({}, Tally()))[1]

    @cached_property
    def solved_gaps(self) -> list[int]:
        """The gaps at which some rate succeeded, the longest first."""
        return [gap for gap in reversed(self.race.gaps) if any(self.tally(rate, gap).solved for rate in self.rates)]

    @cached_property
    def wanted(self) -> list[Trial]:
        """The runs that are needed next, whatever is under way; none when a rate can be chosen, or none succeeds."""
        if climb := self._climb():
            return climb
        for gap in self.solved_gaps:
            if heat := self._heat(gap):
                return heat
            if self.tally(self.best(gap), gap).works:
                return []
        return []

    @cached_property
    def choice(self) -> Choice | None:
        """The best rate at the longest gap at which it works; if none works, at the longest at which any succeeded."""
        working = [gap for gap in self.solved_gaps if self.tally(self.best(gap), gap).works]
        gap = next(iter(working + self.solved_gaps), None)
        return None if gap is None else Choice(self.best(gap), gap)

    def best(self, gap: int) -> float:
        """The rate with the most successes at a gap, then the fewest steps per success, then the smaller one."""
        return min(self.rates, key=lambda rate: self._rank(self.tally(rate, gap), rate))

    @staticmethod
    def _rank(tally: Tally, rate: float) -> tuple[float, ...]:
        return -tally.solved, tally.steps_per_success, rate

    def _climb(self) -> list[Trial]:
        """The next gap above all that were solved: the best rate goes first, the others follow if it fails."""
        reached = self.solved_gaps[0] if self.solved_gaps else 0
        above = [gap for gap in self.race.gaps if gap > reached]
        if not above:
            return []
        first = self.best(reached) if reached else self.race.tuning.around
        fresh = [rate for rate in self._nearest(first) if not self._failed_below(rate, above[0])]
        untried = [rate for rate in fresh if not self.tally(rate, above[0]).runs]
        seed = self._seeds(above[0])[0]
        return [(rate, above[0], seed) for rate in (untried[:1] if first in untried else untried)]

    def _failed_below(self, rate: float, gap: int) -> bool:
        """Whether it failed more often than it succeeded at a shorter gap."""
        below = [self.tally(rate, shorter) for shorter in self.race.gaps if shorter < gap]
        return any(tally.failed > tally.solved for tally in below)

    def _heat(self, gap: int) -> list[Trial]:
        """What is missing at a gap: a seed of every rate in the race before the next seed of any, the nearest first."""
        best = self.best(gap)
        racing = [rate for rate in self._nearest(best) if not self.dropped(rate, gap) and not self.beyond(rate, gap)]
        missing = [(seeds, rate) for rate in racing if (seeds := self._missing(rate, gap))]
        most = max((len(seeds) for seeds, _ in missing), default=0)
        return [(rate, gap, seeds[0]) for seeds, rate in missing if len(seeds) == most]

    def _missing(self, rate: float, gap: int) -> list[int]:
        made = self._counted.get((rate, gap), ({}, Tally()))[0]
        return [seed for seed in self._seeds(gap) if seed not in made]

    def _seeds(self, gap: int) -> list[int]:
        """Those of a gap; each gap begins with another one, so that failures on the way up are of several seeds."""
        first, seeds = self.race.gaps.index(gap), self.race.tuning.all_seeds
        return [seeds[(first + k) % len(seeds)] for k in range(len(seeds))]

    def _nearest(self, rate: float) -> list[float]:
        return sorted(self.rates, key=lambda other: (round(abs(math.log10(other / rate)), 6), other))

    def dropped(self, rate: float, gap: int) -> bool:
        """Whether it failed with two seeds up to this gap, more often than it solved it, and another did better."""
        failed = sum(self.tally(rate, shorter).failed for shorter in self.race.gaps if shorter <= gap)
        solved = self.tally(rate, gap).solved
        return failed >= MOST_FAILURES and failed > solved and self.tally(self.best(gap), gap).solved > solved

    def beyond(self, rate: float, gap: int) -> bool:
        """Whether a rate between it and the best was dropped, or has not solved this gap so far.

        What works is taken to be one stretch of rates, which is followed outwards.
        """
        low, high = sorted((rate, self.best(gap)))
        between = [other for other in self.rates if low < other < high]
        return any(self.dropped(other, gap) or not self.tally(other, gap).solved for other in between)
