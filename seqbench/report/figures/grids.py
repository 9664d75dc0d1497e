"""Panels in rows and columns; where they are too many, or the width that was asked for too small, a row has lines."""

from collections.abc import Hashable, Sequence
from typing import Any, Literal, TypeVar

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from seqbench.report.figures import theme

NARROWEST = 1.75
"""Inches of a page that a panel takes at least, with its labels; half of its width on a page if that is more."""
MOST_BESIDE = 8
"""Panels in a line of a page."""
LABELS = 0.35
"""Inches of a page that the labels of a further line of panels take."""

Sharing = Literal["none", "all", "row", "col"]
Row = TypeVar("Row", bound=Hashable)
Panels = dict[tuple[Row, object], Axes]


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
    number = len(columns)
    across = width or max(6.5, min(theme.FULL_WIDTH, 1.5 + 3.2 * number), 2.1 * number)
    beside = _side_by_side(number, across)
    lines = -(-number // beside)
    each = height if lines == 1 else height + LABELS
    figure = Figure(figsize=theme.size(across * beside / number, each * len(rows) * lines + 0.3))
    if lines == 1:
        axes = figure.subplots(len(rows), number, squeeze=False, sharex=sharex, sharey=sharey).tolist()
    else:
        axes = _wrapped(figure, len(rows), number, beside, sharex, sharey)
    return figure, {(row, column): axes[i][j] for i, row in enumerate(rows) for j, column in enumerate(columns)}


def _side_by_side(number: int, across: float) -> int:
    """As many of these panels as fit; on a page lines of equal length, where all would be so wide in all."""
    room = theme.room()
    if room is None:
        return -(-number // -(-number // MOST_BESIDE))
    return max(1, min(number, int(room / max(NARROWEST, across / number / 2))))


def _wrapped(figure: Figure, rows: int, number: int, beside: int, sharex: Sharing, sharey: Sharing) -> list[list[Axes]]:
    lines = -(-number // beside)
    places = figure.add_gridspec(rows * lines, beside)
    axes: list[list[Axes]] = []
    for row in range(rows):
        axes.append([])
        for place in range(number):
            shared = {name: _first(axes, row, place, how) for name, how in (("sharex", sharex), ("sharey", sharey))}
            own: Any = figure.add_subplot(places[row * lines + place // beside, place % beside], **shared)
            own.tick_params(labelleft=place % beside == 0 or sharey not in ("row", "all"))
            axes[-1].append(own)
    return axes


def _first(axes: list[list[Axes]], row: int, place: int, how: Sharing) -> Axes | None:
    """The panel that the next one shares an axis with."""
    of = {"all": (0, 0), "row": (row, 0), "col": (0, place)}.get(how, (row, place))
    return None if of == (row, place) else axes[of[0]][of[1]]
