"""Time and capacity on one picture: for each arm the line in the plane of gap and load where half of the runs solve."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from seqbench import wording
from seqbench.analysis import surface
from seqbench.analysis.arms import Look
from seqbench.analysis.entries import Entry
from seqbench.analysis.findings import Findings
from seqbench.analysis.outcomes import finished
from seqbench.analysis.parts import OUTCOMES
from seqbench.analysis.surface import Isoline
from seqbench.horizon.axis import GAP
from seqbench.report.figures import crowd, lines, marked, panels, searched
from seqbench.report.figures.plot import Plot, ids
from seqbench.report.figures.told import Tip, tell

#: Runs of the arms of a panel stand beside one another: each further arm by this factor of the load.
APART = 1.07


def plots(found: Findings) -> Iterator[Plot]:
    """Where searches over the gap were made at several loads, or over the load at several gaps."""
    if drawn := found.isolines:
        runs = pd.concat([searched.runs_of(line.points) for line in drawn])
        yield Plot("surface", "How far at which load", _caption(drawn), _draw(drawn, found.looks), ids(runs))


def _draw(drawn: Sequence[Isoline], looks: Mapping[str, Look]) -> Figure:
    """A panel per task: a line per arm through its horizons, and the runs behind them as dots."""
    tasks = list(dict.fromkeys(line.task for line in drawn))
    present = {arm: look for arm, look in looks.items() if any(line.arm == arm for line in drawn)}
    figure, shown = panels.by_task(tasks, 4.2, present, sharey="none")
    for task, ax, arms, first in shown:
        own = {line.arm: line for line in drawn if line.task == task}
        places = crowd.places(arms)
        for arm, look in marked.by_arm(ax, {arm: look for arm, look in arms.items() if arm in own}):
            _runs(ax, own[arm], look, APART ** places[arm])
            _isoline(ax, own[arm], look, APART ** places[arm])
        _axes(ax, list(own.values()))
        ax.set_ylabel("gap (steps, log scale)" if first else "")
    marks = [lines.mark("run, solved", "."), lines.mark("run, not solved", ".", filled=False)]
    panels.legend(figure, looks, [*marks, lines.line("half of the runs solve", width=1.8)])
    return figure


def _runs(ax: Axes, line: Isoline, look: Look, aside: float) -> None:
    runs = finished(searched.runs_of(line.points))
    solved = runs.outcome == "solved"
    for these, face in ((runs[solved], look.colour), (runs[~solved], "white")):
        ax.plot(
            these.load * aside, these.gap, ".", color=look.colour, markersize=7, markerfacecolor=face, alpha=0.55,
            zorder=2,
        )  # fmt: skip
    said = [
        Tip(wording.at(run.task, run.gap), f"{OUTCOMES[run.outcome == 'solved']}, seed {run.seed}", runs=(run.run_id,))
        for run in runs.itertuples()
    ]
    tell(ax, runs.load * aside, runs.gap, said)


def _isoline(ax: Axes, line: Isoline, look: Look, aside: float) -> None:
    """Its points with their intervals; one whose interval reaches beyond what was searched is hollow."""
    places = np.array([_place(one, one.found.gap50, aside) for one in line.points])
    for one in line.points:
        ends = [_place(one, end, aside) for end in (one.found.low, one.found.high)]
        ax.plot(*zip(*ends, strict=True), color=look.colour, linewidth=1.4, alpha=0.8, zorder=3)
    order = places[:, 0].argsort(kind="stable")
    ax.plot(*places[order].T, color=look.colour, linestyle=look.linestyle, linewidth=2, zorder=3)
    for one, place in zip(line.points, places, strict=True):
        face = look.colour if one.bounded else "white"
        ax.plot(*place, look.marker, color=look.colour, markersize=8, markerfacecolor=face, zorder=4)
    tell(ax, places[:, 0], places[:, 1], [searched.tip(one) for one in line.points])


def _place(point: Entry, value: float, aside: float) -> tuple[float, float]:
    """Where a value of what was searched stands in the plane."""
    at = searched.clipped(value, point)
    return (surface.load_of(point) * aside, at) if point.axis == GAP else (at, float(surface.gap_of(point)))


def _axes(ax: Axes, drawn: Sequence[Isoline]) -> None:
    """Both logarithmic; ticks at the loads that were searched."""
    runs = pd.concat([searched.runs_of(line.points) for line in drawn])
    over_gaps = [one for line in drawn for one in line.points if one.axis == GAP]
    panels.ticks_at(ax, sorted({int(load) for load in runs.load}), "{:.0f}".format)
    ax.set_xlabel("load (items, log scale)")
    if over_gaps:
        searched.range_axis(ax, over_gaps, "y")
    else:
        ax.set_yscale("log")


def _caption(drawn: Sequence[Isoline]) -> list[str]:
    """What is drawn, and what a load does to the reach of each arm, task by task."""
    runs = wording.plural(sum(point.found.runs for line in drawn for point in line.points), "run")
    parts = [
        "Lines: where half of the runs solve the task, for each arm in the plane of gap and load, with the 95 % "
        "interval of each search. A flat line: time and capacity are apart; a falling one: a larger load shortens the "
        "reach.",
        f"Dots: the {runs} of the searches, filled where they solved the task. Where a point of a line is hollow, "
        "the runs do not bound it on both sides.",
    ]
    tasks = dict.fromkeys(line.task for line in drawn)
    said = [surface.sentence(task, [line for line in drawn if line.task == task]) for task in tasks]
    return [*parts, *filter(None, said)]
