"""Longest gaps: how far an arm got, with the uncertainty that a handful of seeds leaves.

Counts are per gap, gaps ascending: `successes[i]` of `trials[i]` finished runs solved the task at `gaps[i]`.
Gaps without a finished run count as not tested. A gap that lies outside the tested ones is never given as a number:
0 stands for "below the shortest", infinity for "beyond the longest", and `censored` writes them "< 10", "> 100".
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import ArrayLike

from seqbench.statistics.rates import Floats, wilson_interval

BELOW_ALL = 0.0
BEYOND_ALL = math.inf


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


def ends(gaps: Sequence[int], successes: ArrayLike, trials: ArrayLike) -> tuple[float, float]:
    """The tested gaps between which success is lost: the bracket, where success falls with the gap.

    Where it does not, those on either side of the crossing of the fit of `gap50`. 0 below all, infinite beyond all.
    """
    found = bracket(gaps, successes, trials)
    if not found.monotone:
        return _around_half(*_decreasing_fit(gaps, successes, trials))
    low = BELOW_ALL if found.solved is None else float(found.solved)
    return low, BEYOND_ALL if found.unsolved is None else float(found.unsolved)


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


def _shares(gaps: Sequence[int], successes: ArrayLike, trials: ArrayLike) -> tuple[Floats, Floats, Floats]:
    """Tested gaps, their success shares and their numbers of runs."""
    number = np.asarray(trials, dtype=float)
    tested = number > 0
    share = np.asarray(successes, dtype=float)[tested] / number[tested]
    return np.asarray(gaps, dtype=float)[tested], share, number[tested]


def _decreasing_fit(gaps: Sequence[int], successes: ArrayLike, trials: ArrayLike) -> tuple[Floats, Floats]:
    tested, share, number = _shares(gaps, successes, trials)
    if tested.size < 2:
        return tested, share
    return tested, scipy.optimize.isotonic_regression(share, weights=number, increasing=False).x


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
