"""What to run next: the ends of the range first, then wherever a run is expected to narrow gap50 most.

The criterion is the expected posterior variance of log gap50 (King-Smith et al. 1994, Vision Research 34:885-912), one
run ahead, summed over the training budgets at which the horizon is not known yet. Probes that are still running are
taken into account through the outcomes they may have. Everything is a function of the SET of results and of the set of
pending runs: no state, no random number, no order.
"""

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any, Literal

import numpy as np
import pydantic
from annotated_types import Ge, Gt

from seqbench.config import Count
from seqbench.horizon.axis import AXES, Axis
from seqbench.horizon.curves import Curves, curves
from seqbench.horizon.estimate import Counts, Horizon, Outcome, Posterior, Probe, counted, estimate
from seqbench.statistics.rates import Floats
from seqbench.statistics.thresholds import BELOW_ALL, BEYOND_ALL

FEWEST_RUNS = 8
"""A smaller budget cannot bracket: a run at each end and six between. Arms outside the range take as many."""

SCENARIOS = 16
"""How many joint outcomes of pending runs are followed, the likeliest ones; four pending runs are followed exactly."""


@dataclass(frozen=True, kw_only=True)
class Search:
    """A search for the gap between `min_gap` and `max_gap` at which one half of the runs succeed.

    Or for the load between `min_load` and `max_load`, at whatever gap the task has; then "gap" means the load below.
    It ends when, at each of its `budgets`, the 95 % interval's ends are less than a factor `tolerance` apart, or lie
    between neighbouring whole gaps, or the whole interval lies outside the range; or when `max_runs` runs or
    `max_steps` training steps are recorded. All recorded runs count towards these, whoever made them. ValueError for a
    range, tolerance or budget that makes no search.
    """

    over: Literal["gap", "load"] = "gap"
    min_gap: Count | None = None
    max_gap: Count | None = None
    min_load: Count | None = None
    max_load: Count | None = None
    tolerance: Annotated[float, Gt(1), pydantic.AllowInfNan(False)] = 1.25
    max_runs: Annotated[int, Ge(FEWEST_RUNS)] = 60
    max_steps: Count | None = None
    budgets: Annotated[tuple[Count, ...], pydantic.Strict(False)] = ()
    """Training steps at which the horizon is given, rising; runs take the last of them, or what they are told."""

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> "Search":
        """From plain values, as a file holds them."""
        return cls(**{**settings, "budgets": tuple(settings.get("budgets", ()))})

    def __post_init__(self) -> None:
        low, high = self.axis.ends
        if self._end(low) is None or self._end(high) is None:
            raise ValueError(f"{low} and {high} must be given")
        if self.smallest < 1:
            raise ValueError(f"{low} must be at least 1, got {self.smallest}")
        if self.smallest >= self.largest:
            raise ValueError(f"{low} must be below {high}, got {self.smallest} and {self.largest}")
        if not self.tolerance > 1:
            raise ValueError(
                f"tolerance is the ratio high / low of the interval and must be above 1, got {self.tolerance}"
            )
        if self.max_runs < FEWEST_RUNS:
            raise ValueError(f"max_runs must be at least {FEWEST_RUNS} to bracket a {self.over}, got {self.max_runs}")
        if self.max_steps is not None and self.max_steps < 1:
            raise ValueError(f"max_steps must be at least 1, got {self.max_steps}")
        if sorted({*self.budgets}) != [*self.budgets]:
            raise ValueError(f"budgets must rise, got {list(self.budgets)}")

    @property
    def axis(self) -> Axis:
        """What it goes along."""
        return AXES[self.over]

    @property
    def smallest(self) -> int:
        """The shortest gap of the range."""
        return self._end(self.axis.ends[0]) or 0

    @property
    def largest(self) -> int:
        """The longest gap of the range."""
        return self._end(self.axis.ends[1]) or 0

    def _end(self, name: str) -> int | None:
        end: int | None = getattr(self, name)
        return end

    def estimate(self, results: Iterable[Outcome]) -> Horizon:
        """The horizon from the results so far, those at gaps outside the range included; that at the longest budget."""
        return estimate(results, self.smallest, self.largest)

    def finished(self, results: Collection[Outcome]) -> str | None:
        """Why the search is over, in words; None while it is not."""
        reasons = [self._finished(view) for view in self._views(results)]
        if None in reasons:
            return None
        return "; ".join(dict.fromkeys(reason for reason in reasons if reason))

    def _views(self, results: Collection[Outcome]) -> list[list[Outcome]]:
        """The results as each of the budgets shows them."""
        shorter = [[outcome.within(budget) for outcome in results] for budget in self.budgets[:-1]]
        return [*shorter, list(results)]

    def _finished(self, results: Collection[Outcome]) -> str | None:
        """At one budget."""
        found = self.estimate(results)
        if found.high == BELOW_ALL:
            return f"below {self.axis.ends[0]} {self.smallest}"
        if found.low == BEYOND_ALL:
            return f"beyond {self.axis.ends[1]} {self.largest}"
        if found.ratio < self.tolerance:
            return f"interval within a factor {self.tolerance:g}"
        if found.low > BELOW_ALL and found.between_neighbours:
            return f"interval between neighbouring {self.over}s"
        if found.runs >= self.max_runs:
            return f"budget of {self.max_runs} runs spent"
        if self.max_steps is not None and found.steps >= self.max_steps:
            return f"budget of {self.max_steps:,} training steps spent"
        return None

    def next(self, results: Collection[Outcome], pending: Collection[Probe] = (), at_most: int = 1) -> list[Probe]:
        """Up to `at_most` further runs to start while `pending` ones are under way; none when the search is over."""
        if self.finished(results):
            return []
        taken = {(outcome.gap, outcome.seed) for outcome in results}
        running = sorted(set(pending) - taken)
        number = min(at_most, self.max_runs - len(taken) - len(running))
        unsettled = [counted(view) for view in self._views(results) if self._finished(view) is None]
        scenarios = [Scenarios(curves(self.smallest, self.largest), counts) for counts in unsettled]
        for gap, _ in running:
            _split(scenarios, gap)
        taken.update(running)
        proposed: list[Probe] = []
        while len(proposed) < number:
            gap = self._untried_end(taken) or self._most_telling(scenarios)
            probe = gap, next_seed(taken)
            taken.add(probe)
            proposed.append(probe)
            if len(proposed) < number:
                _split(scenarios, gap)
        return proposed

    def _untried_end(self, taken: set[Probe]) -> int | None:
        tried = {gap for gap, _ in taken}
        return next((end for end in (self.smallest, self.largest) if end not in tried), None)

    @cached_property
    def candidates(self) -> tuple[int, ...]:
        """Whole gaps of the range, no more than a factor sqrt(tolerance) apart where they can be."""
        number = 1 + math.ceil(2 * math.log(self.largest / self.smallest) / math.log(self.tolerance))
        return tuple(sorted({round(gap) for gap in np.geomspace(self.smallest, self.largest, number)}))

    def _most_telling(self, scenarios: Iterable["Scenarios"]) -> int:
        """That which tells most of the budgets at which the horizon is not known yet, taken together."""
        told = sum(one.explained_variance(self.candidates) for one in scenarios)
        return self.candidates[int(np.argmax(told))]


def next_seed(taken: Iterable[Probe]) -> int:
    """The first seed that no run has used, at any gap: so all runs of a search are independent, whatever the task."""
    used = {seed for _, seed in taken}
    return next(seed for seed in range(len(used) + 1) if seed not in used)


def _split(scenarios: Iterable["Scenarios"], gap: int) -> None:
    for one in scenarios:
        one.split(gap)


class Scenarios:
    """Posteriors under the likeliest joint outcomes of runs that are under way, each with its probability."""

    def __init__(self, grid: Curves, counts: Counts) -> None:
        self.curves = grid
        self.posteriors: Floats = Posterior(grid, counts).weights.reshape(1, len(grid.log_gap50), -1)
        self.chances: Floats = np.ones(1)

    def split(self, gap: int) -> None:
        """Follow both outcomes of one more run at this gap; keep the likeliest SCENARIOS."""
        success = self.curves.success(gap).reshape(self.posteriors.shape[1:])
        joint = self.chances[:, None, None] * self.posteriors
        both = np.concatenate([joint * success, joint * (1 - success)])
        chances = both.sum(axis=(1, 2))
        kept = np.argsort(-chances, kind="stable")[:SCENARIOS]
        self.posteriors = both[kept] / chances[kept, None, None]
        self.chances = chances[kept] / chances[kept].sum()

    def explained_variance(self, gaps: tuple[int, ...]) -> Floats:
        """By how much one run at each of the gaps is expected to lower the variance of log gap50."""
        place = self.curves.log_gap50
        mean = self.posteriors.sum(axis=2) @ place
        solved = self.curves.success_at(gaps) @ self.posteriors.transpose(1, 2, 0)
        chance, part = solved.sum(axis=0), np.tensordot(place, solved, axes=1)
        # Variance between the means of the two outcomes: (part - chance * mean)^2 / (chance * (1 - chance))
        explained: Floats = ((part - chance * mean) ** 2 / (chance * (1 - chance))) @ self.chances
        return explained
