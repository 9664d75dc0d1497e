"""Decay of the gradient at initialisation against the longest gap that was solved."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator
from matplotlib.transforms import ScaledTranslation

from seqbench import wording
from seqbench.analysis.arms import Look
from seqbench.analysis.findings import Findings
from seqbench.events import HIDDEN
from seqbench.record.names import in_words
from seqbench.report.figures import lines, panels
from seqbench.report.figures.plot import Plot, ids
from seqbench.statistics import thresholds

LINEAR_BELOW = 0.01
"""Nats per step below which the axis of the decay is linear: a gradient that grows has a negative decay."""
SPREAD = 10.0
"""Points (1/72 inch) over which the seeds of an arm are drawn apart."""
BEYOND = 1.5
"""Factor by which the rows "none" and "all" lie beyond the tested gaps."""


def plots(found: Findings) -> Iterator[Plot]:
    """Where seeds tested several gaps, and their gradient was measured."""
    reach = found.reach
    if len(reach):
        drawn, title = found.done.merge(reach[["task", "arm", "seed"]]), "Decay of the gradient and longest gap solved"
        yield Plot("decay_and_reach", title, _caption(found), _draw(reach, found.looks), ids(drawn))


def _draw(reach: pd.DataFrame, looks: Mapping[str, Look]) -> Figure:
    """A panel per task, a point per arm and seed."""
    tasks = sorted(reach.task.unique())
    figure, axes = panels.by_task(tasks, 3.4, sharex="all", sharey="none")
    for task, ax in axes.items():
        ax.set_xlabel("decay per step at initialisation (nats)")
        _panel(ax, reach[reach.task == task], looks)
    axes[tasks[0]].set_ylabel("longest gap solved by the seed")
    _decay_axis(axes[tasks[0]], reach.decay)
    marks = [lines.mark("solved some gaps", "o"),
             lines.mark("solved all, or none, of the gaps tested", "o", filled=False)]  # fmt: skip
    panels.legend(figure, panels.present(looks, reach), marks)
    return figure


def _panel(ax: Axes, reach: pd.DataFrame, looks: Mapping[str, Look]) -> None:
    gaps = sorted({int(gap) for tested in reach.gaps for gap in tested})
    none, every = gaps[0] / BEYOND, gaps[-1] * BEYOND
    last = max(4, reach.place.max())
    apart = SPREAD / last
    for point in reach.itertuples():
        inside = point.longest not in (thresholds.BELOW_ALL, thresholds.BEYOND_ALL)
        height = point.longest if inside else none if point.longest == thresholds.BELOW_ALL else every
        look = looks[point.arm]
        # Seeds of an arm end at the same gap more often than not.
        shift = ScaledTranslation(0, apart * (point.place - last / 2) / 72, ax.figure.dpi_scale_trans)
        ax.plot(
            point.decay, height, look.marker, transform=ax.transData + shift, color=look.colour, markersize=7,
            markerfacecolor=look.colour if inside else "white", markeredgewidth=1.3, alpha=0.85, zorder=3,
        )  # fmt: skip
    ax.set_yscale("log")
    ax.set_ylim(none / BEYOND**0.7, every * BEYOND**0.7)
    names = ["none", *map(str, gaps), "all"]
    ax.yaxis.set_major_locator(FixedLocator([none, *gaps, every]))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda _, place: names[place or 0]))
    ax.yaxis.set_minor_locator(NullLocator())


def _decay_axis(ax: Axes, decay: pd.Series) -> None:
    """The transform of the points leaves matplotlib without limits of its own."""
    ax.set_xscale("symlog", linthresh=LINEAR_BELOW, linscale=0.4)
    low, high = float(decay.min()), float(decay.max())
    left = low / 1.5 if low > LINEAR_BELOW else min(low * 1.5, 0) - LINEAR_BELOW / 4
    ax.set_xlim(left, max(high * 1.5, LINEAR_BELOW))
    ticks = [m * 10.0**exponent for exponent in range(-2, 3) for m in (1, 3)]
    ax.xaxis.set_major_locator(FixedLocator([*(-tick for tick in ticks), 0, *ticks]))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{np.round(value, 9):g}".replace("-", "−")))
    ax.xaxis.set_minor_locator(NullLocator())


def _caption(found: Findings) -> list[str]:
    """Rank correlation per task with its interval, censored points and exceptions."""
    parts = [
        f"Decay per step of lag of the {in_words(HIDDEN)}'s gradient at initialisation (at the longest gap tested), "
        "against the longest gap that the same seed then solved: a point per arm and seed."
    ]
    for row in found.correlations.itertuples():
        differ = found.reach.longest[found.reach.task == row.task].nunique() > 1
        parts.append(wording.joined(_correlation(row), _censored(row), _exceptions(row, differ)))
    return parts


def _correlation(row: Any) -> str:
    if np.isnan(row.spearman):
        return f"On {row.task} there is no rank correlation to compute: {row.verdict}."
    return (
        f"On {row.task}, Spearman's rank correlation over {wording.plural(row.points, 'point')} is "
        f"{_signed(row.spearman)} (95 % bootstrap interval {_signed(row.low)} to {_signed(row.high)}): {row.verdict}. "
        "Seeds of one arm resemble one another, so this interval is rather too narrow."
    )


def _signed(value: float) -> str:
    return f"{value:.2f}".replace("-", "−")


def _censored(row: Any) -> str:
    if not row.solved_none and not row.solved_all:
        return ""
    return f"Hollow points: {row.solved_none} solved no gap tested, {row.solved_all} all of them."


def _exceptions(row: Any, differ: bool) -> str:
    """The points that go against the rule most; nothing where all solved the same gap."""
    if not row.pairs_against:
        return "No pair of points of two arms goes against the rule." if differ else ""
    rule = "less decay and yet a shorter gap"
    return (
        f"Pairs of points of two arms against the rule ({rule}): {row.pairs_against}, most of all {row.most_against}."
    )
