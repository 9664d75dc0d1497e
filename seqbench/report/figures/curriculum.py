"""Share of runs with a curriculum that have come to each of its gaps, against training steps."""

from collections.abc import Iterator

import pandas as pd

from seqbench import wording
from seqbench.analysis.arms import arms_in_order
from seqbench.analysis.findings import Findings
from seqbench.analysis.outcomes import times
from seqbench.report.figures.plot import Plot, ids
from seqbench.report.figures.time_to_solve import What, by_task, draw, telling
from seqbench.statistics.rates import median_steps_to_solve

REACHED = What("have come to the gap", "came to it", "not there at the end of the budget")


def plots(found: Findings) -> Iterator[Plot]:
    """Where some run of a repeated arm came to a second gap."""
    runs = found.curricula
    if chosen := telling(runs):
        shown = runs[pd.MultiIndex.from_frame(runs[["task", "gap"]]).isin(chosen)]
        caption = _caption(shown, by_task(chosen))
        yield Plot("curriculum", "Time to reach each gap", caption, draw(shown, found.looks, REACHED), ids(shown))


def _caption(runs: pd.DataFrame, gaps: dict[str, list[int]]) -> list[str]:
    farthest = "; ".join(_farthest(runs[runs.task == task], task) for task in gaps)
    return [
        "Share of runs with a curriculum that train at a gap, or a longer one, by a training step, with pointwise 95 % "
        f"intervals. The longest gap that half of the runs came to: {farthest}.",
        "The share is Kaplan and Meier's estimate. The verdict on a run is always taken at the gap of its task. A run "
        "that has solved its task counts as having come to every gap; one that has not come to a gap was watched until "
        "the end of its budget (upright mark). Of each task, the runs at its longest gap are drawn.",
        *(_in_words(runs[runs.task == task], task, own) for task, own in gaps.items()),
    ]


def _farthest(runs: pd.DataFrame, task: str) -> str:
    told = []
    for arm in arms_in_order(runs.arm):
        came = [gap for gap, own in runs[runs.arm == arm].groupby("gap") if _steps(own) is not None]
        told.append(f"{max(came, default='none')} with {arm}")
    return f"on {task}, {wording.listed(told)}"


def _in_words(runs: pd.DataFrame, task: str, gaps: list[int]) -> str:
    """Medians of the steps to each gap, of all runs of an arm."""
    told = []
    for gap in gaps:
        own = runs[runs.gap == gap]
        told.append(f"gap {gap}: {wording.listed(_median(own[own.arm == arm], arm) for arm in arms_in_order(own.arm))}")
    return f"Median steps on {task}, with the runs that came there: {'; '.join(told)}."


def _median(runs: pd.DataFrame, arm: str) -> str:
    median = _steps(runs)
    steps = f"> {wording.count(runs.budget.max())}" if median is None else wording.count(median)
    return f"{steps} for {arm} ({wording.tally(int((runs.outcome == 'solved').sum()), len(runs))})"


def _steps(runs: pd.DataFrame) -> float | None:
    """After which half of these had come there."""
    return median_steps_to_solve(*times(runs))
