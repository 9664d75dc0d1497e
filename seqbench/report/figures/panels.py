"""What the figures share: rows of panels, axes with readable ticks, legends."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, MaxNLocator, NullFormatter, NullLocator

from seqbench import wording
from seqbench.analysis.arms import Look
from seqbench.report.figures import crowd, legends, marked, theme
from seqbench.report.figures.grids import Panels, Sharing, grid, ragged
from seqbench.report.figures.theme import FULL_WIDTH
from seqbench.report.figures.wrapping import wrapped

MOST_TICKS = 12
"""Tested gaps that have a tick each."""

NARROW = 2.6
"""Inches that a task's panel takes at least: its title fits."""


class Panel(NamedTuple):
    """A task's, with the arms that are drawn in it and their looks there; `first` of its row of panels."""

    task: str
    ax: Axes
    looks: Mapping[str, Look]
    first: bool


def by_task(
    tasks: Sequence[str], height: float, looks: Mapping[str, Look], *, each: float = 4.5, margin: float = 2.0,
    sharex: Sharing = "none", sharey: Sharing = "all",
) -> tuple[Figure, list[Panel]]:  # fmt: skip
    """A panel per task side by side, `each` so many inches wide, and named; a row of them where arms share a panel.

    Where many tasks would leave little for each, they go on in the next line.
    """
    across = max(min(FULL_WIDTH, margin + each * len(tasks)), NARROW * len(tasks))
    parts = crowd.parts(looks)
    high = height if len(parts) == 1 else height * crowd.LOWER
    figure, axes = grid(list(parts), tasks, height=high, width=across, sharex=sharex, sharey=sharey)
    for (part, task), ax in axes.items():
        ax.set_title(crowd.named(str(task), part), loc="left", fontweight="bold")
    return figure, [Panel(str(task), ax, parts[part], task == tasks[0]) for (part, task), ax in axes.items()]


TaskAndPart = tuple[str, str]
"""What a row of panels shows: a task, and of a crowd of arms a part."""


def by_gap(
    frame: pd.DataFrame, draw: Callable[[Axes, pd.DataFrame, Mapping[str, Look]], None], looks: Mapping[str, Look],
    *, height: float = 2.3, sharey: Sharing = "row", labelled: bool = False,
) -> tuple[Figure, Panels[TaskAndPart]]:  # fmt: skip
    """A row per task and part of the arms, in it a panel for each gap of the task, drawn from its rows.

    Where each of several tasks has one gap, the rows would be a column: their panels stand side by side, as `by_task`,
    unless rows are `labelled` at their right.
    """
    parts = crowd.parts(present(looks, frame))
    gaps = {str(task): sorted(map(int, rows.gap.unique())) for task, rows in frame.groupby("task")}
    rows = {(task, part): own for task, own in gaps.items() for part in parts}
    figure, axes = (
        _side_by_side(rows, parts, height, sharey)
        if not labelled and len(gaps) > 1 and max(map(len, gaps.values())) == 1
        else ragged(rows, height=height, sharey=sharey)
    )
    for ((task, part), gap), ax in axes.items():
        ax.set_title(crowd.named(wording.cell(task, int(str(gap))), part), loc="left")
        draw(ax, frame[(frame.task == task) & (frame.gap == gap)], parts[part])
    return figure, axes


def _side_by_side(
    rows: Mapping[TaskAndPart, Sequence[int]], parts: Iterable[str], height: float, sharey: Sharing
) -> tuple[Figure, Panels[TaskAndPart]]:
    """A row per part, in it the only panel of each task."""
    lines = {part: [task for task, own in rows if own == part] for part in parts}
    width = max(FULL_WIDTH, NARROW * len(rows) / len(lines))
    shared: Sharing = "none" if sharey == "row" else sharey
    figure, axes = ragged(lines, height=height, width=width, sharex="none", sharey=shared, small=False)
    return figure, {((str(task), part), rows[str(task), part][0]): ax for (part, task), ax in axes.items()}


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
    ticks_at(ax, ticks, "{:.0f}".format)
    ax.set_xlim(tested[0] / 1.35, tested[-1] * 1.35)


def ticks_at(ax: Axes, values: Sequence[float], text: Callable[[float], str], margin: float = 1.5) -> None:
    """A logarithmic x axis with a tick at each of these values, in rising order, and at no other."""
    ax.set_xscale("log")
    ax.set_xlim(values[0] / margin, values[-1] * margin)
    ax.xaxis.set_major_locator(FixedLocator(list(values)))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: text(value)))
    ax.xaxis.set_minor_locator(NullLocator())


def arm_rows(ax: Axes, arms: Sequence[str], *, above: float = 0.5) -> None:
    """A row per arm with its name, the first at the top; `above` is the room over it, in rows."""
    names, figure = list(arms), ax.get_figure(root=True)
    assert figure is not None
    width, height = figure.get_size_inches()
    if theme.room() is not None:
        names = [wrapped(arm, 0.35 * width * 72, FontProperties(size=mpl.rcParams["ytick.labelsize"])) for arm in arms]
        figure.set_size_inches(width, height * (1 + 0.4 * max(name.count("\n") for name in names)))
    ax.yaxis.set_major_locator(FixedLocator(list(range(len(arms)))))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda _, place: names[place or 0]))
    ax.set_ylim(len(arms) - 0.5, -above)


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


def present(looks: Mapping[str, Look], rows: pd.DataFrame) -> dict[str, Look]:
    """The looks of the arms in these rows."""
    return {arm: look for arm, look in looks.items() if (rows.arm == arm).any()}


def legend(
    figure: Figure, looks: Mapping[str, Look], extra: Sequence[Line2D] = (), below: Sequence[Line2D] = ()
) -> None:
    """One legend for all panels, above them: the arms drawn, then what other marks mean; what is long stands below."""
    drawn = marked.arms_in(figure)
    arms = {arm: look for arm, look in looks.items() if arm in drawn}
    of_arms = [
        Line2D([], [], color=look.colour, linestyle=look.linestyle, marker=look.marker, linewidth=1.8, label=arm)
        for arm, look in arms.items()
    ]
    if below:
        legends.place(figure, below, "outside lower left")
    above = legends.place(figure, [*of_arms, *crowd.legend(arms), *extra], "outside upper left")
    for arm, handle, text in zip(arms, above.legend_handles, above.get_texts(), strict=False):
        for artist in filter(None, (handle, text)):
            marked.mark(artist, arm, marked.KEY)
