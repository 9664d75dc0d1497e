"""Why a run did not solve its task: one label, decided by stated rules from its validations.

In this order: `diverged` if a loss or gradient was not finite; `unstable` if a validation passed and the last did
not; `learning` if the loss is still falling; `partial` if it lies below what no memory can reach; else `memoryless`.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy

from seqbench.events import Baseline, Label

#: Whether the loss falls is judged over this last share of the validations, if there are at least so many.
RECENT, FEWEST = 1 / 3, 5
#: A fall of less than this share of the loss over that stretch is no learning.
LEAST_FALL = 0.05


@dataclass(frozen=True)
class Validation:
    """One validation: after how many steps, its loss, and how far from the criterion (solved from 1 downwards)."""

    step: int
    loss: float
    shortfall: float

    @property
    def passed(self) -> bool:
        """Whether it met the criterion."""
        return self.shortfall <= 1


@dataclass(frozen=True)
class Diagnosis:
    """A label, and what it rests on in plain words."""

    label: Label
    evidence: str


def diagnose(diverged_at: int | None, validations: Sequence[Validation], baselines: Sequence[Baseline]) -> Diagnosis:
    """The label of an unsolved run. `baselines` from no memory upwards, as a task states them."""
    if diverged_at is not None:
        return Diagnosis("diverged", f"a loss or gradient was not finite at step {diverged_at:,}")
    if not validations:
        return Diagnosis("memoryless", "it was never validated: the budget is shorter than the first validation")
    last = validations[-1]
    passed = [v.step for v in validations if v.passed]
    if passed and not last.passed:
        evidence = f"passed {len(passed)} of {len(validations)} validations, last at step {passed[-1]:,}, then not"
        return Diagnosis("unstable", evidence)
    return _falling(validations) or _at_plateau(last.loss, baselines)


def _falling(validations: Sequence[Validation]) -> Diagnosis | None:
    """Theil-Sen slope of the log loss over the last third, with its 95 % interval (Sen 1968)."""
    recent = validations[-max(FEWEST, math.ceil(len(validations) * RECENT)) :]
    if len(recent) < FEWEST or not all(0 < v.loss < math.inf for v in recent):
        return None
    steps = np.array([v.step for v in recent], dtype=float)
    slope, _, _, high = scipy.stats.theilslopes(np.log([v.loss for v in recent]), steps)
    fall = 1 - math.exp(slope * (steps[-1] - steps[0]))
    if high >= 0 or fall < LEAST_FALL:
        return None
    return Diagnosis(
        "learning", f"the loss fell by {fall:.0%} over the last {steps[-1] - steps[0]:,.0f} steps{_to_go(recent)}"
    )


def _to_go(recent: Sequence[Validation]) -> str:
    """How much longer at this rate, from the slope of the log shortfall."""
    last = recent[-1]
    if last.passed:
        return "; the last validations passed"
    slope = scipy.stats.theilslopes(np.log([v.shortfall for v in recent]), [v.step for v in recent]).slope
    return f"; at this rate solved in about {math.log(last.shortfall) / -slope:,.0f} more steps" if slope < 0 else ""


def _at_plateau(loss: float, baselines: Sequence[Baseline]) -> Diagnosis:
    floor, *known = baselines
    if floor.near(loss) or not loss < floor.loss:  # so is a loss that is not a number
        return Diagnosis(
            "memoryless", f"its loss, {loss:.3g}, is that of a model with no memory, {floor.loss:.3g}, or worse"
        )
    near = [b for b in known if b.near(loss)]
    if near:
        return Diagnosis("partial", f"its loss, {loss:.3g}, is at the plateau of {near[0].name}, {near[0].loss:.3g}")
    return Diagnosis("partial", f"its loss, {loss:.3g}, lies below that of a model with no memory, {floor.loss:.3g}")
