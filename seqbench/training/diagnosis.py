"""What a run came to: one label, decided by stated rules from its last test and its validations.

In this order: `diverged` if a loss or gradient was not finite; `passed at the end` if the last test meets the
criterion; `unstable` if a validation passed and the last did not; `learning` if the loss is still falling; `partial` if
the test is better than what no memory can reach; else `memoryless`.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy

from seqbench.events import Baseline, Label, Level

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


def diagnose(
    step: int,
    test: Level | None,
    validations: Sequence[Validation],
    baselines: Sequence[Baseline],
    *,
    passed: str = "",
) -> Diagnosis:
    """The label of a run that ended at `step` without having solved its task before.

    `test` is None if a loss or gradient was not finite. `passed` is its number that meets the criterion, in words;
    empty where it does not. `baselines` from no memory upwards, as a task states them.
    """
    if test is None:
        return Diagnosis("diverged", f"a loss or gradient was not finite at step {step:,}")
    if passed:
        return Diagnosis("passed at the end", f"its test {passed}, meets the criterion; {_passes(validations)}")
    if any(v.passed for v in validations) and not validations[-1].passed:
        return Diagnosis("unstable", f"{_passes(validations)}, then not")
    return _falling(validations) or _at_plateau(test, baselines)


def _passes(validations: Sequence[Validation]) -> str:
    passed = [v.step for v in validations if v.passed]
    if not validations:
        return "it was never validated"
    if not passed:
        return f"it passed none of {len(validations)} validations"
    return f"it passed {len(passed)} of {len(validations)} validations, last at step {passed[-1]:,}"


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


def _at_plateau(test: Level, baselines: Sequence[Baseline]) -> Diagnosis:
    floor, *known = baselines
    if test.at(floor) or not test.better_than(floor):  # so is a value that is not a number
        what = f"is that of a model with no memory, {test.text(test.of(floor))}, or worse"
        return Diagnosis("memoryless", f"its test {test} {what}")
    near = next((baseline for baseline in known if test.at(baseline)), None)
    if near:
        return Diagnosis("partial", f"its test {test} is at the plateau of {near.name}, {test.text(test.of(near))}")
    return Diagnosis(
        "partial", f"its test {test} is better than that of a model with no memory, {test.text(test.of(floor))}"
    )
