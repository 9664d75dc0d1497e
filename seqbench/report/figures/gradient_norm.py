"""Gradient norm through training, before clipping."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from seqbench import wording
from seqbench.analysis.arms import Look
from seqbench.analysis.cells import at_longest_gap, many_seeds
from seqbench.report.figures import panels, seeds

BLOCKS = {"gradient/recurrent": "recurrent weights", "gradient/input": "input weights", "gradient/readout": "readout"}
BINS_PER_DECADE = 16
"""Stretches of training over which the norms of a run are averaged; single steps are too noisy to be read."""


def gradient_norm(curves: pd.DataFrame, looks: Mapping[str, Look], clip: float | None = None) -> Figure:
    """Norm of the whole gradient: a row per task, a column per gap, a thin line per seed.

    `curves` holds the metric "gradient/norm" of finished runs; `clip` is the norm at which gradients are clipped.
    """
    many = many_seeds(curves)
    figure, axes = panels.by_gap(curves, lambda ax, here: _panel(ax, here, looks, many), sharey="all")
    for ax in axes.values():
        if clip is not None:
            ax.axhline(clip, color="#555555", linewidth=1, linestyle=":", zorder=1.5)
    _finish(figure, axes, looks, curves, clip)
    return figure


def gradient_blocks(curves: pd.DataFrame, looks: Mapping[str, Look]) -> Figure:
    """Norms of the gradient's blocks at the longest gap of each task: a row per task, a column per block."""
    shown, many = at_longest_gap(curves), many_seeds(curves)
    tasks, blocks = sorted(shown.task.unique()), [block for block in BLOCKS if (shown.metric == block).any()]
    figure, axes = panels.grid(tasks, blocks, sharey="all")
    for (task, block), ax in axes.items():
        here = shown[(shown.task == task) & (shown.metric == block)]
        gap = shown[shown.task == task].gap.max()
        ax.set_title(f"{wording.cell(task, gap)}: {BLOCKS[str(block)]}", loc="left")
        _panel(ax, here, looks, many) if len(here) else panels.blank(ax, "no finished run")
    _finish(figure, axes, looks, shown)
    return figure


def _panel(ax: Axes, curves: pd.DataFrame, looks: Mapping[str, Look], many: bool) -> None:
    for arm in (arm for arm in looks if (curves.arm == arm).any()):
        binned, look = _binned(curves[curves.arm == arm]), looks[arm]
        if many:
            seeds.band(ax, 10**binned, look)
        for run in binned.columns if not many else ():
            seed = binned[run].dropna()
            ax.plot(seed.index, 10**seed, color=look.colour, linewidth=0.7, alpha=0.4, zorder=2)
        # Beyond this, the median would be one of the few runs that are slowest to solve the task.
        still = binned[binned.notna().sum(axis=1) >= binned.shape[1] / 2]
        middle = still.median(axis=1)
        ax.plot(middle.index, 10**middle, color=look.colour, linestyle=look.linestyle, linewidth=2.2, zorder=3)


def _binned(curves: pd.DataFrame) -> pd.DataFrame:
    """Mean log10 norm of each run (column) within stretches of equal length on a log scale (row, at the middle)."""
    usable = curves[np.isfinite(curves.value) & (curves.value > 0)]
    middle = 10 ** ((np.floor(np.log10(usable.step) * BINS_PER_DECADE) + 0.5) / BINS_PER_DECADE)
    return np.log10(usable.value).groupby([middle, usable.run_id]).mean().unstack()


def _finish(
    figure: Figure, axes: panels.Panels, looks: Mapping[str, Look], curves: pd.DataFrame, clip: float | None = None
) -> None:
    steps = curves.groupby("task").step.agg(["min", "max"])
    first = next(column for _, column in axes)
    for (task, column), ax in axes.items():
        panels.log_axis(ax)
        panels.steps_axis(ax, *steps.loc[task])
        ax.set_ylabel("gradient norm")
        ax.yaxis.label.set_visible(column == first)
    marks = [seeds.mark(many_seeds(curves)), panels.line("median while half the seeds still train", width=2.4)]
    if clip is not None:
        marks.append(panels.line(f"clipped above {clip:g}", width=1, linestyle=":"))
    panels.legend(figure, looks, marks)
