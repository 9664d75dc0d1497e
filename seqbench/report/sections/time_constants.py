"""For how long the units of a gated arm remember, before and after training."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from seqbench import wording
from seqbench.analysis.arms import arms_in_order
from seqbench.analysis.findings import Findings
from seqbench.events import END, INIT
from seqbench.report.drawn import Drawn

PERCENTILES = ("p10", "p50", "p90")


@dataclass(frozen=True)
class Row:
    """An arm: for each stage its percentiles as text, empty where the stage was not looked at."""

    arm: str
    init: list[str]
    end: list[str]
    runs: str


def values(found: Findings, _: Drawn) -> dict[str, object] | None:
    """A table per task; no section where no arm has gates that keep its state."""
    by_task = found.time_constants.groupby(["task", "gap"], sort=True)
    tables = {wording.cell(task, gap): list(_rows(own)) for (task, gap), own in by_task}
    return {"tables": tables} if tables else None


def _rows(table: pd.DataFrame) -> Iterator[Row]:
    for arm in arms_in_order(table.arm):
        own = table[table.arm == arm].set_index("stage")
        runs = wording.listed(sorted(set(own.runs[own.index.isin([INIT, END])])), "or")
        yield Row(arm, _percentiles(own, INIT), _percentiles(own, END), runs)


def _percentiles(by_stage: pd.DataFrame, stage: str) -> list[str]:
    if stage not in by_stage.index:
        return [""] * len(PERCENTILES)
    return [_steps(by_stage[name][stage]) for name in PERCENTILES]


def _steps(number: float) -> str:
    """A unit whose gate stays open forgets nothing."""
    return wording.number(number) if np.isfinite(number) else "∞"
