"""Which of two laws a falling curve follows: exponential, or a power of the distance.

An exponential is a straight line if the logarithm of the value is drawn over the distance, a power law if it is drawn
over the logarithm of the distance. Both lines have two parameters, so that their misfits can be compared as they are.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

EXPONENTIAL, POWER, EITHER, NEITHER = "exponential", "power", "either", "neither"
VERDICTS = (EXPONENTIAL, POWER, EITHER, NEITHER)
LEAST_POINTS = 5
"""Through fewer points, both lines pass too closely to be told apart."""
GOOD, GOOD_SHARE = 0.05, 0.1
"""A law describes a curve if it misses it by so many decades at most, or by this share of the curve's own spread."""
BETTER = 2.0
"""Times that the misfit of the better law is smaller at least."""


@dataclass(frozen=True)
class Line:
    """Least squares in decades; `misfit` is the root mean square of what is left, in decades."""

    slope: float
    misfit: float


@dataclass(frozen=True)
class Laws:
    """Both laws beside a curve that is known at so many `points`."""

    exponential: Line
    """Slope in decades per step."""
    power: Line
    """The slope is the exponent."""
    spread: float
    """Standard deviation of the curve around its mean, in decades."""
    points: int
    zero_from: float | None = None
    """The distance from which on the curve is exactly zero, which neither law ever is."""

    @property
    def tolerance(self) -> float:
        """Decades by which a law may miss the curve and still describe it."""
        return max(GOOD, GOOD_SHARE * self.spread)

    @property
    def verdict(self) -> str:
        """One of `VERDICTS`: the law that describes the curve, if the other does not and is not about as good."""
        least, most = sorted((self.exponential.misfit, self.power.misfit))
        if self.zero_from is not None or least > self.tolerance:
            return NEITHER
        if most <= self.tolerance or most < BETTER * least:
            return EITHER
        return EXPONENTIAL if self.exponential.misfit == least else POWER


def laws(distance: ArrayLike, log10: ArrayLike) -> Laws | None:
    """Both laws beside a curve of decimal logarithms at distances above 0, in rising order.

    -inf is an exact zero; the curve counts from its first point to the first zero after it, and a point that is not
    known does not count. None where fewer than `LEAST_POINTS` are left.
    """
    at, value = (np.asarray(one, dtype=float) for one in (distance, log10))
    known = np.isfinite(value) & (at > 0)
    zero = at[np.isneginf(value) & (np.cumsum(known) > 0)]
    known &= at < (zero[0] if len(zero) else np.inf)
    at, value = at[known], value[known]
    if len(at) < LEAST_POINTS:
        return None
    lines = _line(at, value), _line(np.log10(at), value)
    return Laws(*lines, float(value.std()), len(at), float(zero[0]) if len(zero) else None)


def _line(x: NDArray[np.float64], y: NDArray[np.float64]) -> Line:
    apart, values = x - x.mean(), y - y.mean()
    slope = float(apart @ values / (apart @ apart))
    return Line(slope, float(np.sqrt(np.mean((values - slope * apart) ** 2))))
