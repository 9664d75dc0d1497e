"""Validation loss against training steps."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from seqbench import wording
from seqbench.analysis.arms import Look
from seqbench.analysis.cells import many_seeds
from seqbench.events import Baseline, TaskFacts
from seqbench.report.figures import panels, seeds

Curve = TypeVar("Curve", pd.Series, pd.DataFrame)
MAX_POINTS = 120
"""Points drawn of one curve; more could not be told apart at the size of a panel."""


def loss(curves: pd.DataFrame, tasks: Mapping[str, TaskFacts], looks: Mapping[str, Look]) -> Figure:
    """Validation loss with the closed-form baselines: a row per task, a column per gap, a thin line per seed.

    Many seeds are a band, without their ends. `curves` holds the metric "validation/loss" of finished runs and their
    `outcome`.
    """
    many = many_seeds(curves)
    figure, axes = panels.by_gap(curves, lambda ax, here: _panel(ax, here, looks, many))
    for task in sorted(curves.task.unique()):
        row = [ax for (name, _), ax in axes.items() if name == task]
        _frame(row, curves[curves.task == task], tasks[task])
    solved = "solved, run stops" if curves.gap.any() else "solved"
    ends = [] if many else [panels.mark(solved, "o"), panels.mark("diverged", "x")]
    panels.legend(figure, looks, [seeds.mark(many), panels.line("median of the seeds", width=2.4), *ends])
    return figure


def _panel(ax: Axes, curves: pd.DataFrame, looks: Mapping[str, Look], many: bool) -> None:
    for arm in (arm for arm in looks if (curves.arm == arm).any()):
        look, runs = looks[arm], curves[curves.arm == arm]
        values = thinned(_kept(runs))
        if many:
            seeds.band(ax, values, look)
        for _, run in runs.groupby("run_id") if not many else ():
            _seed(ax, run.sort_values("step"), look)
        median = values.median(axis=1).replace(np.inf, np.nan)
        ax.plot(median.index, median, color=look.colour, linestyle=look.linestyle, linewidth=2.2, zorder=3)


def _seed(ax: Axes, run: pd.DataFrame, look: Look) -> None:
    seen = run[np.isfinite(run.value)]
    if seen.empty:
        return
    points = thinned(seen.set_index("step").value)
    ax.plot(points.index, points, color=look.colour, linewidth=0.7, alpha=0.55, zorder=2)
    end = seen.iloc[-1]
    outcome = run.outcome.iloc[0]
    if outcome == "solved":
        ax.plot(end.step, end.value, look.marker, color=look.colour, markersize=5, markeredgecolor="white",
                markeredgewidth=0.6, zorder=4)  # fmt: skip
    elif outcome == "diverged":
        # At the upper edge: its last losses may lie far above the panel.
        ax.plot(end.step, 0.96, "x", transform=ax.get_xaxis_transform(), color=look.colour, markersize=6.5,
                markeredgewidth=1.8, zorder=4)  # fmt: skip


def thinned(curve: Curve, limit: int = MAX_POINTS) -> Curve:
    """At most about `limit` points of a curve, or of several, evenly spaced, the last one among them."""
    stride = -(-len(curve) // limit)
    return curve if stride <= 1 else curve[(np.arange(len(curve)) - len(curve) + 1) % stride == 0]


def _kept(runs: pd.DataFrame) -> pd.DataFrame:
    """Loss of each run (column) at each step (row), for the median over seeds.

    A run that has stopped keeps its last value (and counts as infinite once it has diverged): leaving it out would
    make the median one of the runs that have not solved the task yet.
    """
    diverged = runs[runs.outcome == "diverged"].run_id.unique()
    values = runs.pivot_table(index="step", columns="run_id", values="value", aggfunc="last").ffill()
    for run in set(diverged) & set(values.columns):
        values.loc[values.index > runs[runs.run_id == run].step.max(), run] = np.inf
    return values


def _frame(row: Sequence[Axes], curves: pd.DataFrame, facts: TaskFacts) -> None:
    """Limits, labels and baselines of a row of panels."""
    worst = max((baseline.loss for baseline in facts.baselines), default=np.inf)
    seen = curves.value[np.isfinite(curves.value) & (curves.value > 0)]
    if len(seen):
        # A diverging run may leave the panel at the top; stretching the axis to it would flatten all others.
        row[0].set_ylim(seen.min() * 0.7, min(max(seen.max() * 1.4, worst * 1.4), worst * 6))
    panels.log_axis(row[0])
    row[0].set_ylabel(f"validation loss\n{facts.loss_name}")
    for ax in row:
        panels.steps_axis(ax, curves.step.min(), curves.step.max())
        for baseline in facts.baselines:
            ax.axhline(baseline.loss, color="#777777", linewidth=0.9, linestyle=(0, (1, 2)), zorder=1.5)
    _name_baselines(row[-1], facts.baselines)


def _name_baselines(ax: Axes, baselines: Sequence[Baseline]) -> None:
    """In the right margin, moved apart where two would overlap."""
    low, high = np.log10(ax.get_ylim())
    shown = [baseline for baseline in baselines if low <= np.log10(baseline.loss) <= high]
    top = np.inf
    for baseline in sorted(shown, key=lambda baseline: -baseline.loss):
        height = (np.log10(baseline.loss) - low) / (high - low)
        top = min(height, top - 0.25)
        ax.annotate(
            f"{baseline.name}\n{wording.level(baseline.loss)}", xy=(1, height), xytext=(1.05, top),
            xycoords="axes fraction", textcoords="axes fraction", va="center", fontsize=8.5, color=panels.INK,
            arrowprops={"arrowstyle": "-", "color": "#AAAAAA", "linewidth": 0.7, "shrinkA": 0, "shrinkB": 0},
        )  # fmt: skip
