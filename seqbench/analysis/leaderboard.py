"""The leaderboard: a row per arm and task with its horizon, what it rests on and what it cost, in all its forms."""

from collections.abc import Collection, Iterable

import pandas as pd

from seqbench import wording
from seqbench.analysis import sizes
from seqbench.analysis.entries import COMMON, TUNED, UNTRAINED, Entry, by_budget, distinct, own_columns
from seqbench.horizon.axis import AXES, GAP, Axis

FURTHER_NOTES = {
    UNTRAINED: f"{UNTRAINED}: {{half}} of the same arm where the readout alone is trained, with its 95 % interval; the "
    "dynamics that reach so far were there from the start.",
    COMMON: f"{COMMON}: {{half}} of the same arm at the learning rate that all arms share; the row is at the "
    "arm's own.",
}


def axes(board: Iterable[Entry]) -> list[Axis]:
    """What was searched along, the gap first; the gap, where there is no search."""
    found = {entry.axis for entry in board}
    return [axis for axis in AXES.values() if axis in found] or [GAP]


def budgets_frame(board: Iterable[Entry]) -> pd.DataFrame:
    """A row per entry and budget, gaps outside the searched range as "> 400"."""
    rows = [
        {
            "task": entry.task,
            "arm": entry.arm,
            "budget": budget,
            **_interval(entry),
            "runs": entry.found.runs,
        }
        for budget, entry in by_budget(board)
    ]
    return pd.DataFrame(rows)


def columns(board: Collection[Entry]) -> tuple[str, ...]:
    """Those of the table: the `own_columns` of each axis, and between them what only some boards have."""
    own = list(dict.fromkeys(name for alike in zip(*map(own_columns, axes(board)), strict=True) for name in alike))
    told = dict.fromkeys(name for entry in board for name in entry.row if name not in own)
    beside, place = [name for name in told if name != TUNED], own.index("bracket")
    return (*own[:2], *(told.keys() & {TUNED}), *own[2:place], *beside, *own[place:])


def note(board: Collection[Entry]) -> str:
    """What they mean."""
    shown, runs, along = columns(board), [entry.runs for entry in board], axes(board)
    halves = wording.listed((axis.half for axis in along), "or")
    further = [told.format(half=halves) for name, told in FURTHER_NOTES.items() if name in shown]
    of_arms = [sizes.note(pd.concat(runs))] if runs else []
    return " ".join([*map(_note, along), *further, *filter(None, of_arms)])


def _note(axis: Axis) -> str:
    half, name = axis.half, axis.name
    return (
        f"{half}: the {name} at which half of the runs solve the task within the budget: they pass several validations "
        f"in a row and then the test, or the test at the end of the budget. reliable: the {axis.most} {name} with a "
        "run that lies below the whole interval. Every run trains for its whole budget, or until it has solved the "
        f"task; none is given up early. seconds per {name}: training time of all runs, over the number of {name}s that "
        "at least half of their runs solved."
    )


def rows(board: Collection[Entry]) -> list[tuple[str, ...]]:
    """The cells of each entry, in the order of `columns`."""
    return [tuple(entry.row.get(name, "") for name in columns(board)) for entry in board]


def frame(board: Iterable[Entry]) -> pd.DataFrame:
    """A row per entry, for further work: numbers without separators, gaps outside the searched range as "> 400".

    `grid_runs` and `grid_steps` are what a grid as precise would take, missing where the interval has no width.
    """
    return pd.DataFrame([_numbers(entry) for entry in board])


def _numbers(entry: Entry) -> dict[str, object]:
    found, grid = entry.found, entry.grid
    return {
        "task": entry.task,
        "arm": entry.arm,
        "parameters": distinct(entry.runs.parameters, ""),
        **sizes.numbers(entry.runs),
        "budget": distinct(entry.runs.budget, ""),
        "reliable": entry.reliable,
        **_interval(entry),
        "bracket": str(found.bracket),
        "runs": found.runs,
        "steps": found.steps,
        f"seconds_per_{entry.axis.name}": entry.seconds_per_gap,
        "consistency": found.consistency,
        "grid_runs": grid.runs if grid else None,
        "grid_steps": grid.steps if grid else None,
        "search_ended": entry.ended,
        **({"learning_rate": entry.rate} if entry.tuning else {}),
        **{key: value for name, one in entry.beside.items() for key, value in _in_numbers(name, one).items()},
        **{key: getattr(entry.search, key) for key in (*entry.axis.ends, "tolerance", "max_runs", "max_steps")},
    }


def _interval(entry: Entry) -> dict[str, str]:
    """The horizon and the ends of its interval: "gap50", "gap50_low"."""
    half, found = entry.axis.half, entry.found
    return {half: entry.gap50, f"{half}_low": entry.text(found.low), f"{half}_high": entry.text(found.high)}


def _in_numbers(column: str, entry: Entry) -> dict[str, str]:
    """What stands beside an arm: "at_the_common_rate_gap50", and the ends of its interval."""
    found, name = entry.found, column.replace(" ", "_")
    ends = {entry.axis.half: found.gap50, "low": found.low, "high": found.high}
    return {f"{name}_{end}": entry.text(gap) for end, gap in ends.items()}


def printed(board: Collection[Entry]) -> pd.DataFrame:
    """The table for a reader, all cells text."""
    return pd.DataFrame(rows(board), columns=list(columns(board)))


def markdown(board: Collection[Entry]) -> str:
    """The table and its note."""
    head = columns(board)
    lines = [head, ("---",) * len(head), *rows(board)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + f"\n\n{note(board)}\n"
