"""Success against gap."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, PercentFormatter
from matplotlib.transforms import ScaledTranslation

from seqbench.analysis.arms import Look
from seqbench.report.figures import panels

MOST_BANDS = 4
"""Arms up to which the intervals are also drawn as bands; the bands of more arms cover one another."""


def success(summary: pd.DataFrame, looks: Mapping[str, Look]) -> Figure:
    """Share of solved runs against gap with Wilson intervals: a panel per task, a line per arm."""
    counted = summary[summary.finished > 0]
    tasks = sorted(counted.task.unique())
    figure, axes = panels.grid(
        ["all"], tasks, height=3.7, width=min(panels.FULL_WIDTH, 2 + 4.5 * len(tasks)), sharex="none", sharey="all"
    )
    for task in tasks:
        _panel(axes["all", task], counted[counted.task == task], looks)
        axes["all", task].set_title(task, loc="left", fontweight="bold")
    axes["all", tasks[0]].set_ylabel("share of seeds that solved the task")
    panels.legend(figure, looks, [panels.line("95 % Wilson interval", width=5, colour="#CCCCCC")])
    return figure


def _panel(ax: Axes, rows: pd.DataFrame, looks: Mapping[str, Look]) -> None:
    panels.gap_axis(ax, rows.gap.unique())
    share_axis(ax, margin=0.06)
    ax.set_xlabel("gap (steps, log scale)")
    present = [arm for arm in looks if (rows.arm == arm).any()]
    band = 0.08 if len(present) <= MOST_BANDS else 0
    for place, arm in enumerate(present):
        shift = (place - (len(present) - 1) / 2) * min(7, 28 / len(present))
        _arm(ax, rows[rows.arm == arm].sort_values("gap"), looks[arm], shift, band)


def share_axis(ax: Axes, margin: float) -> None:
    """A y axis of 0 to 100 % with room beyond both, and a line at one half."""
    ax.set_ylim(-margin, 1 + margin)
    ax.yaxis.set_major_locator(FixedLocator([0, 0.25, 0.5, 0.75, 1]))
    ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=" %"))
    ax.axhline(0.5, color="#AAAAAA", linewidth=0.9, zorder=1)


def _arm(ax: Axes, cells: pd.DataFrame, look: Look, shift: float, band: float) -> None:
    """Shifted by some points (1/72 inch) along both axes: arms that all solve, or all fail, would hide one another."""
    across = ax.transData + ScaledTranslation(shift / 72, 0, ax.figure.dpi_scale_trans)
    shifted = ax.transData + ScaledTranslation(shift / 72, -shift / 144, ax.figure.dpi_scale_trans)
    ax.fill_between(
        cells.gap, cells.wilson_low, cells.wilson_high, color=look.colour, alpha=band, linewidth=0, transform=across
    )
    ax.vlines(
        cells.gap, cells.wilson_low, cells.wilson_high, color=look.colour, alpha=0.45, linewidth=2.2, transform=across
    )
    ax.plot(
        cells.gap, cells.solved / cells.finished, color=look.colour, linestyle=look.linestyle, linewidth=1.9,
        marker=look.marker, markersize=6.5, markeredgecolor="white", markeredgewidth=0.7,
        transform=shifted, zorder=3, clip_on=False,
    )  # fmt: skip
