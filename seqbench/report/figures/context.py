"""Test loss against the number of last words given, and how many of them each arm needs."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, NullLocator

from seqbench import wording
from seqbench.analysis.arms import Look
from seqbench.events import Baseline, TaskFacts
from seqbench.report.figures import panels

BEYOND = 1.3
"""Factor by which the place of "beyond all contexts" lies beyond the longest."""


def context(
    contexts: pd.DataFrame, effective: pd.DataFrame, tasks: Mapping[str, TaskFacts], looks: Mapping[str, Look]
) -> Figure:
    """Two panels per text: the loss by context, and below it the effective contexts with their intervals.

    `contexts` and `effective` as from `variants.by_context` and `variants.context_table`.
    """
    names = sorted(contexts.task.unique())
    shown = {arm: look for arm, look in looks.items() if (contexts.arm == arm).any()}
    below = 0.5 + 0.16 * len(shown)
    width = min(panels.FULL_WIDTH, 3 + 5 * len(names))
    figure = Figure(figsize=(width, 3.4 + below))
    axes = figure.subplots(2, len(names), squeeze=False, sharex="col", height_ratios=(3.4, below))
    for column, task in enumerate(names):
        upper, lower = axes[:, column]
        here = contexts[contexts.task == task]
        upper.set_title(task, loc="left", fontweight="bold")
        _losses(upper, here, shown)
        _baselines(upper, tasks[task].baselines)
        _effective(lower, effective[effective.task == task], shown)
        _words_axis(lower, [int(k) for k in sorted(here.context.unique())])
        upper.tick_params(labelbottom=False)
        if column == 0:
            upper.set_ylabel("test loss\n(nats per word)")
            lower.set_ylabel("effective\ncontext")
    marks = [
        panels.line("from the least to the greatest seed", width=5, colour="#CCCCCC"),
        panels.line("95 % interval of the effective context", width=2.4, colour="#999999"),
        *([panels.mark("beyond all contexts measured", "$→$")] if np.isinf(effective.words).any() else []),
    ]
    panels.legend(figure, shown, marks)
    return figure


def _words_axis(ax: Axes, contexts: list[int]) -> None:
    panels.gap_axis(ax, contexts)
    ax.xaxis.set_major_locator(FixedLocator(contexts))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.set_xlim(contexts[0] / 1.15, contexts[-1] * BEYOND**2)
    ax.set_xlabel("last words given (log scale)")


def _losses(ax: Axes, rows: pd.DataFrame, looks: Mapping[str, Look]) -> None:
    for arm in (arm for arm in looks if (rows.arm == arm).any()):
        by_context, look = rows[rows.arm == arm].groupby("context").loss, looks[arm]
        middle = by_context.median()
        if rows[rows.arm == arm].run_id.nunique() > 1:
            ax.fill_between(
                middle.index, by_context.min(), by_context.max(), color=look.colour, alpha=0.15, linewidth=0
            )
        ax.plot(middle.index, middle, color=look.colour, linestyle=look.linestyle, linewidth=1.9, marker=look.marker,
                markersize=5.5, markeredgecolor="white", markeredgewidth=0.6, zorder=3)  # fmt: skip


def _baselines(ax: Axes, baselines: tuple[Baseline, ...]) -> None:
    """Named in the right margin."""
    for baseline in baselines:
        ax.axhline(baseline.loss, color="#777777", linewidth=0.9, linestyle=(0, (1, 2)), zorder=1.5)
        name = baseline.name.replace(" (", "\n(")
        ax.annotate(f"{name}\n{wording.level(baseline.loss)}", xy=(1.02, baseline.loss), va="center", fontsize=8.5,
                    xycoords=ax.get_yaxis_transform(), color=panels.INK, annotation_clip=False)  # fmt: skip


def _effective(ax: Axes, rows: pd.DataFrame, looks: Mapping[str, Look]) -> None:
    """A row per arm, the first at the top."""
    arms = [arm for arm in looks if (rows.arm == arm).any()]
    for place, arm in enumerate(arms):
        row, look, height = rows[rows.arm == arm].iloc[0], looks[arm], len(arms) - place
        words, low, high = (min(value, row.longest * BEYOND) for value in (row.words, row.low, row.high))
        ax.plot([low, high], [height, height], color=look.colour, linewidth=2.4, alpha=0.55, solid_capstyle="butt")
        marker = look.marker if np.isfinite(row.words) else "$→$"
        ax.plot(words, height, marker=marker, color=look.colour, markersize=7, markeredgewidth=0.6, zorder=3)
    ax.set_ylim(0.3, len(arms) + 0.7)
    ax.yaxis.set_major_locator(NullLocator())
