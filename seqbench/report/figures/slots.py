"""Test score by slot: which of the items that had to be held were held."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from seqbench.analysis.arms import Look
from seqbench.analysis.cells import many_seeds
from seqbench.events import TaskFacts
from seqbench.report.figures import panels, seeds


def slots(scores: pd.DataFrame, tasks: Mapping[str, TaskFacts], looks: Mapping[str, Look]) -> Figure:
    """The score that decides, of each scored position: a row per task, a column per gap, a thin line per seed."""
    names, gaps, many = sorted(scores.task.unique()), sorted(scores.gap.unique()), many_seeds(scores)
    figure, axes = panels.grid(names, gaps, height=1.9, sharey="row")
    for (task, gap), ax in axes.items():
        here = scores[(scores.task == task) & (scores.gap == gap)]
        ax.set_title(f"{task}, gap {gap}", loc="left")
        _panel(ax, here, looks, many) if len(here) else panels.blank(ax, "no finished run")
        for baseline in tasks[task].baselines[:1]:
            ax.axhline(baseline.score, color="#777777", linewidth=0.9, linestyle=":", zorder=1.5)
        ax.set_xlabel("slot" if task == names[-1] else "")
        ax.set_ylabel(f"test {tasks[task].score_name}" if gap == gaps[0] else "")
        ax.xaxis.set_major_locator(MaxNLocator(8, integer=True))
    marks = [seeds.mark(many), panels.line("median of the seeds", width=2.4),
             panels.line("no memory", linestyle=":")]  # fmt: skip
    panels.legend(figure, {arm: look for arm, look in looks.items() if (scores.arm == arm).any()}, marks)
    return figure


def _panel(ax: Axes, scores: pd.DataFrame, looks: Mapping[str, Look], many: bool) -> None:
    for arm in (arm for arm in looks if (scores.arm == arm).any()):
        table, look = scores[scores.arm == arm].pivot_table(index="slot", columns="run_id", values="value"), looks[arm]
        if many:
            seeds.band(ax, table.set_axis(table.index + 1), look)
        else:
            ax.plot(table.index + 1, table, color=look.colour, linewidth=0.7, alpha=0.5, zorder=2)
        ax.plot(table.index + 1, table.median(axis=1), color=look.colour, linestyle=look.linestyle, linewidth=2,
                marker=look.marker, markersize=5, zorder=3)  # fmt: skip
