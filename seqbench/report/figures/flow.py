"""Gradient by lag, measurement beside theory, and through training."""

from collections.abc import Mapping

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Colormap, Normalize, to_hex
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from seqbench import wording
from seqbench.analysis import arms as palette
from seqbench.analysis.arms import Look
from seqbench.analysis.by_lag import through_training
from seqbench.analysis.cells import at_longest_gap
from seqbench.report.figures import panels
from seqbench.report.figures.gradient_by_lag import STAGES
from seqbench.report.figures.loss import thinned

MEASURED: Mapping[str, tuple[str, panels.Linestyle]] = {
    "h": ("measured, hidden state", "-"),
    "c": ("measured, cell state", "--"),
    "inputs": ("measured, inputs (the core states no step)", ":"),
}
THEORY: Mapping[str, tuple[str, str, panels.Linestyle]] = {
    "path": ("upper bound along the path", panels.INK, "-"),
    "sigma_max": ("upper bound, σ max alone", panels.INK, ":"),
    "direct_best": ("direct path, best unit", "#A33EA1", "-"),
    "direct_mean": ("direct path, mean of units", "#A33EA1", ":"),
}
ROOM = 0.45
"""Part of the measured range by which theory may reach beyond it before it leaves the panel."""


def flow(lags: pd.DataFrame, looks: Mapping[str, Look]) -> Figure:
    """A column per arm, two rows (before and after training) per task at its longest gap."""
    shown = at_longest_gap(lags[lags.stage.isin(list(STAGES))])
    rows = {
        f"{wording.cell(task, part.gap.max())}\n{words}": part[part.stage == stage]
        for task, part in shown.groupby("task")
        for stage, words in STAGES.items()
        if (part.stage == stage).any()
    }
    figure, axes = _grid_of_arms(list(rows), shown)
    for (row, arm), ax in axes.items():
        here = rows[row][rows[row].arm == arm]
        _theory_and_measurement(ax, here, looks[str(arm)]) if len(here) else panels.blank(ax, "not measured")
        _lags(ax, rows[row])
    _limits(next(iter(axes.values())), shown)
    used = set(shown.state)
    marks = [
        panels.line(label, width=2.6, linestyle=linestyle)
        for state, (label, linestyle) in MEASURED.items()
        if state in used
    ]
    theory = [
        panels.line(label, colour=colour, linestyle=linestyle, width=1.3)
        for state, (label, colour, linestyle) in THEORY.items()
        if state in used
    ]
    panels.legend(figure, {}, [*marks, *theory, *panels.gap_mark(shown)])
    return figure


def _grid_of_arms(rows: list[str], shown: pd.DataFrame) -> tuple[Figure, panels.Panels]:
    arms = palette.ordered(shown.arm)
    width = max(6.5, min(panels.FULL_WIDTH, 1.2 + 1.9 * len(arms)), 1.2 + 1.5 * len(arms))
    figure, axes = panels.grid(rows, arms, height=2.0, width=width, sharex="row", sharey="all")
    panels.exponent_axis(axes[rows[0], arms[0]].yaxis)
    for (row, arm), ax in axes.items():
        ax.set_title(str(arm).replace(", ", ",\n") if row == rows[0] else "", loc="left", fontweight="bold")
        ax.set_ylabel(row if arm == arms[0] else "")
        ax.set_xlabel("lag" if row == rows[-1] else "")
    return figure, axes


def _lags(ax: Axes, row: pd.DataFrame) -> None:
    ax.set_xlim(0, row.lag.max() * 1.02)
    ax.xaxis.set_major_locator(MaxNLocator(4, integer=True))
    if row.gap.any():
        ax.axvline(row.gap.max(), color="#999999", linewidth=0.8, zorder=1)


def _theory_and_measurement(ax: Axes, lags: pd.DataFrame, look: Look) -> None:
    for state, (_, colour, linestyle) in THEORY.items():
        _median(ax, lags[lags.state == state], colour, linestyle, 1.3)
    for state, (_, linestyle) in reversed(list(MEASURED.items())):
        rows = lags[lags.state == state]
        by_lag = rows.groupby("lag").log10_gradient
        low, high = by_lag.min().dropna(), by_lag.max().dropna()
        if rows.run_id.nunique() > 1:
            ax.fill_between(low.index, low, high, color=look.colour, alpha=0.18, linewidth=0)
        _median(ax, rows, look.colour, linestyle, 2.6)


def _median(ax: Axes, lags: pd.DataFrame, colour: str, linestyle: panels.Linestyle, width: float) -> None:
    middle = thinned(lags.groupby("lag").log10_gradient.median().dropna())
    ax.plot(middle.index, middle, color=colour, linestyle=linestyle, linewidth=width, zorder=4 if width > 2 else 3)


def _limits(ax: Axes, shown: pd.DataFrame) -> None:
    """What was measured in whole; a loose bound grows by so many orders of magnitude that it would flatten the rest."""
    measured, usable = shown.log10_gradient[shown.state.isin(list(MEASURED))], shown.log10_gradient
    low, high = min(measured.min(), 0.0), max(measured.max(), 0.0)
    room = ROOM * max(high - low, 1.0)
    edge = 0.04 * max(high - low, 1.0)
    ax.set_ylim(max(usable.min(), low - room) - edge, min(usable.max(), high + room) + edge)


def flow_snapshots(lags: pd.DataFrame, looks: Mapping[str, Look]) -> Figure:
    """Gradient by lag, coloured by training step: a column per arm, a row per task at its longest gap.

    `lags` holds the curve of h, or of the inputs, and the column `step` of `tables.with_steps`. Before training
    dashed, at the end thick.
    """
    shown = at_longest_gap(lags)
    rows = {wording.cell(task, part.gap.max()): part for task, part in shown.groupby("task")}
    figure, axes = _grid_of_arms(list(rows), shown)
    norm, colours = Normalize(0, shown.step.max()), matplotlib.colormaps["flare"]
    for (row, arm), ax in axes.items():
        here = rows[row][rows[row].arm == arm]
        _snapshots(ax, here, norm, colours) if len(here) else panels.blank(ax, "not measured")
        _lags(ax, rows[row])
    figure.colorbar(
        ScalarMappable(norm, colours), ax=list(axes.values()), label="training steps", shrink=0.9, pad=0.01,
        format=lambda value, _: wording.count(value),
    )  # fmt: skip
    first, middle, last = (to_hex(colours(part)) for part in (0.0, 0.5, 1.0))
    marks = [
        panels.line("at initialisation", colour=first, linestyle="--", width=2),
        panels.line("during training", colour=middle, width=1.1),
        panels.line("at the end", colour=last, width=2.6),
    ]
    panels.legend(figure, {}, [*marks, *panels.gap_mark(shown)])
    return figure


def _snapshots(ax: Axes, lags: pd.DataFrame, norm: Normalize, colours: Colormap) -> None:
    curves = through_training(lags)
    first, last = curves.columns[0], curves.columns[-1]
    for step in curves.columns:
        width = 2.6 if step == last else 2 if step == first else 1.1
        middle = thinned(curves[step].dropna())
        colour = colours(float(np.asarray(norm(step))))
        ax.plot(middle.index, middle, color=colour, linestyle="--" if step == first else "-", linewidth=width)
