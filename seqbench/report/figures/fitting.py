"""A figure at the size that was asked for: one size of type, strokes in proportion, no text beyond its panel."""

from collections.abc import Iterable, Iterator

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.collections import Collection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.text import Text

from seqbench.report.figures.theme import Size

PASSES = 3
"""A label that takes another line leaves less room to others."""


def fit(figure: Figure, size: Size) -> None:
    """Once it has been drawn; within its theme."""
    for ax in figure.axes:
        ax.tick_params(labelsize=size.font)
    for text in figure.findobj(Text):
        if isinstance(text, Text):
            text.set_fontsize(size.font)
    for artist in _strokes(figure):
        _thin(artist, size.strokes)
    _label_each_line(figure)
    for _ in range(PASSES):
        figure.draw_without_rendering()
        for ax in figure.axes:
            _within(ax)
    figure.draw_without_rendering()
    for ax in figure.axes:
        _apart(ax.xaxis)
        _apart(ax.yaxis)


def _strokes(figure: Figure) -> Iterator[Artist]:
    """What was drawn, and what stands for it in a legend; grids and spines are the theme's."""
    for ax in figure.axes:
        yield from (*ax.lines, *ax.collections)
    for legend in figure.legends:
        yield from filter(None, legend.legend_handles)


def _thin(artist: Artist, by: float) -> None:
    if isinstance(artist, Line2D):
        artist.set_linewidth(artist.get_linewidth() * by)
        artist.set_markersize(artist.get_markersize() * by)
        artist.set_markeredgewidth(artist.get_markeredgewidth() * by)
    elif isinstance(artist, Collection):
        artist.set_linewidth([float(width) * by for width in np.atleast_1d(artist.get_linewidth())])


def _label_each_line(figure: Figure) -> None:
    """The first panel of a line has the label of the line above it; a label is not repeated one below the other."""
    placed = [(ax, spec) for ax in figure.axes if ax.get_visible() and (spec := ax.get_subplotspec()) is not None]
    label = ""
    for ax, spec in placed:
        if spec.colspan.start == 0:
            label = ax.get_ylabel() or label
            ax.set_ylabel(label)
    for ax, spec in placed:
        below = (one for one, its in placed if (its.rowspan.start, its.colspan) == (spec.rowspan.stop, spec.colspan))
        if any(one.get_xlabel() == ax.get_xlabel() for one in below):
            ax.set_xlabel("")


def _within(ax: Axes) -> None:
    """Labels and titles take another line where they are longer than their panel."""
    panel = ax.get_window_extent()
    for text, room, upright in (
        (ax.xaxis.label, panel.width, False),
        (ax.yaxis.label, panel.height, True),
        *((title, panel.width, False) for title in _titles(ax)),
    ):
        extent = text.get_window_extent()
        if (extent.height if upright else extent.width) > room:
            text.set_text(_in_lines(text.get_text()))


def _titles(ax: Axes) -> Iterable[Text]:
    said = {ax.get_title(loc) for loc in ("left", "center", "right")} - {""}
    return [text for text in ax.get_children() if isinstance(text, Text) and text.get_text() in said]


def _apart(axis: Axis) -> None:
    """Without the names of ticks that would touch the one before."""
    low, high = sorted(axis.get_view_interval())
    before = None
    for tick in axis.get_major_ticks():
        if low <= tick.get_loc() <= high and tick.label1.get_visible() and tick.label1.get_text():
            extent = tick.label1.get_window_extent().padded(1)
            if before is not None and extent.overlaps(before):
                tick.label1.set_visible(False)
            else:
                before = extent


def _in_lines(text: str) -> str:
    """With its longest line broken at the space nearest to its middle, where it has one."""
    lines = text.split("\n")
    longest = max(range(len(lines)), key=lambda place: len(lines[place]))
    line = lines[longest]
    spaces = [place for place, letter in enumerate(line) if letter == " "]
    if spaces:
        at = min(spaces, key=lambda place: abs(place - len(line) / 2))
        lines[longest] = f"{line[:at]}\n{line[at + 1 :]}"
    return "\n".join(lines)
