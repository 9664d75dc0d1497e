"""By what factor the horizon changes along another knob: a straight line through log gap50, from the posteriors."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from seqbench.horizon.curves import STEP
from seqbench.horizon.estimate import Posterior
from seqbench.statistics.rates import Floats

DRAWS = 20_000
"""Of each posterior; the ends of an interval move by less than 1 % with other ones."""

Place = tuple[float, Posterior, int, int]
"""Where along the other knob, what is known of gap50 there, and the range that was searched."""


@dataclass(frozen=True)
class Slope:
    """The factor of gap50 for a step of one along the knob, with its 95 % interval; an end may be 0 or infinite."""

    factor: float
    low: float
    high: float


def slope(places: Sequence[Place], confidence: float = 0.95) -> Slope:
    """The slope of least squares through log gap50 at two places or more, as a factor, from independent posteriors.

    As in `horizon_ratio`, a horizon outside of the searched range may lie anywhere there; with two places that are one
    apart this is that ratio. ValueError for fewer than two different places.
    """
    at = np.array([place for place, *_ in places])
    if len(set(at.tolist())) < 2:
        raise ValueError("a slope takes two different places")
    shares = (at - at.mean()) / ((at - at.mean()) ** 2).sum()
    rng, tail = np.random.default_rng(0), (1 - confidence) / 2
    least, most = np.zeros(DRAWS), np.zeros(DRAWS)
    for share, (_, posterior, smallest, largest) in zip(shares, places, strict=True):
        low, high = _drawn(rng, posterior, smallest, largest)
        if share:
            least += share * (low if share > 0 else high)
            most += share * (high if share > 0 else low)
    with np.errstate(invalid="ignore"):  # beyond the range at both ends of the line
        middle = sum(share * _middle(*place[1:]) for share, place in zip(shares, places, strict=True) if share)
    ends = np.quantile(least, tail, method="lower"), np.quantile(most, 1 - tail, method="higher")
    return Slope(*(float(end) for end in np.exp([middle, *ends])))


def _drawn(rng: np.random.Generator, posterior: Posterior, smallest: int, largest: int) -> tuple[Floats, Floats]:
    """Least and most log gap50 of each draw: the same within the range, open where it lies outside."""
    points = rng.choice(posterior.curves.log_gap50, size=DRAWS, p=posterior.gap50_weights)
    points = points + STEP * (rng.random(DRAWS) - 0.5)
    least = np.where(points < math.log(smallest), -math.inf, np.minimum(points, math.log(largest)))
    most = np.where(points > math.log(largest), math.inf, np.maximum(points, math.log(smallest)))
    return least, most


def _middle(posterior: Posterior, smallest: int, largest: int) -> float:
    """The median of log gap50, infinite outside of the range."""
    median = posterior.log_quantile(0.5)
    return -math.inf if median < math.log(smallest) else math.inf if median > math.log(largest) else median
