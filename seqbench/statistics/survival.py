"""Time to solve when some runs never do: curves with bands, tests between arms, plain sentences.

A run is observed until it solves its task or its budget ends (right-censored there). Nothing here averages the solved
runs alone. Arms of one cell share the budget, so that censoring does not depend on the arm.
"""

import itertools
import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

from seqbench.statistics.rates import Floats, median_steps_to_solve, wilson_interval

T = TypeVar("T")

EXACT = 20_000
"""Up to so many exchanges are enumerated; beyond them the normal approximation is close."""


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


def paired_log_rank(
    first: Times,
    second: Times,
    *,
    strata: Sequence[Hashable] | None = None,
    units: Sequence[Hashable] | None = None,
) -> LogRank:
    """Two-sided log-rank test of two arms whose i-th runs share their data; p = 1 if no run of either succeeded.

    `strata` (the gap, say) are ranked apart and added; within `units` (the seed, say) all pairs are exchanged
    together, because runs of one seed at several gaps are alike; by default every pair is a unit. If the arms are
    equal, exchanging the two runs of a unit changes nothing, so the test enumerates exchanges of the log-rank scores
    (Peto and Peto 1972, JRSS A 135:185-207): valid for any number of seeds and any likeness within pairs, which an
    unpaired test and the chi-square approximation are not. n units cannot give less than 2 / 2^n: six are needed for
    p < .05. With more than 14 units the normal approximation stands in.
    """
    size = len(first.arrays()[0])
    if len(second.arrays()[0]) != size:
        raise ValueError(f"pairs are needed, got {size} and {len(second.arrays()[0])} runs")
    differences = np.zeros(size)
    excess = 0.0
    for rows in _groups(strata if strata is not None else [0] * size):
        scores = _scores(_joined(_rows(first, rows), _rows(second, rows)))
        differences[rows] = scores[: len(rows)] - scores[len(rows) :]
        excess += float(scores[: len(rows)].sum())
    grouped = np.array([differences[rows].sum() for rows in _groups(units if units is not None else range(size))])
    return LogRank(excess, _sign_flip_p(grouped))


def holm(p_values: Sequence[float]) -> list[float]:
    """p-values adjusted for their number, in the given order: at most a share p of families has a false one below p.

    Holm (1979), Scandinavian Journal of Statistics 6:65-70.
    """
    p = np.asarray(p_values, dtype=float)
    order = np.argsort(p, kind="stable")
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(1.0, np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1)))
    return [float(value) for value in adjusted]


def over_pairs(arms: Mapping[str, T], p_value: Callable[[T, T], float]) -> dict[tuple[str, str], float]:
    """A test between all pairs of arms, its p-values adjusted by Holm's method over the pairs."""
    pairs = list(itertools.combinations(arms, 2))
    return dict(zip(pairs, holm([p_value(arms[first], arms[second]) for first, second in pairs]), strict=True))


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


def _sign_flip_p(differences: Floats) -> float:
    if 2 ** len(differences) > EXACT:
        z = abs(differences.sum()) / np.sqrt((differences**2).sum()) if differences.any() else 0.0
        return float(2 * scipy.special.ndtr(-z))
    signs = np.array(list(itertools.product([1.0, -1.0], repeat=len(differences))))
    return _share_as_extreme(signs @ differences, float(differences.sum()))


def _share_as_extreme(rearranged: Floats, observed: float) -> float:
    return float(np.mean(np.abs(rearranged) >= abs(observed) - 1e-9))


def _groups(labels: Sequence[Hashable]) -> list[list[int]]:
    rows: dict[Hashable, list[int]] = {}
    for row, label in enumerate(labels):
        rows.setdefault(label, []).append(row)
    return list(rows.values())


def _rows(times: Times, rows: list[int]) -> Times:
    steps, solved = times.arrays()
    return Times(steps[rows], solved[rows])


def _joined(first: Times, second: Times) -> Times:
    columns = zip(first.arrays(), second.arrays(), strict=True)
    return Times(*(np.concatenate(pair) for pair in columns))
