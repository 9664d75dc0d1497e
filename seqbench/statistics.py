"""Success rates, longest gaps and times to solve, with the uncertainty that a handful of seeds leaves.

Counts are per gap, gaps ascending: `successes[i]` of `trials[i]` finished runs solved the task at `gaps[i]`.
Gaps without a finished run count as not tested. A gap that lies outside the tested ones is never given as a number:
0 stands for "below the shortest", infinity for "beyond the longest", and `censored` writes them "< 10", "> 100".
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize, stats

Floats = NDArray[np.float64]

BELOW_ALL = 0.0
BEYOND_ALL = math.inf


def wilson_interval(successes: int, trials: int, confidence: float = 0.95) -> tuple[float, float]:
    """Score interval of a binomial proportion; [0, 1] when nothing was tried.

    Wilson (1927), JASA 22:209-212; recommended for small samples, and written as here, in Brown, Cai and DasGupta
    (2001), Statistical Science 16:101-133, equation (4).
    """
    if not 0 <= successes <= trials:
        raise ValueError(f"successes must lie in 0..trials, got {successes} of {trials}")
    if trials == 0:
        return 0.0, 1.0
    z2 = float(stats.norm.ppf((1 + confidence) / 2)) ** 2
    share = successes / trials
    centre = (successes + z2 / 2) / (trials + z2)
    half = math.sqrt(z2 * trials * (share * (1 - share) + z2 / (4 * trials))) / (trials + z2)
    # Rounding may leave an end a hair inside the observed share, or outside [0, 1].
    return max(0.0, min(share, centre - half)), min(1.0, max(share, centre + half))


@dataclass(frozen=True)
class Bracket:
    """The longest gap that at least half of the seeds solved, and the shortest that fewer solved.

    Either is None where there is no such gap. When success does not fall with the gap, `solved > unsolved`.
    """

    solved: int | None
    unsolved: int | None

    @property
    def monotone(self) -> bool:
        """Whether every gap shorter than a solved one was solved too."""
        return self.solved is None or self.unsolved is None or self.solved < self.unsolved

    def __str__(self) -> str:
        if self.solved is None:
            return "not tested" if self.unsolved is None else f"< {self.unsolved}"
        if self.unsolved is None:
            return f"> {self.solved}"
        if self.monotone:
            return f"{self.solved} to {self.unsolved}"
        return f"{self.solved} solved, {self.unsolved} not"


def bracket(gaps: Sequence[int], successes: ArrayLike, trials: ArrayLike) -> Bracket:
    """The bracket [largest solved, smallest unsolved]; a gap is solved when at least half of its runs solved it."""
    tested, share, _ = _shares(gaps, successes, trials)
    solved, unsolved = tested[share >= 0.5], tested[share < 0.5]
    return Bracket(
        solved=int(solved.max()) if solved.size else None,
        unsolved=int(unsolved.min()) if unsolved.size else None,
    )


def reliable_gap(
    gaps: Sequence[int], successes: Sequence[int], trials: Sequence[int], confidence: float = 0.95
) -> int | None:
    """Largest tested gap such that it and all shorter ones have a Wilson lower bound of at least one half.

    None when the shortest tested gap already fails. Three seeds can never reach it: 3 of 3 has the bound 0.44.
    """
    reliable = None
    for gap, solved, finished in zip(gaps, successes, trials, strict=True):
        if finished == 0:
            continue
        if wilson_interval(solved, finished, confidence)[0] < 0.5:
            break
        reliable = int(gap)
    return reliable


def gap50(gaps: Sequence[int], successes: ArrayLike, trials: ArrayLike) -> float:
    """The gap at which success crosses one half, interpolated on a log scale; 0 or infinity outside the tested gaps.

    The shares are first made non-increasing by weighted pool-adjacent-violators (Ayer et al. 1955, Annals of
    Mathematical Statistics 26:641-647), the crossing of that fit is interpolated linearly in the logarithm of the gap:
    the isotonic estimate of a median dose of Dilleen, Heimann and Hirsch (2003), Statistics in Medicine 22:869-882.
    Where the fit equals one half over a stretch of gaps, the (geometric) middle of the stretch is given.
    """
    tested, fit = _decreasing_fit(gaps, successes, trials)
    if not tested.size:
        return math.nan
    low, high = _around_half(tested, fit)
    if low == BELOW_ALL or high == BEYOND_ALL:
        return low if low == BELOW_ALL else high
    at_low, at_high = fit[tested == low][0], fit[tested == high][0]
    part = 0.5 if at_low == at_high else (at_low - 0.5) / (at_low - at_high)
    return float(low * (high / low) ** part)


def gap50_interval(
    gaps: Sequence[int],
    outcomes: Floats,
    *,
    rng: np.random.Generator,
    resamples: int = 1000,
    confidence: float = 0.95,
) -> tuple[float, float]:
    """Bootstrap interval of `gap50`: seeds are drawn with replacement, each with its outcomes at all gaps.

    `outcomes[seed, gap]` is 1 (solved), 0 (not) or NaN (no finished run). Percentile interval (Efron and Tibshirani
    1993, An Introduction to the Bootstrap, chapter 13), taken over the tested gaps on either side of each
    resample's crossing: nothing was seen between them, and the crossings alone would give an interval of width
    zero whenever all seeds agree.
    """
    ends = np.array([_resampled_ends(gaps, outcomes, rng) for _ in range(resamples)])
    tail = int(resamples * (1 - confidence) / 2)
    return float(np.sort(ends[:, 0])[tail]), float(np.sort(ends[:, 1])[resamples - 1 - tail])


def censored(value: float | None, gaps: Sequence[int]) -> str:
    """A longest gap as text: "< 10" below the tested gaps (or None), "> 100" from the longest of them on."""
    if not gaps:
        return "not tested"
    if value is None or value < min(gaps):
        return f"< {min(gaps)}"
    return f"> {max(gaps)}" if value > max(gaps) else f"{value:.0f}"


def median_steps_to_solve(steps: ArrayLike, solved: ArrayLike) -> float | None:
    """Kaplan-Meier median: the first step by which half of the runs have solved the task; None if never reached.

    `steps` is the step of success, or for an unsolved run the budget at which its observation was cut off
    (right-censored). Kaplan and Meier (1958), JASA 53:457-481.
    """
    times, events = np.asarray(steps, dtype=float), np.asarray(solved, dtype=bool)
    if not events.any():
        return None
    curve = stats.ecdf(stats.CensoredData(uncensored=times[events], right=times[~events])).cdf
    reached = curve.quantiles[curve.probabilities >= 0.5 - 1e-12]
    return float(reached[0]) if reached.size else None


def expected_running_time(steps: ArrayLike, solved: ArrayLike) -> float:
    """Steps to pay for one success if runs are repeated until one succeeds: all steps spent / successes.

    Unlike a mean over the solved runs, it charges the failures too; infinite without a success. The "expected" or
    "average runtime" of Hansen et al. (2021), COCO, Optimization Methods and Software 36:114-144.
    """
    successes = int(np.sum(np.asarray(solved, dtype=bool)))
    return float(np.sum(np.asarray(steps, dtype=float))) / successes if successes else math.inf


@dataclass(frozen=True)
class RankCorrelation:
    """Spearman's rank correlation with the ends of its interval; NaN where it is not defined."""

    value: float
    low: float
    high: float


def rank_correlation(
    x: ArrayLike, y: ArrayLike, *, rng: np.random.Generator, resamples: int = 1000, confidence: float = 0.95
) -> RankCorrelation:
    """Spearman's rank correlation, ties sharing their mean rank, with a percentile bootstrap interval over the pairs.

    Infinite values rank as such. NaN if one of the two does not vary; resamples in which that happens are left out.
    Spearman (1904), American Journal of Psychology 15:72-101.
    """
    pairs = np.array([x, y], dtype=float)
    number = pairs.shape[1]
    drawn = np.array([_spearman(pairs[:, rng.integers(number, size=number)]) for _ in range(resamples)])
    known = drawn[~np.isnan(drawn)]
    if np.isnan(value := _spearman(pairs)) or not known.size:
        return RankCorrelation(math.nan, math.nan, math.nan)
    low, high = np.quantile(known, [(1 - confidence) / 2, (1 + confidence) / 2])
    return RankCorrelation(value, float(low), float(high))


def _spearman(pairs: Floats) -> float:
    if (pairs == pairs[:, :1]).all(axis=1).any():
        return math.nan
    return float(np.corrcoef(stats.rankdata(pairs, axis=1))[0, 1])


def _shares(gaps: Sequence[int], successes: ArrayLike, trials: ArrayLike) -> tuple[Floats, Floats, Floats]:
    """Tested gaps, their success shares and their numbers of runs."""
    number = np.asarray(trials, dtype=float)
    tested = number > 0
    share = np.asarray(successes, dtype=float)[tested] / number[tested]
    return np.asarray(gaps, dtype=float)[tested], share, number[tested]


def _decreasing_fit(gaps: Sequence[int], successes: ArrayLike, trials: ArrayLike) -> tuple[Floats, Floats]:
    tested, share, number = _shares(gaps, successes, trials)
    if not tested.size:
        return tested, share
    return tested, optimize.isotonic_regression(share, weights=number, increasing=False).x


def _around_half(tested: Floats, fit: Floats) -> tuple[float, float]:
    """Tested gaps on either side of the crossing of one half, equal when the crossing lies on one."""
    above, below = tested[fit >= 0.5], tested[fit <= 0.5]
    low, high = (
        (float(above.max()) if above.size else BELOW_ALL),
        (float(below.min()) if below.size else BEYOND_ALL),
    )
    # On a stretch at exactly one half both ends lie in it, in the wrong order.
    return min(low, high), max(low, high)


def _resampled_ends(gaps: Sequence[int], outcomes: Floats, rng: np.random.Generator) -> tuple[float, float]:
    drawn = outcomes[rng.integers(len(outcomes), size=len(outcomes))]
    return _around_half(*_decreasing_fit(gaps, np.nansum(drawn, axis=0), np.sum(~np.isnan(drawn), axis=0)))


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
    half = float(stats.t.ppf((1 + confidence) / 2, known.size - 1)) * error
    return mean, mean - half, mean + half
