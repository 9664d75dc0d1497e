"""The table that answers the question: success per arm and gap, and the longest gap of each arm."""

from dataclasses import dataclass

import pandas as pd

from seqbench.analysis import answers as words
from seqbench.analysis import arms as palette
from seqbench.analysis.findings import Findings


@dataclass(frozen=True)
class Cell:
    """Success at one gap; `tint` in 0..1 is the share of runs that solved the task."""

    tally: str
    interval: str
    tint: float


@dataclass(frozen=True)
class Row:
    """An arm on one task. A gap without any finished run has the cell None."""

    arm: str
    look: palette.Look
    cells: list[Cell | None]
    reliable: str
    bracket: str
    gap50: str
    budget: str


@dataclass(frozen=True)
class Answer:
    """All arms on one task, and the finding in a sentence."""

    task: str
    sentence: str
    gaps: list[int]
    rows: list[Row]


def answers(found: Findings) -> list[Answer]:
    """An answer per task that has a gap to set."""
    return [
        Answer(
            task=task,
            sentence=words.of_grid(task, cells),
            gaps=(gaps := sorted(int(gap) for gap in cells.gap.unique())),
            rows=[_row(arm, found.looks[arm], cells, gaps, found.longest) for arm in palette.ordered(cells.arm)],
        )
        for task, cells in found.grid_summary.groupby("task")
    ]


def _row(arm: str, look: palette.Look, cells: pd.DataFrame, gaps: list[int], longest: pd.DataFrame) -> Row:
    mine = cells[cells.arm == arm].set_index("gap")
    reach = longest[(longest.arm == arm) & (longest.task == cells.task.iloc[0])].iloc[0]
    interval = "" if reach.gap50_interval == reach.gap50 else f" ({reach.gap50_interval})"
    return Row(
        arm=arm,
        look=look,
        cells=[_cell(mine.loc[gap]) if gap in mine.index else None for gap in gaps],
        reliable=reach.reliable,
        bracket=reach.bracket,
        gap50=reach.gap50 + interval,
        budget=reach.budget,
    )


def _cell(cell: pd.Series) -> Cell | None:
    if cell.finished == 0:
        return None
    return Cell(
        tally=f"{cell.solved}/{cell.finished}",
        interval=f"{cell.wilson_low:.2f} to {cell.wilson_high:.2f}",
        tint=round(float(cell.solved / cell.finished), 3),
    )
