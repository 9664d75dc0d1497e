"""For how long the units of a gated arm remember, before and after training."""

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from seqbench import wording
from seqbench.analysis.arms import arms_in_order
from seqbench.analysis.findings import Findings
from seqbench.analysis.parts import PARTS
from seqbench.analysis.sizes import PERCENTILES, steps
from seqbench.report.drawn import Drawn


@dataclass(frozen=True)
class Row:
    """Runs of an arm that are summarised together: their percentiles as text."""

    task: str
    gap: int
    arm: str
    when: str
    steps: list[str]
    runs: int


def values(found: Findings, _: Drawn) -> dict[str, object] | None:
    """A table per task; no section where no arm has gates that keep its state."""
    by_task = found.time_constants.groupby(["task", "gap"], sort=True)
    tables = {wording.cell(task, gap): list(_rows(own)) for (task, gap), own in by_task}
    return {"tables": tables} if tables else None


def _rows(table: pd.DataFrame) -> Iterator[Row]:
    for arm in arms_in_order(table.arm):
        stacked = bool((table.layer[table.arm == arm] > 1).any())
        for part in PARTS:
            for _, own in table[(table.arm == arm) & (table.stage == part.stage)].iterrows():
                if own.outcome == part.outcome:
                    yield Row(
                        str(own.task),
                        int(own.gap),
                        arm,
                        f"layer {own.layer}, {part.words}" if stacked else part.words,
                        [steps(own[name]) for name in PERCENTILES],
                        own.runs,
                    )
