"""A legend beside all panels: as few lines as fit, measured, and long names in several."""

from collections.abc import Sequence
from typing import Literal

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.legend import Legend
from matplotlib.lines import Line2D

from seqbench.report.figures.wrapping import width, wrapped

Place = Literal["outside upper left", "outside lower left"]
HANDLE, GAP, BETWEEN, AROUND = 2.8, 0.8, 1.6, 1.8
"""Widths of a line, of what is between it and its name, between columns and around all, in units of the type's size."""


def place(figure: Figure, handles: Sequence[Line2D], where: Place) -> Legend:
    """The figure grows by its height."""
    font = FontProperties(size=mpl.rcParams["legend.fontsize"])
    (across, height), em = figure.get_size_inches(), font.get_size_in_points()
    room = across * 72 - AROUND * em
    labels = [wrapped(str(handle.get_label()), room - (HANDLE + GAP) * em, font) for handle in handles]
    columns = _columns([width(label, font) / em for label in labels], room / em)
    legend = figure.legend(
        handles=handles, labels=labels, loc=where, ncols=columns,
        handlelength=HANDLE, handletextpad=GAP, columnspacing=BETWEEN,
    )  # fmt: skip
    figure.set_size_inches(across, height + legend.get_window_extent().height / figure.dpi)
    return legend


def _columns(widths: Sequence[float], room: float) -> int:
    """The most columns whose entries, filled in column by column, fit."""
    for columns in range(len(widths), 1, -1):
        # matplotlib splits the entries in the same way
        longest = [max(part) for part in np.array_split(np.array(widths), columns)]
        if sum(HANDLE + GAP + each for each in longest) + BETWEEN * (columns - 1) <= room:
            return columns
    return 1
