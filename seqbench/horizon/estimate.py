"""The horizon from counted outcomes: a Bayesian posterior over falling success curves.

    success(gap) = guess + (1 - guess - lapse) * logistic(-slope * (log gap - log gap50) + shift)

`lapse` is the share of seeds that fail however short the gap, `guess` the share that succeeds however long; `shift`
makes success at gap50 exactly one half whatever they are. The posterior over the four is summed on a grid, as in the
psi method (Kontsevich and Tyler 1999, Vision Research 39:2729-2737), and all but gap50 are integrated out (Prins
2013, Journal of Vision 13(7):3). docs/horizon.md says how well calibrated it is, and why it and not a bootstrap.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import scipy

from seqbench import wording
from seqbench.statistics.rates import Floats
from seqbench.statistics.thresholds import BELOW_ALL, BEYOND_ALL, Bracket, bracket

BEYOND = 4.0
"""The prior reaches from min_gap / BEYOND to max_gap * BEYOND: what lies there is reported as "< min" or "> max"."""

STEP = 0.04
"""Greatest distance of the grid's points in log gap50."""

SLOPES = np.geomspace(1.5, 46, 7)
SLOPE_PRIOR = SLOPES**-0.75 / np.sum(SLOPES**-0.75)
"""Of the log odds per unit of log gap: success falls from 90 % to 10 % within a factor 19 to 1.1 of the gap."""

LAPSES, LAPSE_PRIOR = np.array([0.01, 0.1]), np.array([0.75, 0.25])
GUESSES, GUESS_PRIOR = np.array([0.01, 0.1]), np.array([0.75, 0.25])


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
        return f"> {self.max_gap}" if gap == BEYOND_ALL else f"{gap:.3g}"


class Curves:
    """The grid of success curves for a range of gaps: `log_gap50[i]` by nuisance parameters, and their prior."""

    def __init__(self, min_gap: int, max_gap: int) -> None:
        low, high = math.log(min_gap / BEYOND), math.log(max_gap * BEYOND)
        self.log_gap50 = np.linspace(low, high, 1 + math.ceil((high - low) / STEP))
        self.upper_edges = self.log_gap50 + (self.log_gap50[1] - self.log_gap50[0]) / 2
        slope, lapse, guess = np.meshgrid(SLOPES, LAPSES, GUESSES, indexing="ij")
        self.slope, self.lapse, self.guess = slope.ravel(), lapse.ravel(), guess.ravel()
        self._shift = scipy.special.logit((0.5 - self.guess) / (1 - self.guess - self.lapse))
        nuisance = SLOPE_PRIOR[:, None, None] * LAPSE_PRIOR[:, None] * GUESS_PRIOR
        prior = np.ones((len(self.log_gap50), 1)) * nuisance.ravel()
        self.log_prior = np.log(prior / prior.sum()).ravel()
        self._rows: dict[int, tuple[Floats, Floats]] = {}
        self.success_at = lru_cache(maxsize=8)(lambda gaps: np.stack([self.success(gap) for gap in gaps]))

    def success(self, gap: int) -> Floats:
        """Probability that a run at this gap solves the task, under every curve of the grid."""
        return self._row(gap)[0]

    def log_likelihood(self, gap: int, solved: float, failed: float) -> Floats:
        """Log probability of the counted outcomes at one gap, under every curve of the grid."""
        success, log_odds = self._row(gap)
        return (solved + failed) * np.log1p(-success) + solved * log_odds

    def _row(self, gap: int) -> tuple[Floats, Floats]:
        if gap not in self._rows:
            falling = scipy.special.expit(self._shift - self.slope * (math.log(gap) - self.log_gap50[:, None]))
            success = (self.guess + (1 - self.guess - self.lapse) * falling).ravel()
            self._rows[gap] = success, scipy.special.logit(success)
        return self._rows[gap]


@lru_cache(maxsize=8)
def curves(min_gap: int, max_gap: int) -> Curves:
    """The grid for a range; kept, because a search asks for it after every run."""
    return Curves(min_gap, max_gap)


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


class Posterior:
    """What the counted outcomes say: `weights`, one probability for every curve of the grid, `curves` its order."""

    def __init__(self, grid: Curves, counts: Counts) -> None:
        self.curves, self.counts = grid, counts
        log_weights = grid.log_prior + sum(grid.log_likelihood(gap, *runs) for gap, runs in counts.items())
        self.log_evidence = float(scipy.special.logsumexp(log_weights))
        self.weights: Floats = np.exp(log_weights - self.log_evidence)

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
        order = np.argsort(rates)
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

    def at(share: float) -> float:
        gap = math.exp(posterior.log_quantile(share))
        return BELOW_ALL if gap < min_gap else BEYOND_ALL if gap > max_gap else gap

    solved, failed = np.array(list(counts.values()), dtype=int).reshape(-1, 2).T
    return Horizon(
        gap50=at(0.5),
        low=at((1 - confidence) / 2),
        high=at((1 + confidence) / 2),
        bracket=bracket(list(counts), solved, solved + failed),
        runs=int(solved.sum() + failed.sum()),
        steps=steps,
        consistency=posterior.consistency(),
        min_gap=min_gap,
        max_gap=max_gap,
    )
