"""A straight line through the logarithms of steps to solve, when some runs were cut off before they solved.

    log steps = intercept + slope * x + spread * noise,    noise standard normal

An accelerated failure time model (log-normal; Kalbfleisch and Prentice 2002, The Statistical Analysis of Failure Time
Data, section 2.3), or Tobin's (1958, Econometrica 26:24-36) with the censoring at the budget: an unsolved run
contributes the probability of lasting longer than it was watched. Fitted by maximum likelihood.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

from seqbench.statistics.rates import Floats
from seqbench.statistics.survival import Times

LIMIT = 50.0
"""Ends of an interval are looked for up to here; beyond, they are infinite."""

LOG_PRECISION = (-6.0, math.log(10))
"""Bounds of -log spread. Runs that differ by less than a tenth do so because their steps are read at validations and at
the end of the budget, where they tie; without the bound such ties would look like certainty."""


@dataclass(frozen=True)
class Line:
    """Fitted slope with its interval; `at_zero` is the median of steps at x = 0."""

    slope: float
    low: float
    high: float
    at_zero: float
    spread: float


class _Likelihood:
    """Log-likelihood of the line, x and log steps taken from their means."""

    def __init__(self, x: Floats, times: Times) -> None:
        steps, self.solved = times.arrays()
        log_steps = np.log(steps)
        self.centre = float(x.mean()), float(log_steps.mean())
        self.x, self.y = x - self.centre[0], log_steps - self.centre[1]

    def negative(self, parameters: Floats, slope: float | None = None) -> tuple[float, Floats]:
        """Minus the log-likelihood and its gradient in (log precision, height / spread[, slope])."""
        precision, height = math.exp(parameters[0]), parameters[1]
        along = self.y - (parameters[-1] if slope is None else slope) * self.x
        z = precision * along - height
        log_survival = scipy.special.log_ndtr(-z)
        hazard = np.exp(-(z**2) / 2 - math.log(2 * math.pi) / 2 - log_survival)
        pull = np.where(self.solved, z, hazard)
        value = np.where(self.solved, z**2 / 2 - parameters[0], -log_survival).sum()
        gradient = [precision * pull @ along - self.solved.sum(), -pull.sum(), -precision * pull @ self.x]
        return float(value), np.array(gradient[: len(parameters)])

    def maximum(self, slope: float | None = None) -> tuple[float, Floats]:
        """Highest log-likelihood, of all lines or of those with one slope, and the parameters that reach it."""
        free = slope is None
        bounds = [LOG_PRECISION, (None, None), *[(-LIMIT, LIMIT)] * free]
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


def line(x: ArrayLike, times: Times, confidence: float = 0.95) -> Line:
    """The line through log steps against x; infinite ends where the data do not bound the slope.

    The interval holds the slopes whose profile likelihood ratio stays below m log(1 + t^2 / (m - 2)), t being Student's
    quantile on m - 2 degrees of freedom for m solved runs. That is the exact t interval of least squares when every run
    is solved. It takes 3 solved runs, and x that varies; NaN where there is no slope at all.
    """
    at, watched = _watched(x, times)
    if not np.any(watched.solved) or not np.ptp(at):
        return Line(math.nan, -math.inf, math.inf, math.nan, math.nan)
    likelihood = _Likelihood(at, watched)
    solved = int(likelihood.solved.sum())
    best, (log_precision, height, slope) = likelihood.maximum()
    slope = float(slope)
    spread = math.exp(-log_precision)
    at_zero = math.exp(min(700.0, likelihood.centre[1] + height * spread - slope * likelihood.centre[0]))
    unbounded = _unbounded(at, likelihood.solved)
    found = unbounded or slope
    if solved < 3:
        return Line(found, -math.inf, math.inf, at_zero, spread)
    freedom = solved - 2
    allowed = solved * math.log1p(float(scipy.special.stdtrit(freedom, (1 + confidence) / 2)) ** 2 / freedom)
    beyond = lambda value: 2 * (best - likelihood.maximum(value)[0]) - allowed  # noqa: E731
    ends = [unbounded if unbounded == sign * math.inf else _end(beyond, slope, sign) for sign in (-1.0, 1.0)]
    return Line(found, ends[0], ends[1], at_zero, spread)


def _unbounded(x: Floats, solved: NDArray[np.bool_]) -> float:
    """Minus or plus infinity where the likelihood rises for ever with the slope, else 0.

    So it does if all solved runs are at one x, and runs at other x, none of them solved, lie on one side of it alone.
    That is seen in the runs; a fit of runs that solved at the very same step would not show it.
    """
    beyond = x - x[solved].mean()
    sides = {float(side) for side in np.sign(np.where(np.isclose(beyond, 0), 0.0, beyond))} - {0.0}
    apart = not np.isclose(beyond[solved], 0).all() or len(sides) != 1
    return 0.0 if apart else sides.pop() * math.inf


def _watched(x: ArrayLike, times: Times) -> tuple[Floats, Times]:
    """Without the runs that say nothing, cut off at step 0. A success at step 0 has no logarithm."""
    steps, solved = times.arrays()
    if (solved & (steps <= 0)).any():
        raise ValueError("a run solved at step 0 has no place on a logarithmic axis")
    return np.asarray(x, dtype=float)[steps > 0], Times(steps[steps > 0], solved[steps > 0])


def _end(excess: Callable[[float], float], start: float, sign: float) -> float:
    """Where the likelihood ratio leaves the allowed, going from the best slope in steps that double."""
    inner, reach = start, 0.05
    while abs(outer := start + sign * reach) < LIMIT:
        if excess(outer) > 0:
            return float(scipy.optimize.brentq(excess, *sorted((inner, outer)), xtol=1e-6))
        inner, reach = outer, 2 * reach
    return sign * math.inf
