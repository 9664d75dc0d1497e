"""Steps to solve against gap, with the fitted power law."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.transforms import ScaledTranslation

from seqbench.analysis.arms import Look
from seqbench.report.figures import panels
from seqbench.statistics.growth import Growth

Growths = Mapping[tuple[str, str], Growth]


def growth(runs: pd.DataFrame, growths: Growths, looks: Mapping[str, Look]) -> Figure:
    """A panel per task: a point per run, hollow at its budget if it did not solve, and a line per fitted arm."""
    tasks = list(dict.fromkeys(task for task, _ in growths))
    figure, axes = panels.grid(
        ["all"], tasks, height=3.7, width=min(panels.FULL_WIDTH, 2 + 4.5 * len(tasks)), sharex="none", sharey="all"
    )
    shown = runs[runs.task.isin(tasks)]
    for task in tasks:
        ax = axes["all", task]
        _panel(ax, shown[shown.task == task], {arm: fit for (of, arm), fit in growths.items() if of == task}, looks)
        ax.set_title(task, loc="left", fontweight="bold")
    least, most = shown.steps_to_solve.min(), shown.budget.max()
    first = axes["all", tasks[0]]
    first.set_ylim(least / 1.5, most * 1.5)
    panels.log_axis(first)
    first.set_ylabel("steps to solve (log scale)")
    marks = [panels.mark("not solved within the budget", "o", filled=False), panels.line("fitted power law", width=1.8)]
    panels.legend(figure, {arm: looks[arm] for arm in looks if (shown.arm == arm).any()}, marks)
    return figure


def _panel(ax: Axes, runs: pd.DataFrame, growths: Mapping[str, Growth], looks: Mapping[str, Look]) -> None:
    panels.gap_axis(ax, runs.gap.unique())
    ax.set_xlabel("gap (steps, log scale)")
    present = [arm for arm in looks if (runs.arm == arm).any()]
    for place, arm in enumerate(present):
        shift = (place - (len(present) - 1) / 2) * min(7, 28 / len(present))
        own = runs[runs.arm == arm]
        _points(ax, own, looks[arm], shift)
        if arm in growths:
            _line(ax, own, growths[arm], looks[arm])


def _points(ax: Axes, runs: pd.DataFrame, look: Look, shift: float) -> None:
    """Moved sideways by points (1/72 inch), so that arms do not cover one another."""
    moved = ax.transData + ScaledTranslation(shift / 72, 0, ax.figure.dpi_scale_trans)
    solved = runs[runs.outcome == "solved"]
    unsolved = runs[runs.outcome != "solved"].drop_duplicates(["gap", "budget"])
    ax.plot(
        solved.gap, solved.steps_to_solve, look.marker, color=look.colour, markersize=5, alpha=0.75,
        markeredgecolor="white", markeredgewidth=0.5, transform=moved, zorder=3,
    )  # fmt: skip
    ax.plot(
        unsolved.gap, unsolved.budget, look.marker, color=look.colour, markersize=6, markerfacecolor="white",
        markeredgewidth=1.2, transform=moved, zorder=2.5,
    )  # fmt: skip


def _line(ax: Axes, runs: pd.DataFrame, fit: Growth, look: Look) -> None:
    """Over the gaps tested, as far as the budget: nothing was seen beyond."""
    if not np.isfinite(fit.exponent):
        return
    gaps = np.geomspace(runs.gap.min(), runs.gap.max(), 200)
    medians = np.array([fit.median_steps(gap) for gap in gaps])
    seen = medians <= runs.budget.max()
    ax.plot(gaps[seen], medians[seen], color=look.colour, linestyle=look.linestyle, linewidth=1.8, zorder=2)
