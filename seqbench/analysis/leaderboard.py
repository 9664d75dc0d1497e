"""The leaderboard: the horizon of each arm on each task, with what it rests on and what it cost, from the runs."""

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import groupby

import pandas as pd

from seqbench.analysis.outcomes import finished
from seqbench.horizon.curves import curves
from seqbench.horizon.estimate import Horizon, Outcome, Posterior, counted
from seqbench.horizon.grid import Grid, equal_grid
from seqbench.horizon.search import Search
from seqbench.record.names import SOLVED_BY
from seqbench.statistics.thresholds import BELOW_ALL, BEYOND_ALL

NOTE = (
    "gap50: the gap at which half of the runs solve the task within the budget: they pass several validations in a row "
    "and then the test, or the test at the end of the budget. reliable: the longest gap with a run "
    "that lies below the whole interval. Every run trains for its whole budget, or until it has solved the task; none "
    "is given up early. seconds per gap: training time of all runs, over the number of gaps that at least half of "
    "their runs solved."
)

UNTRAINED = "untrained dynamics"
"""What was there before the core learned anything: a column where some arm was also searched with a frozen core."""
TUNED, COMMON = "learning rate", "at the common rate"
"""Columns of arms whose rate was tuned: theirs, and the horizon at the rate that all would have had."""
FURTHER_NOTES = {
    UNTRAINED: f"{UNTRAINED}: gap50 of the same arm where the readout alone is trained, with its 95 % interval; the "
    "dynamics that reach so far were there from the start.",
    COMMON: f"{COMMON}: gap50 of the same arm at the learning rate that all arms share; the row is at the arm's own.",
}

COLUMNS = (
    "task", "arm", "parameters", "budget", "reliable", "gap50 (95 % interval)", "bracket", "runs", "steps",
    "seconds per gap", "search ended",
)  # fmt: skip


RATE = "training.learning_rate"

HEADER = "### The memory horizon, as seqbench found it"
"""First line of the leaderboard in Markdown, by which a description of an experiment is known to be one."""


def outcomes(runs: pd.DataFrame) -> list[Outcome]:
    """Of the runs with a result, in the order of the frame."""
    done = finished(runs)
    return [
        Outcome(int(run.gap), int(run.seed), run.outcome == "solved", int(run.steps), by)
        for run, by in zip(done.itertuples(), _shorter(done), strict=True)
    ]


def _shorter(done: pd.DataFrame) -> Iterable[tuple[tuple[int, bool], ...]]:
    """What each run tells of shorter budgets."""
    columns = {int(name.removeprefix(SOLVED_BY)): done[name] for name in done if str(name).startswith(SOLVED_BY)}
    for place in range(len(done)):
        verdicts = {budget: values.iloc[place] for budget, values in sorted(columns.items())}
        yield tuple((budget, bool(solved)) for budget, solved in verdicts.items() if not math.isnan(solved))


@dataclass(frozen=True)
class Entry:
    """An arm on a task: its search, and the runs with a result in the order in which they were started."""

    task: str
    arm: str
    search: Search
    runs: pd.DataFrame
    budget: int | None = None
    """The shorter one that it tells of; None for all of the training."""
    beside: "Mapping[str, Entry]" = field(default_factory=dict)
    """Searches that are no arms of their own, by the column in which they stand beside it."""

    def within(self, budget: int) -> "Entry":
        """What the same runs tell of one of the budgets of the search."""
        return replace(self, budget=budget if budget in self.search.budgets[:-1] else None)

    @property
    def tuning(self) -> str:
        """The id of the tuning of its learning rate; empty where that was not tuned."""
        return str(self.runs.tuning.iloc[0]) if "tuning" in self.runs else ""

    @property
    def at_common_rate(self) -> bool:
        """Whether it was tuned, and this is its search at the common rate: that has the id of the tuning."""
        return self.tuning == self.search_id

    @property
    def rate(self) -> float:
        """The learning rate of its runs."""
        return float(self.runs[RATE].iloc[0])

    @property
    def search_id(self) -> str:
        """By which the record knows the search."""
        return str(self.runs.search.iloc[0])

    @property
    def search_ids(self) -> set[str]:
        """Those of what stands beside it as well."""
        return {self.search_id, *(one.search_id for one in self.beside.values())}

    @cached_property
    def outcomes(self) -> list[Outcome]:
        """What became of the runs, in their order, within the budget."""
        found = outcomes(self.runs)
        return found if self.budget is None else [outcome.within(self.budget) for outcome in found]

    @cached_property
    def found(self) -> Horizon:
        """The horizon from all of them."""
        return self.search.estimate(self.outcomes)

    @cached_property
    def posterior(self) -> Posterior:
        """What they say of the success curve."""
        return Posterior(curves(self.search.min_gap, self.search.max_gap), counted(self.outcomes))

    @cached_property
    def path(self) -> list[Horizon]:
        """The horizon after the first run, the first two, and so on."""
        return [self.search.estimate(self.outcomes[: k + 1]) for k in range(len(self.outcomes))]

    @cached_property
    def grid(self) -> Grid | None:
        """The cheapest grid that would be as precise; None where the interval has no width."""
        return equal_grid(self.search, self.outcomes)

    @property
    def ended(self) -> str:
        """Why the search ended, in words."""
        return self.search.finished(self.outcomes) or "not finished: the same command goes on with it"

    @property
    def reliable(self) -> str:
        """The longest gap with a run that is, by the interval, shorter than gap50: its success is above one half."""
        gaps = [outcome.gap for outcome in self.outcomes if outcome.gap <= self.found.low]
        if not gaps or self.found.low == BELOW_ALL:
            return "none"
        return f"> {self.search.max_gap}" if self.found.low == BEYOND_ALL else str(max(gaps))

    @property
    def gap50(self) -> str:
        """As a number, "> 400" or "< 5"."""
        return self.text(self.found.gap50)

    @property
    def bounded(self) -> bool:
        """Whether both ends of the interval lie within the range of the search."""
        return self.found.low != BELOW_ALL and self.found.high != BEYOND_ALL

    @property
    def told(self) -> str:
        """gap50 with its interval, as `wording.estimate`; "> 400" where all of that lies beyond the range."""
        return str(self.found)

    def text(self, gap: float) -> str:
        """A gap of this search as a number, or censored at the ends of its range."""
        if gap == BELOW_ALL:
            return f"< {self.search.min_gap}"
        return f"> {self.search.max_gap}" if gap == BEYOND_ALL else f"{gap:.3g}"

    @property
    def seconds_per_gap(self) -> float:
        """Training seconds of all runs over the number of gaps solved by half of their runs; infinite without any."""
        solved = sum(won >= lost for won, lost in counted(self.outcomes).values())
        return float(self.runs.seconds.sum()) / solved if solved else math.inf

    @property
    def cells(self) -> tuple[str, ...]:
        """What every entry tells, in the order of `COLUMNS`."""
        seconds = f"{self.seconds_per_gap:,.1f}" if math.isfinite(self.seconds_per_gap) else "no gap solved"
        return (
            self.task, self.arm, _distinct(self.runs.parameters), _distinct(self.runs.budget), self.reliable,
            self.told, str(self.found.bracket), str(self.found.runs), f"{self.found.steps:,}",
            seconds, self.ended,
        )  # fmt: skip

    @property
    def row(self) -> dict[str, str]:
        """The row of the table by column, with what stands beside it."""
        told = dict(zip(COLUMNS, self.cells, strict=True)) | {name: str(one.found) for name, one in self.beside.items()}
        if self.at_common_rate:
            told |= {COMMON: "the same"}
        return told | ({TUNED: f"{self.rate:g}"} if self.tuning else {})


def entries(runs: pd.DataFrame, searches: Mapping[str, Search]) -> list[Entry]:
    """An entry per search with a result: tasks by name, in each the longest horizon first."""
    if "search" not in runs:
        return []
    done = finished(runs)
    groups = ((searches[key], own) for key, own in done.groupby("search", sort=False) if key in searches)
    found = [Entry(own.task.iloc[0], own.arm.iloc[0], search, own) for search, own in groups]
    return sorted(found, key=lambda one: (one.task, -one.found.gap50, -one.found.low, one.arm))


def by_budget(board: Iterable[Entry]) -> list[tuple[int, Entry]]:
    """Of each entry whose search has several budgets, what it tells of each, shortest first."""
    return [(budget, entry.within(budget)) for entry in board for budget in entry.search.budgets if _several(entry)]


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


def _several(entry: Entry) -> bool:
    return len(entry.search.budgets) > 1


def columns(board: Iterable[Entry]) -> tuple[str, ...]:
    """Those of the table: `COLUMNS`, and between them what only some boards have."""
    told = dict.fromkeys(name for entry in board for name in entry.row if name not in COLUMNS)
    beside, place = [name for name in told if name != TUNED], COLUMNS.index("bracket")
    return (*COLUMNS[:2], *(told.keys() & {TUNED}), *COLUMNS[2:place], *beside, *COLUMNS[place:])


def note(board: Iterable[Entry]) -> str:
    """What they mean."""
    shown = columns(board)
    return " ".join([NOTE, *(told for name, told in FURTHER_NOTES.items() if name in shown)])


def rows(board: Collection[Entry]) -> list[tuple[str, ...]]:
    """The cells of each entry, in the order of `columns`."""
    return [tuple(entry.row.get(name, "") for name in columns(board)) for entry in board]


def by_task(board: Iterable[Entry]) -> list[tuple[str, list[Entry]]]:
    """The tasks in the order of the board, each with its entries."""
    return [(task, list(own)) for task, own in groupby(board, key=lambda entry: entry.task)]


def of_no_search(runs: pd.DataFrame, board: Iterable[Entry]) -> pd.DataFrame:
    """The runs that no entry rests on: those of a grid."""
    return runs[~runs.run_id.isin([run_id for entry in board for run_id in entry.runs.run_id])]


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
        "parameters": _distinct(entry.runs.parameters, ""),
        "budget": _distinct(entry.runs.budget, ""),
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
    return "\n".join([HEADER, "", *(f"| {' | '.join(line)} |" for line in lines)]) + f"\n\n{note(board)}\n"


def _distinct(values: pd.Series, separator: str = ",") -> str:
    return " or ".join(f"{value:{separator}}" for value in sorted(values.unique()))
