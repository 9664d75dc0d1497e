"""Test score by slot: which of the items that had to be held were held."""

from collections.abc import Iterator, Mapping

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from seqbench import wording
from seqbench.analysis.arms import Look, arms_in_order
from seqbench.analysis.cells import at_longest_gap, many_seeds
from seqbench.analysis.findings import Findings
from seqbench.events import TaskFacts
from seqbench.report.figures import grids, lines, marked, panels, seeds, told
from seqbench.report.figures.plot import Plot, ids

NO_MEMORY = lines.DOTTED
Tasks = Mapping[str, TaskFacts]


def plots(found: Findings) -> Iterator[Plot]:
    """Where runs were asked at several positions."""
    scores, tasks = found.slots, found.record.tasks
    if len(scores):
        yield Plot(
            "slots", "Test score by slot", _caption(scores, tasks), _draw(scores, tasks, found.looks), ids(scores)
        )


def _draw(scores: pd.DataFrame, tasks: Tasks, looks: Mapping[str, Look]) -> Figure:
    """The score that decides, of each scored position: a row per task, a column per gap, a thin line per seed."""
    many = many_seeds(scores)
    figure, axes = panels.by_gap(scores, lambda ax, here, looks: _panel(ax, here, looks, many), looks, height=1.9)
    for ((task, _), _), ax in axes.items():
        for baseline in tasks[task].baselines[:1]:
            ax.axhline(baseline.score, color="#777777", linewidth=0.9, linestyle=NO_MEMORY.line, zorder=1.5)
        ax.set_xlabel("slot")
        ax.xaxis.set_major_locator(MaxNLocator(8, integer=True))
    for (task, _), ax in grids.firsts(axes).items():
        ax.set_ylabel(f"test {tasks[task].score_name}")
    marks = [seeds.mark(many), lines.line("median of the seeds", width=2.4), lines.line("no memory", style=NO_MEMORY)]
    panels.legend(figure, looks, marks)
    return figure


def _panel(ax: Axes, scores: pd.DataFrame, looks: Mapping[str, Look], many: bool) -> None:
    for arm, look in marked.by_arm(ax, panels.present(looks, scores)):
        table = scores[scores.arm == arm].pivot_table(index="slot", columns="run_id", values="value")
        if many:
            seeds.band(ax, table.set_axis(table.index + 1), look)
        else:
            ax.plot(table.index + 1, table, color=look.colour, linewidth=0.7, alpha=0.5, zorder=2)
        ax.plot(table.index + 1, table.median(axis=1), color=look.colour, linestyle=look.linestyle, linewidth=2,
                marker=look.marker, markersize=5, zorder=3)  # fmt: skip
        where, ends = wording.at(scores.task.iloc[0], scores.gap.iloc[0]), (table.min(axis=1), table.max(axis=1))
        told.along(ax, table.index + 1, table.median(axis=1), f"{where}, median of slot {{:.0f}}".format,
                   wording.level, told.of_columns(table.set_axis(table.index + 1)), ends)  # fmt: skip


def _caption(scores: pd.DataFrame, tasks: Tasks) -> list[str]:
    """The profile of each arm at the longest gap of each task."""
    parts = [
        "Test score of the first, second, ... answer of a sequence; "
        f"{NO_MEMORY.word}: what a model without memory scores."
    ]
    for task, rows in at_longest_gap(scores).groupby("task"):
        medians = rows.groupby(["arm", "slot"]).value.median()
        told = [
            f"{arm} {' / '.join(wording.level(value) for value in medians[arm].sort_index())}"
            for arm in arms_in_order(rows.arm)
        ]
        name = tasks[task].score_name
        parts.append(f"Median {name} by slot on {task} at gap {rows.gap.max()}: {'; '.join(told)}.")
    return parts
