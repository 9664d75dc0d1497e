"""Lines as the figures draw them and the captions name them, and what stands for them in a legend."""

from typing import Literal, NamedTuple, TypeVar

import numpy as np
import pandas as pd
from matplotlib.lines import Line2D
from matplotlib.typing import MarkerType
from numpy.typing import NDArray

from seqbench.report.figures.theme import INK

Curve = TypeVar("Curve", pd.Series, pd.DataFrame)
MAX_POINTS = 120
"""Points drawn of one curve; more could not be told apart at the size of a panel."""


class Style(NamedTuple):
    """A line for matplotlib's `linestyle`, and the word that a caption has for it."""

    line: Literal["-", "--", "-.", ":"] | tuple[float, tuple[float, ...]]
    word: str


SOLID, DASHED, DASH_DOTTED = Style("-", "solid"), Style("--", "dashed"), Style("-.", "dash-dotted")
LONG_DASHED = Style((0, (8, 4)), "long-dashed")
DOTTED, BASELINE = Style(":", "dotted"), Style((0, (1, 2)), "dotted")


def thinned(curve: Curve, limit: int = MAX_POINTS) -> Curve:
    """At most about `limit` points of a curve, or of several, evenly spaced, the last one among them."""
    return curve if len(curve) <= limit else curve[every(len(curve), limit)]


def every(number: int, limit: int) -> NDArray[np.bool_]:
    """Which of so many points are kept: at most about `limit`, evenly spaced, the last one among them."""
    stride = max(1, -(-number // limit))
    return np.equal((np.arange(number) - number + 1) % stride, 0)


def mark(label: str, marker: MarkerType, *, filled: bool = True) -> Line2D:
    """A legend entry for a marker whose colour says nothing."""
    return Line2D(
        [], [], color=INK, linestyle="none", marker=marker, markerfacecolor=INK if filled else "white", label=label
    )


def line(label: str, *, width: float = 0.8, style: Style = SOLID, colour: str = INK, alpha: float = 1.0) -> Line2D:
    """A legend entry for a line whose colour says nothing."""
    return Line2D([], [], color=colour, linestyle=style.line, linewidth=width, label=label, alpha=alpha)


def gap_mark(frame: pd.DataFrame) -> list[Line2D]:
    """The legend entry for the line at lag = gap, if there is one in a figure of these rows."""
    return [line("lag = gap", width=1, colour="#999999")] if frame.gap.any() else []
