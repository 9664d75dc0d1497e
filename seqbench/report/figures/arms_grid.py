"""Rows with a panel per arm and lag along the axis, and what captions say of cores that state no step."""

from collections.abc import Mapping
from typing import NamedTuple

import matplotlib as mpl
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.ticker import MaxNLocator

from seqbench import wording
from seqbench.analysis.arms import arms_in_order
from seqbench.events import INPUTS
from seqbench.report.figures import grids, marked, panels
from seqbench.report.figures.theme import FULL_WIDTH
from seqbench.report.figures.wrapping import wrapped

NAMED = 0.75
"""Part of the width of a figure that its panels take at least, beside labels and a bar of colours."""


class Panel(NamedTuple):
    """The curves of an arm in a row of panels."""

    row: str
    arm: str
    ax: Axes
    lags: pd.DataFrame


def grid_of_arms(rows: Mapping[str, Mapping[str, pd.DataFrame]]) -> tuple[Figure, list[Panel]]:
    """Rows of panels, one for each arm and outcome that has runs, on an axis of decimal logarithms for each row.

    `rows` have their runs by outcome, which is empty where it is yet to come.
    """
    there = {row: _by_arm(outcomes) for row, outcomes in rows.items()}
    number = max(map(len, there.values()))
    width = max(6.5, min(FULL_WIDTH, 1.2 + 1.9 * number), 1.2 + 1.5 * number)
    keys = {row: list(own) for row, own in there.items()}
    figure, axes = grids.ragged(keys, height=2.0, width=width, sharex="row", sharey="row")
    for row, ax in grids.firsts(axes).items():
        ax.set_ylabel(row)
        panels.exponent_axis(ax.yaxis)
    drawn = list[Panel]()
    for row, curves in there.items():
        for (arm, outcome), own in curves.items():
            ax = axes[row, (arm, outcome)]
            marked.mark(ax, arm)
            _name(ax, "\n".join(filter(None, (arm.replace(", ", ",\n"), outcome))))
            _lag_axis(ax, pd.concat(list(curves.values())))
            drawn.append(Panel(row, arm, ax, own))
    return figure, drawn


def _by_arm(outcomes: Mapping[str, pd.DataFrame]) -> dict[tuple[str, str], pd.DataFrame]:
    arms = arms_in_order(pd.concat(list(outcomes.values())).arm)
    every = {(arm, outcome): lags[lags.arm == arm] for arm in arms for outcome, lags in outcomes.items()}
    return {key: own for key, own in every.items() if len(own)}


def _name(ax: Axes, said: str) -> None:
    """No wider than the panel, so that it stays apart from the name of the next one."""
    place, figure = ax.get_subplotspec(), ax.get_figure(root=True)
    assert place is not None
    assert figure is not None
    room = NAMED * figure.get_size_inches()[0] * 72 / place.get_gridspec().ncols
    font = FontProperties(size=mpl.rcParams["axes.titlesize"], weight="bold")
    ax.set_title(wrapped(said, room, font), loc="left", fontweight="bold")


def _lag_axis(ax: Axes, row: pd.DataFrame) -> None:
    """All lags of a row, with a line at its gap."""
    ax.set_xlabel("lag")
    ax.set_xlim(0, max(row.lag.max(), 1) * 1.02)
    ax.xaxis.set_major_locator(MaxNLocator(4, integer=True))
    if row.gap.any():
        ax.axvline(row.gap.max(), color="#999999", linewidth=0.8, zorder=1)


def inputs_in_words(lags: pd.DataFrame, how: str = "") -> str:
    """Of which arms the gradient of the inputs is drawn, and `how`."""
    arms = arms_in_order(lags.arm[lags.state == INPUTS])
    if not arms:
        return ""
    return f" Of {wording.arms(arms)}, whose core states no step: {how}the gradient of the inputs, relative to lag 0."
