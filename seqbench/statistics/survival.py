"""Time to solve when some runs never do: curves with bands, tests between arms, plain sentences.

A run is observed until it solves its task or its budget ends (right-censored there). Nothing here averages the solved
runs alone. Arms of one cell share the budget, so that censoring does not depend on the arm.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seqbench.statistics.exchange import Exchange
from seqbench.statistics.rates import Floats, median_steps_to_solve, wilson_interval


class Times(NamedTuple):
    """Runs: the step of success, or for an unsolved run the budget at which its observation ended."""

    steps: ArrayLike
    solved: ArrayLike

    def arrays(self) -> tuple[Floats, NDArray[np.bool_]]:
        """The two columns; ValueError if their lengths differ."""
        steps, solved = np.asarray(self.steps, dtype=float), np.asarray(self.solved, dtype=bool)
        if steps.shape != solved.shape:
            raise ValueError(f"as many steps as verdicts are needed, got {steps.size} and {solved.size}")
        return steps, solved


@dataclass(frozen=True)
class Curve:
    """Share of the runs that have solved the task by each step at which one did, with its pointwise interval."""

    steps: Floats
    share: Floats
    low: Floats
    high: Floats


def curve(times: Times, confidence: float = 0.95) -> Curve:
    """Kaplan-Meier curve (1958, JASA 53:457-481) of the share solved, with Rothman's intervals.

    Rothman (1978, Journal of Chronic Diseases 31:557-560): Wilson's interval with the number of runs that gives
    Greenwood's variance. Unlike Greenwood's own and the log-log interval it is defined and sensible when all or almost
    all of a handful of runs succeed, and before any run is cut off it is exactly Wilson's interval of the success rate.
    """
    at, events, at_risk = _table(times)
    unsolved = np.cumprod(1 - events / at_risk)
    effective, low, high = float(len(times.arrays()[0])), [], []
    for left, sum_of_terms in zip(unsolved, _greenwood_terms(events, at_risk).cumsum(), strict=True):
        if left > 0:
            effective = (1 - left) / (left * sum_of_terms)
        ends = wilson_interval((1 - left) * effective, effective, confidence)
        low.append(ends[0])
        high.append(ends[1])
    return Curve(at, np.asarray(1 - unsolved, dtype=float), np.array(low), np.array(high))


@dataclass(frozen=True)
class LogRank:
    """`excess`: successes of the first arm beyond what equal arms would have had; positive when it is faster."""

    excess: float
    p_value: float


def log_rank(first: Times, second: Times, between: Exchange) -> LogRank:
    """Two-sided log-rank test of two arms, ranked within each stratum; p = 1 if no run of either succeeded.

    The sum of the log-rank scores (Peto and Peto 1972, JRSS A 135:185-207), compared with its values when the seeds are
    exchanged: valid for any number of seeds and any likeness of their runs, which an unpaired test and the chi-square
    approximation are not.
    """
    (steps, solved), (other_steps, other_solved) = first.arrays(), second.arrays()
    scores = np.zeros(len(steps)), np.zeros(len(other_steps))
    for own, other in between.strata:
        joined = np.append(steps[own], other_steps[other]), np.append(solved[own], other_solved[other])
        scores[0][own], scores[1][other] = np.split(_scores(Times(*joined)), [len(own)])
    return LogRank(float(scores[0].sum()), between.p_value(*scores))


def sentence(arms: Mapping[str, Times], task: str, gap: int) -> str:
    """Who solves it how fast, the fastest arm first, in words: Kaplan-Meier medians, tallies where not all did."""
    ranked = sorted((arm for arm in arms if len(arms[arm].arrays()[0])), key=lambda arm: _speed(arms[arm]))
    said = [_clause(arm, arms[arm], f" {task} at gap {gap}" if place == 0 else "") for place, arm in enumerate(ranked)]
    return "; ".join(said)


def _clause(arm: str, times: Times, what: str) -> str:
    """What an arm did; `what` is empty when the sentence has named the task."""
    steps, solved = times.arrays()
    tally, budget = f"{solved.sum()} of {len(solved)}", f"{steps.max():,.0f}{' steps' if what else ''}"
    median = median_steps_to_solve(steps, solved)
    if median is not None:
        pace = f"a median of {median:,.0f} steps" if what else f"{median:,.0f}"
        return f"{arm}{f' solves{what}' if what else ''} in {pace}{'' if solved.all() else f' ({tally})'}"
    if solved.any():
        return f"{arm} {f'solved{what}' if what else 'did'} in {tally} runs of {budget}"
    return f"{arm} never {f'solved{what}' if what else 'did'} in {budget} ({tally})"


def _speed(times: Times) -> tuple[float, float]:
    steps, solved = times.arrays()
    return median_steps_to_solve(steps, solved) or math.inf, -float(solved.mean())


def _table(times: Times) -> tuple[Floats, Floats, Floats]:
    """Steps at which runs succeeded, how many did, and how many were still watched just before."""
    steps, solved = times.arrays()
    at, events = np.unique(steps[solved], return_counts=True)
    return at, events.astype(float), (steps[:, None] >= at).sum(axis=0).astype(float)


def _greenwood_terms(events: Floats, at_risk: Floats) -> Floats:
    """d / (n (n - d)), and 0 where the curve ends at zero: no area lies beyond, no interval is taken from it."""
    left = at_risk - events
    return np.divide(events, at_risk * left, out=np.zeros_like(events), where=left > 0)


def _scores(times: Times) -> Floats:
    """Log-rank scores: success (1 or 0) minus the Nelson-Aalen hazard of all runs up to the run's end; sum zero."""
    steps, solved = times.arrays()
    at, events, at_risk = _table(times)
    return solved - (steps[:, None] >= at) @ (events / at_risk)
