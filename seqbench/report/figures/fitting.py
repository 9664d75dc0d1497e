"""A figure at the size that was asked for: one size of type, strokes in proportion, no text beyond its panel."""

import math
import warnings
from collections.abc import Iterable, Iterator, Mapping

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.collections import Collection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.text import Text

from seqbench.report.figures import grids
from seqbench.report.figures.theme import Size
from seqbench.report.figures.wrapping import wrapped

PASSES = 6
"""A label that takes another line leaves less room to others."""
LEAST = (4, 3)
"""Width and height below which a panel shows nothing, in units of the type's size."""
LOW = 7
"""Height of the lowest panels, to which they are lowered where a figure would be taller than its page, in the same."""
EDGE = 0.02
"""Inches by which what is drawn may lie beyond the figure: the half of a line, the side of a letter."""


class NoRoom(ValueError):
    """The text is too large for the width."""

    @classmethod
    def of(cls, size: Size) -> "NoRoom":
        """Says which."""
        return cls(f"text of {size.font:g} pt has no room in a width of {size.width:g} inches")


def fit(figure: Figure, size: Size) -> None:
    """Once it has been drawn; within its theme. Raises NoRoom where that cannot be."""
    for ax in figure.axes:
        ax.tick_params(labelsize=size.font)
    for text in figure.findobj(Text):
        if isinstance(text, Text):
            text.set_fontsize(size.font)
    for artist in _strokes(figure):
        _thin(artist, size.strokes)
    grids.label_each_line(figure)
    _label_lines_once(figure)
    with warnings.catch_warnings():
        warnings.filterwarnings("error", "constrained_layout not applied")
        try:
            _lay_out(figure, size)
        except UserWarning as collapsed:
            raise NoRoom.of(size) from collapsed
    _require_room(figure, size)


def _lay_out(figure: Figure, size: Size) -> None:
    said = {text: text.get_text() for ax in figure.axes for text in (ax.xaxis.label, ax.yaxis.label, *_titles(ax))}
    for text, whole in said.items():  # before the first layout: it fails where a line is wider than the figure
        text.set_text(wrapped(whole, size.width * 72 / 2, text.get_fontproperties()))
    for _ in range(PASSES):
        figure.draw_without_rendering()
        _as_tall_as_needed(figure, math.inf, LOW * size.font / 72)
        changed = [_within(ax, said) for ax in figure.axes]
        if not any(changed):
            break
    figure.draw_without_rendering()
    _as_tall_as_needed(figure, size.height, LOW * size.font / 72)
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


def _label_lines_once(figure: Figure) -> None:
    """What is the same below all panels of a line stands in their middle, as wide as all of them.

    The others keep a space there, for which the layout leaves room: the label itself would push them apart.
    """
    lines: dict[int, list[Axes]] = {}
    for ax in figure.axes:
        if (spec := ax.get_subplotspec()) is not None and ax.get_visible():
            lines.setdefault(spec.rowspan.start, []).append(ax)
    for line in lines.values():
        said = {ax.get_xlabel() for ax in line}
        if len(line) > 1 and len(said) == 1 and said != {""}:
            middle = line[len(line) // 2]
            for ax in line:
                ax.set_xlabel(ax.get_xlabel() if ax is middle else " ")
            middle.xaxis.label.set_in_layout(False)
            middle.xaxis.label.set_x(0.5 if len(line) % 2 else -0.05)


def _width_for_label(ax: Axes) -> float:
    """Of the panel, or of the whole figure for a label that stands for a line of panels."""
    figure = ax.get_figure(root=True)
    assert figure is not None
    return ax.get_window_extent().width if ax.xaxis.label.get_in_layout() else figure.bbox.width * 0.7


def _within(ax: Axes, said: Mapping[Text, str]) -> bool:
    """Labels and titles take as many lines as they need to be no longer than their panel; whether that changed some."""
    panel, changed = ax.get_window_extent(), False
    for text, pixels in (
        (ax.xaxis.label, _width_for_label(ax)),
        (ax.yaxis.label, panel.height),
        *((text, panel.width) for text in _titles(ax)),
    ):
        before = text.get_text()
        text.set_text(wrapped(said[text], pixels * 72 / _dpi(ax), text.get_fontproperties()))
        changed |= text.get_text() != before
    return changed


def _dpi(ax: Axes) -> float:
    figure = ax.get_figure(root=True)
    assert figure is not None
    return figure.dpi


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


def _as_tall_as_needed(figure: Figure, most: float, least: float) -> None:
    """Its panels are at least so high, and it is no taller than `most` where they allow that; all in inches."""
    panels = _panels(figure)
    lines = len({spec.rowspan.start for ax in panels if (spec := ax.get_subplotspec()) is not None})
    spare = lines * (min((ax.get_window_extent().height for ax in panels), default=0.0) / figure.dpi - least)
    width, height = figure.get_size_inches()
    figure.set_size_inches(width, min(height, max(most, height - spare)) if spare > 0 else height - spare)


def _panels(figure: Figure) -> list[Axes]:
    """Without bars of colours."""
    return [ax for ax in figure.axes if ax.get_visible() and ax.get_subplotspec() is not None]


def _require_room(figure: Figure, size: Size) -> None:
    """Raises NoRoom where panels are too small to read anything off, or something is cut."""
    em = size.font * figure.dpi / 72
    panels = [ax.get_window_extent() for ax in _panels(figure)]
    whole, drawn = figure.bbox.padded(EDGE * figure.dpi), figure.get_tightbbox().transformed(figure.dpi_scale_trans)
    if any(panel.width < LEAST[0] * em or panel.height < LEAST[1] * em for panel in panels) or not (
        whole.x0 <= drawn.x0 and drawn.x1 <= whole.x1 and whole.y0 <= drawn.y0 and drawn.y1 <= whole.y1
    ):
        raise NoRoom.of(size)
