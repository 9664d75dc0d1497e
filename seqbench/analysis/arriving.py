"""What of the gradient arrives at the evidence before training: all there is to tell of runs that are not trained.

The gradient at the evidence relative to that at the question, the median over the runs of a cell: that of the hidden
state or, of arms that state no step, that of the inputs.
"""

import math
from collections.abc import Hashable, Mapping
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
    hidden, inputs = (_of_state(cell, state) for state in (HIDDEN, INPUTS))
    return inputs if math.isnan(hidden.exponent) and not math.isnan(inputs.exponent) else hidden


def _of_state(cell: Mapping[Hashable, object], state: str) -> Arriving:
    numbers = (column(number, state, PARTS[0]) for number in (names.GRADIENT_AT_GAP, names.ZERO_AT_GAP))
    exponent, zero = (float(cell[name]) for name in numbers)  # type: ignore[arg-type]
    if zero == 1:
        return Arriving(-math.inf, "0", state == INPUTS)
    words = "not measured" if math.isnan(exponent) else wording.gradient(exponent, zero)
    return Arriving(exponent, words, state == INPUTS)


Table = Mapping[tuple[str, str], Arriving]
"""By task and arm."""


def table(summary: pd.DataFrame) -> Table:
    """Of each task at its longest gap."""
    cells = at_longest_gap(with_gap(summary[summary.finished > 0]))
    return {(str(cell["task"]), str(cell["arm"])): of_cell(cell) for cell in cells.to_dict("records")}


def reaches_by_task(found: Table) -> dict[str, list[Reach]]:
    """For the order of arms by `seqbench.analysis.farthest`; arms whose numbers read the same are one."""
    alike: dict[str, dict[str, Reach]] = {}
    for (task, arm), (exponent, words, _) in found.items():
        if not math.isnan(exponent):
            own = alike.setdefault(task, {})
            one = own.get(words, Reach(exponent, exponent, (), words))
            own[words] = one._replace(low=max(one.low, exponent), high=max(one.high, exponent), arms=(*one.arms, arm))
    return {task: list(own.values()) for task, own in sorted(alike.items())}


def stepless(found: Table) -> str:
    """Of which arms it is the gradient of the inputs; empty where of none."""
    arms = list(dict.fromkeys(arm for (_, arm), one in found.items() if one.of_inputs))
    return f"of {wording.listed(arms)} by the inputs, because no step is stated" if arms else ""
