"""The searches behind the horizons: which gaps they tried, and what was known after each run."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from seqbench import wording
from seqbench.analysis.arms import Look, arms_in_order
from seqbench.analysis.entries import Entry
from seqbench.analysis.findings import Findings
from seqbench.analysis.outcomes import finished
from seqbench.analysis.parts import OUTCOMES
from seqbench.report.figures import grids, lines, marked, panels, searched, told
from seqbench.report.figures.plot import Plot, ids


def plots(found: Findings) -> Iterator[Plot]:
    """Where there were searches."""
    if board := found.board:
        figure = _draw(board, found.looks)
        yield Plot("horizon_path", "The searches behind it", _caption(board), figure, ids(searched.runs_of(board)))


def _draw(board: Sequence[Entry], looks: Mapping[str, Look]) -> Figure:
    """A panel per task and arm: the gap of each run in their order, solved or not, and the interval after each."""
    there = {(entry.task, entry.arm): entry for entry in board}
    rows = {task: arms_in_order(arm for of, arm in there if of == task) for task in searched.tasks_of(board)}
    figure, axes = grids.ragged(rows, height=2.4, sharex="none")
    for (task, arm), ax in axes.items():
        marked.mark(ax, str(arm))
        entry = there[task, str(arm)]
        _path(ax, entry, looks[entry.arm])
        searched.range_axis(ax, [one for one in board if one.task == task], "y")
        ax.set_title(f"{task}, {arm}", loc="left", fontweight="bold")
        ax.set_xlabel("runs")
    for ax in grids.firsts(axes).values():
        ax.set_ylabel(f"{searched.named(board)} (log scale)")
    half = searched.named(board, lambda axis: axis.half)
    marks = [lines.mark("solved", "o"), lines.mark("not solved", "o", filled=False)]
    panels.legend(figure, {}, [*marks, lines.line(f"{half}, with its 95 % interval shaded", width=1.6)])
    return figure


def _path(ax: Axes, entry: Entry, look: Look) -> None:
    number = np.arange(1, len(entry.outcomes) + 1)
    low, middle, high = (
        [searched.clipped(gap, entry) for gap in gaps]
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
    told.tell(ax, number, [run.gap for run in entry.outcomes], map(_tip, finished(entry.runs).itertuples()))
    ax.xaxis.set_major_locator(MaxNLocator(5, integer=True))


def _tip(run: Any) -> told.Tip:
    said = f"{OUTCOMES[run.outcome == 'solved']} after {wording.count(run.steps)} steps"
    return told.Tip(f"{wording.at(run.task, run.gap)}, seed {run.seed}", said, runs=(run.run_id,))


def _caption(board: Sequence[Entry]) -> list[str]:
    """How many runs the searches took, what grids as precise would take, and why each search ended."""
    runs, steps = sum(entry.found.runs for entry in board), sum(entry.found.steps for entry in board)
    head = wording.joined(
        f"The {searched.named(board)} of each run in the order in which the runs were started, solved (filled) or not "
        f"(hollow), and what was known of {searched.named(board, lambda axis: axis.half)} after it.",
        f"The searches drawn took {wording.plural(runs, 'run')} and {wording.count(steps)} training steps in all.",
    )
    return [head, "No run was given up early.", *_grids(board), *_ends(board)]


def _grids(board: Sequence[Entry]) -> list[str]:
    """What grids of equal precision would take, beside what the searches took."""
    known = [(entry, entry.grid) for entry in board if entry.grid is not None]
    if not known:
        return []
    told = [
        f"{entry.arm} on {entry.task} {wording.count(entry.found.steps)} against {wording.count(grid.steps)} steps "
        f"({wording.count(entry.found.runs)} against {wording.count(grid.runs)} runs)"
        for entry, grid in known
    ]
    searches, grids = sum(entry.found.steps for entry, _ in known), sum(grid.steps for _, grid in known)
    places = searched.named(board, lambda axis: f"{axis.name}s")
    return [
        f"Against a grid of {places} that would give an interval as narrow, by simulation on the curves found: "
        f"{'; '.join(told)}. In all {wording.count(searches)} against {wording.count(grids)} steps."
    ]


def _ends(board: Sequence[Entry]) -> list[str]:
    ends: dict[str, list[str]] = {}
    for entry in board:
        whose = f"{entry.arm} on {entry.task} ({wording.plural(entry.found.runs, 'run')})"
        ends.setdefault(entry.ended, []).append(whose)
    return [f"{wording.listed(names)}: {reason}." for reason, names in ends.items()]
