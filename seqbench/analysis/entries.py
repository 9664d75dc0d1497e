"""How far each arm got on each task: a search with its runs, what they tell, and what stands beside it."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import groupby

import pandas as pd

from seqbench import wording
from seqbench.analysis.outcomes import finished
from seqbench.analysis.sizes import HEADINGS, numbers, texts
from seqbench.horizon.axis import GAP, LOAD, Axis
from seqbench.horizon.curves import curves
from seqbench.horizon.estimate import Horizon, Outcome, Posterior, counted
from seqbench.horizon.grid import Grid, equal_grid
from seqbench.horizon.search import Search
from seqbench.record.labels import RATE
from seqbench.record.names import SOLVED_BY
from seqbench.statistics.thresholds import BELOW_ALL, BEYOND_ALL

UNTRAINED = "untrained dynamics"
"""What was there before the core learned anything: a column where some arm was also searched with a frozen core."""
ENDED = "search ended"
TUNED, COMMON = "learning rate", "at the common rate"
"""Columns of arms whose rate was tuned: theirs, and the horizon at the rate that all would have had."""


def own_columns(axis: Axis) -> tuple[str, ...]:
    """What every entry of a search along an axis tells."""
    return (
        "task", "arm", "parameters", *HEADINGS, "budget", "reliable", f"{axis.half} (95 % interval)", "bracket", "runs",
        "steps", f"seconds per {axis.name}", ENDED,
    )  # fmt: skip


def outcomes(runs: pd.DataFrame, over: str = GAP.name) -> list[Outcome]:
    """Of the runs with a result, in the order of the frame, along one axis."""
    done = finished(runs)
    return [
        Outcome(int(place), int(run.seed), run.outcome == "solved", int(run.steps), by)
        for run, place, by in zip(done.itertuples(), done[over], _shorter(done), strict=True)
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
    def axis(self) -> Axis:
        """What was searched along."""
        return self.search.axis

    @property
    def places(self) -> "pd.Series[int]":
        """Where along it each run is."""
        return self.runs[self.axis.name]

    @property
    def run_tasks(self) -> list[str]:
        """The labels of the tasks of its runs: one, or in a search over the load one for each load."""
        return list(dict.fromkeys(map(str, self.runs.task)))

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
        found = outcomes(self.runs, self.search.over)
        return found if self.budget is None else [outcome.within(self.budget) for outcome in found]

    @cached_property
    def found(self) -> Horizon:
        """The horizon from all of them."""
        return self.search.estimate(self.outcomes)

    @cached_property
    def posterior(self) -> Posterior:
        """What they say of the success curve."""
        return Posterior(curves(self.search.smallest, self.search.largest), counted(self.outcomes))

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
        return f"> {self.search.largest}" if self.found.low == BEYOND_ALL else str(max(gaps))

    @property
    def gap50(self) -> str:
        """The horizon as a number, "> 400" or "< 5"."""
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
            return f"< {self.search.smallest}"
        return f"> {self.search.largest}" if gap == BEYOND_ALL else wording.gap(gap)

    @property
    def seconds_per_gap(self) -> float:
        """Training seconds of all runs over the number of gaps solved by half of their runs; infinite without any."""
        solved = sum(won >= lost for won, lost in counted(self.outcomes).values())
        return float(self.runs.seconds.sum()) / solved if solved else math.inf

    @property
    def cells(self) -> tuple[str, ...]:
        """What every entry tells, in the order of `own_columns`."""
        seconds = (
            f"{self.seconds_per_gap:,.1f}" if math.isfinite(self.seconds_per_gap) else f"no {self.search.over} solved"
        )
        return (
            self.task, self.arm, distinct(self.runs.parameters), *texts(numbers(self.runs)).values(),
            distinct(self.runs.budget), self.reliable, self.told, str(self.found.bracket), str(self.found.runs),
            f"{self.found.steps:,}", seconds, self.ended,
        )  # fmt: skip

    @cached_property
    def row(self) -> dict[str, str]:
        """The row of the table by column, with what stands beside it."""
        told = dict(zip(own_columns(self.axis), self.cells, strict=True)) | {
            name: str(one.found) for name, one in self.beside.items()
        }
        if self.at_common_rate:
            told |= {COMMON: "the same"}
        return told | ({TUNED: f"{self.rate:g}"} if self.tuning else {})


def entries(runs: pd.DataFrame, searches: Mapping[str, Search]) -> list[Entry]:
    """An entry per search with a result: tasks by name, in each the longest horizon first."""
    if "search" not in runs:
        return []
    done = finished(runs)
    groups = ((searches[key], own) for key, own in done.groupby("search", sort=False) if key in searches)
    found = [Entry(task_of(search, own), own.arm.iloc[0], search, own) for search, own in groups]
    return sorted(found, key=lambda one: (one.task, -one.found.gap50, -one.found.low, one.arm))


def task_of(search: Search, runs: pd.DataFrame) -> str:
    """The label of the task; where the load is searched it has the gap in place of the load: "copy, gap=20"."""
    first = runs.iloc[0]
    if search.axis == GAP:
        return str(first.task)
    name, *settings = str(first.task).split(", ")
    others = [setting for setting in settings if not setting.startswith(f"{LOAD.name}=")]
    return ", ".join([name, f"{GAP.name}={first.gap}", *others])


def by_budget(board: Iterable[Entry]) -> list[tuple[int, Entry]]:
    """Of each entry whose search has several budgets, what it tells of each, shortest first."""
    return [(budget, entry.within(budget)) for entry in board for budget in entry.search.budgets if _several(entry)]


def _several(entry: Entry) -> bool:
    return len(entry.search.budgets) > 1


def by_task(board: Iterable[Entry]) -> list[tuple[str, list[Entry]]]:
    """The tasks in the order of the board, each with its entries."""
    return [(task, list(own)) for task, own in groupby(board, key=lambda entry: entry.task)]


def of_no_search(runs: pd.DataFrame, board: Iterable[Entry]) -> pd.DataFrame:
    """The runs that no entry rests on: those of a grid."""
    return runs[~runs.run_id.isin([run_id for entry in board for run_id in entry.runs.run_id])]


def distinct(values: pd.Series, separator: str = ",") -> str:
    """The values that occur, as text: "4,545 or 17,985"."""
    return " or ".join(f"{value:{separator}}" for value in sorted(values.unique()))
