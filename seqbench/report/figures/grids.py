"""Panels in rows, each as long as it has panels; a row that is too long for the width goes on in the next line."""

from collections.abc import Hashable, Mapping, Sequence
from typing import Any, Literal, TypeVar

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from seqbench.report.figures import theme

NARROWEST = 1.75
"""Inches of a page that a panel takes at least, with its labels; half of its width on a page if that is more."""
SMALLEST, AXIS = 0.95, 0.9
"""The same of panels that share the labels of the first one, and what these take."""
FULL, MORE_LINES = 0.8, 1.34
"""Part of the places that should have a panel, and the factor by which lines may be more for its sake."""
WIDEST = 12.7
"""Inches: on a screen of 1280 pixels a page shows the type of a figure so wide at four fifths of its size."""
LABELS = 0.4
"""Inches of a page that the labels of a further line of panels take, and those of narrow panels, in more lines."""

Sharing = Literal["none", "all", "row", "col"]
Row = TypeVar("Row", bound=Hashable)
Panels = dict[tuple[Row, object], Axes]
_Places = dict[tuple[Row, object], tuple[int, int]]
"""Of each panel, its line and its place in the line."""


def grid(
    rows: Sequence[Row],
    columns: Sequence[object],
    *,
    height: float = 2.3,
    width: float | None = None,
    sharex: Sharing = "row",
    sharey: Sharing = "row",
) -> tuple[Figure, Panels[Row]]:
    """A panel for each row and column, keyed by both; panels that stay without data are to be passed to `blank`."""
    same = dict.fromkeys(rows, columns)
    return ragged(same, height=height, width=width, sharex=sharex, sharey=sharey, small=False)


def ragged(
    rows: Mapping[Row, Sequence[object]],
    *,
    height: float = 2.3,
    width: float | None = None,
    sharex: Sharing = "row",
    sharey: Sharing = "row",
    small: bool = True,
) -> tuple[Figure, Panels[Row]]:
    """A panel for each row and each of its own columns, keyed by both; `width` is that of the longest row.

    `small` panels can still be read where many stand side by side: the first one of a line has the labels of all.
    """
    number = max(map(len, rows.values()))
    across = width or max(6.5, min(theme.FULL_WIDTH, 1.5 + 3.2 * number), 2.1 * number)
    beside = _side_by_side([len(columns) for columns in rows.values()], _most(number, across, small=small))
    places = _placed(rows, beside)
    lines = 1 + max(line for line, _ in places.values())
    each = height + (LABELS if lines > len(rows) or theme.room() else 0)
    wide = across if beside == number else max(across * beside / number, theme.FULL_WIDTH)
    figure = Figure(figsize=theme.size(wide, each * lines + 0.3))
    spec, axes = figure.add_gridspec(lines, beside), Panels[Row]()
    for key, (line, at) in places.items():
        shared = {name: _first(axes, key, how) for name, how in (("sharex", sharex), ("sharey", sharey))}
        own: Any = figure.add_subplot(spec[line, at], **shared)
        axes[key] = own
        below = next((row_and_column for row_and_column, place in places.items() if place == (line + 1, at)), None)
        repeated = below is not None and (sharex == "all" or (sharex == "col" and below[1] == key[1]))
        own.tick_params(labelleft=at == 0 or sharey not in ("row", "all"), labelbottom=not repeated)
    return figure, axes


def _most(number: int, across: float, *, small: bool) -> int:
    """How many of these panels fit side by side, of those that are `across` inches wide in all on a page."""
    room = theme.room()
    if room is None:
        most = number * WIDEST / across
    elif small:
        most = (room - AXIS) / SMALLEST
    else:
        most = room / max(NARROWEST, across / number / 2)
    return max(1, min(number, int(most)))


def _side_by_side(lengths: Sequence[int], most: int) -> int:
    """The number, up to `most`, of the fewest lines; a few lines more where many places would be empty."""
    lines = {beside: sum(-(-length // beside) for length in lengths) for beside in range(1, most + 1)}
    few = [beside for beside in lines if lines[beside] <= MORE_LINES * lines[most]]
    used = {beside: sum(lengths) / (lines[beside] * beside) for beside in few}
    return min(few, key=lambda beside: (used[beside] < FULL, lines[beside], beside))


def _placed(rows: Mapping[Row, Sequence[object]], beside: int) -> _Places[Row]:
    places, top = _Places[Row](), 0
    for row, columns in rows.items():
        places |= {(row, column): (top + at // beside, at % beside) for at, column in enumerate(columns)}
        top += -(-len(columns) // beside)
    return places


def _first(axes: Panels[Row], key: tuple[Row, object], how: Sharing) -> Axes | None:
    """The panel that this one shares an axis with."""
    part = {"row": 0, "col": 1}
    alike = [ax for one, ax in axes.items() if how == "all" or (how in part and one[part[how]] == key[part[how]])]
    return alike[0] if alike else None


def firsts(axes: Panels[Row]) -> dict[Row, Axes]:
    """The first panel of each row, which has the label of its axis."""
    return {row: ax for (row, _), ax in reversed(axes.items())}


def label_each_line(figure: Figure) -> None:
    """A line without a label has that of the line above it; a label that the panel below, or at the left, has goes."""
    placed = {
        (spec.rowspan.start, spec.colspan.start): ax
        for ax in figure.axes
        if ax.get_visible() and (spec := ax.get_subplotspec()) is not None
    }
    said = {place: ax.get_ylabel() for place, ax in placed.items()}
    for (line, at), ax in sorted(placed.items(), key=lambda item: item[0]):
        above, below = placed.get((line - 1, at)), placed.get((line + 1, at))
        if above is not None and at == 0 and not ax.get_ylabel():
            ax.set_ylabel(above.get_ylabel())
        if said[line, at] == said.get((line, at - 1)):
            ax.set_ylabel("")
        if below is not None and below.get_xlabel() == ax.get_xlabel():
            ax.set_xlabel("")
