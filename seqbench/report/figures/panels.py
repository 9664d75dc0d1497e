"""What the figures share: the theme, grids of panels, axes with readable ticks, legends."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Literal

import matplotlib.style
import numpy as np
import pandas as pd
import seaborn
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, MaxNLocator, NullFormatter, NullLocator

from seqbench import wording
from seqbench.analysis.arms import Look

FULL_WIDTH = 11.0
"""Inches; about the width of the page's text on a desktop, so that the type is shown at its size."""
MOST_TICKS = 12
"""Tested gaps that have a tick each."""
QUIET, INK = "#DDDDDD", "#444444"

_THEME = {
    **seaborn.axes_style("whitegrid"),
    "font.size": 9.5,
    "axes.titlesize": 10.5,
    "axes.labelsize": 9.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#888888",
    "axes.axisbelow": True,
    "axes.grid": True,
    "grid.color": "#EAEAEA",
    "grid.linewidth": 0.7,
    "xtick.labelsize": 9,
    "ytick.labelsize": 9,
    "xtick.color": INK,
    "ytick.color": INK,
    "legend.frameon": False,
    "legend.fontsize": 9.5,
    "lines.solid_capstyle": "round",
    "figure.constrained_layout.use": True,
    "figure.constrained_layout.h_pad": 0.06,
    "figure.constrained_layout.w_pad": 0.06,
    "savefig.facecolor": "white",
}

Linestyle = Literal["-", "--", ":"]
Sharing = Literal["none", "all", "row", "col"]
Panels = dict[tuple[str, object], Axes]


@contextmanager
def theme(**settings: object) -> Iterator[None]:
    """matplotlib's defaults plus ours for the duration: a user's matplotlibrc changes nothing, nothing leaks out."""
    with matplotlib.style.context(["default", {**_THEME, **settings}]):
        yield


def grid(
    rows: Sequence[str],
    columns: Sequence[object],
    *,
    height: float = 2.3,
    width: float | None = None,
    sharex: Sharing = "row",
    sharey: Sharing = "row",
) -> tuple[Figure, Panels]:
    """A panel for each row and column, keyed by both; panels that stay without data are to be passed to `blank`."""
    across = width or max(6.5, min(FULL_WIDTH, 1.5 + 3.2 * len(columns)), 2.1 * len(columns))
    figure = Figure(figsize=(across, height * len(rows) + 0.3))
    axes = figure.subplots(len(rows), len(columns), squeeze=False, sharex=sharex, sharey=sharey)
    return figure, {(row, column): axes[i, j] for i, row in enumerate(rows) for j, column in enumerate(columns)}


def by_gap(
    frame: pd.DataFrame, draw: Callable[[Axes, pd.DataFrame], None], *, height: float = 2.3, sharey: Sharing = "row"
) -> tuple[Figure, Panels]:
    """A row per task, a column per gap, each panel drawn from its rows; a task without a gap has the first column."""
    tasks, gaps = sorted(frame.task.unique()), sorted(set(frame.gap) - {0}) or [0]
    column = frame.gap.where(frame.gap > 0, gaps[0])
    figure, axes = grid(tasks, gaps, height=height, sharey=sharey)
    for (task, gap), ax in axes.items():
        of_task = frame.task == task
        here, without_gap = frame[of_task & (column == gap)], (frame.gap[of_task] == 0).all()
        ax.set_title(wording.cell(task, 0 if without_gap else int(str(gap))), loc="left")
        ax.set_visible(len(here) > 0 or not without_gap)
        draw(ax, here) if len(here) else blank(ax, "no finished run")
    return figure, {place: ax for place, ax in axes.items() if ax.get_visible()}


def blank(ax: Axes, text: str) -> None:
    """Says why a panel is empty."""
    ax.text(0.5, 0.5, text, transform=ax.transAxes, ha="center", va="center", color="#888888")


def steps_axis(ax: Axes, first: float, last: float) -> None:
    """Training steps, logarithmic: runs that succeed early take a small part of the budget, and are the ones to see."""
    ax.set_xscale("log")
    ax.set_xlim(max(first, 1) * 0.9, max(last, first + 1) * 1.15)
    ax.set_xlabel("training steps (log scale)")
    ax.xaxis.set_major_locator(LogLocator(subs=(1.0, 3.0), numticks=9))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: wording.count(value)))
    ax.xaxis.set_minor_formatter(NullFormatter())


def gap_axis(ax: Axes, gaps: Iterable[int]) -> None:
    """Logarithmic, with a tick at each tested gap and at no other, but for those too close to the one before."""
    tested = sorted(gaps)
    ticks = tested[:1]
    for gap in tested[1:]:
        if np.log(gap / ticks[-1]) >= np.log(tested[-1] / tested[0]) / MOST_TICKS:
            ticks.append(gap)
    ax.set_xscale("log")
    ax.xaxis.set_major_locator(FixedLocator(ticks))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0f}"))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.set_xlim(tested[0] / 1.35, tested[-1] * 1.35)


def log_axis(ax: Axes) -> None:
    """Logarithmic y axis labelled 0.001, 0.01, ... (or 10⁻⁷ and the like); also 2 and 5 on a short one."""
    ax.set_yscale("log")
    low, high = ax.get_ylim()
    subs = (1.0, 2.0, 5.0) if np.log10(high / low) < 2 else (1.0,)
    ax.yaxis.set_major_locator(LogLocator(subs=subs, numticks=7))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: _decade(value)))
    ax.yaxis.set_minor_formatter(NullFormatter())


def exponent_axis(axis: Axis) -> None:
    """For data given as decimal logarithms, which may be below the smallest float: ticks read 10⁻²⁰."""
    axis.set_major_locator(MaxNLocator(6, integer=True))
    axis.set_major_formatter(FuncFormatter(lambda value, _: _power(value)))


def _power(exponent: float) -> str:
    whole = abs(exponent - round(exponent)) < 1e-6
    return wording.power_of_ten(round(exponent)) if whole else wording.from_log10(exponent)


def _decade(value: float) -> str:
    if value <= 0:
        return ""
    return f"{value:,g}" if 1e-3 <= value < 1e5 else wording.number(value).removeprefix("1·")


def legend(figure: Figure, looks: Mapping[str, Look], extra: Sequence[Line2D] = ()) -> None:
    """One legend for all panels, above them: the arms, then what the other marks mean."""
    arms = [
        Line2D([], [], color=look.colour, linestyle=look.linestyle, marker=look.marker, linewidth=1.8, label=arm)
        for arm, look in looks.items()
    ]
    handles = [*arms, *extra]
    width, height = figure.get_size_inches()
    columns = _fitting([str(handle.get_label()) for handle in handles], width)
    figure.set_size_inches(width, height + 0.25 * -(-len(handles) // columns))
    figure.legend(handles=handles, loc="outside upper left", ncols=columns, handlelength=2.8, columnspacing=1.6)


def _fitting(labels: Sequence[str], width: float) -> int:
    """The most columns whose entries, filled in column by column, fit into so many inches."""
    for columns in range(len(labels), 1, -1):
        # matplotlib splits the entries in the same way
        longest = [max(map(len, part)) for part in np.array_split(np.array(labels, dtype=object), columns)]
        if sum(0.72 + 0.078 * letters for letters in longest) <= width:
            return columns
    return 1


def mark(label: str, marker: str, *, filled: bool = True) -> Line2D:
    """A legend entry for a marker whose colour says nothing."""
    return Line2D(
        [], [], color=INK, linestyle="none", marker=marker, markerfacecolor=INK if filled else "white", label=label
    )


def gap_mark(frame: pd.DataFrame) -> list[Line2D]:
    """The legend entry for the line at lag = gap, if there is one in a figure of these rows."""
    return [line("lag = gap", width=1, colour="#999999")] if frame.gap.any() else []


def line(label: str, *, width: float = 0.8, linestyle: Linestyle = "-", colour: str = INK) -> Line2D:
    """A legend entry for a line whose colour says nothing."""
    return Line2D([], [], color=colour, linestyle=linestyle, linewidth=width, label=label)
