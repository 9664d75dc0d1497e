"""The slope of a line through scattered points. Workers need it, and `scipy.stats` would take each most of a second."""

import math
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike

#: Of the normal distribution, for an interval of 95 %.
_Z = NormalDist().inv_cdf(0.975)


def theil_sen(x: ArrayLike, y: ArrayLike) -> tuple[float, float]:
    """The median of the slopes between all pairs of points, and the upper end of its 95 % interval.

    Sen (1968), JASA 63:1379-1389, equation (2.6). The x must differ; NaN where a y is not finite.
    """
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    runs = x[:, None] - x
    slopes = np.sort((y[:, None] - y)[runs > 0] / runs[runs > 0])
    spread = math.sqrt((_pairs(len(y)) - sum(map(_pairs, np.unique(y, return_counts=True)[1]))) / 18)
    upper = min(round((len(slopes) + _Z * spread) / 2), len(slopes) - 1)
    return float(np.median(slopes)), float(slopes[upper])


def _pairs(n: int) -> int:
    """What n points add to 18 times the variance of Kendall's statistic, and n that are tied take away from it."""
    return n * (n - 1) * (2 * n + 5)
