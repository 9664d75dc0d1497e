"""Differences between two groups of runs, with intervals, and which of them are beyond noise."""

import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import ArrayLike

from seqbench.statistics.lifetimes import line
from seqbench.statistics.rates import wilson_interval
from seqbench.statistics.survival import Times, holm

Ends = tuple[float, float]

LEVEL = 0.05
"""Beyond noise, wherever that is said: a p-value below this, adjusted by Holm's method."""


@dataclass(frozen=True)
class Difference:
    """Second group against first: a difference (`none` is 0) or a ratio (`none` is 1).

    The p-value belongs to the interval: at confidence 1 - p the interval just reaches `none`. NaN is a comparison
    that the runs do not allow, with the widest interval and p = 1.
    """

    estimate: float
    low: float
    high: float
    p_value: float
    none: float


def success_difference(first: tuple[int, int], second: tuple[int, int], confidence: float = 0.95) -> Difference:
    """Success rate of the second group minus that of the first, each (successes, trials), of independent runs.

    Newcombe (1998), Statistics in Medicine 17:873-890, method 10.
    """
    return _rate_difference(first, second, correlation=0.0, confidence=confidence)


def paired_success_difference(first: ArrayLike, second: ArrayLike, confidence: float = 0.95) -> Difference:
    """The same for runs in pairs, `first[i]` and `second[i]` (true: solved) on the same data.

    Newcombe (1998), Statistics in Medicine 17:2635-2650, method 10: the Wilson intervals of both rates, joined with
    the pairs' correlation, which is corrected for continuity where it is positive.
    """
    one, two = np.asarray(first, dtype=bool), np.asarray(second, dtype=bool)
    if one.shape != two.shape:
        raise ValueError(f"pairs are needed, got {one.size} and {two.size} verdicts")
    both, neither = int((one & two).sum()), int((~one & ~two).sum())
    solved, trials = (int(one.sum()), int(two.sum())), len(one)
    agreement = both * neither - int((one & ~two).sum()) * int((two & ~one).sum())
    agreement_corrected = max(agreement - trials / 2, 0.0) if agreement > 0 else agreement
    margins = math.prod(k * (trials - k) for k in solved)
    correlation = agreement_corrected / math.sqrt(margins) if margins else 0.0
    return _rate_difference((solved[0], trials), (solved[1], trials), correlation, confidence)


def mcnemar(first: ArrayLike, second: ArrayLike) -> float:
    """Exact two-sided p-value that paired success rates are equal: a sign test of the pairs that disagree.

    McNemar (1947), Psychometrika 12:153-157. Fewer than six such pairs never give p < .05.
    """
    one, two = np.asarray(first, dtype=bool), np.asarray(second, dtype=bool)
    disagree = int((one != two).sum())
    return float(scipy.stats.binomtest(int((two & ~one).sum()), disagree).pvalue) if disagree else 1.0


def time_ratio(
    first: Times,
    second: Times,
    confidence: float = 0.95,
    strata: tuple[Sequence[Hashable], Sequence[Hashable]] | None = None,
) -> Difference:
    """Steps to solve of the second group over those of the first; unsolved runs count as longer than watched.

    `strata` are those of each group's runs (their gaps, say): the ratio is then that within strata, the same in all.

    The log-normal accelerated failure time model of `seqbench.statistics.lifetimes`, its spread shared by both groups:
    without unsolved runs it is Student's t interval on log steps. If one group never solved, the ratio is 0 or infinite
    and one end of the interval still says something.
    """
    groups = first.arrays(), second.arrays()
    x = np.repeat([0.0, 1.0], [len(groups[0][0]), len(groups[1][0])])
    steps, solved = (np.concatenate(columns) for columns in zip(*groups, strict=True))
    both = None if strata is None else [*strata[0], *strata[1]]
    fit = line(x, Times(steps, solved), confidence, both)
    ratio, low, high = (math.exp(value) for value in (fit.slope, fit.low, fit.high))
    return Difference(ratio, low, high, fit.p_value, none=1.0)


def speed_ratio(first: ArrayLike, second: ArrayLike, confidence: float = 0.95) -> Difference:
    """Speed (say steps per second, one number a run) of the second group over the first: a ratio of geometric means.

    Welch's t interval on the logarithms (1947, Biometrika 34:28-35). Two runs in each group are needed.
    """
    speeds = [np.asarray(group, dtype=float) for group in (first, second)]
    if any((group <= 0).any() for group in speeds):
        raise ValueError("speeds must be above 0")
    one, two = (np.log(group) for group in speeds)
    if min(one.size, two.size) < 2:
        ratio = math.exp(two.mean() - one.mean()) if min(one.size, two.size) else math.nan
        return Difference(ratio, 0.0, math.inf, 1.0, none=1.0)
    apart = two.mean() - one.mean()
    if np.ptp(one) == np.ptp(two) == 0:
        return Difference(math.exp(apart), math.exp(apart), math.exp(apart), float(apart == 0), none=1.0)
    test = scipy.stats.ttest_ind(two, one, equal_var=False)
    low, high = (math.exp(end) for end in test.confidence_interval(confidence))
    return Difference(math.exp(apart), low, high, float(test.pvalue), none=1.0)


def paired_speed_ratio(first: ArrayLike, second: ArrayLike, confidence: float = 0.95) -> Difference:
    """The same for runs in pairs, `first[i]` and `second[i]` on the same data: Student's t on the log ratios.

    What the runs of a pair have in common (task, gap) then adds nothing to the noise. Two pairs are needed.
    """
    one, two = (np.asarray(group, dtype=float) for group in (first, second))
    if one.shape != two.shape:
        raise ValueError(f"pairs are needed, got {one.size} and {two.size} speeds")
    if (one <= 0).any() or (two <= 0).any():
        raise ValueError("speeds must be above 0")
    apart = np.log(two) - np.log(one)
    ratio = math.exp(apart.mean()) if apart.size else math.nan
    if apart.size < 2:
        return Difference(ratio, 0.0, math.inf, 1.0, none=1.0)
    if np.ptp(apart) == 0:
        return Difference(ratio, ratio, ratio, float(apart[0] == 0), none=1.0)
    test = scipy.stats.ttest_1samp(apart, 0.0)
    low, high = (math.exp(end) for end in test.confidence_interval(confidence))
    return Difference(ratio, low, high, float(test.pvalue), none=1.0)


def beyond_noise(differences: Mapping[str, Difference], level: float = LEVEL) -> dict[str, bool]:
    """Which differences' intervals exclude "none" when all of them are to hold at once, by Holm's method."""
    adjusted = holm([difference.p_value for difference in differences.values()])
    return {name: p < level for name, p in zip(differences, adjusted, strict=True)}


def _rate_difference(
    first: tuple[int, int], second: tuple[int, int], correlation: float, confidence: float
) -> Difference:
    if not (first[1] and second[1]):
        return Difference(math.nan, -1.0, 1.0, 1.0, none=0.0)
    rates = first[0] / first[1], second[0] / second[1]

    def interval(level: float) -> Ends:
        """Its ends at a level of confidence."""
        (low1, high1), (low2, high2) = wilson_interval(*first, level), wilson_interval(*second, level)
        down, up = (
            _joined(rates[1] - low2, high1 - rates[0], correlation),
            _joined(high2 - rates[1], rates[0] - low1, correlation),
        )
        apart = rates[1] - rates[0]
        return max(-1.0, apart - down), min(1.0, apart + up)

    return Difference(rates[1] - rates[0], *interval(confidence), _p_value(interval, none=0.0), none=0.0)


def _joined(one: float, other: float, correlation: float) -> float:
    """Half-widths of two intervals as that of the difference."""
    return math.sqrt(max(0.0, one**2 - 2 * correlation * one * other + other**2))


def _p_value(interval: Callable[[float], Ends], none: float) -> float:
    """One minus the confidence at which the interval just reaches `none`; 1 if every interval holds it."""

    def distance(log_p: float) -> float:
        low, high = interval(-math.expm1(log_p))
        return max(low - none, none - high)

    if distance(nearly_all := math.log1p(-1e-9)) <= 0:
        return 1.0
    smallest = math.log(1e-15)
    return math.exp(scipy.optimize.brentq(distance, smallest, nearly_all)) if distance(smallest) < 0 else 0.0
