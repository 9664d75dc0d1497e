"""The leaderboard: the horizon of each arm on each task, with what it rests on and what it cost, from the runs."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

import pandas as pd

from seqbench.analysis.outcomes import finished
from seqbench.horizon.curves import curves
from seqbench.horizon.estimate import Horizon, Outcome, Posterior, counted
from seqbench.horizon.grid import Grid, equal_grid
from seqbench.horizon.search import Search
from seqbench.statistics.thresholds import BELOW_ALL, BEYOND_ALL

NOTE = (
    "gap50: the gap at which half of the runs solve the task within the budget. reliable: the longest gap with a run "
    "that lies below the whole interval. Every run trains for its whole budget, or until it has solved the task; none "
    "is given up early. seconds per gap: training time of all runs, over the number of gaps that at least half of "
    "their runs solved."
)

COLUMNS = (
    "task", "arm", "parameters", "budget", "reliable", "gap50", "95 % interval", "bracket", "runs", "steps",
    "seconds per gap", "search ended",
)  # fmt: skip


HEADER = "### The memory horizon, as seqbench found it"
"""First line of the leaderboard in Markdown, by which a description of an experiment is known to be one."""


def outcomes(runs: pd.DataFrame) -> list[Outcome]:
    """Of the runs with a result, in the order of the frame."""
    done = finished(runs)
    return [
        Outcome(int(run.gap), int(run.seed), solved=run.outcome == "solved", steps=int(run.steps))
        for run in done.itertuples()
    ]


@dataclass(frozen=True)
class Entry:
    """An arm on a task: its search, and the runs with a result in the order in which they were started."""

    task: str
    arm: str
    search: Search
    runs: pd.DataFrame

    @property
    def search_id(self) -> str:
        """By which the record knows the search."""
        return str(self.runs.search.iloc[0])

    @cached_property
    def outcomes(self) -> list[Outcome]:
        """What became of the runs, in their order."""
        return outcomes(self.runs)

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
    def interval(self) -> str:
        """ "20 to 31", "< 5 to 9"; one side where all of it lies beyond."""
        low, high = self.text(self.found.low), self.text(self.found.high)
        return low if low == high else f"{low} to {high}"

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
        """The row of the table, in the order of `COLUMNS`."""
        seconds = f"{self.seconds_per_gap:,.1f}" if math.isfinite(self.seconds_per_gap) else "no gap solved"
        return (
            self.task, self.arm, _distinct(self.runs.parameters), _distinct(self.runs.budget), self.reliable,
            self.gap50, self.interval, str(self.found.bracket), str(self.found.runs), f"{self.found.steps:,}",
            seconds, self.ended,
        )  # fmt: skip


def entries(runs: pd.DataFrame, searches: Mapping[str, Search]) -> list[Entry]:
    """An entry per search with a result: tasks by name, in each the longest horizon first."""
    if "search" not in runs:
        return []
    done = finished(runs)
    groups = ((searches[key], own) for key, own in done.groupby("search", sort=False) if key in searches)
    found = [Entry(own.task.iloc[0], own.arm.iloc[0], search, own) for search, own in groups]
    return sorted(found, key=lambda one: (one.task, -one.found.gap50, -one.found.low, one.arm))


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
        **{key: getattr(entry.search, key) for key in ("min_gap", "max_gap", "tolerance", "max_runs", "max_steps")},
    }


def printed(board: Iterable[Entry]) -> pd.DataFrame:
    """The table for a reader, all cells text."""
    return pd.DataFrame([entry.cells for entry in board], columns=list(COLUMNS))


def markdown(board: Iterable[Entry]) -> str:
    """The table and its note."""
    rows = [COLUMNS, ("---",) * len(COLUMNS), *(entry.cells for entry in board)]
    return "\n".join([HEADER, "", *(f"| {' | '.join(row)} |" for row in rows)]) + f"\n\n{NOTE}\n"


def _distinct(values: pd.Series, separator: str = ",") -> str:
    return " or ".join(f"{value:{separator}}" for value in sorted(values.unique()))
