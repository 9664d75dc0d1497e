"""Share of runs that have solved their task, against training steps."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, LogLocator, PercentFormatter

from seqbench import wording
from seqbench.analysis.arms import Look, arms_in_order
from seqbench.analysis.findings import Findings
from seqbench.analysis.outcomes import times
from seqbench.report.figures import crowd, grids, lines, marked, panels, told
from seqbench.report.figures.plot import Plot, ids
from seqbench.report.figures.shares import MOST_BANDS
from seqbench.statistics.rates import median_steps_to_solve, wilson_interval
from seqbench.statistics.survival import Curve, curve, sentence

MOST_PANELS = 6
"""About as many Kaplan-Meier panels can be read at a glance."""


class What(NamedTuple):
    """What runs come to by a step, in words: of many of them, of those that did, and of those that did not."""

    have: str
    did: str
    did_not: str


SOLVED = What("have solved the task", "solved it", "unsolved at the end of the budget")


def plots(found: Findings) -> Iterator[Plot]:
    """Where some run of a repeated arm solved its task."""
    runs = found.timed
    if chosen := telling(runs):
        shown = runs[pd.MultiIndex.from_frame(runs[["task", "gap"]]).isin(chosen)]
        caption, figure = _caption(runs, chosen), draw(shown, found.looks, SOLVED)
        yield Plot("time_to_solve", "Time to solve", caption, figure, ids(shown))


def telling(runs: pd.DataFrame) -> list[tuple[str, int]]:
    """Tasks and gaps to draw: of each task the longest gaps that some run solved, where most arms were repeated.

    One run of an arm makes no curve, so gaps without repetitions are left out.
    """
    most = max(1, MOST_PANELS // max(1, runs.task.nunique()))
    chosen: list[tuple[str, int]] = []
    for task, of_task in runs.groupby("task"):
        repeated = of_task.groupby(["gap", "arm"]).size().gt(1).groupby("gap").sum()
        solved = of_task[of_task.outcome == "solved"].gap.unique()
        gaps = [gap for gap in solved if repeated[gap] > 0]
        best = sorted(sorted(gaps, key=lambda gap: (repeated[gap], gap))[-most:])
        chosen += [(str(task), int(gap)) for gap in best]
    return chosen


def by_task(chosen: Sequence[tuple[str, int]]) -> dict[str, list[int]]:
    """The gaps of each task."""
    return {task: [gap for of, gap in chosen if of == task] for task in dict.fromkeys(task for task, _ in chosen)}


def draw(runs: pd.DataFrame, looks: Mapping[str, Look], what: What) -> Figure:
    """Kaplan-Meier curves with pointwise bands: a row per task, a panel for each of its gaps."""
    figure, axes = panels.by_gap(runs, partial(_panel, runs, what), looks, height=2.5, sharey="all")
    for ax in grids.firsts(axes).values():
        ax.set_ylabel(f"share of runs that\n{what.have}")
    marks = [
        lines.mark(what.did_not, "|"),
        lines.line("95 % interval", width=5, colour="#CCC"),
    ]
    panels.legend(figure, looks, marks)
    return figure


def _panel(every: pd.DataFrame, what: What, ax: Axes, runs: pd.DataFrame, looks: Mapping[str, Look]) -> None:
    """All panels of a task have the same steps, so that they show what a longer gap costs."""
    own = every[every.task == runs.task.iloc[0]]
    panels.steps_axis(ax, np.min(times(own).steps) / 1.2, own.budget.max())
    ax.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0), numticks=9))
    ax.set_ylim(-0.05, 1.08)
    ax.yaxis.set_major_locator(FixedLocator([0, 0.5, 1]))
    ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=" %"))
    present = panels.present(looks, runs)
    band = 0.13 if len(crowd.front(present)) <= MOST_BANDS else 0.06
    for arm, look in marked.by_arm(ax, present):
        own = runs[runs.arm == arm]
        found = curve(times(own))
        _arm(ax, own, found, look, band)
        told.tell(ax, found.steps, found.share, _tips(found, own, what.did))


def _arm(ax: Axes, runs: pd.DataFrame, found: Curve, look: Look, band: float) -> None:
    last, start = float(runs.budget.max()), ax.get_xlim()[0]
    at, share = [start, *found.steps, last], [0.0, *found.share]
    # Before its first success the band of an arm is that of no success, and would cover everybody's.
    low, high = (found.low, found.high) if len(found.steps) else np.array([wilson_interval(0, len(runs))]).T
    where = at[1:] if len(found.steps) else at
    ax.fill_between(
        where, [*low, low[-1]], [*high, high[-1]], step="post", color=look.colour, alpha=band, linewidth=0
    )  # fmt: skip
    ax.plot(
        at, [*share, share[-1]], drawstyle="steps-post", color=look.colour, linestyle=look.linestyle, linewidth=1.9,
        zorder=3,
    )  # fmt: skip
    ax.plot(
        found.steps, found.share, look.marker, color=look.colour, markersize=5, markeredgecolor="white",
        markeredgewidth=0.6, zorder=4,
    )  # fmt: skip
    for end in runs.budget[runs.outcome != "solved"].unique():
        reached = share[int((found.steps <= end).sum())]
        ax.plot(end, reached, "|", color=look.colour, markersize=11, markeredgewidth=2, zorder=4)


def _tips(found: Curve, runs: pd.DataFrame, did: str) -> Iterator[told.Tip]:
    place = wording.at(runs.task.iloc[0], runs.gap.iloc[0])
    for step, share, low, high in zip(found.steps, found.share, found.low, found.high, strict=True):
        where, interval = f"{place}, by step {wording.count(step)}", f"{told.INTERVAL} {low:.2f} to {high:.2f}"
        yield told.Tip(where, f"{wording.percent(share)} of {len(runs)} runs {did}", interval, ids(runs))


def _caption(runs: pd.DataFrame, chosen: Sequence[tuple[str, int]]) -> list[str]:
    """A sentence per panel; `chosen` are its tasks and gaps."""
    parts = [
        "Share of runs that have solved the task by a training step, with pointwise 95 % intervals. "
        f"{_soonest(runs, chosen)}",
        "The share is Kaplan and Meier's estimate; its interval is drawn from the first success of an arm on. A run "
        "that has not solved its task by the end of its budget, or has diverged, was watched until there and no longer "
        "(upright mark).",
    ]
    for task, gaps in by_task(chosen).items():
        said = [_panel_in_words(runs[(runs.task == task) & (runs.gap == gap)], task, gap) for gap in gaps]
        parts.append(" ".join(f"{text}." for text in said))
    return [*parts, "Medians are those of all runs, the unsolved among them." + _not_drawn(runs, chosen)]


def _soonest(runs: pd.DataFrame, chosen: Sequence[tuple[str, int]]) -> str:
    """By the median, at the longest gap drawn of each task."""
    told = []
    for task, gaps in by_task(chosen).items():
        own = runs[(runs.task == task) & (runs.gap == gaps[-1])]
        medians = {arm: median_steps_to_solve(*times(own[own.arm == arm])) for arm in arms_in_order(own.arm)}
        known = {arm: steps for arm, steps in medians.items() if steps is not None}
        first = min(known, key=lambda arm: known[arm]) if known else ""
        by = f"{first} after {wording.count(known[first])} steps" if known else "no arm"
        told.append(f"on {wording.at(task, gaps[-1])}, {by}")
    return f"The first arm of which half of the runs had solved: {'; '.join(told)}."


def _panel_in_words(runs: pd.DataFrame, task: str, gap: int) -> str:
    return sentence({arm: times(runs[runs.arm == arm]) for arm in arms_in_order(runs.arm)}, task, gap)


def _not_drawn(runs: pd.DataFrame, chosen: Sequence[tuple[str, int]]) -> str:
    """Of the tasks that are drawn, the gaps that are not."""
    tested = {task: set(of_task.gap) for task, of_task in runs.groupby("task")}
    gaps_left = {task: sorted(tested[task] - set(gaps)) for task, gaps in by_task(chosen).items()}
    left = [f"{task} at gap {wording.listed(gaps)}" for task, gaps in gaps_left.items() if gaps]
    return f" Not drawn: {'; '.join(left)}; the table below has every gap." if left else ""
