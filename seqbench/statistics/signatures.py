"""What the spread does as the lag grows: whether a state latches, drifts or leaks, and at which lag it is critical.

Lags go up to twice the gap that was trained, and trends are those of the late half: from the gap on. Up to there
states may still be on their way to what the readout learned, and what they do then says little of what comes.
"""

import math
from typing import Literal, NamedTuple

import numpy as np
import scipy
from jaxtyping import Bool, Float

Lags = Float[np.ndarray, " lags"]

Signature = Literal["latch", "drift", "leak", "shift", "open"]
#: A change over the late half of the lags that counts as none, as a share.
FLAT = 0.02
#: How far groups may have moved, as a share of B at the gap: a border halfway is five times as far.
NEAR = 0.1
#: A ratio of W to B that is no more than rounding in single precision.
ROUNDING = 1e-5
#: Lags that a slope takes, one more than the two numbers of its line.
FEWEST = 3


class Trend(NamedTuple):
    """The slope of a logarithm over the lag, in nats per step, with the ends of its 95 % interval."""

    slope: float
    low: float
    high: float


class ByLag(NamedTuple):
    """W and B of `seqbench.statistics.spread` by lag, ascending, and how far groups have moved since the gap."""

    lags: Lags
    within: Lags
    between: Lags
    moved: Lags

    @property
    def ratio(self) -> Lags:
        """W/B, at least `ROUNDING`."""
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio: Lags = np.maximum(self.within / self.between, ROUNDING)
        return ratio

    @property
    def nothing_varies(self) -> bool:
        """Whether the sequences of a group have one state at every lag, as where they are the same sequence."""
        return bool((self.ratio <= ROUNDING).all())

    @property
    def is_told(self) -> bool:
        """Whether there are enough lags, and groups apart at each."""
        apart = np.isfinite(self.within) & np.isfinite(self.moved) & np.isfinite(self.between) & (self.between > 0)
        return len(self.lags) > 0 and bool(apart.all()) and int(self.late.sum()) >= FEWEST

    @property
    def late(self) -> Bool[np.ndarray, " lags"]:
        """Which lags lie in the late half: from half of the longest on."""
        return np.asarray(self.lags >= self.lags[-1] / 2)

    @property
    def far(self) -> bool:
        """Whether the groups have moved by more than `NEAR` at the last lag."""
        return bool(self.moved[-1] > NEAR * self.between[self.late][0])

    def trend(self, values: Lags) -> Trend:
        """Of these values, one for each lag, over the late half."""
        return trend(self.lags[self.late], np.log(values[self.late]))


def trend(x: Lags, y: Lags) -> Trend:
    """The least-squares slope with Student's t interval from the residuals. Takes `FEWEST` points."""
    apart = x - x.mean()
    slope = float(apart @ y / (apart @ apart))
    residuals = y - y.mean() - slope * apart
    freedom = len(x) - 2
    error = math.sqrt(float(residuals @ residuals) / freedom / float(apart @ apart))
    half = float(scipy.special.stdtrit(freedom, 0.975)) * error
    return Trend(slope, slope - half, slope + half)


def signature(found: ByLag) -> Signature:
    """By the first rule that holds, on the change over the late half; beyond noise: its 95 % interval excludes none.

    leak: B falls beyond noise, and by more than `FLAT`. drift: W/B rises beyond noise, and by more than `FLAT`. shift:
    the groups have moved away together, by more than `NEAR`. latch: W/B rises by no more than `FLAT` and B falls by no
    more, both at the worse end of the interval. Else open.
    """
    if not found.is_told:
        return "open"
    late = found.lags[found.late]
    flat = math.log1p(FLAT) / (late[-1] - late[0])
    between, ratio = found.trend(found.between), found.trend(found.ratio)
    if between.high < 0 and between.slope < -flat:
        return "leak"
    if ratio.low > 0 and ratio.slope > flat:
        return "drift"
    if found.far:
        return "shift"
    return "latch" if ratio.high <= flat and between.low >= -flat else "open"


def critical_lag(found: ByLag, critical: float) -> float:
    """The lag at which W/B comes to a critical value: by the lags there are, else along the trend of its logarithm.

    That is the first of the lags from which on it is not below that. Beyond them the trend of the late half goes on
    from the last; without one beyond noise it never comes there, which is infinite. NaN where nothing varies within a
    group, or no trend can be told.
    """
    if not found.is_told or found.nothing_varies or math.isnan(critical):
        return math.nan
    ratio = found.ratio
    if ratio[-1] >= critical:
        below = np.flatnonzero(ratio < critical)
        return float(found.lags[below[-1] + 1 if below.size else 0])
    rise = found.trend(ratio)
    if rise.low <= 0 or math.isinf(critical):
        return math.inf
    return float(found.lags[-1] + math.log(critical / ratio[-1]) / rise.slope)
