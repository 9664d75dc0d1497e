"""How far in numbers: the horizon of each arm, and success per arm and gap with the longest gap of each arm."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from seqbench.analysis import answers as words
from seqbench.analysis import entries, leaderboard, sizes
from seqbench.analysis.arms import arms_in_order
from seqbench.analysis.findings import Findings
from seqbench.report import manifest
from seqbench.report.drawn import Drawn


@dataclass(frozen=True)
class Cell:
    """Success at one gap; `tint` in 0..1 is the share of runs that solved the task."""

    gap: int
    tally: str
    interval: str
    tint: float


@dataclass(frozen=True)
class Row:
    """An arm on one task. A gap without any finished run has the cell None."""

    arm: str
    about: list[str]
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


def values(found: Findings, _: Drawn) -> dict[str, object] | None:
    """The board of searches and the table of the grid, as far as there are any; no section for texts alone.

    Nor is there one where nothing was trained.
    """
    if found.untrained or not (found.runs.gap > 0).any():
        return None
    of_grid = entries.of_no_search(found.runs, found.searched)
    columns = [name for name in leaderboard.columns(found.board)[1:] if name not in sizes.ABOUT]
    boards = entries.by_task(found.board)
    return {
        "board": [(_horizons(found, task, own), task, _rows(own, columns), _runs_of(own)) for task, own in boards],
        "columns": columns,
        "note": leaderboard.note(found.board),
        "answers": answers(found),
        "meaning": sizes.note(of_grid),
        "missing": len(manifest.missing(of_grid)),
    }


def _rows(board: Sequence[entries.Entry], columns: Sequence[str]) -> list[list[str]]:
    return [[entry.row.get(name, "") for name in columns] for entry in board]


def _runs_of(board: Sequence[entries.Entry]) -> str:
    """The labels of the tasks of the runs behind a board: those of a search for a load have one for each load."""
    return " | ".join(dict.fromkeys(task for entry in board for task in entry.run_tasks))


def _horizons(found: Findings, task: str, board: Sequence[entries.Entry]) -> str:
    return words.of_searches(task, board, [pair for pair in found.horizon_pairs if pair.longer.task == task])


def answers(found: Findings) -> list[Answer]:
    """An answer per task that has a gap to set."""
    return [_answer(str(task), of_task, found.longest) for task, of_task in found.grid_summary.groupby("task")]


def _answer(task: str, cells: pd.DataFrame, longest: pd.DataFrame) -> Answer:
    gaps = sorted(int(gap) for gap in cells.gap.unique())
    reach = longest[longest.task == task].set_index("arm")
    rows = [_row(arm, cells[cells.arm == arm], gaps, reach.loc[arm]) for arm in arms_in_order(cells.arm)]
    return Answer(task, words.of_grid(task, cells), gaps, rows)


def _row(arm: str, cells: pd.DataFrame, gaps: list[int], reach: pd.Series) -> Row:
    at_gap = cells.set_index("gap")
    return Row(
        arm=arm,
        about=[reach[name] for name in sizes.ABOUT],
        cells=[_cell(at_gap.loc[gap]) if gap in at_gap.index else None for gap in gaps],
        reliable=reach.reliable,
        bracket=reach.bracket,
        gap50=reach.gap50,
        budget=reach.budget,
    )


def _cell(cell: pd.Series) -> Cell | None:
    if cell.finished == 0:
        return None
    return Cell(
        gap=int(cell.name),
        tally=f"{cell.solved}/{cell.finished}",
        interval=f"{cell.wilson_low:.2f} to {cell.wilson_high:.2f}",
        tint=round(float(cell.solved / cell.finished), 3),
    )
