"""How much longer one arm's horizon is than another's."""

import math
from collections.abc import Iterable

import numpy as np

from seqbench.horizon.estimate import STEP, Outcome, Posterior, counted, curves
from seqbench.statistics import Floats


def horizon_ratio(
    first: Iterable[Outcome], second: Iterable[Outcome], min_gap: int, max_gap: int, confidence: float = 0.95
) -> tuple[float, float, float]:
    """gap50 of the second arm over that of the first, and the ends of its interval, from independent posteriors.

    A horizon beyond the searched gaps counts as anything from max_gap to infinity, one below them as anything from 0
    to min_gap: how far outside it lies is the prior's word and not the runs'. So an end may be 0 or infinite; the
    ratio itself is NaN where both horizons lie on the same side outside.
    """
    one, two = (Posterior(curves(min_gap, max_gap), counted(outcomes)) for outcomes in (first, second))
    place, ends = one.curves.log_gap50, (math.log(min_gap), math.log(max_gap))
    least = np.where(place < ends[0], -math.inf, np.minimum(place, ends[1]))
    most = np.where(place > ends[1], math.inf, np.maximum(place, ends[0]))
    chances = one.gap50_weights[:, None] * two.gap50_weights
    tail = (1 - confidence) / 2
    low = _quantile(least - most[:, None], chances, tail) - STEP / 2
    high = _quantile(most - least[:, None], chances, 1 - tail) + STEP / 2
    medians = [one.log_quantile(0.5), two.log_quantile(0.5)]
    clipped = [-math.inf if at < ends[0] else math.inf if at > ends[1] else at for at in medians]
    return math.exp(clipped[1] - clipped[0]), math.exp(low), math.exp(high)


def _quantile(values: Floats, weights: Floats, share: float) -> float:
    order = np.argsort(values, axis=None)
    reached = int(np.searchsorted(np.cumsum(weights.ravel()[order]), share))
    return float(values.ravel()[order][min(reached, values.size - 1)])
