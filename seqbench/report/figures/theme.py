"""How every figure looks, and how wide it is."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import matplotlib.style

FULL_WIDTH = 11.0
"""Inches; about the width of the page's text on a desktop, so that the type is shown at its size."""
TYPE_WIDTH = 6.5
"""Inches below which the type shrinks with the figure, to `SMALLEST` of its size at most."""
SMALLEST = 0.75
INK = "#444444"
_SIZES = {"font.size": 9.5, "axes.titlesize": 10.5, "axes.labelsize": 9.5, "xtick.labelsize": 9.0,
          "ytick.labelsize": 9.0, "legend.fontsize": 9.5}  # fmt: skip

_THEME = {
    **_SIZES,
    "font.sans-serif": ["Arial", "DejaVu Sans", "Liberation Sans", "Bitstream Vera Sans", "sans-serif"],
    "text.color": ".15",
    "text.parse_math": False,  # a dollar sign in a name is one
    "axes.labelcolor": ".15",
    "patch.edgecolor": "w",
    "patch.force_edgecolor": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#888888",
    "axes.axisbelow": True,
    "axes.grid": True,
    "grid.color": "#EAEAEA",
    "grid.linewidth": 0.7,
    "xtick.color": INK,
    "xtick.bottom": False,
    "ytick.color": INK,
    "ytick.left": False,
    "legend.frameon": False,
    "lines.solid_capstyle": "round",
    "figure.constrained_layout.use": True,
    "figure.constrained_layout.h_pad": 0.06,
    "figure.constrained_layout.w_pad": 0.06,
    "savefig.facecolor": "white",
}

_asked: ContextVar[float | None] = ContextVar("width in inches that was asked for", default=None)


@contextmanager
def theme(width: float | None = None, **settings: Any) -> Iterator[None]:
    """matplotlib's defaults plus ours for the duration: a user's matplotlibrc changes nothing, nothing leaks out.

    With `width`, in inches, figures are made so wide whatever they show.
    """
    token = _asked.set(width)
    try:
        sizes = {name: points * type_scale() for name, points in _SIZES.items()}
        with matplotlib.style.context(["default", {**_THEME, **sizes, **settings}]):
            yield
    finally:
        _asked.reset(token)


def type_scale() -> float:
    """The size of the type, relative to that of the page."""
    asked = _asked.get()
    return 1.0 if asked is None else min(1.0, max(SMALLEST, asked / TYPE_WIDTH))


def size(width: float, height: float) -> tuple[float, float]:
    """Width and height in inches of a figure that would be so large on the page; lower where it has to be narrow."""
    asked = _asked.get()
    if asked is None:
        return width, height
    return asked, height * min(1.0, max(SMALLEST, asked / width))
