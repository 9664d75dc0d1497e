"""Accuracy at the verb against the gap: who gets it right across which gap."""

from collections.abc import Iterator, Mapping, Sequence

import pandas as pd
from matplotlib.figure import Figure

from seqbench.analysis import agreement as analysis
from seqbench.analysis.arms import Look, arms_in_order
from seqbench.analysis.findings import Findings
from seqbench.report.figures import accuracy, panels
from seqbench.report.figures.plot import Plot, ids


def plots(found: Findings) -> Iterator[Plot]:
    """Where runs were asked for agreement across attractors."""
    runs = found.agreement_runs
    if len(runs):
        levels = accuracy.levels(found, runs.task.unique())
        caption, figure = _caption(runs, levels), _draw(runs, found.looks, levels)
        yield Plot("agreement", "Accuracy at the verb against gap", caption, figure, ids(runs))


def _draw(runs: pd.DataFrame, looks: Mapping[str, Look], levels: Sequence[float]) -> Figure:
    """A panel per number of attractors, a line per arm."""
    tasks = sorted(runs.task.unique())
    figure, shown = panels.by_task(tasks, 3.7, panels.present(looks, runs), each=4.0)
    for task, ax, own_looks, first in shown:
        own = runs[runs.task == task]
        ax.set_title(ax.get_title(loc="left").replace(task, _title(task, own, runs)), loc="left", fontweight="bold")
        accuracy.panel(ax, own.assign(tested_gap=own.gap), own_looks, levels, own.gap)
        ax.set_xlabel("gap (words between noun and verb, log scale)")
        ax.set_ylabel("accuracy at the verb" if first else "")
    accuracy.axis(shown[0].ax, runs)
    panels.legend(figure, looks, accuracy.marks(levels))
    return figure


def _title(task: str, own: pd.DataFrame, runs: pd.DataFrame) -> str:
    """With the number of attractors, also where it is the same in all runs and so no part of the label."""
    numbers = sorted({f"{int(number)}" for number in own["task.attractors"]})
    kin = runs[runs.plain_task.isin(own.plain_task)]["task.attractors"]
    if len(numbers) == 1 < kin.nunique():
        return task
    return f"{task}, attractors={' or '.join(numbers)}"


def _caption(runs: pd.DataFrame, levels: Sequence[float]) -> list[str]:
    """Accuracy of each arm at the longest gap of each task."""
    solved = f", and from {accuracy.listed(levels)} on the task counts as solved" if levels else ""
    parts = [
        "Share of test sentences in which the right form of the verb is more probable than the wrong one (singular or "
        f"plural); chance is {accuracy.CHANCE:g}{solved}. Attractors are nouns of the other number "
        "between the head noun and its verb.",
        f"Line: median over seeds ({accuracy.seeds(runs)}); bar: from the least to the greatest seed. The arms are "
        "drawn a little beside one another, so that equal results stay visible.",
    ]
    for task, rows in runs.groupby("task"):
        gap = rows.gap.max()
        parts.append(f"On {task} at gap {gap}, median accuracy: {_medians(rows[rows.gap == gap])}.")
    return parts


def _medians(rows: pd.DataFrame) -> str:
    middle = rows.groupby("arm").accuracy.median()
    return "; ".join(f"{arm} {analysis.accuracy(middle[arm])}" for arm in arms_in_order(rows.arm))
