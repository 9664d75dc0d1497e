"""The answer in two sentences, for all tasks at once: who got farthest, and who least far."""

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

import pandas as pd

from seqbench import wording
from seqbench.analysis import answers, entries
from seqbench.analysis.findings import Findings
from seqbench.statistics.thresholds import BELOW_ALL, BEYOND_ALL


class Reach(NamedTuple):
    """How far some arms got on a task, all equally far: the number that it is told by, and the words."""

    gap: float
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
    farthest = {task: max(reaches) for task, reaches in by_task.items()}
    least = {task: min(reaches) for task, reaches in by_task.items() if len(reaches) > 1}
    first = f"Farthest, {rule}: {_listed(farthest)}."
    return [first, f"Least far: {_listed(least)}." if least else "No task tells the arms apart by it."]


def _listed(reaches: Mapping[str, Reach]) -> str:
    """ "lstm on adding and copy, at every gap tested, up to 50; rnn on order, up to gap 10, not at 25"."""
    tasks: dict[tuple[tuple[str, ...], str], list[str]] = {}
    for task, one in reaches.items():
        tasks.setdefault((one.arms, one.words), []).append(task)
    return "; ".join(f"{wording.listed(arms)} on {wording.listed(on)}, {words}" for (arms, words), on in tasks.items())


def searched(found: Findings) -> dict[str, list[Reach]]:
    """By task, without arms of which the runs bound nothing."""
    reaches = {task: [_of_entry(entry) for entry in board] for task, board in entries.by_task(found.board)}
    known = {task: _together(one for one in own if not math.isnan(one.gap)) for task, own in reaches.items()}
    return {task: own for task, own in known.items() if own}


def _of_entry(entry: entries.Entry) -> Reach:
    """An estimate with an open end is not the runs' word: they say the other end."""
    low, high = entry.found.low, entry.found.high
    if entry.bounded or low == BEYOND_ALL or high == BELOW_ALL:
        return Reach(entry.found.gap50, (entry.arm,), entry.told)
    bounds = [end for end in (low, high) if end not in (BELOW_ALL, BEYOND_ALL)]
    return Reach(bounds[0] if bounds else math.nan, (entry.arm,), entry.told)


def _together(reaches: Iterable[Reach]) -> list[Reach]:
    """Arms of which the same is known."""
    arms: dict[tuple[float, str], tuple[str, ...]] = {}
    for one in reaches:
        arms[one.gap, one.words] = arms.get((one.gap, one.words), ()) + one.arms
    return [Reach(gap, arms[gap, words], words) for gap, words in arms]


def gridded(found: Findings) -> dict[str, list[Reach]]:
    """By task, by gap50."""
    counted = found.grid_summary[found.grid_summary.finished > 0]
    return {str(task): list(_of_cells(cells)) for task, cells in counted.groupby("task")}


def _of_cells(cells: pd.DataFrame) -> Iterator[Reach]:
    for words, arms in answers.alike_in_reach(cells).items():
        yield Reach(answers.gap50_of(cells[cells.arm == arms[0]]), tuple(arms), words)
