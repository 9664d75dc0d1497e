"""Share of runs that have solved their task, against training steps."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, LogLocator, PercentFormatter
from matplotlib.transforms import ScaledTranslation

from seqbench.analysis.arms import Look
from seqbench.analysis.outcomes import times
from seqbench.report.figures import panels
from seqbench.statistics.rates import wilson_interval
from seqbench.statistics.survival import curve

MOST_BANDS = 4
"""Arms up to which the bands are drawn at full strength; those of more arms cover one another."""


def time_to_solve(runs: pd.DataFrame, chosen: Sequence[tuple[str, int]], looks: Mapping[str, Look]) -> Figure:
    """Kaplan-Meier curves with pointwise bands: a row per task, a panel for each of its `chosen` gaps."""
    tasks = list(dict.fromkeys(task for task, _ in chosen))
    gaps = {task: [gap for of_task, gap in chosen if of_task == task] for task in tasks}
    places = range(max(len(found) for found in gaps.values()))
    figure, axes = panels.grid(tasks, list(places), height=2.5, sharex="row", sharey="all")
    for task in tasks:
        row = [axes[task, place] for place in places]
        for ax in row[len(gaps[task]) :]:
            ax.set_visible(False)
        _row(row, runs[runs.task == task], task, gaps[task], looks)
    marks = [
        panels.mark("unsolved at the end of the budget", "|"),
        panels.line("95 % interval", width=5, colour="#CCC"),
    ]
    panels.legend(figure, {arm: looks[arm] for arm in looks if (runs.arm == arm).any()}, marks)
    return figure


def _row(
    row: Sequence[Axes], runs: pd.DataFrame, task: str, gaps: Sequence[int], looks: Mapping[str, Look]
) -> None:  # fmt: skip
    """One axis of steps for the row, so that it shows what a longer gap costs."""
    row[0].set_ylabel("share of runs that\nhave solved the task")
    for ax, gap in zip(row, gaps, strict=False):
        ax.set_title(f"{task}, gap {gap}", loc="left")
        panels.steps_axis(ax, runs.steps_to_solve.min() / 1.2, runs.budget.max())
        ax.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0), numticks=9))
        _panel(ax, runs[runs.gap == gap], looks)


def _panel(ax: Axes, runs: pd.DataFrame, looks: Mapping[str, Look]) -> None:
    ax.set_ylim(-0.05, 1.08)
    ax.yaxis.set_major_locator(FixedLocator([0, 0.5, 1]))
    ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=" %"))
    present = [arm for arm in looks if (runs.arm == arm).any()]
    band = 0.13 if len(present) <= MOST_BANDS else 0.06
    for place, arm in enumerate(present):
        _arm(ax, runs[runs.arm == arm], looks[arm], place - (len(present) - 1) / 2, band)


def _arm(ax: Axes, runs: pd.DataFrame, look: Look, place: float, band: float) -> None:
    """Lines are moved by points (1/72 inch): those of arms that all fail would hide one another. Bands are not."""
    found, last, start = curve(times(runs)), float(runs.budget.max()), ax.get_xlim()[0]
    at, share = [start, *found.steps, last], [0.0, *found.share]
    # Before its first success the band of an arm is that of no success, and would cover everybody's.
    low, high = (found.low, found.high) if len(found.steps) else np.array([wilson_interval(0, len(runs))]).T
    where = at[1:] if len(found.steps) else at
    ax.fill_between(
        where, [*low, low[-1]], [*high, high[-1]], step="post", color=look.colour, alpha=band, linewidth=0
    )  # fmt: skip
    moved = ax.transData + ScaledTranslation(0, place * 1.8 / 72, ax.figure.dpi_scale_trans)
    ax.plot(
        at, [*share, share[-1]], drawstyle="steps-post", color=look.colour, linestyle=look.linestyle, linewidth=1.9,
        transform=moved, zorder=3,
    )  # fmt: skip
    ax.plot(
        found.steps, found.share, look.marker, color=look.colour, markersize=5, markeredgecolor="white",
        markeredgewidth=0.6, transform=moved, zorder=4,
    )  # fmt: skip
    for end in runs.budget[runs.outcome != "solved"].unique():
        reached = share[int((found.steps <= end).sum())]
        ax.plot(end, reached, "|", color=look.colour, markersize=11, markeredgewidth=2, transform=moved, zorder=4)
