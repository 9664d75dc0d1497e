"""The answer in a sentence: how far each arm got on a task, on a grid of gaps or by a search for its horizon."""

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import pandas as pd

from seqbench import wording
from seqbench.analysis import apart, controls, entries, farthest, largest, next_word
from seqbench.analysis.arms import arms_in_order
from seqbench.analysis.entries import Entry, by_budget
from seqbench.analysis.farthest import Order, Reach
from seqbench.events import TaskFacts
from seqbench.statistics.levels import LEVEL
from seqbench.statistics.thresholds import BELOW_ALL, BEYOND_ALL

if TYPE_CHECKING:
    from seqbench.analysis.findings import Findings


def told(found: "Findings") -> list[str]:
    """What the record answers, a sentence or two for each task, and one for all claims: without simulations."""
    texts = next_word.measured(found.done)
    return [
        *(ranking(task, board) for task, board in entries.by_task(found.board)),
        *(of_grid(str(task), cells) for task, cells in found.grid_summary.groupby("task")),
        *(largest.of_gradients(found) if found.untrained and (found.done.gap > 0).any() else []),
        *(of_text(found.record.tasks[str(task)], runs) for task, runs in texts.groupby("task")),
        *filter(None, [controls.sentence(found.claims)]),
    ]


def of_text(facts: TaskFacts, runs: pd.DataFrame) -> str:
    """Which arms predict the words of a text, of which `runs` are, better than counting them does."""
    own = [(arm, runs[runs.arm == arm]) for arm in arms_in_order(runs.arm)]
    return wording.joined(*(next_word.verdict(arm, each, facts.baselines[-1]) for arm, each in own if facts.baselines))


# -- on a grid -----------------------------------------------------------------------------------------------


def of_grid(task: str, cells: pd.DataFrame) -> str:
    """Who got farthest on a task, and who least far; `cells` are its rows of the summary."""
    counted = cells[cells.finished > 0]
    if counted.empty:
        return f"On {task}, no run has finished."
    if counted.arm.nunique() == 1:
        return reached(task, counted)
    return _ordered(task, farthest.order(farthest.on_grid(counted)))


def reached(task: str, cells: pd.DataFrame) -> str:
    """How far each arm got on a task; `cells` are its rows of the summary that have finished runs."""
    return f"On {task}, at least half of the runs succeeded: {_told(farthest.on_grid(cells))}."


def _ordered(task: str, found: Order) -> str:
    if not found.least and not found.unplaced and len(found.farthest) == 1:
        (alike,) = found.farthest
        return (
            f"On {task}, the gaps do not tell {_arms(alike)} apart: of each, at least half of the runs "
            f"succeeded {alike.words}."
        )
    said = (
        *(f"{_arms(one)} got farthest: at least half of the runs succeeded {one.words}" for one in found.farthest),
        *(f"{_arms(one)} got least far: {one.words}" for one in found.least),
        *([f"{farthest.UNPLACED}: {_told(found.unplaced)}"] if found.unplaced else []),
    )
    return f"On {task}, {'. '.join(said)}."


def _told(reaches: Iterable[Reach]) -> str:
    return "; ".join(f"{_arms(one)} {one.words}" for one in reaches)


def _arms(one: Reach) -> str:
    return wording.arms(one.arms)


MOST_ALIKE = 4
"""Pairs of arms that are not told apart and are named; of more, their number is."""

# -- by search -----------------------------------------------------------------------------------------------


def of_searches(task: str, board: Sequence[Entry], pairs: Sequence[apart.Pair]) -> str:
    """The horizons of all arms on one task, and which of them differ; `board` and `pairs` are of this task."""
    return wording.joined(ranking(task, board), *_apart(pairs))


def ranking(task: str, board: Sequence[Entry]) -> str:
    """The horizons of all arms on one task, of which `board` is: with all of the training, and with less."""
    budgets = wording.listed(sorted({wording.count(budget) for entry in board for budget in entry.runs.budget}), "or")
    first = f"On {task}, within {budgets} training steps: {'; '.join(map(_horizon, board))}."
    return wording.joined(first, *_with_less(board))


def _with_less(board: Sequence[Entry]) -> list[str]:
    """The same at each shorter budget, the longest horizon first."""
    shorter: dict[int, list[Entry]] = {}
    for budget, entry in by_budget(board):
        if entry.budget is not None:
            shorter.setdefault(budget, []).append(entry)
    return [
        f"Within {wording.count(budget)}: "
        f"{'; '.join(f'{entry.arm} {entry.told}' for entry in sorted(found, key=_longest_first))}."
        for budget, found in sorted(shorter.items(), reverse=True)
    ]


def _longest_first(entry: Entry) -> tuple[float, float, str]:
    return -entry.found.gap50, -entry.found.low, entry.arm


def _horizon(entry: Entry) -> str:
    search, axis = entry.search, entry.axis
    if entry.found.low == BEYOND_ALL:
        return f"{entry.arm} reaches beyond {axis.name} {search.largest}, the {axis.most} searched"
    if entry.found.high == BELOW_ALL:
        return f"{entry.arm} does not reach {axis.name} {search.smallest}, the {axis.least} searched"
    if not entry.bounded:
        return f"{axis.half} of {entry.arm} is {entry.told}"
    return f"{entry.arm} reaches {axis.name} {entry.told}"


def _apart(pairs: Sequence[apart.Pair]) -> list[str]:
    """Which arms of a task differ beyond noise, and which do not."""
    differ = [pair for pair in pairs if pair.p_value < LEVEL]
    alike = [f"{pair.longer.arm} and {pair.shorter.arm}" for pair in pairs if pair.p_value >= LEVEL]
    told = [f"that of {pair.longer.arm} is {_times(pair)} that of {pair.shorter.arm}" for pair in differ]
    rule = f"beyond noise ({wording.percent(LEVEL)}, Holm over the pairs)"
    said = [f"Horizons that differ {rule}: {'; '.join(told)}."] if told else []
    if len(alike) > MOST_ALIKE:
        number = wording.plural(len(alike), "pair")
        return [
            *said,
            f"Not told apart: the other {number}." if told else f"None of the {number} is told apart {rule}.",
        ]
    return said + ([f"Not told apart: {'; '.join(alike)}."] if alike else [])


def _times(pair: apart.Pair) -> str:
    """ "5.9 (3.6 to 9.7) times", "3.6 or more times"."""
    low, high = (f"{end:.2g}" if 0 < end < math.inf else None for end in (pair.low, pair.high))
    return f"{wording.estimate(f'{pair.ratio:.2g}', low, high)} times"
