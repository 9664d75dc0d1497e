"""Grids with a column per arm and lag along the axis, and what captions say of cores that state no step."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from seqbench import wording
from seqbench.analysis.arms import arms_in_order
from seqbench.events import INPUTS
from seqbench.report.figures import grids, panels
from seqbench.report.figures.theme import FULL_WIDTH


def grid_of_arms(rows: list[str], shown: pd.DataFrame) -> tuple[Figure, grids.Panels[str]]:
    """A column per arm of the rows that are shown, all on one axis of decimal logarithms; each is named above it.

    Where a row has several lines, every panel is named.
    """
    arms = arms_in_order(shown.arm)
    width = max(6.5, min(FULL_WIDTH, 1.2 + 1.9 * len(arms)), 1.2 + 1.5 * len(arms))
    figure, axes = grids.grid(rows, arms, height=2.0, width=width, sharex="row", sharey="all")
    panels.exponent_axis(axes[rows[0], arms[0]].yaxis)
    for (row, arm), ax in axes.items():
        place = ax.get_subplotspec()
        assert place
        named = row == rows[0] or place.get_gridspec().ncols < len(arms)
        ax.set_title(str(arm).replace(", ", ",\n") if named else "", loc="left", fontweight="bold")
        ax.set_ylabel(row if place.is_first_col() else "")
        ax.set_xlabel("lag" if row == rows[-1] else "")
    return figure, axes


def lag_axis(ax: Axes, row: pd.DataFrame) -> None:
    """All lags of a row, with a line at its gap."""
    ax.set_xlim(0, max(row.lag.max(), 1) * 1.02)
    ax.xaxis.set_major_locator(MaxNLocator(4, integer=True))
    if row.gap.any():
        ax.axvline(row.gap.max(), color="#999999", linewidth=0.8, zorder=1)


def inputs_in_words(lags: pd.DataFrame, how: str = "") -> str:
    """Of which arms the gradient of the inputs is drawn, and `how`."""
    arms = arms_in_order(lags.arm[lags.state == INPUTS])
    if not arms:
        return ""
    return f" Of {wording.listed(arms)}, whose core states no step: {how}the gradient of the inputs, relative to lag 0."
