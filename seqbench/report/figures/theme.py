"""How every figure looks, and how large it is."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Any

import matplotlib.style

FULL_WIDTH = 11.0
"""Inches; about the width of the page's text on a desktop, so that the type is shown at its size."""
INK = "#444444"
_TYPE = 9.5
_TYPES = {"font.size": _TYPE, "axes.titlesize": 10.5, "axes.labelsize": _TYPE, "xtick.labelsize": 9.0,
          "ytick.labelsize": 9.0, "legend.fontsize": _TYPE}  # fmt: skip
_STROKES = {"axes.linewidth": 0.8, "grid.linewidth": 0.7}
_ROOM = {"figure.constrained_layout.h_pad": 0.06, "figure.constrained_layout.w_pad": 0.06}

_THEME = {
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
    "xtick.color": INK,
    "xtick.bottom": False,
    "ytick.color": INK,
    "ytick.left": False,
    "legend.frameon": False,
    "lines.solid_capstyle": "round",
    "figure.constrained_layout.use": True,
    "savefig.facecolor": "white",
}


@dataclass(frozen=True)
class Size:
    """How large a figure is where it will stand, beside other text."""

    width: float
    """Inches."""
    font: float
    """Points: all of its text has this size."""
    strokes: float
    """Of lines, markers and what keeps arms apart, relative to those of a page."""
    height: float
    """Inches: that of the page; panels are lowered so that a figure is no taller, as far as they can be read."""

    def __str__(self) -> str:
        return f"{self.width:g} inches wide, text of {self.font:g} pt, lines and markers {self.strokes:g} of a page's"


PRESETS = {
    "paper-column": Size(3.3, 8, 0.7, 7.5),
    "paper-page": Size(6.9, 8, 0.8, 7.5),
    "slide": Size(10, 16, 1.5, 5.6),
    "poster": Size(14, 24, 2.2, 20),
}
WIDTHS, FONTS = (0.5, 100.0), (3.0, 100.0)
"""Inches and points within which a figure is drawn."""


def size_of(preset: str | None = None, width: float | None = None, font: float | None = None) -> Size | None:
    """A preset with another width or size of type; None where nothing is told, as on a page.

    Raises LookupError where there is no such preset.
    """
    for name, value, (least, most), unit in (("width", width, WIDTHS, "inches"), ("font", font, FONTS, "points")):
        if value is not None and not least <= value <= most:
            raise ValueError(f"{name}={value:g}: it should be a number of {unit} from {least:g} to {most:g}")
    if preset is None and width is None and font is None:
        return None
    if preset is not None and preset not in PRESETS:
        raise LookupError(f"there is no preset {preset!r}; there are {', '.join(PRESETS)}")
    size = PRESETS[preset or "paper-column"]
    return replace(size, width=width or size.width, font=font or size.font)


_asked: ContextVar[Size | None] = ContextVar("the size that was asked for", default=None)


@contextmanager
def theme(size: Size | None = None, **settings: Any) -> Iterator[None]:
    """matplotlib's defaults plus ours for the duration: a user's matplotlibrc changes nothing, nothing leaks out.

    With `size`, figures are made so large whatever they show.
    """
    token = _asked.set(size)
    try:
        types = _TYPES if size is None else dict.fromkeys(_TYPES, size.font)
        thin = {name: width * strokes() for name, width in _STROKES.items()}
        room = {name: inches * type_scale() for name, inches in _ROOM.items()}
        look = matplotlib.style.context(["default", {**_THEME, **types, **thin, **room, **settings}])
        with look, warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Glyph .* missing from")  # `glyphs.missing` names them once
            yield
    finally:
        _asked.reset(token)


def type_scale() -> float:
    """The size of the type, relative to that of a page."""
    asked = _asked.get()
    return 1.0 if asked is None else asked.font / _TYPE


def strokes() -> float:
    """As `Size.strokes`."""
    asked = _asked.get()
    return 1.0 if asked is None else asked.strokes


def room() -> float | None:
    """The width that was asked for in inches of a page, that is, at the type of a page; None on a page."""
    asked = _asked.get()
    return None if asked is None else asked.width / type_scale()


def size(width: float, height: float) -> tuple[float, float]:
    """Width and height in inches of a figure that would be so large on a page; lower where it has to be narrow."""
    asked, across = _asked.get(), room()
    if asked is None or across is None:
        return width, height
    return asked.width, height * type_scale() * min(1.0, max(0.75, across / width))
