"""How far each arm reaches, and how the searches came to say so."""

from collections.abc import Sequence

from seqbench.leaderboard import Entry
from seqbench.report import wording
from seqbench.report.wording import joined
from seqbench.thresholds import BELOW_ALL, BEYOND_ALL


def horizon(board: Sequence[Entry]) -> list[str]:
    """What each arm's horizon is, task by task, the longest first."""
    budgets = wording.listed(sorted({wording.count(budget) for entry in board for budget in entry.runs.budget}), "or")
    parts = [
        f"Points: the gap at which half of the runs solve the task within {budgets} training steps (gap50), with its "
        "95 % interval; an arrow where that reaches beyond the searched gaps."
    ]
    for task in sorted({entry.task for entry in board}):
        own = [entry for entry in board if entry.task == task]
        parts.append(f"On {task}: {'; '.join(map(_told, own))}.")
    return [*parts, *_doubts(board)]


def _told(entry: Entry) -> str:
    search = entry.search
    if entry.found.low == BEYOND_ALL:
        return f"{entry.arm} reaches beyond gap {search.max_gap}, the longest searched"
    if entry.found.high == BELOW_ALL:
        return f"{entry.arm} does not reach gap {search.min_gap}, the shortest searched"
    return f"{entry.arm} reaches gap {entry.gap50} ({entry.interval})"


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
