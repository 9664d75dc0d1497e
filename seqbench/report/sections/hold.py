"""How far beyond the gap of its training each arm solves its task: a table per task."""

from typing import NamedTuple

import pandas as pd

from seqbench.analysis import holds
from seqbench.analysis.findings import Findings
from seqbench.report.drawn import Drawn


class Row(NamedTuple):
    """An arm, trained at a gap; its hold with its interval, and how many of its runs have not learned that gap."""

    arm: str
    gap: int
    hold: str
    runs: int
    not_learned: int


def values(found: Findings, _: Drawn) -> dict[str, object] | None:
    """The rows of each task, and the arms that could not be tested beyond their gap."""
    if found.hold.empty:
        return None
    tables = {str(task): [_row(row) for _, row in own.iterrows()] for task, own in found.hold.groupby("task")}
    return {"tables": tables, "untested": holds.untested(found.hold)}


def _row(row: pd.Series) -> Row:
    return Row(row.arm, int(row.gap), holds.with_interval(row), int(row.runs), int(row.not_learned))
