"""How fast the runs solved their tasks, and how that grows with the gap."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields

import numpy as np
import pandas as pd

from seqbench import wording
from seqbench.analysis import faster
from seqbench.analysis.arms import Look, arms_in_order
from seqbench.analysis.outcomes import finished, times
from seqbench.statistics import growth, rates


@dataclass(frozen=True)
class Pace:
    """An arm at a gap: what it solved, the median of steps ("> 2,000" if under half did), expected running time."""

    gap: int
    arm: str
    look: Look
    tally: str
    median: str
    running_time: str


@dataclass(frozen=True)
class Paces:
    """All arms on one task, and what tells them apart."""

    task: str
    rows: list[Pace]
    pairs: list[faster.Pair]

    @property
    def sentences(self) -> list[str]:
        """Which arms differ beyond noise."""
        return faster.verdict(self.pairs)


def timed(runs: pd.DataFrame) -> pd.DataFrame:
    """Finished runs that were trained on a task with a gap, and so have a time to solve, or a budget without one."""
    done = finished(runs)
    return done[(done.gap > 0) & (done.budget > 0) & ~(done.steps_to_solve <= 0)]


def paces(timed_runs: pd.DataFrame, looks: Mapping[str, Look]) -> list[Paces]:
    """A table per task with a gap, from the runs of `timed`; empty where no run was trained on one."""
    return [_paces(str(task), of_task, looks) for task, of_task in timed_runs.groupby("task")]


def _paces(task: str, runs: pd.DataFrame, looks: Mapping[str, Look]) -> Paces:
    rows = [
        _pace(int(gap), arm, looks[arm], at_gap[at_gap.arm == arm])
        for gap, at_gap in runs.groupby("gap")
        for arm in arms_in_order(at_gap.arm)
    ]
    return Paces(task, rows, faster.compared(runs))


def _pace(gap: int, arm: str, look: Look, runs: pd.DataFrame) -> Pace:
    watched = times(runs)
    median = rates.median_steps_to_solve(*watched)
    spent = rates.expected_running_time(runs.steps, runs.outcome == "solved")
    return Pace(
        gap=gap,
        arm=arm,
        look=look,
        tally=wording.tally(int((runs.outcome == "solved").sum()), len(runs)),
        median=f"> {wording.count(runs.budget.max())}" if median is None else wording.count(median),
        running_time=wording.count(spent) if np.isfinite(spent) else "no success",
    )


def pairs_table(found: Iterable[Paces]) -> pd.DataFrame:
    """A row per task and pair of arms; no rows where nothing was compared."""
    rows = [{"task": task.task, **asdict(pair)} for task in found for pair in task.pairs]
    columns = ["task", *(field.name for field in fields(faster.Pair))]
    return pd.DataFrame(rows, columns=columns)


def growths(timed_runs: pd.DataFrame) -> dict[tuple[str, str], growth.Growth]:
    """By task and arm, growth of steps to solve with the gap: arms tested at several, on tasks that some run solved."""
    return {
        (str(task), arm): growth.growth(own.gap, times(own))
        for task, of_task in timed_runs.groupby("task")
        if (of_task.outcome == "solved").any()
        for arm in arms_in_order(of_task.arm)
        if (own := of_task[of_task.arm == arm]).gap.nunique() > 1
    }
