"""The success curves that searches leave, with the outcomes behind them."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from seqbench.analysis.arms import Look
from seqbench.analysis.leaderboard import Entry
from seqbench.horizon.estimate import counted
from seqbench.report.figures import panels
from seqbench.report.figures.horizon import range_axis
from seqbench.report.figures.success import MOST_BANDS, share_axis

POINTS = 120
"""Gaps at which a curve is computed."""


def horizon_curves(board: Sequence[Entry], looks: Mapping[str, Look]) -> Figure:
    """Share of runs that solve against gap: a panel per task, a curve per arm, a mark per gap and outcome."""
    tasks = sorted({entry.task for entry in board})
    width = min(panels.FULL_WIDTH, 2 + 4.5 * len(tasks))
    figure, axes = panels.grid(["all"], tasks, height=3.9, width=width, sharex="none", sharey="all")
    for task in tasks:
        ax, own = axes["all", task], [entry for entry in board if entry.task == task]
        ax.set_title(task, loc="left", fontweight="bold")
        own.sort(key=lambda entry: list(looks).index(entry.arm))
        for place, entry in enumerate(own):
            _curve(ax, entry, looks[entry.arm], band=len(own) <= MOST_BANDS)
            _marks(ax, entry, looks[entry.arm], 0.05 * (place + 1))
        share_axis(ax, margin=0.05 * (len(own) + 1))
        range_axis(ax, own, "x")
        ax.set_xlabel("gap (steps, log scale)")
    axes["all", tasks[0]].set_ylabel("share of runs that solve the task")
    marks = [panels.mark("solved", "o"), panels.mark("not solved", "o", filled=False)]
    panels.legend(figure, looks, marks)
    return figure


def _curve(ax: Axes, entry: Entry, look: Look, *, band: bool) -> None:
    gaps = np.unique(np.geomspace(entry.search.min_gap, entry.search.max_gap, POINTS).round().astype(int))
    low, middle, high = np.array([entry.posterior.success(int(gap)) for gap in gaps]).T
    if band:
        ax.fill_between(gaps, low, high, color=look.colour, alpha=0.12, linewidth=0)
    ax.plot(gaps, middle, color=look.colour, linestyle=look.linestyle, linewidth=2)


def _marks(ax: Axes, entry: Entry, look: Look, away: float) -> None:
    """Beyond 0 and 100 %, each arm on a line of its own."""
    for gap, numbers in counted(entry.outcomes).items():
        for number, height, face in zip(numbers, (1 + away, -away), (look.colour, "white"), strict=True):
            if number:
                ax.scatter(
                    gap, height, s=16 * number, marker=look.marker, facecolor=face, edgecolor=look.colour,
                    linewidth=1.1, zorder=3,
                )  # fmt: skip
