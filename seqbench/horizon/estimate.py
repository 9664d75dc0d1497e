"""The horizon from counted outcomes: a Bayesian posterior over falling success curves.

The posterior over a curve's four parameters is summed on a grid, as in the psi method (Kontsevich and Tyler 1999,
Vision Research 39:2729-2737), and all but gap50 are integrated out (Prins 2013, Journal of Vision 13(7):3).
docs/horizon.md says how well calibrated it is, and why it and not a bootstrap.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import scipy

from seqbench import wording
from seqbench.horizon.curves import Curves, curves
from seqbench.statistics.rates import Floats
from seqbench.statistics.thresholds import BELOW_ALL, BEYOND_ALL, Bracket, bracket

Probe = tuple[int, int]
"""A run to make: (gap, seed)."""

Counts = dict[int, tuple[int, int]]
"""Solved and failed runs by gap."""


@dataclass(frozen=True, order=True)
class Outcome:
    """What became of one run. Every (gap, seed) has exactly one outcome."""

    gap: int
    seed: int
    solved: bool
    steps: int = 0
    solved_by: tuple[tuple[int, bool], ...] = ()
    """The verdict at each of the shorter budgets that it tells of, shortest first."""

    def within(self, budget: int) -> "Outcome":
        """What would have become of it with this budget: one that it tells of, or its own, which is longer."""
        verdicts = dict(self.solved_by)
        if budget not in verdicts:
            return self
        return Outcome(self.gap, self.seed, verdicts[budget], min(self.steps, budget))


@dataclass(frozen=True)
class Horizon:
    """What is known of an arm's horizon on a task.

    `gap50` is the posterior median, `low` and `high` the ends of the equal-tailed interval; each is 0 below the
    searched gaps and infinite beyond them. `consistency` is the posterior probability that the outcomes come from a
    falling curve rather than from rates that have nothing to do with each other (each uniform), at even odds
    before: small when longer gaps are solved and shorter ones are not.
    """

    gap50: float
    low: float
    high: float
    bracket: Bracket
    runs: int
    steps: int
    consistency: float
    min_gap: int
    max_gap: int

    @property
    def ratio(self) -> float:
        """Width of the interval, high / low; infinite while an end lies outside the searched gaps."""
        return self.high / self.low if self.low > BELOW_ALL and self.high < BEYOND_ALL else math.inf

    @property
    def between_neighbours(self) -> bool:
        """Whether no whole gap lies strictly inside the interval: no run can narrow it further."""
        return self.high < BEYOND_ALL and math.floor(self.low) + 1 >= self.high

    def __str__(self) -> str:
        if not self.runs:
            return "not tested"
        if self.high == BELOW_ALL or self.low == BEYOND_ALL:
            return self._text(self.high)
        ends = (None if end in (BELOW_ALL, BEYOND_ALL) else self._text(end) for end in (self.low, self.high))
        return wording.estimate(self._text(self.gap50), *ends)

    def _text(self, gap: float) -> str:
        if gap == BELOW_ALL:
            return f"< {self.min_gap}"
        return f"> {self.max_gap}" if gap == BEYOND_ALL else wording.gap(gap)


def counted(outcomes: Iterable[Outcome]) -> Counts:
    """Solved and failed runs per gap, gaps ascending. Repeated outcomes count once; ValueError if two contradict."""
    known: dict[Probe, bool] = {}
    for outcome in outcomes:
        if known.setdefault((outcome.gap, outcome.seed), outcome.solved) != outcome.solved:
            raise ValueError(f"gap {outcome.gap}, seed {outcome.seed} is recorded both as solved and as not solved")
    counts: Counts = {}
    for (gap, _), solved in sorted(known.items()):
        before = counts.get(gap, (0, 0))
        counts[gap] = before[0] + solved, before[1] + (not solved)
    return counts


@lru_cache(maxsize=8)
def _weights(grid: Curves, counts: tuple[tuple[int, tuple[int, int]], ...]) -> tuple[Floats, float]:
    """One probability per curve, and the log evidence; kept, because a search asks twice before every run."""
    log_weights = grid.log_prior + sum(grid.log_likelihood(gap, *runs) for gap, runs in counts)
    most = float(log_weights.max())
    weights = np.exp(log_weights - most)
    total = float(weights.sum())
    return weights / total, most + math.log(total)


class Posterior:
    """What the counted outcomes say: `weights`, one probability for every curve of the grid, `curves` its order."""

    def __init__(self, grid: Curves, counts: Counts) -> None:
        self.curves, self.counts = grid, counts
        self.weights, self.log_evidence = _weights(grid, tuple(sorted(counts.items())))

    @cached_property
    def gap50_weights(self) -> Floats:
        """One probability for every point of the grid in log gap50, the other parameters summed out."""
        marginal: Floats = self.weights.reshape(len(self.curves.log_gap50), -1).sum(axis=1)
        return marginal

    @cached_property
    def _cumulative(self) -> Floats:
        return np.cumsum(self.gap50_weights)

    def log_quantile(self, share: float) -> float:
        """Quantile of log gap50, each point of the grid standing for the step around it."""
        return float(np.interp(share, self._cumulative, self.curves.upper_edges))

    def success(self, gap: int, confidence: float = 0.95) -> tuple[float, float, float]:
        """Lower end, median and upper end of the success rate at a gap; the median is one half at gap50's median."""
        rates = self.curves.success(gap)
        order = self.curves.ascending(gap)
        places = np.searchsorted(np.cumsum(self.weights[order]), [(1 - confidence) / 2, 0.5, (1 + confidence) / 2])
        low, middle, high = rates[order[np.minimum(places, len(order) - 1)]]
        return float(low), float(middle), float(high)

    def consistency(self) -> float:
        """Probability of a falling curve against independent uniform rates per gap, at even prior odds."""
        unrelated = sum(scipy.special.betaln(1 + solved, 1 + failed) for solved, failed in self.counts.values())
        return float(scipy.special.expit(self.log_evidence - unrelated))


def estimate(outcomes: Iterable[Outcome], min_gap: int, max_gap: int, confidence: float = 0.95) -> Horizon:
    """The horizon from any outcomes, in any order, at any gaps and seeds; nothing recorded gives an open interval."""
    unique = set(outcomes)
    steps = {(outcome.gap, outcome.seed): outcome.steps for outcome in sorted(unique)}
    return from_counts(counted(unique), min_gap, max_gap, confidence, steps=sum(steps.values()))


def from_counts(counts: Counts, min_gap: int, max_gap: int, confidence: float = 0.95, *, steps: int = 0) -> Horizon:
    """The same where the outcomes are counted already."""
    posterior = Posterior(curves(min_gap, max_gap), counts)
    shares = 0.5, (1 - confidence) / 2, (1 + confidence) / 2
    gap50, low, high = (_in_range(math.exp(posterior.log_quantile(share)), min_gap, max_gap) for share in shares)
    solved, failed = np.array(list(counts.values()), dtype=int).reshape(-1, 2).T
    return Horizon(
        gap50=gap50,
        low=low,
        high=high,
        bracket=bracket(list(counts), solved, solved + failed),
        runs=int(solved.sum() + failed.sum()),
        steps=steps,
        consistency=posterior.consistency(),
        min_gap=min_gap,
        max_gap=max_gap,
    )


def _in_range(gap: float, min_gap: int, max_gap: int) -> float:
    return BELOW_ALL if gap < min_gap else BEYOND_ALL if gap > max_gap else gap
