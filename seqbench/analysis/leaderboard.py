"""The leaderboard: a row per arm and task with its horizon, what it rests on and what it cost, in all its forms."""

from collections.abc import Collection, Iterable

import pandas as pd

from seqbench.analysis import sizes
from seqbench.analysis.entries import COLUMNS, COMMON, TUNED, UNTRAINED, Entry, by_budget, distinct

NOTE = (
    "gap50: the gap at which half of the runs solve the task within the budget: they pass several validations in a row "
    "and then the test, or the test at the end of the budget. reliable: the longest gap with a run "
    "that lies below the whole interval. Every run trains for its whole budget, or until it has solved the task; none "
    "is given up early. seconds per gap: training time of all runs, over the number of gaps that at least half of "
    "their runs solved."
)

FURTHER_NOTES = {
    UNTRAINED: f"{UNTRAINED}: gap50 of the same arm where the readout alone is trained, with its 95 % interval; the "
    "dynamics that reach so far were there from the start.",
    COMMON: f"{COMMON}: gap50 of the same arm at the learning rate that all arms share; the row is at the arm's own.",
}


def budgets_frame(board: Iterable[Entry]) -> pd.DataFrame:
    """A row per entry and budget, gaps outside the searched range as "> 400"."""
    rows = [
        {
            "task": entry.task,
            "arm": entry.arm,
            "budget": budget,
            "gap50": entry.gap50,
            "gap50_low": entry.text(entry.found.low),
            "gap50_high": entry.text(entry.found.high),
            "runs": entry.found.runs,
        }
        for budget, entry in by_budget(board)
    ]
    return pd.DataFrame(rows)


def columns(board: Iterable[Entry]) -> tuple[str, ...]:
    """Those of the table: `COLUMNS`, and between them what only some boards have."""
    told = dict.fromkeys(name for entry in board for name in entry.row if name not in COLUMNS)
    beside, place = [name for name in told if name != TUNED], COLUMNS.index("bracket")
    return (*COLUMNS[:2], *(told.keys() & {TUNED}), *COLUMNS[2:place], *beside, *COLUMNS[place:])


def note(board: Collection[Entry]) -> str:
    """What they mean."""
    shown, runs = columns(board), [entry.runs for entry in board]
    of_arms = [sizes.note(pd.concat(runs))] if runs else []
    return " ".join([NOTE, *(told for name, told in FURTHER_NOTES.items() if name in shown), *filter(None, of_arms)])


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
        "gap50": entry.gap50,
        "gap50_low": entry.text(found.low),
        "gap50_high": entry.text(found.high),
        "bracket": str(found.bracket),
        "runs": found.runs,
        "steps": found.steps,
        "seconds_per_gap": entry.seconds_per_gap,
        "consistency": found.consistency,
        "grid_runs": grid.runs if grid else None,
        "grid_steps": grid.steps if grid else None,
        "search_ended": entry.ended,
        **({"learning_rate": entry.rate} if entry.tuning else {}),
        **{key: value for name, one in entry.beside.items() for key, value in _in_numbers(name, one).items()},
        **{key: getattr(entry.search, key) for key in ("min_gap", "max_gap", "tolerance", "max_runs", "max_steps")},
    }


def _in_numbers(column: str, entry: Entry) -> dict[str, str]:
    """What stands beside an arm: "at_the_common_rate_gap50", and the ends of its interval."""
    found, name = entry.found, column.replace(" ", "_")
    ends = {"gap50": found.gap50, "low": found.low, "high": found.high}
    return {f"{name}_{end}": entry.text(gap) for end, gap in ends.items()}


def printed(board: Collection[Entry]) -> pd.DataFrame:
    """The table for a reader, all cells text."""
    return pd.DataFrame(rows(board), columns=list(columns(board)))


def markdown(board: Collection[Entry]) -> str:
    """The table and its note."""
    head = columns(board)
    lines = [head, ("---",) * len(head), *rows(board)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + f"\n\n{note(board)}\n"
