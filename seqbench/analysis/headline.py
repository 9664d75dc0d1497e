"""The answer in two sentences, for all tasks at once: who got farthest, and who least far."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

import pandas as pd

from seqbench import wording
from seqbench.analysis import answers, entries
from seqbench.analysis.findings import Findings


class Reach(NamedTuple):
    """How far some arms got on a task, all equally far: at least and at most so far by what the runs say, in words."""

    low: float
    high: float
    arms: tuple[str, ...]
    words: str


def of_gaps(found: Findings) -> list[str]:
    """Two sentences: by the horizons where these were searched for, else by success on the grid of gaps."""
    by_task = searched(found) if found.board else gridded(found)
    if not by_task:
        return ["No run has come to a result."]
    budgets = wording.listed((wording.count(budget) for budget in sorted(found.of_arms.budget.unique())), "or")
    rule = (
        f"by the gap that half of the runs bridge within {budgets} training steps"
        if found.board
        else f"by the gaps at which at least half of the runs solved the task within {budgets} training steps"
    )
    farthest = {task: max(reaches, key=lambda one: one.low) for task, reaches in by_task.items()}
    nearest = {task: min(reaches, key=lambda one: one.high) for task, reaches in by_task.items()}
    least = {task: one for task, one in nearest.items() if one != farthest[task]}
    first = f"Farthest, {rule}: {_listed(farthest)}."
    return [first, f"Least far: {_listed(least)}." if least else "No task tells the arms apart by it."]


def _listed(reaches: Mapping[str, Reach]) -> str:
    """ "lstm on adding and copy, at every gap tested, up to 50; rnn on order, up to gap 10, not at 25"."""
    tasks: dict[tuple[tuple[str, ...], str], list[str]] = {}
    for task, one in reaches.items():
        tasks.setdefault((one.arms, one.words), []).append(task)
    return "; ".join(f"{wording.listed(arms)} on {wording.listed(on)}, {words}" for (arms, words), on in tasks.items())


def searched(found: Findings) -> dict[str, list[Reach]]:
    """By task. An estimate with an open end is not the runs' word: they say the other end, and nothing beyond."""
    return {task: _together(_of_entry(entry) for entry in board) for task, board in entries.by_task(found.board)}


def _of_entry(entry: entries.Entry) -> Reach:
    found = entry.found
    ends = (found.gap50, found.gap50) if entry.bounded else (found.low, found.high)
    return Reach(*ends, (entry.arm,), entry.told)


def _together(reaches: Iterable[Reach]) -> list[Reach]:
    """Arms of which the same is known."""
    arms: dict[tuple[float, float, str], tuple[str, ...]] = {}
    for one in reaches:
        arms[one.low, one.high, one.words] = arms.get((one.low, one.high, one.words), ()) + one.arms
    return [Reach(low, high, arms[low, high, words], words) for low, high, words in arms]


def gridded(found: Findings) -> dict[str, list[Reach]]:
    """By task, by gap50."""
    counted = found.grid_summary[found.grid_summary.finished > 0]
    return {str(task): list(_of_cells(cells)) for task, cells in counted.groupby("task")}


def _of_cells(cells: pd.DataFrame) -> Iterator[Reach]:
    for words, arms in answers.alike_in_reach(cells).items():
        gap50 = answers.gap50_of(cells[cells.arm == arms[0]])
        yield Reach(gap50, gap50, tuple(arms), words)
