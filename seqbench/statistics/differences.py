"""Differences between two groups of runs, with intervals, and which of them are beyond noise.

Every p-value is that of an exchange of whole seeds. A ratio's interval holds the ratios that the same test does not
exclude.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from seqbench.statistics.exchange import ROUNDING, Exchange
from seqbench.statistics.levels import LEVEL, holm
from seqbench.statistics.rates import wilson_interval
from seqbench.statistics.survival import LogRank, Times, log_rank

Ends = tuple[float, float]

LIMIT = 50.0
"""A logarithm of a ratio beyond it is infinite."""

PRECISION = 1e-4
"""Of the logarithm of a ratio."""


class Timed(NamedTuple):
    """Times to solve, and the budgets for which the runs would have been watched."""

    times: Times
    budgets: ArrayLike


@dataclass(frozen=True)
class Difference:
    """Second group against first: a difference (`none` is 0) or a ratio (`none` is 1), with its 95 % interval.

    `smallest` is the p-value below which so many seeds cannot come. An estimate of NaN is a comparison that the runs do
    not allow, with the widest interval and p = 1.
    """

    estimate: float
    low: float
    high: float
    p_value: float
    none: float
    smallest: float = 0.0

    def as_tested(self) -> "Difference":
        """With an interval that reaches "none" where the test does not exclude it, and not beyond where it does."""
        if self.p_value >= LEVEL:
            return replace(self, low=min(self.low, self.none), high=max(self.high, self.none))
        inner = {"low": max(self.low, self.none)} if self.estimate > self.none else {"high": min(self.high, self.none)}
        return replace(self, **inner)


def success_p(first: ArrayLike, second: ArrayLike, between: Exchange) -> float:
    """That of equal success rates, from verdicts (true: solved), compared within strata."""
    return between.p_value(*between.centred(first, second))


def success_difference(first: ArrayLike, second: ArrayLike, between: Exchange) -> Difference:
    """Success rate of the second group minus that of the first, from verdicts (true: solved).

    The interval is Newcombe's (1998, Statistics in Medicine 17:873-890, method 10) with as many trials as there are
    seeds, as if all runs of one seed came out alike. Where it and the exact test disagree on zero, the test decides.
    """
    one, two = (np.asarray(its, dtype=float)[between.rows(arm)] for arm, its in enumerate((first, second)))
    if not (one.size and two.size):
        return Difference(math.nan, -1.0, 1.0, 1.0, 0.0, between.smallest)
    ends = _newcombe((float(one.mean()), between.seeds[0]), (float(two.mean()), between.seeds[1]))
    p_value = success_p(first, second, between)
    return Difference(float(two.mean() - one.mean()), *ends, p_value, 0.0, between.smallest).as_tested()


def time_test(first: Timed, second: Timed, between: Exchange, log_ratio: float = 0.0) -> LogRank:
    """Log-rank test that the second group takes so many times the steps of the first, the same in all strata.

    The second group's steps are divided by the ratio, and all runs of a stratum are watched for as long as the shortest
    budget among them lasts.
    """
    return log_rank(*_watched_alike(first, second, between, math.exp(log_ratio)), between)


def time_ratio(first: Timed, second: Timed, between: Exchange) -> Difference:
    """Steps to solve of the second group over those of the first: the ratio at which neither is ahead.

    As Hodges and Lehmann (1963) have it; with censored times Louis (1981), Biometrika 68:381-390. It is 0 or infinite
    if one group never solved.
    """
    solved = [bool(its.times.arrays()[1][between.rows(arm)].any()) for arm, its in enumerate((first, second))]
    if not any(solved):
        return Difference(math.nan, 0.0, math.inf, 1.0, 1.0, between.smallest)
    estimate = math.inf if solved[0] else -math.inf
    if all(solved):
        estimate = _balance(lambda at: time_test(first, second, between, at).excess)
    return _ratio(estimate, lambda at: time_test(first, second, between, at).p_value, between)


def speed_p(first: ArrayLike, second: ArrayLike, between: Exchange, log_ratio: float = 0.0) -> float:
    """That of the second group's speed being so many times that of the first, from the logarithms of speeds."""
    return between.p_value(*between.centred(first, np.asarray(second) - log_ratio))


def speed_ratio(first: ArrayLike, second: ArrayLike, between: Exchange) -> Difference:
    """Speed (say steps per second, one number a run) of the second group over the first: a ratio of geometric means."""
    speeds = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    if any((its <= 0).any() for its in speeds):
        raise ValueError("speeds must be above 0")
    if not between.strata:
        return Difference(math.nan, 0.0, math.inf, 1.0, 1.0, between.smallest)
    one, two = np.log(speeds[0]), np.log(speeds[1])
    ahead, less = (between.statistic(*between.centred(one, two - ratio)) for ratio in (0.0, 1.0))
    return _ratio(ahead / (ahead - less), lambda at: speed_p(one, two, between, at), between)


def beyond_noise(differences: Mapping[str, Difference], level: float = LEVEL) -> dict[str, bool]:
    """Which differences exclude "none" when all of them are to hold at once, by Holm's method."""
    adjusted = holm([difference.p_value for difference in differences.values()])
    return {name: p < level for name, p in zip(differences, adjusted, strict=True)}


def _newcombe(first: Ends, second: Ends) -> Ends:
    """Ends of the difference of two rates, each with its number of trials."""
    (low1, high1), (low2, high2) = (wilson_interval(rate * trials, trials) for rate, trials in (first, second))
    apart = second[0] - first[0]
    down, up = math.hypot(second[0] - low2, high1 - first[0]), math.hypot(high2 - second[0], first[0] - low1)
    return max(-1.0, apart - down), min(1.0, apart + up)


def _watched_alike(first: Timed, second: Timed, between: Exchange, ratio: float) -> tuple[Times, Times]:
    """Both groups with the second's steps divided by a ratio, and cut off together within a stratum."""
    groups = []
    for timed, scale in ((first, 1.0), (second, ratio)):
        steps, solved = timed.times.arrays()
        groups.append((steps / scale, solved.copy(), np.asarray(timed.budgets, dtype=float) / scale))
    for stratum in between.strata:
        limit = min(budgets[rows].min(initial=math.inf) for (_, _, budgets), rows in zip(groups, stratum, strict=True))
        for (steps, solved, _), rows in zip(groups, stratum, strict=True):
            solved[rows] &= steps[rows] <= limit
            steps[rows] = np.minimum(steps[rows], limit)
    one, two = (Times(steps, solved) for steps, solved, _ in groups)
    return one, two


def _ratio(log_estimate: float, p_value: Callable[[float], float], between: Exchange) -> Difference:
    """A ratio with the interval of those that the test does not exclude."""
    start = min(LIMIT, max(-LIMIT, log_estimate))
    ends = [_end(p_value, start, sign) if between.smallest < LEVEL else sign * math.inf for sign in (-1.0, 1.0)]
    estimate, low, high = (math.exp(value) for value in (log_estimate, *ends))
    return Difference(estimate, low, high, p_value(0.0), 1.0, between.smallest)


def _end(p_value: Callable[[float], float], start: float, sign: float) -> float:
    """Where the test begins to exclude ratios, going from the estimate in steps that double."""
    inner, reach = start, 0.05
    while abs(outer := start + sign * reach) <= LIMIT:
        if p_value(outer) < LEVEL:
            return _bisected(lambda at: p_value(at) < LEVEL, inner, outer)
        inner, reach = outer, 2 * reach
    return sign * math.inf


def _balance(excess: Callable[[float], float]) -> float:
    """The log ratio at which the first group, ahead below it, falls behind; the middle where neither is for a while."""
    if excess(LIMIT) > ROUNDING or excess(-LIMIT) < -ROUNDING:  # a run solved at step 0
        return math.copysign(math.inf, excess(LIMIT))
    falls_behind = _bisected(lambda at: excess(at) < -ROUNDING, -LIMIT, LIMIT)
    no_longer_ahead = _bisected(lambda at: excess(at) < ROUNDING, -LIMIT, LIMIT)
    return (falls_behind + no_longer_ahead) / 2


def _bisected(is_beyond: Callable[[float], bool], inner: float, outer: float) -> float:
    """Where something begins that does not hold at `inner` and holds at `outer`."""
    while abs(outer - inner) > PRECISION:
        middle = (inner + outer) / 2
        inner, outer = (inner, middle) if is_beyond(middle) else (middle, outer)
    return (inner + outer) / 2
