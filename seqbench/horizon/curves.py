"""The falling success curves that a horizon is sought among, and how likely each is before any run.

    success(gap) = guess + (1 - guess - lapse) * logistic(-slope * (log gap - log gap50) + shift)

`lapse` is the share of seeds that fail however short the gap, `guess` the share that succeeds however long; `shift`
makes success at gap50 exactly one half whatever they are. docs/horizon.md gives the reasons for the priors.
"""

import math
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import scipy

from seqbench.statistics.rates import Floats

BEYOND = 4.0
"""The prior reaches from min_gap / BEYOND to max_gap * BEYOND: what lies there is reported as "< min" or "> max"."""

STEP = 0.04
"""Greatest distance of the grid's points in log gap50."""

SLOPES, SHARES = 7, 5
"""Values on the grid of the slope, and of lapses as of guesses; twice as many move no interval's end by 2 %."""

NARROWEST, WIDEST = 1.1, 19.0
"""Least and greatest factor of the gap within which success falls from 90 % to 10 %, but for lapses and guesses."""

MOST_LAPSES = 0.4
"""Greatest share of lapses, and of guesses: gap50 has no meaning where one half of the seeds fail at every gap."""

KEPT = 128
"""Gaps whose values are kept, the last ones asked for: each takes a quarter of a megabyte or two."""

Integers = npt.NDArray[np.intp]


def nodes(number: int, low: float, high: float) -> tuple[Floats, Floats]:
    """Places of Gauss and Legendre's rule, and weights that sum to one: few of them stand for the whole stretch."""
    places, weights = np.polynomial.legendre.leggauss(number)
    return (low + high) / 2 + (high - low) / 2 * places, weights / 2


def slopes(number: int) -> tuple[Floats, Floats]:
    """Slopes of the log odds per unit of log gap, and their prior: uniform in the root of log(factor)."""
    roots, prior = nodes(number, math.log(NARROWEST) ** 0.5, math.log(WIDEST) ** 0.5)
    return 2 * math.log(9) / roots**2, prior


def shares(number: int) -> tuple[Floats, Floats]:
    """Lapses or guesses, and their prior: Beta(1, 5), cut at `MOST_LAPSES`."""
    values, weights = nodes(number, 0, MOST_LAPSES)
    prior = weights * (1 - values) ** 4
    return values, prior / prior.sum()


class Curves:
    """The grid of success curves for a range of gaps: `log_gap50[i]` by nuisance parameters, and their prior.

    `fineness` multiplies the number of values of every parameter.
    """

    def __init__(self, min_gap: int, max_gap: int, fineness: int = 1) -> None:
        low, high = math.log(min_gap / BEYOND), math.log(max_gap * BEYOND)
        self.log_gap50 = np.linspace(low, high, 1 + fineness * math.ceil((high - low) / STEP))
        self.upper_edges = self.log_gap50 + (self.log_gap50[1] - self.log_gap50[0]) / 2
        (slope, slope_prior), (share, share_prior) = slopes(SLOPES * fineness), shares(SHARES * fineness)
        self.slope, self.lapse, self.guess = (each.ravel() for each in np.meshgrid(slope, share, share, indexing="ij"))
        self._shift = scipy.special.logit((0.5 - self.guess) / (1 - self.guess - self.lapse))
        nuisance = slope_prior[:, None, None] * share_prior[:, None] * share_prior
        prior = np.ones((len(self.log_gap50), 1)) * nuisance.ravel()
        self.log_prior = np.log(prior / prior.sum()).ravel()
        self.success = lru_cache(maxsize=KEPT)(self._success)
        self.ascending = lru_cache(maxsize=KEPT)(self._ascending)
        self.success_at = lru_cache(maxsize=8)(self._success_at)
        self._logs = lru_cache(maxsize=KEPT)(self._success_and_failure)

    def log_likelihood(self, gap: int, solved: float, failed: float) -> Floats:
        """Log probability of the counted outcomes at one gap, under every curve of the grid."""
        log_success, log_failure = self._logs(gap)
        return solved * log_success + failed * log_failure

    def _success(self, gap: int) -> Floats:
        """Probability that a run at this gap solves the task, under every curve of the grid."""
        falling = scipy.special.expit(self._shift - self.slope * (math.log(gap) - self.log_gap50[:, None]))
        success: Floats = (self.guess + (1 - self.guess - self.lapse) * falling).ravel()
        return success

    def _ascending(self, gap: int) -> Integers:
        """The order in which success at this gap grows from curve to curve."""
        return np.argsort(self.success(gap))

    def _success_at(self, gaps: tuple[int, ...]) -> Floats:
        """Success at several gaps: an axis for log gap50, one for the gaps, one for the other parameters."""
        shape = len(gaps), len(self.log_gap50), len(self.slope)
        stacked = np.stack([self.success(gap) for gap in gaps]).reshape(shape)
        return np.ascontiguousarray(stacked.swapaxes(0, 1))

    def _success_and_failure(self, gap: int) -> tuple[Floats, Floats]:
        success = self.success(gap)
        return np.log(success), np.log1p(-success)


@lru_cache(maxsize=8)
def curves(min_gap: int, max_gap: int) -> Curves:
    """The grid for a range; kept, because a search asks for it after every run."""
    return Curves(min_gap, max_gap)
