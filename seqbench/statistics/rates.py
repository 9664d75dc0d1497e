"""Success rates, times to solve, correlations and decays, with the uncertainty that a handful of seeds leaves."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def wilson_interval(successes: float, trials: float, confidence: float = 0.95) -> tuple[float, float]:
    """Score interval of a binomial proportion; [0, 1] when nothing was tried.

    Wilson (1927), JASA 22:209-212; recommended for small samples, and written as here, in Brown, Cai and DasGupta
    (2001), Statistical Science 16:101-133, equation (4).
    """
    if not 0 <= successes <= trials:
        raise ValueError(f"successes must lie in 0..trials, got {successes} of {trials}")
    if trials == 0:
        return 0.0, 1.0
    z2 = float(scipy.special.ndtri((1 + confidence) / 2)) ** 2
    share = successes / trials
    centre = (successes + z2 / 2) / (trials + z2)
    half = math.sqrt(z2 * trials * (share * (1 - share) + z2 / (4 * trials))) / (trials + z2)
    # Rounding may leave an end a hair inside the observed share, or outside [0, 1].
    return max(0.0, min(share, centre - half)), min(1.0, max(share, centre + half))


def median_steps_to_solve(steps: ArrayLike, solved: ArrayLike) -> float | None:
    """Kaplan-Meier median: the first step by which half of the runs have solved the task; None if never reached.

    `steps` is the step of success, or for an unsolved run the budget at which its observation was cut off
    (right-censored). Kaplan and Meier (1958), JASA 53:457-481.
    """
    times, events = np.asarray(steps, dtype=float), np.asarray(solved, dtype=bool)
    if not events.any():
        return None
    at, solved_then = np.unique(times[events], return_counts=True)
    watched = (times[:, None] >= at).sum(axis=0)
    reached = at[1 - np.cumprod((watched - solved_then) / watched) >= 0.5 - 1e-12]
    return float(reached[0]) if reached.size else None


def expected_running_time(steps: ArrayLike, solved: ArrayLike) -> float:
    """Steps to pay for one success if runs are repeated until one succeeds: all steps spent / successes.

    Unlike a mean over the solved runs, it charges the failures too; infinite without a success. The "expected" or
    "average runtime" of Hansen et al. (2021), COCO, Optimization Methods and Software 36:114-144.
    """
    successes = int(np.sum(np.asarray(solved, dtype=bool)))
    return float(np.sum(np.asarray(steps, dtype=float))) / successes if successes else math.inf


MOST_ENUMERATED = 8
"""Pairs up to which all orders are gone through."""
ORDERS_DRAWN = 9999


@dataclass(frozen=True)
class RankCorrelation:
    """Spearman's rank correlation, its two-sided p-value, and the least p-value that these ranks could have given."""

    value: float
    p_value: float
    least: float


def rank_correlation(x: ArrayLike, y: ArrayLike, *, rng: np.random.Generator) -> RankCorrelation:
    """Spearman's rank correlation, ties sharing their mean rank, with its permutation test; NaN if one does not vary.

    Infinite values rank as such. Of more than `MOST_ENUMERATED` pairs, orders are drawn, and the one that was found
    counts as one of them. Spearman (1904), American Journal of Psychology 15:72-101.
    """
    one, other, scale = _centred(x, y)
    if scale == 0:
        return RankCorrelation(math.nan, math.nan, math.nan)
    value = float(one @ other / scale)
    reordered = np.abs(other[_orders(len(other), rng)] @ one / scale)
    least = float((reordered >= reordered.max() - 1e-9).mean())
    return RankCorrelation(value, float((reordered >= abs(value) - 1e-9).mean()), least)


def rank_correlation_interval(
    x: ArrayLike,
    y: ArrayLike,
    *,
    rng: np.random.Generator,
    together: ArrayLike | None = None,
    resamples: int = 1000,
    confidence: float = 0.95,
) -> tuple[float, float]:
    """Bootstrap interval of Spearman's rank correlation: pairs are drawn with replacement.

    Pairs with the same number in `together` are drawn together, as what is alike for a reason (Field and Welsh 2007).
    Percentile interval (Efron and Tibshirani 1993, An Introduction to the Bootstrap, chapter 13), over the draws in
    which both vary; NaN where they do in fewer than half of them. Of few pairs it is too narrow.
    """
    one, other = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    if not one.size:
        return math.nan, math.nan
    number = np.arange(len(one)) if together is None else np.asarray(together)
    groups = [np.flatnonzero(number == each) for each in np.unique(number)]
    drawn = rng.integers(len(groups), size=(resamples, len(groups)))
    ranked = [
        _centred(one[pairs], other[pairs]) for pairs in (np.concatenate([groups[i] for i in row]) for row in drawn)
    ]
    found = np.sort([a @ b / scale for a, b, scale in ranked if scale > 0])
    if len(found) < resamples / 2:
        return math.nan, math.nan
    tail = int(len(found) * (1 - confidence) / 2)
    return float(found[tail]), float(found[len(found) - 1 - tail])


def _centred(x: ArrayLike, y: ArrayLike) -> tuple[Floats, Floats, float]:
    """Ranks around their mean, and the product of their lengths; 0 where one does not vary."""
    if not np.size(x):
        return np.empty(0), np.empty(0), 0.0
    one, other = (ranks(values) - ranks(values).mean() for values in (x, y))
    return one, other, math.sqrt((one @ one) * (other @ other))


def _orders(number: int, rng: np.random.Generator) -> NDArray[np.int_]:
    if number <= MOST_ENUMERATED:
        return np.array(list(permutations(range(number))))
    as_found = np.arange(number)
    return np.vstack([as_found, rng.permuted(np.tile(as_found, (ORDERS_DRAWN, 1)), axis=1)])


def ranks(values: ArrayLike) -> Floats:
    """1 for the smallest; equal values share their mean rank."""
    _, place, number = np.unique(np.asarray(values, dtype=float), return_inverse=True, return_counts=True)
    return np.asarray(number.cumsum() - (number - 1) / 2)[place]


def decay_per_step(log10_gradient: Sequence[float]) -> float:
    """Nats by which a gradient shrinks per step of lag: minus the least-squares slope of its logarithm over the lag.

    `log10_gradient[k]` is that at lag k; NaN where there is none. NaN if there are fewer than two values.
    """
    values = np.asarray(log10_gradient, dtype=float) * math.log(10)
    lags = np.flatnonzero(np.isfinite(values))
    return -float(np.polyfit(lags, values[lags], 1)[0]) if len(lags) > 1 else math.nan


def half_life(decay: float) -> float:
    """Steps of lag in which a gradient halves, ln 2 / decay; infinite where it does not shrink."""
    return math.log(2) / decay if decay > 0 else math.inf


def mean_interval(values: ArrayLike, confidence: float = 0.95) -> tuple[float, float, float]:
    """Mean and the ends of Student's t interval (Student 1908, Biometrika 6:1-25); ends NaN for fewer than two values.

    Values that are not finite are left out; without any, all three are NaN.
    """
    known = np.asarray(values, dtype=float)
    known = known[np.isfinite(known)]
    if not known.size:
        return math.nan, math.nan, math.nan
    mean = float(known.mean())
    if known.size == 1:
        return mean, math.nan, math.nan
    error = float(known.std(ddof=1)) / math.sqrt(known.size)
    half = float(scipy.special.stdtrit(known.size - 1, (1 + confidence) / 2)) * error
    return mean, mean - half, mean + half
