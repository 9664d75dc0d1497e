"""The answer in a sentence: how far each arm got on a task, on a grid of gaps or by a search for its horizon."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from seqbench import wording
from seqbench.analysis import apart, controls, entries, next_word
from seqbench.analysis.arms import arms_in_order
from seqbench.analysis.entries import Entry, by_budget
from seqbench.events import TaskFacts
from seqbench.statistics import thresholds
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
        *(of_text(found.record.tasks[str(task)], runs) for task, runs in texts.groupby("task")),
        *filter(None, [controls.sentence(found.claims)]),
    ]


def of_text(facts: TaskFacts, runs: pd.DataFrame) -> str:
    """Which arms predict the words of a text, of which `runs` are, better than counting them does."""
    own = [(arm, runs[runs.arm == arm]) for arm in arms_in_order(runs.arm)]
    return wording.joined(*(next_word.verdict(arm, each, facts.baselines[-1]) for arm, each in own if facts.baselines))


# -- on a grid -----------------------------------------------------------------------------------------------


def of_grid(task: str, cells: pd.DataFrame) -> str:
    """Who got farthest on a task, and who least far, by the point estimates; `cells` are its rows of the summary."""
    counted = cells[cells.finished > 0]
    if counted.empty:
        return f"On {task}, no run has finished."
    tested = counted.groupby("arm").gap.agg(frozenset)
    if len(tested) == 1 or tested.nunique() > 1:
        return reached(task, counted)
    return _extremes(task, counted)


def reached(task: str, cells: pd.DataFrame) -> str:
    """How far each arm got on a task; `cells` are its rows of the summary that have finished runs."""
    told = [f"{wording.listed(arms)} {reach}" for reach, arms in alike_in_reach(cells).items()]
    return f"On {task}, at least half of the runs succeeded: {'; '.join(told)}."


def _extremes(task: str, cells: pd.DataFrame) -> str:
    alike = alike_in_reach(cells)
    reaches = sorted(alike, key=lambda reach: gap50_of(cells[cells.arm == alike[reach][0]]))
    least, most = reaches[0], reaches[-1]
    arms = wording.listed(alike[most])
    if most == least:
        return f"On {task}, the gaps do not tell {arms} apart: of each, at least half of the runs succeeded {most}."
    return (
        f"On {task}, {arms} got farthest: at least half of the runs succeeded {most}. "
        f"{wording.listed(alike[least])} got least far: {least}."
    )


def alike_in_reach(cells: pd.DataFrame) -> dict[str, list[str]]:
    """How far an arm got, in words, with all arms that got so far."""
    alike: dict[str, list[str]] = {}
    for arm in arms_in_order(cells.arm):
        alike.setdefault(_reach(cells[cells.arm == arm]), []).append(arm)
    return alike


def gap50_of(cells: pd.DataFrame) -> float:
    """Of an arm on a task, whose rows of the summary these are; 0 below all gaps tested, infinite beyond."""
    cells = cells.sort_values("gap")
    return thresholds.gap50(list(cells.gap), cells.solved, cells.finished)


def _reach(cells: pd.DataFrame) -> str:
    gaps = sorted(int(gap) for gap in cells.gap)
    cells = cells.set_index("gap").loc[gaps]
    found = thresholds.bracket(gaps, cells.solved, cells.finished)
    solved = [gap for gap in gaps if 2 * cells.solved[gap] >= cells.finished[gap]]
    if found.solved is None:
        return (
            f"at none of the gaps tested ({wording.listed(gaps)})"
            if len(gaps) > 1
            else f"at no gap (only {gaps[0]} was tested)"
        )
    if found.unsolved is None:
        return f"at every gap tested, up to {gaps[-1]}" if len(gaps) > 1 else f"at gap {gaps[0]}, the only one tested"
    if found.monotone:
        return f"up to gap {found.solved}, not at {found.unsolved}"
    return f"at gap {wording.listed(solved)}, but not at {wording.listed(gap for gap in gaps if gap not in solved)}"


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
    search = entry.search
    if entry.found.low == BEYOND_ALL:
        return f"{entry.arm} reaches beyond gap {search.max_gap}, the longest searched"
    if entry.found.high == BELOW_ALL:
        return f"{entry.arm} does not reach gap {search.min_gap}, the shortest searched"
    return f"{entry.arm} reaches gap {entry.told}" if entry.bounded else f"gap50 of {entry.arm} is {entry.told}"


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
