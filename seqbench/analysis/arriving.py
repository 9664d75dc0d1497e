"""What of the gradient arrives at the evidence before training: all there is to tell of runs that are not trained.

The gradient at the evidence relative to that at the question, the median over the runs of a cell: that of the hidden
state or, of arms that state no step, that of the inputs. Sequences without any gradient count as zero.
"""

import math
from collections.abc import Hashable, Iterable, Mapping
from typing import NamedTuple

import pandas as pd

from seqbench import wording
from seqbench.analysis.cells import at_longest_gap, with_gap
from seqbench.analysis.farthest import Reach
from seqbench.analysis.parts import PARTS, column
from seqbench.events import HIDDEN, INPUTS
from seqbench.record import names


class Arriving(NamedTuple):
    """Its decimal logarithm: of nothing that is minus infinity, NaN where nobody has measured."""

    exponent: float
    words: str
    of_inputs: bool


def of_cell(cell: Mapping[Hashable, object]) -> Arriving:
    """A row of the summary."""
    hidden, inputs = (of_state(cell, state) for state in (HIDDEN, INPUTS))
    return inputs if math.isnan(hidden.exponent) and not math.isnan(inputs.exponent) else hidden


def of_state(cell: Mapping[Hashable, object], state: str) -> Arriving:
    """The words tell the mean of the sequences that have a gradient, and how many have none; the exponent is of all."""
    numbers = (column(number, state, PARTS[0]) for number in (names.GRADIENT_AT_GAP, names.ZERO_AT_GAP))
    exponent, zero = (float(cell[name]) for name in numbers)  # type: ignore[arg-type]
    if zero == 1:
        return Arriving(-math.inf, "0", state == INPUTS)
    words = "not measured" if math.isnan(exponent) else wording.gradient(exponent, zero)
    return Arriving(exponent + (math.log10(1 - zero) if zero > 0 else 0.0), words, state == INPUTS)


class Row(NamedTuple):
    """An arm on a task: what arrives at `gap`, and whether that is the gap at which arms are compared."""

    task: str
    arm: str
    gap: int
    compared: bool
    found: Arriving


def table(summary: pd.DataFrame) -> list[Row]:
    """Arms on tasks at the longest gap that most of them share; an arm without it stands at its own longest gap."""
    known = with_gap(summary[summary.finished > 0])
    common = at_longest_gap(known)
    others = known.drop(common.index).sort_values("gap").drop_duplicates(["task", "arm"], keep="last")
    there = set(zip(common.task, common.arm, strict=True))
    cells = [(cell, True) for cell in common.to_dict("records")]
    cells += [(cell, False) for cell in others.to_dict("records") if (cell["task"], cell["arm"]) not in there]
    return [Row(str(c["task"]), str(c["arm"]), int(c["gap"]), same, of_cell(c)) for c, same in cells]


class Where:
    """Names the gap at which arms are compared: once where all tasks have the same, else beside each task."""

    def __init__(self, found: list[Row]) -> None:
        self._gaps = {row.task: row.gap for row in found if row.compared}
        self._same = len(set(self._gaps.values())) == 1
        self.of_all = f", at gap {found[0].gap}" if self._same else ""

    def __call__(self, tasks: Iterable[str]) -> str:
        return wording.listed(task if self._same else wording.at(task, self._gaps[task]) for task in tasks)

    @property
    def in_short(self) -> str:
        """ ", at gap 50", or ", on adding at gap 50 and copy at gap 20"."""
        return self.of_all or f", on {self(self._gaps)}"


def reaches_by_task(found: list[Row]) -> dict[str, list[Reach]]:
    """For the order of arms by `seqbench.analysis.farthest`; arms whose numbers read the same are level."""
    told: dict[str, list[Reach]] = {}
    level: dict[tuple[str, str], float] = {}
    for row in found:
        exponent = row.found.exponent
        if row.compared and not math.isnan(exponent):
            same = level.setdefault((row.task, reading(exponent)), exponent)
            told.setdefault(row.task, []).append(Reach(same, same, (row.arm,), row.found.words))
    return told


def reading(exponent: float) -> str:
    """The number in words, "0" for none at all."""
    return "0" if exponent == -math.inf else wording.from_log10(exponent)


def left_out(found: list[Row]) -> dict[str, list[Reach]]:
    """Arms that are not compared on a task, and why not."""
    told: dict[str, list[Reach]] = {}
    for row in found:
        why = f"longest gap {row.gap}" if not row.compared else row.found.words
        if not row.compared or math.isnan(row.found.exponent):
            told.setdefault(row.task, []).append(Reach(math.nan, math.nan, (row.arm,), why))
    return told


def stepless(found: list[Row]) -> str:
    """Of which arms it is the gradient of the inputs; empty where of none."""
    arms = list(dict.fromkeys(row.arm for row in found if row.found.of_inputs))
    return f"of {wording.arms(arms)} by the inputs, because no step is stated" if arms else ""
