"""How much longer one arm's horizon is than another's."""

import math
from collections.abc import Iterable

import numpy as np

from seqbench.horizon.curves import STEP, curves
from seqbench.horizon.estimate import Outcome, Posterior, counted
from seqbench.statistics.rates import Floats


def horizon_ratio(
    first: Iterable[Outcome], second: Iterable[Outcome], min_gap: int, max_gap: int, confidence: float = 0.95
) -> tuple[float, float, float]:
    """gap50 of the second arm over that of the first, and the ends of its interval, from independent posteriors.

    A horizon beyond the searched gaps counts as anything from max_gap to infinity, one below them as anything from 0
    to min_gap: how far outside it lies is the prior's word and not the runs'. So an end may be 0 or infinite; the
    ratio itself is NaN where both horizons lie on the same side outside.
    """
    one, two = _posteriors(first, second, min_gap, max_gap)
    least, most, chances = _distances(one, two, min_gap, max_gap)
    tail = (1 - confidence) / 2
    low, high = _quantile(least, chances, tail) - STEP / 2, _quantile(most, chances, 1 - tail) + STEP / 2
    ends = math.log(min_gap), math.log(max_gap)
    medians = [one.log_quantile(0.5), two.log_quantile(0.5)]
    clipped = [-math.inf if at < ends[0] else math.inf if at > ends[1] else at for at in medians]
    return math.exp(clipped[1] - clipped[0]), math.exp(low), math.exp(high)


def horizon_p_value(first: Iterable[Outcome], second: Iterable[Outcome], min_gap: int, max_gap: int) -> float:
    """One minus the confidence at which the interval of `horizon_ratio` just reaches 1."""
    least, most, chances = _distances(*_posteriors(first, second, min_gap, max_gap), min_gap, max_gap)
    not_longer, not_shorter = chances[least <= STEP / 2].sum(), chances[most >= -STEP / 2].sum()
    return min(1.0, 2 * float(min(not_longer, not_shorter)))


def _posteriors(
    first: Iterable[Outcome], second: Iterable[Outcome], min_gap: int, max_gap: int
) -> tuple[Posterior, Posterior]:
    grid = curves(min_gap, max_gap)
    return Posterior(grid, counted(first)), Posterior(grid, counted(second))


def _distances(one: Posterior, two: Posterior, min_gap: int, max_gap: int) -> tuple[Floats, Floats, Floats]:
    """Least and most log ratio of the horizons at every pair of points of the grid, and the chance of the pair."""
    place, ends = one.curves.log_gap50, (math.log(min_gap), math.log(max_gap))
    least = np.where(place < ends[0], -math.inf, np.minimum(place, ends[1]))
    most = np.where(place > ends[1], math.inf, np.maximum(place, ends[0]))
    chances = one.gap50_weights[:, None] * two.gap50_weights
    return least - most[:, None], most - least[:, None], chances


def _quantile(values: Floats, weights: Floats, share: float) -> float:
    order = np.argsort(values, axis=None)
    reached = int(np.searchsorted(np.cumsum(weights.ravel()[order]), share))
    return float(values.ravel()[order][min(reached, values.size - 1)])
