"""The horizon of each arm, and the search behind it."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator

from seqbench.analysis import arms as palette
from seqbench.analysis.arms import Look
from seqbench.analysis.leaderboard import Entry
from seqbench.report.figures import panels
from seqbench.statistics.thresholds import BELOW_ALL, BEYOND_ALL

BEYOND = 1.35
"""Factor by which the axis reaches beyond the searched gaps; arrows of what lies outside point there."""


def horizon(board: Sequence[Entry], looks: Mapping[str, Look]) -> Figure:
    """A panel per task, a row per arm: gap50 with its 95 % interval on a log axis, arrows where it lies outside."""
    tasks = sorted({entry.task for entry in board})
    arms = palette.ordered(entry.arm for entry in board)
    width = min(panels.FULL_WIDTH, 2.5 + 4.2 * len(tasks))
    figure, axes = panels.grid(["all"], tasks, height=0.8 + 0.38 * len(arms), width=width, sharex="none", sharey="all")
    for task in tasks:
        ax, own = axes["all", task], [entry for entry in board if entry.task == task]
        ax.set_title(task, loc="left", fontweight="bold")
        for entry in own:
            _interval(ax, arms.index(entry.arm), entry, looks[entry.arm])
        range_axis(ax, own, "x")
        ax.set_xlabel("gap50 (steps, log scale)")
    first = axes["all", tasks[0]]
    first.yaxis.set_major_locator(FixedLocator(list(range(len(arms)))))
    first.yaxis.set_major_formatter(FuncFormatter(lambda _, place: arms[place or 0]))
    first.set_ylim(len(arms) - 0.5, -0.5)
    return figure


def _interval(ax: Axes, row: int, entry: Entry, look: Look) -> None:
    """The line from end to end, an arrow at an end that lies outside, and the point if it is inside."""
    low, middle, high = (_clipped(gap, entry) for gap in (entry.found.low, entry.found.gap50, entry.found.high))
    ax.plot([low, high], [row, row], color=look.colour, linewidth=2, solid_capstyle="butt", zorder=2)
    for gap, end in ((entry.found.low, low), (entry.found.high, high)):
        marker = {BELOW_ALL: "<", BEYOND_ALL: ">"}.get(gap, "|")
        ax.plot(end, row, marker=marker, color=look.colour, markersize=8, zorder=2)
    if entry.found.gap50 not in (BELOW_ALL, BEYOND_ALL):
        ax.plot(middle, row, marker=look.marker, color=look.colour, markersize=8, zorder=3)
    right = high < entry.search.max_gap / 3
    ax.annotate(
        entry.gap50, (high if right else low, row), (9 if right else -9, 0), textcoords="offset points", va="center",
        ha="left" if right else "right", fontsize=8.5, color=panels.INK,
    )  # fmt: skip


def _clipped(gap: float, entry: Entry) -> float:
    return float(np.clip(gap, entry.search.min_gap / BEYOND**0.5, entry.search.max_gap * BEYOND**0.5))


def range_axis(ax: Axes, board: Sequence[Entry], axis: str) -> None:
    """Logarithmic, over the searched gaps, with the range's ends and round gaps between them as ticks."""
    low = min(entry.search.min_gap for entry in board)
    high = max(entry.search.max_gap for entry in board)
    round_gaps = [m * 10**exponent for exponent in range(5) for m in (1, 2, 5)]
    ticks = [low, *(gap for gap in round_gaps if low * 1.4 < gap < high / 1.4), high]
    own = ax.xaxis if axis == "x" else ax.yaxis
    (ax.set_xscale if axis == "x" else ax.set_yscale)("log")
    (ax.set_xlim if axis == "x" else ax.set_ylim)(low / BEYOND, high * BEYOND)
    own.set_major_locator(FixedLocator(ticks))
    own.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0f}"))
    own.set_minor_locator(NullLocator())


def horizon_path(board: Sequence[Entry], looks: Mapping[str, Look]) -> Figure:
    """A panel per task and arm: the gap of each run in their order, solved or not, and the interval after each."""
    tasks = sorted({entry.task for entry in board})
    arms = palette.ordered(entry.arm for entry in board)
    figure, axes = panels.grid(tasks, arms, height=2.4, sharex="none")
    there = {(entry.task, entry.arm): entry for entry in board}
    for (task, arm), ax in axes.items():
        entry = there.get((task, str(arm)))
        if entry is None:
            panels.blank(ax, "not searched")
            continue
        _path(ax, entry, looks[entry.arm])
        range_axis(ax, [one for one in board if one.task == task], "y")
        ax.set_title(f"{task}, {arm}", loc="left", fontweight="bold")
        ax.set_xlabel("runs")
    for task in tasks:
        axes[task, arms[0]].set_ylabel("gap (log scale)")
    marks = [panels.mark("solved", "o"), panels.mark("not solved", "o", filled=False)]
    panels.legend(figure, {}, [*marks, panels.line("gap50, with its 95 % interval shaded", width=1.6)])
    return figure


def _path(ax: Axes, entry: Entry, look: Look) -> None:
    number = np.arange(1, len(entry.outcomes) + 1)
    low, middle, high = (
        [_clipped(gap, entry) for gap in gaps]
        for gaps in zip(*((one.low, one.gap50, one.high) for one in entry.path), strict=True)
    )
    ax.fill_between(number, low, high, color=look.colour, alpha=0.18, linewidth=0, step="mid")
    ax.step(number, middle, color=look.colour, linewidth=1.4, where="mid")
    for solved in (True, False):
        chosen = [(n, run.gap) for n, run in zip(number, entry.outcomes, strict=True) if run.solved == solved]
        if chosen:
            ax.plot(
                *zip(*chosen, strict=True), linestyle="none", marker="o", markersize=5, color=look.colour,
                markerfacecolor=look.colour if solved else "white", zorder=3,
            )  # fmt: skip
    ax.xaxis.set_major_locator(MaxNLocator(5, integer=True))
