"""How far each arm reaches, and how the searches came to say so."""

import math
from collections.abc import Sequence

from seqbench import wording
from seqbench.analysis import apart
from seqbench.analysis.leaderboard import Entry
from seqbench.report.figures.success import MOST_BANDS
from seqbench.statistics.thresholds import BELOW_ALL, BEYOND_ALL
from seqbench.wording import joined


def horizon(board: Sequence[Entry]) -> list[str]:
    """What each arm's horizon is, task by task, the longest first."""
    budgets = wording.listed(sorted({wording.count(budget) for entry in board for budget in entry.runs.budget}), "or")
    parts = [
        f"Points: the gap at which half of the runs solve the task within {budgets} training steps (gap50), with its "
        "95 % interval; an arrow where that reaches beyond the searched gaps."
    ]
    parts += [_ranking(task, [entry for entry in board if entry.task == task]) for task in _tasks(board)]
    return [*parts, *_doubts(board)]


def horizon_answer(task: str, board: Sequence[Entry]) -> str:
    """The horizons of all arms on one task, and which of them differ; `board` is of this task."""
    return joined(_ranking(task, board), *_apart(apart.pairs(board)))


def _tasks(board: Sequence[Entry]) -> list[str]:
    return sorted({entry.task for entry in board})


def _ranking(task: str, board: Sequence[Entry]) -> str:
    return f"On {task}: {'; '.join(map(_told, board))}."


def _told(entry: Entry) -> str:
    search = entry.search
    if entry.found.low == BEYOND_ALL:
        return f"{entry.arm} reaches beyond gap {search.max_gap}, the longest searched"
    if entry.found.high == BELOW_ALL:
        return f"{entry.arm} does not reach gap {search.min_gap}, the shortest searched"
    return f"{entry.arm} reaches gap {entry.gap50} ({entry.interval})"


def _apart(pairs: Sequence[apart.Pair]) -> list[str]:
    """Which arms of a task differ beyond noise, and which do not."""
    differ = [pair for pair in pairs if pair.p_value < apart.LEVEL]
    alike = [f"{pair.longer.arm} and {pair.shorter.arm}" for pair in pairs if pair.p_value >= apart.LEVEL]
    told = [f"that of {pair.longer.arm} is {_times(pair)} that of {pair.shorter.arm}" for pair in differ]
    said = [f"Horizons that differ beyond noise (5 %, Holm over the pairs): {'; '.join(told)}."] if told else []
    return said + ([f"Not told apart: {'; '.join(alike)}."] if alike else [])


def _times(pair: apart.Pair) -> str:
    """ "5.9 (3.6 to 9.7) times", or the one end of the interval that is known."""
    if math.isinf(pair.high):
        return f"more than {pair.low:.2g} times"
    return f"{pair.ratio:.2g} ({pair.low:.2g} to {pair.high:.2g}) times"


def horizon_curves(board: Sequence[Entry]) -> list[str]:
    """What is drawn, and how many runs stand behind it."""
    drawn = wording.plural(sum(entry.found.runs for entry in board), "run")
    banded = all(sum(entry.task == task for entry in board) <= MOST_BANDS for task in _tasks(board))
    return [
        "Share of runs that solve the task, by gap: what the outcomes of the search say of a curve that falls with the "
        f"gap (median{', with its pointwise 95 % interval' if banded else ''}). It crosses one half at gap50. "
        f"Marks: the {drawn}, one mark per gap and outcome, solved above and not solved below, larger where "
        "there are more."
    ]


def _doubts(board: Sequence[Entry]) -> list[str]:
    odd = [f"{entry.arm} on {entry.task}" for entry in board if entry.found.consistency < 0.5]
    if not odd:
        return []
    return [f"The outcomes of {wording.listed(odd)} do not look like success that falls with the gap: read with care."]


def horizon_path(board: Sequence[Entry]) -> list[str]:
    """How many runs the searches took, what grids as precise would take, and why each search ended."""
    runs, steps = sum(entry.found.runs for entry in board), sum(entry.found.steps for entry in board)
    head = joined(
        "The gap of each run in the order in which the runs were started, solved (filled) or not (hollow), and what "
        "was known of gap50 after it.",
        f"The searches took {wording.plural(runs, 'run')} and {wording.count(steps)} training steps in all.",
        "No run was given up early.",
    )
    return [head, *_grids(board), *_ends(board)]


def _grids(board: Sequence[Entry]) -> list[str]:
    """What grids of equal precision would take, beside what the searches took."""
    pairs = [(entry, entry.grid) for entry in board]
    known = [(entry, grid) for entry, grid in pairs if grid is not None]
    if not known:
        return []
    told = [
        f"{entry.arm} on {entry.task} {wording.count(entry.found.steps)} against {wording.count(grid.steps)} steps "
        f"({wording.count(entry.found.runs)} against {wording.count(grid.runs)} runs)"
        for entry, grid in known
    ]
    searched, gridded = sum(entry.found.steps for entry, _ in known), sum(grid.steps for _, grid in known)
    return [
        "Against a grid of gaps that would give an interval as narrow, by simulation on the curves found: "
        f"{'; '.join(told)}. In all {wording.count(searched)} against {wording.count(gridded)} steps."
    ]


def _ends(board: Sequence[Entry]) -> list[str]:
    ends: dict[str, list[str]] = {}
    for entry in board:
        ends.setdefault(entry.ended, []).append(
            f"{entry.arm} on {entry.task} ({wording.plural(entry.found.runs, 'run')})"
        )
    return [f"{wording.listed(names)}: {reason}." for reason, names in ends.items()]
