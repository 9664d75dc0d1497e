"""A straight line through the logarithms of steps to solve, when some runs were cut off before they solved.

    log steps = intercept of the stratum + slope * x + spread * noise,    noise standard normal

An accelerated failure time model (log-normal; Kalbfleisch and Prentice 2002, The Statistical Analysis of Failure Time
Data, section 2.3), or Tobin's (1958, Econometrica 26:24-36) with the censoring at the budget: an unsolved run
contributes the probability of lasting longer than it was watched. Fitted by maximum likelihood.
"""

import math
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

from seqbench.statistics.rates import Floats
from seqbench.statistics.survival import Times

Ints = NDArray[np.int_]

LIMIT = 50.0
"""Ends of an interval are looked for up to here; beyond, they are infinite."""

LOG_PRECISION = (-6.0, 9.0)
"""Bounds of -log spread: data without noise would let it grow for ever."""


@dataclass(frozen=True)
class Line:
    """Fitted slope with its interval and the p-value of slope zero.

    `at_zero` is the median of steps at x = 0, NaN where strata have one each.
    """

    slope: float
    low: float
    high: float
    p_value: float
    at_zero: float
    spread: float


class _Likelihood:
    """Log-likelihood of the line, x and log steps taken from their means in each stratum."""

    def __init__(self, x: Floats, times: Times, strata: Ints) -> None:
        steps, self.solved = times.arrays()
        log_steps, runs = np.log(steps), np.bincount(strata)
        self.strata, self.number = strata, len(runs)
        self.centre = np.bincount(strata, x) / runs, np.bincount(strata, log_steps) / runs
        self.x, self.y = x - self.centre[0][strata], log_steps - self.centre[1][strata]

    def negative(self, parameters: Floats, slope: float | None = None) -> tuple[float, Floats]:
        """Minus the log-likelihood and its gradient in (log precision, height / spread by stratum[, slope])."""
        precision, heights = math.exp(parameters[0]), parameters[1 : 1 + self.number]
        along = self.y - (parameters[-1] if slope is None else slope) * self.x
        z = precision * along - heights[self.strata]
        log_survival = scipy.special.log_ndtr(-z)
        hazard = np.exp(-(z**2) / 2 - math.log(2 * math.pi) / 2 - log_survival)
        pull = np.where(self.solved, z, hazard)
        value = np.where(self.solved, z**2 / 2 - parameters[0], -log_survival).sum()
        by_height = -np.bincount(self.strata, pull, self.number)
        gradient = [precision * pull @ along - self.solved.sum(), *by_height, -precision * pull @ self.x]
        return float(value), np.array(gradient[: len(parameters)])

    def maximum(self, slope: float | None = None) -> tuple[float, Floats]:
        """Highest log-likelihood, of all lines or of those with one slope, and the parameters that reach it."""
        free = slope is None
        bounds = [LOG_PRECISION, *[(None, None)] * self.number, *[(-LIMIT, LIMIT)] * free]
        found = scipy.optimize.minimize(
            self.negative,
            np.zeros(len(bounds)),
            args=(slope,),
            jac=True,
            method="L-BFGS-B",
            bounds=bounds,
            options={"maxiter": 500, "ftol": 1e-12, "gtol": 1e-8},
        )
        return -float(found.fun), found.x


def line(x: ArrayLike, times: Times, confidence: float = 0.95, strata: Sequence[Hashable] | None = None) -> Line:
    """The line through log steps against x; infinite ends where the data do not bound the slope.

    Runs of one of the `strata` (the gap, say) have an intercept of their own; by default all are of one. With k strata,
    the interval holds the slopes whose profile likelihood ratio stays below m log(1 + t^2 / (m - k - 1)), t being
    Student's quantile on m - k - 1 degrees of freedom for m solved runs. That is the exact t interval of least squares
    when every run is solved. It takes k + 2 solved runs, and x that varies; NaN where there is no slope at all.
    """
    at, watched, groups = _watched(x, times, strata)
    if not np.any(watched.solved) or not any(np.ptp(at[groups == group]) for group in set(groups)):
        return Line(math.nan, -math.inf, math.inf, 1.0, math.nan, math.nan)
    likelihood = _Likelihood(at, watched, groups)
    solved, number = int(likelihood.solved.sum()), likelihood.number
    best, (log_precision, height, *_, slope) = likelihood.maximum()
    slope = float(slope)
    spread = math.exp(-log_precision)
    log_at_zero = likelihood.centre[1][0] + height * spread - slope * likelihood.centre[0][0]
    at_zero = math.exp(min(700.0, log_at_zero)) if number == 1 else math.nan

    def log_ratio(value: float) -> float:
        return 2 * (best - likelihood.maximum(value)[0])

    unbounded = _unbounded(at, likelihood.solved, groups)
    found = unbounded or slope
    if solved < number + 2:
        return Line(found, -math.inf, math.inf, 1.0, at_zero, spread)
    freedom = solved - number - 1
    allowed = solved * math.log1p(float(scipy.special.stdtrit(freedom, (1 + confidence) / 2)) ** 2 / freedom)
    t_at_zero = math.sqrt(max(0.0, math.expm1(min(700.0, log_ratio(0.0) / solved))) * freedom)
    ends = [
        unbounded if unbounded == sign * math.inf else _end(lambda value: log_ratio(value) - allowed, slope, sign)
        for sign in (-1.0, 1.0)
    ]
    return Line(found, ends[0], ends[1], 2 * float(scipy.special.stdtr(freedom, -t_at_zero)), at_zero, spread)


def _unbounded(x: Floats, solved: NDArray[np.bool_], strata: Ints) -> float:
    """Minus or plus infinity where the likelihood rises for ever with the slope, else 0.

    So it does if in every stratum all solved runs are at one x, and runs at other x, none of them solved, lie on one
    side of it alone. That is seen in the runs; a fit of runs that solved at the very same step would not show it.
    """
    here = np.bincount(strata[solved], x[solved]) / np.bincount(strata[solved])
    beyond = x - here[strata]
    sides = {float(side) for side in np.sign(np.where(np.isclose(beyond, 0), 0.0, beyond))} - {0.0}
    apart = not np.isclose(beyond[solved], 0).all() or len(sides) != 1
    return 0.0 if apart else sides.pop() * math.inf


def _watched(x: ArrayLike, times: Times, strata: Sequence[Hashable] | None) -> tuple[Floats, Times, Ints]:
    """Without the runs that say nothing: cut off at step 0, or in a stratum that none solved. Strata are numbered.

    A success at step 0 has no logarithm.
    """
    steps, solved = times.arrays()
    if (solved & (steps <= 0)).any():
        raise ValueError("a run solved at step 0 has no place on a logarithmic axis")
    names = list(strata) if strata is not None else [0] * len(steps)
    known = {name for name, its in zip(names, solved, strict=True) if its}
    telling = (steps > 0) & np.array([name in known for name in names], dtype=bool)
    order = list(dict.fromkeys(name for name, tells in zip(names, telling, strict=True) if tells))
    groups = np.array([order.index(name) for name, tells in zip(names, telling, strict=True) if tells], dtype=int)
    return np.asarray(x, dtype=float)[telling], Times(steps[telling], solved[telling]), groups


def _end(excess: Callable[[float], float], start: float, sign: float) -> float:
    """Where the likelihood ratio leaves the allowed, going from the best slope in steps that double."""
    inner, reach = start, 0.05
    while abs(outer := start + sign * reach) < LIMIT:
        if excess(outer) > 0:
            return float(scipy.optimize.brentq(excess, *sorted((inner, outer)), xtol=1e-6))
        inner, reach = outer, 2 * reach
    return sign * math.inf
