"""Gradient against lag: how much of the error signal reaches a state so many steps back."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from seqbench import wording
from seqbench.analysis.arms import Look
from seqbench.analysis.cells import at_longest_gap
from seqbench.report.figures import panels

STAGES = {"init": "at initialisation", "end": "after training"}


def gradient_by_lag(lags: pd.DataFrame, looks: Mapping[str, Look]) -> Figure:
    """Gradient relative to lag 0, log scale: a row per stage, a column per task (at its longest gap).

    `lags` holds one kind of state of finished runs, and their `outcome`. After training, runs that solved the task
    and runs that did not are drawn apart; bands span the seeds.
    """
    shown = at_longest_gap(lags)
    tasks = sorted(shown.task.unique())
    stages = [stage for stage in STAGES if (shown.stage == stage).any()]
    width = min(panels.FULL_WIDTH, 2.5 + 4.5 * len(tasks))
    figure, axes = panels.grid(stages, tasks, height=2.9, width=width, sharex="col", sharey="all")
    for (stage, task), ax in axes.items():
        here = shown[(shown.stage == stage) & (shown.task == task)]
        gap = shown[shown.task == task].gap.max()
        ax.set_title(f"{wording.cell(str(task), gap)}, {STAGES[str(stage)]}", loc="left")
        _panel(ax, here, looks, split=stage == "end") if len(here) else panels.blank(ax, "not measured")
        if gap:
            ax.axvline(gap, color="#999999", linewidth=1, zorder=1)
        ax.set_xlim(left=0)
    for stage in stages:
        axes[stage, tasks[0]].set_ylabel("gradient relative to lag 0")
        panels.exponent_axis(axes[stage, tasks[0]].yaxis)
    for task in tasks:
        axes[stages[-1], task].set_xlabel("lag (steps back from the scored step)")
    marks = [panels.mark("solved", "o"), panels.mark("not solved", "o", filled=False), *panels.gap_mark(shown)]
    panels.legend(figure, {arm: look for arm, look in looks.items() if (shown.arm == arm).any()}, marks)
    return figure


def _panel(ax: Axes, lags: pd.DataFrame, looks: Mapping[str, Look], *, split: bool) -> None:
    for arm in (arm for arm in looks if (lags.arm == arm).any()):
        runs = lags[lags.arm == arm]
        if not split:
            _curve(ax, runs, looks[arm], filled=None)
            continue
        for solved, group in runs.groupby(runs.outcome == "solved"):
            _curve(ax, group, looks[arm], filled=bool(solved))


def _curve(ax: Axes, lags: pd.DataFrame, look: Look, *, filled: bool | None) -> None:
    """Median over the seeds with a band from the least to the greatest; no markers where the outcome is yet to come."""
    by_lag = lags.groupby("lag").log10_gradient
    middle = by_lag.median().dropna()
    if middle.empty:
        return
    if lags.run_id.nunique() > 1:
        ax.fill_between(middle.index, by_lag.min()[middle.index], by_lag.max()[middle.index], color=look.colour,
                        alpha=0.15, linewidth=0)  # fmt: skip
    ax.plot(
        middle.index, middle, color=look.colour, linestyle=look.linestyle, linewidth=1.8, zorder=3, markersize=5.5,
        marker=look.marker if filled is not None else "", markevery=max(1, len(middle) // 8),
        markerfacecolor=look.colour if filled else "white",
    )  # fmt: skip
