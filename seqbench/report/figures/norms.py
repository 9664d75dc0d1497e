"""What the figures of gradient norms share: panels of norms through training, and their axes."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from seqbench import wording
from seqbench.analysis.arms import Look
from seqbench.analysis.cells import many_seeds
from seqbench.report.figures import grids, lines, marked, panels, seeds, told

BINS_PER_DECADE = 16
"""Stretches of training over which the norms of a run are averaged; single steps are too noisy to be read."""
CLIP = lines.DOTTED


def usable(curves: pd.DataFrame) -> pd.Series:
    """Which records can stand on a logarithmic axis."""
    return np.isfinite(curves.value) & (curves.value > 0)


def panel(ax: Axes, curves: pd.DataFrame, looks: Mapping[str, Look], many: bool) -> None:
    """A thin line per seed, or a band, and the median while half of the seeds still train."""
    for arm, look in marked.by_arm(ax, panels.present(looks, curves)):
        binned = _binned(curves[curves.arm == arm])
        if many:
            seeds.band(ax, 10**binned, look)
        for run in binned.columns if not many else ():
            seed = binned[run].dropna()
            ax.plot(seed.index, 10**seed, color=look.colour, linewidth=0.7, alpha=0.4, zorder=2)
        # Beyond this, the median would be one of the few runs that are slowest to solve the task.
        still = binned[binned.notna().sum(axis=1) >= binned.shape[1] / 2]
        middle = still.median(axis=1)
        ax.plot(middle.index, 10**middle, color=look.colour, linestyle=look.linestyle, linewidth=2.2, zorder=3)
        where, ends = (
            wording.at(curves.task.iloc[0], curves.gap.iloc[0]),
            (10 ** still.min(axis=1), 10 ** still.max(axis=1)),
        )
        told.along(ax, middle.index, 10**middle, f"{where}, median near step {{:,.0f}}".format, wording.number,
                   told.of_columns(still), ends)  # fmt: skip


def _binned(curves: pd.DataFrame) -> pd.DataFrame:
    """Mean log10 norm of each run (column) within stretches of equal length on a log scale (row, at the middle)."""
    shown = curves[usable(curves)]
    middle = 10 ** ((np.floor(np.log10(shown.step) * BINS_PER_DECADE) + 0.5) / BINS_PER_DECADE)
    return np.log10(shown.value).groupby([middle, shown.run_id]).mean().unstack()


def finish(
    figure: Figure,
    axes: grids.Panels[panels.TaskAndPart],
    looks: Mapping[str, Look],
    curves: pd.DataFrame,
    clip: float | None = None,
) -> None:
    """Axes and legend; `clip` is the norm at which gradients are clipped, if there is a line at it."""
    steps = curves.groupby("task").step.agg(["min", "max"])
    for ((task, _), _), ax in axes.items():
        panels.log_axis(ax)
        panels.steps_axis(ax, *steps.loc[task])
    for ax in grids.firsts(axes).values():
        ax.set_ylabel("gradient norm")
    marks = [seeds.mark(many_seeds(curves)), lines.line("median while half the seeds still train", width=2.4)]
    if clip is not None:
        marks.append(lines.line(f"clipped above {clip:g}", width=1, style=CLIP))
    panels.legend(figure, looks, marks)
