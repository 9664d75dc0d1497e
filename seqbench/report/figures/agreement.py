"""Accuracy at the verb against the gap, by the number of attractors."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator
from matplotlib.transforms import ScaledTranslation

from seqbench.analysis.arms import Look
from seqbench.report.figures import panels

CHANCE, SOLVED = 0.5, 0.99


def agreement(runs: pd.DataFrame, looks: Mapping[str, Look]) -> Figure:
    """A panel per number of attractors, a line per arm; `runs` as from `agreement.runs_of`."""
    tasks = sorted(runs.task.unique())
    width = min(panels.FULL_WIDTH, 2 + 4 * len(tasks))
    figure, axes = panels.grid(["all"], tasks, height=3.7, width=width, sharex="none", sharey="all")
    for task in tasks:
        ax, own = axes["all", task], runs[runs.task == task]
        ax.set_title(task_title(task, own), loc="left", fontweight="bold")
        _panel(ax, own.assign(tested_gap=own.gap), looks)
        ax.set_xlabel("gap (words between noun and verb, log scale)")
    axes["all", tasks[0]].set_ylabel("accuracy at the verb")
    _accuracy_axis(axes["all", tasks[0]], runs)
    panels.legend(figure, _present(runs, looks), _marks())
    return figure


def generalisation(scores: pd.DataFrame, looks: Mapping[str, Look]) -> Figure:
    """A row per task trained on, a column per number of attractors tested on; `scores` as from `by_sentence`."""
    tasks, attractors = sorted(scores.task.unique()), sorted(int(n) for n in scores.attractors.unique())
    figure, axes = panels.grid(tasks, attractors, height=2.1, sharex="row", sharey="all")
    for (task, number), ax in axes.items():
        of_task = scores[scores.task == task]
        here, trained = of_task[of_task.attractors == number], int(of_task.gap.max())
        if task == tasks[0]:
            ax.set_title(f"tested on {number} attractor{'' if number == 1 else 's'}", loc="left")
        _panel(ax, here, looks, gaps=of_task.tested_gap) if len(here) else panels.blank(ax, "do not fit")
        ax.axvline(trained, color="#999999", linewidth=0.8, zorder=1)
        if number == attractors[0]:
            ax.set_ylabel(f"{task.replace(', ', ',' + chr(10))}\ntrained at gap {trained}\naccuracy")
        ax.set_xlabel("gap tested on (log scale)" if task == tasks[-1] else "")
    _accuracy_axis(axes[tasks[0], attractors[0]], scores)
    panels.legend(figure, _present(scores, looks), [*_marks(), panels.line("gap trained on", colour="#999999")])
    return figure


def _accuracy_axis(ax: Axes, rows: pd.DataFrame) -> None:
    """Shared by all panels; below chance only as far as there are values."""
    ax.set_ylim(min(float(rows.accuracy.min()), CHANCE) - 0.04, 1.03)
    ax.yaxis.set_major_locator(FixedLocator([0, 0.25, 0.5, 0.6, 0.7, 0.8, 0.9, 1]))


def task_title(task: str, runs: pd.DataFrame) -> str:
    """With the number of attractors, also where it is the same in all runs and so no part of the name."""
    numbers = sorted({f"{int(number)}" for number in runs["task.attractors"]})
    return task if "attractors=" in task else f"{task}, attractors={' or '.join(numbers)}"


def _present(rows: pd.DataFrame, looks: Mapping[str, Look]) -> dict[str, Look]:
    return {arm: look for arm, look in looks.items() if (rows.arm == arm).any()}


def _marks() -> list[Line2D]:
    return [panels.line("from the least to the greatest seed", width=2.2, colour="#BBBBBB"),
            panels.line("criterion (0.99)", linestyle="--"), panels.line("chance (0.5)", linestyle=":")]  # fmt: skip


def _panel(ax: Axes, rows: pd.DataFrame, looks: Mapping[str, Look], gaps: pd.Series | None = None) -> None:
    panels.gap_axis(ax, {int(gap) for gap in (rows.tested_gap if gaps is None else gaps)})
    ax.axhline(CHANCE, color=panels.INK, linewidth=0.8, linestyle=":", zorder=1)
    ax.axhline(SOLVED, color=panels.INK, linewidth=0.8, linestyle="--", zorder=1)
    present = list(_present(rows, looks))
    for place, arm in enumerate(present):
        shift = (place - (len(present) - 1) / 2) * min(5, 20 / len(present))
        _arm(ax, rows[rows.arm == arm], looks[arm], shift)


def _arm(ax: Axes, rows: pd.DataFrame, look: Look, shift: float) -> None:
    """Shifted sideways by some points (1/72 inch): arms at chance, or all right, would hide one another."""
    shifted = ax.transData + ScaledTranslation(shift / 72, 0, ax.figure.dpi_scale_trans)
    by_gap = rows.groupby("tested_gap").accuracy
    middle = by_gap.median()
    ax.vlines(middle.index, by_gap.min(), by_gap.max(), color=look.colour, alpha=0.45, linewidth=2.2, transform=shifted)
    ax.plot(middle.index, middle, color=look.colour, linestyle=look.linestyle, linewidth=1.7, marker=look.marker,
            markersize=5.5, markeredgecolor="white", markeredgewidth=0.6, transform=shifted, zorder=3)  # fmt: skip
