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
    parts = [
        "Share of runs with a curriculum that train at a gap, or a longer one, by a training step, with pointwise 95 % "
        "intervals. Each gap before it was solved on the way there: so many validations in a row, and a test.",
        "The share is Kaplan and Meier's estimate. The verdict on a run is always taken at the gap of its task. One "
        "that has solved its task counts as having come to every gap. One that has not come to a gap was watched until "
        "the end of its budget (upright mark). Of each task, the runs at its longest gap are drawn.",
    ]
    return [*parts, *(_in_words(runs[runs.task == task], task, own) for task, own in gaps.items())]


def _in_words(runs: pd.DataFrame, task: str, gaps: list[int]) -> str:
    """Medians of the steps to each gap, of all runs of an arm."""
    told = []
    for gap in gaps:
        own = runs[runs.gap == gap]
        arms = {arm: own[own.arm == arm] for arm in arms_in_order(own.arm)}
        told.append(f"gap {gap}: {wording.listed(f'{arm} {_median(of_arm)}' for arm, of_arm in arms.items())}")
    return f"Median steps on {task}, with the runs that came there: {'; '.join(told)}."


def _median(runs: pd.DataFrame) -> str:
    median = median_steps_to_solve(*times(runs))
    tally = wording.tally(int((runs.outcome == "solved").sum()), len(runs))
    return f"{f'> {wording.count(runs.budget.max())}' if median is None else wording.count(median)} ({tally})"
