"""The success curves that searches leave, with the outcomes behind them."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from seqbench import wording
from seqbench.analysis.arms import Look
from seqbench.analysis.entries import Entry
from seqbench.analysis.findings import Findings
from seqbench.analysis.parts import OUTCOMES
from seqbench.horizon.estimate import counted
from seqbench.report.figures import crowd, lines, marked, panels, searched, told
from seqbench.report.figures.plot import Plot, ids
from seqbench.report.figures.shares import MOST_BANDS, share_axis

POINTS = 120
"""Gaps at which a curve is computed."""


def plots(found: Findings) -> Iterator[Plot]:
    """Where there were searches."""
    if board := found.board:
        title, drawn = (
            f"Success against {searched.named(board)}, as the searches found it",
            ids(searched.runs_of(board)),
        )
        yield Plot("horizon_curves", title, _caption(board), _draw(board, found.looks), drawn)


def _draw(board: Sequence[Entry], looks: Mapping[str, Look]) -> Figure:
    """Share of runs that solve against gap: a panel per task, a curve per arm, a mark per gap and outcome."""
    tasks = searched.tasks_of(board)
    shown = {arm: look for arm, look in looks.items() if any(entry.arm == arm for entry in board)}
    figure, drawn = panels.by_task(tasks, 3.9, shown)
    for task, ax, arms, first in drawn:
        own = {entry.arm: entry for entry in board if entry.task == task}
        front = [arm for arm in crowd.front(arms) if arm in own]
        for arm, look in marked.by_arm(ax, {arm: look for arm, look in arms.items() if arm in own}):
            _curve(ax, own[arm], look, band=len(front) <= MOST_BANDS)
            if arm in front:
                _marks(ax, own[arm], look, 0.05 * (front.index(arm) + 1))
        share_axis(ax, margin=0.05 * (len(front) + 1))
        searched.range_axis(ax, list(own.values()), "x")
        ax.set_xlabel(searched.title(own.values(), lambda axis: axis.name))
        ax.set_ylabel("share of runs that solve the task" if first else "")
    panels.legend(figure, looks, [lines.mark("solved", "o"), lines.mark("not solved", "o", filled=False)])
    return figure


def _curve(ax: Axes, entry: Entry, look: Look, *, band: bool) -> None:
    gaps = np.unique(np.geomspace(entry.search.smallest, entry.search.largest, POINTS).round().astype(int))
    low, middle, high = np.array([entry.posterior.success(int(gap)) for gap in gaps]).T
    if band:
        ax.fill_between(gaps, low, high, color=look.colour, alpha=0.12, linewidth=0)
    ax.plot(gaps, middle, color=look.colour, linestyle=look.linestyle, linewidth=2)
    told.along(
        ax,
        gaps,
        middle,
        f"{entry.task} at {entry.axis.name} {{:.0f}}".format,
        wording.percent,
        ids(entry.runs),
        (low, high),
        told.INTERVAL,
    )


def _marks(ax: Axes, entry: Entry, look: Look, away: float) -> None:
    """Beyond 0 and 100 %, each arm on a line of its own."""
    for gap, numbers in counted(entry.outcomes).items():
        for number, height, face in zip(numbers, (1 + away, -away), (look.colour, "white"), strict=True):
            if number:
                ax.scatter(
                    gap, height, s=16 * number, marker=look.marker, facecolor=face, edgecolor=look.colour,
                    linewidth=1.1, zorder=3,
                )  # fmt: skip
                told.tell(ax, gap, height, [_tip(entry, gap, number, solved=height > 0.5)])


def _tip(entry: Entry, gap: int, number: int, *, solved: bool) -> told.Tip:
    runs = entry.runs[(entry.places == gap) & ((entry.runs.outcome == "solved") == solved)]
    return told.Tip(
        f"{entry.task} at {entry.axis.name} {gap}",
        f"{wording.plural(number, 'run')} {OUTCOMES[solved]}",
        runs=ids(runs),
    )


def _caption(board: Sequence[Entry]) -> list[str]:
    """What is drawn, and how many runs stand behind it."""
    drawn = wording.plural(sum(entry.found.runs for entry in board), "run")
    banded = all(sum(entry.task == task for entry in board) <= MOST_BANDS for task in searched.tasks_of(board))
    name, half = searched.named(board), searched.named(board, lambda axis: axis.half)
    return [
        f"Share of runs that solve the task, by {name}: what the outcomes of the search say of a curve that falls with "
        f"the {name} (median{', with its pointwise 95 % interval' if banded else ''}). It crosses one half at {half}.",
        f"Marks: the {drawn}, one mark per {name} and outcome, solved above and not solved below, larger where "
        "there are more.",
    ]
