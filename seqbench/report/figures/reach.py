"""Decay of the gradient at initialisation against the longest gap that was solved."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator
from matplotlib.transforms import ScaledTranslation

from seqbench.analysis.arms import Look
from seqbench.report.figures import panels
from seqbench.statistics import thresholds

LINEAR_BELOW = 0.01
"""Nats per step below which the axis of the decay is linear: a gradient that grows has a negative decay."""
SPREAD = 10.0
"""Points (1/72 inch) over which the seeds of an arm are drawn apart."""
BEYOND = 1.5
"""Factor by which the rows "none" and "all" lie beyond the tested gaps."""


def decay_and_reach(reach: pd.DataFrame, looks: Mapping[str, Look]) -> Figure:
    """A panel per task, a point per arm and seed; `reach` as from `tables.reach_table`."""
    tasks = sorted(reach.task.unique())
    width = min(panels.FULL_WIDTH, 2 + 4.5 * len(tasks))
    figure, axes = panels.grid(["all"], tasks, height=3.4, width=width, sharex="all", sharey="none")
    for task in tasks:
        ax = axes["all", task]
        ax.set_title(task, loc="left", fontweight="bold")
        ax.set_xlabel("decay per step at initialisation (nats)")
        _panel(ax, reach[reach.task == task], looks)
    axes["all", tasks[0]].set_ylabel("longest gap solved by the seed")
    _decay_axis(axes["all", tasks[0]], reach.decay)
    marks = [panels.mark("solved some gaps", "o"),
             panels.mark("solved all, or none, of the gaps tested", "o", filled=False)]  # fmt: skip
    panels.legend(figure, {arm: look for arm, look in looks.items() if (reach.arm == arm).any()}, marks)
    return figure


def _panel(ax: Axes, reach: pd.DataFrame, looks: Mapping[str, Look]) -> None:
    gaps = sorted({int(gap) for tested in reach.gaps for gap in tested})
    none, every = gaps[0] / BEYOND, gaps[-1] * BEYOND
    last = max(4, reach.place.max())
    apart = SPREAD / last
    for point in reach.itertuples():
        inside = point.longest not in (thresholds.BELOW_ALL, thresholds.BEYOND_ALL)
        height = point.longest if inside else none if point.longest == thresholds.BELOW_ALL else every
        look = looks[point.arm]
        # Seeds of an arm end at the same gap more often than not.
        shift = ScaledTranslation(0, apart * (point.place - last / 2) / 72, ax.figure.dpi_scale_trans)
        ax.plot(
            point.decay, height, look.marker, transform=ax.transData + shift, color=look.colour, markersize=7,
            markerfacecolor=look.colour if inside else "white", markeredgewidth=1.3, alpha=0.85, zorder=3,
        )  # fmt: skip
    ax.set_yscale("log")
    ax.set_ylim(none / BEYOND**0.7, every * BEYOND**0.7)
    names = ["none", *map(str, gaps), "all"]
    ax.yaxis.set_major_locator(FixedLocator([none, *gaps, every]))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda _, place: names[place or 0]))
    ax.yaxis.set_minor_locator(NullLocator())


def _decay_axis(ax: Axes, decay: pd.Series) -> None:
    """The transform of the points leaves matplotlib without limits of its own."""
    ax.set_xscale("symlog", linthresh=LINEAR_BELOW, linscale=0.4)
    low, high = float(decay.min()), float(decay.max())
    left = low / 1.5 if low > LINEAR_BELOW else min(low * 1.5, 0) - LINEAR_BELOW / 4
    ax.set_xlim(left, max(high * 1.5, LINEAR_BELOW))
    ticks = [m * 10.0**exponent for exponent in range(-2, 3) for m in (1, 3)]
    ax.xaxis.set_major_locator(FixedLocator([*(-tick for tick in ticks), 0, *ticks]))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{np.round(value, 9):g}".replace("-", "−")))
    ax.xaxis.set_minor_locator(NullLocator())
