"""How the time to solve grows with the gap: steps ~ gap ^ exponent, unsolved runs counted as longer than watched."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from seqbench import wording
from seqbench.statistics.lifetimes import line
from seqbench.statistics.survival import Times


@dataclass(frozen=True)
class Growth:
    """Fitted power law: the median of steps to solve is `at_one * gap ** exponent`, `low` to `high` its interval.

    An end is infinite where the runs do not bound it. `spread` is the standard deviation of log steps at one gap.
    """

    exponent: float
    low: float
    high: float
    at_one: float
    spread: float
    runs: int
    solved: int

    def median_steps(self, gap: float) -> float:
        """Median of steps to solve that the power law gives for a gap."""
        return float(self.at_one * gap**self.exponent)

    def __str__(self) -> str:
        if math.isnan(self.exponent):
            return "no growth can be fitted"
        low, high = (None if math.isinf(end) else f"{end:.2f}" for end in (self.low, self.high))
        return f"steps grow as the gap to the power of {wording.estimate(f'{self.exponent:.2f}', low, high)}"


def growth(gaps: ArrayLike, times: Times, confidence: float = 0.95) -> Growth:
    """Growth of steps to solve with the gap, from runs at any gaps; run i was made at `gaps[i]`.

    A log-normal accelerated failure time model (`seqbench.statistics.lifetimes`) rather than a line through the medians
    by gap: it also uses the gaps where fewer than half of the runs succeed, which are those that medians lose, and
    losing them flattens the growth. It assumes that every run would solve its task in the end: arms with seeds that
    never learn show a steeper growth than their solved runs do.
    """
    at = np.asarray(gaps, dtype=float)
    solved = times.arrays()[1]
    if at.shape != solved.shape:
        raise ValueError(f"every run needs a gap, got {at.size} gaps and {solved.size} runs")
    fit = line(np.log(at), times, confidence)
    return Growth(fit.slope, fit.low, fit.high, fit.at_zero, fit.spread, len(solved), int(solved.sum()))
