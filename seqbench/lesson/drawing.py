"""Small drawings as SVG, made of lines, bands, marks and words on two axes."""

import html
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from seqbench.lesson.cutting import cut, gone

WIDTH, HEIGHT = 480, 300
"""Units of a drawing. Type is 14 of them, so that it can be read on a phone, where a drawing is 360 pixels wide."""
TYPE = 14
INK, PAPER, GRID = "var(--ink, #1d2429)", "var(--paper, #ffffff)", "var(--grid, #dfe4e7)"
ACCENT, WARM = "var(--accent, #0059a0)", "var(--warm, #c2410c)"
_LEFT, _RIGHT, _TOP, _BOTTOM = 70, 24, 14, 44
HALO = f";paint-order:stroke;stroke:{PAPER};stroke-width:5px;stroke-linejoin:round"
"""Around words, so that no line strikes them through."""
_LETTER = 7.4
"""Units that a letter takes on average."""


@dataclass(frozen=True)
class Drawing:
    """An SVG element, and what it shows in words, for those who do not see it."""

    svg: str
    words: str


@dataclass(frozen=True)
class Axis:
    """Values from `low` to `high`, with a text at some of them."""

    label: str
    low: float
    high: float
    ticks: Mapping[float, str]


@dataclass
class Chart:
    """Two axes on which things are drawn, one over the other."""

    x: Axis
    y: Axis
    width: int = WIDTH
    height: int = HEIGHT
    legend: Sequence[tuple[str, str, Sequence[float]]] = ()
    """Name, colour and dashes of each line that is named."""
    headed: bool = False
    """Whether there is room above the axes for the words of upright lines."""
    right: int = _RIGHT
    """Room on the right."""
    parts: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    """Over all lines."""

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Where a point of the axes lies in the drawing."""
        share_x = (x - self.x.low) / (self.x.high - self.x.low)
        share_y = (y - self.y.low) / (self.y.high - self.y.low)
        top, floor = self._top, self.height - _BOTTOM
        return _LEFT + share_x * (self.width - self.right - _LEFT), floor + share_y * (top - floor)

    def line(
        self,
        x: ArrayLike,
        y: ArrayLike,
        colour: str,
        dashes: Sequence[float] = (),
        *,
        width: float = 2.5,
        mark: str = "",
    ) -> None:
        """Through the points that are finite, cut where it leaves the axes, with an arrowhead where it goes on below.

        `mark` is a class by which a script finds it.
        """
        pieces = cut(x, y, self.y.low, self.y.high)
        path = "".join(f"M{' '.join('{:.1f},{:.1f}'.format(*self.at(*point)) for point in piece)}" for piece in pieces)
        dash = f"stroke-dasharray:{' '.join(f'{d:g}' for d in np.multiply(dashes, 2))};" if len(dashes) else ""
        name = f' class="{mark}"' if mark else ""
        self.parts.append(f'<path{name} d="{path}" style="fill:none;stroke:{colour};stroke-width:{width:g};{dash}"/>')
        for at_x, at_y in [] if mark else gone(pieces, self.y.low, np.asarray(x, dtype=float)[-1]):
            left, floor = self.at(at_x, at_y)
            points = f"{left - 5:.1f},{floor - 7:.1f} {left + 5:.1f},{floor - 7:.1f} {left:.1f},{floor + 2:.1f}"
            self.parts.append(f'<polygon points="{points}" style="fill:{colour}"/>')

    def band(self, x: Sequence[float], low: Sequence[float], high: Sequence[float], colour: str) -> None:
        """Between two lines."""
        corners = zip([*x, *reversed(x)], [*low, *reversed(high)], strict=True)
        points = " ".join("{:.1f},{:.1f}".format(*self.at(*corner)) for corner in corners)
        self.parts.append(f'<polygon points="{points}" style="fill:{colour};opacity:.16"/>')

    def dots(self, x: ArrayLike, y: ArrayLike, colour: str, *, hollow: bool = False, radius: float = 4.5) -> None:
        """A round mark at each point."""
        style = f"fill:{PAPER};stroke:{colour};stroke-width:2" if hollow else f"fill:{colour}"
        for one in zip(np.asarray(x, dtype=float), np.asarray(y, dtype=float), strict=True):
            at_x, at_y = self.at(*one)
            self.parts.append(f'<circle cx="{at_x:.1f}" cy="{at_y:.1f}" r="{radius:g}" style="{style}"/>')

    def interval(self, x: float, low: float, high: float, colour: str) -> None:
        """From one value to another."""
        (at_x, bottom), (_, top) = self.at(x, low), self.at(x, high)
        self.parts.append(_rule(at_x, bottom, at_x, top, colour, width=2))

    def vertical(self, x: float, words: str, colour: str = INK) -> None:
        """A line across the drawing, with words at its top, or above it where there is room."""
        (at_x, top), (_, floor) = self.at(x, self.y.high), self.at(x, self.y.low)
        self.parts.append(_rule(at_x, top, at_x, floor, colour, "4 4"))
        side = (at_x > self.width * 0.6) - (at_x <= self.width * 0.6)
        anchor = "end" if side > 0 else "start"
        at_y = top - 5 if self.headed else top + TYPE - 2
        self.words.append(_text(at_x - (0 if self.headed else 5 * side), at_y, words, anchor, colour, HALO))

    def horizontal(self, y: float, dashes: Sequence[float]) -> None:
        """A level across the drawing; the legend names it."""
        (left, at_y), (right, _) = self.at(self.x.low, y), self.at(self.x.high, y)
        self.parts.append(_rule(left, at_y, right, at_y, INK, " ".join(f"{2 * d:g}" for d in dashes)))

    def note(self, x: float, y: float, words: str, colour: str = INK) -> None:
        """Words beside a mark."""
        at_x, at_y = self.at(x, y)
        self.words.append(_text(at_x - 9, max(at_y + 5, self._top + TYPE), words, "end", colour, HALO))

    def ends(self, y: Sequence[float], words: Sequence[str], colour: str = INK) -> None:
        """Words to the right of lines that end at these values, moved apart where they would meet."""
        wanted = sorted((self.at(self.x.high, value)[1], text) for value, text in zip(y, words, strict=True))
        last = -float("inf")
        for place, (at_y, text) in enumerate(wanted):
            room = self.height - _BOTTOM - TYPE * (len(wanted) - 1 - place)
            last = max(min(at_y, room), last + TYPE)
            self.words.append(_text(self.width - self.right + 6, last + 5, text, "start", colour))

    def drawing(self, words: str) -> Drawing:
        """All of it; a script finds the place of a value by the attribute `data-scale`."""
        (left, top), (right, floor) = self.at(self.x.low, self.y.high), self.at(self.x.high, self.y.low)
        scale = {"x": [self.x.low, self.x.high, left, right], "y": [self.y.low, self.y.high, floor, top]}
        body = "".join([*self._axes(), *self._legend(), *self.parts, f'<g class="words">{"".join(self.words)}</g>'])
        return Drawing(frame(body, words, (self.width, self.height), scale), words)

    @property
    def _top(self) -> float:
        return _TOP + len(self._rows()) * 20 + (TYPE if self.headed else 0)

    def _axes(self) -> list[str]:
        (left, top), (right, floor) = self.at(self.x.low, self.y.high), self.at(self.x.high, self.y.low)
        parts = []
        for value, words in self.y.ticks.items():
            at_y = self.at(0, value)[1]
            parts += [_rule(left, at_y, right, at_y, GRID), _text(left - 6, at_y + 5, words, "end")]
        for value, words in self.x.ticks.items():
            parts.append(_text(self.at(value, 0)[0], floor + 18, words, "middle"))
        parts.append(_text((left + right) / 2, self.height - 6, self.x.label, "middle"))
        middle = (top + floor) / 2
        turned = f' transform="rotate(-90 14 {middle:.1f})"'
        return [*parts, _text(14, middle, self.y.label, "middle", more=turned)]

    def _legend(self) -> list[str]:
        parts = []
        for row, items in enumerate(self._rows()):
            for left, (name, colour, dashes) in items:
                at_y = _TOP + row * 20
                dash = " ".join(f"{d * 2:g}" for d in dashes)
                parts.append(_rule(left, at_y, left + 26, at_y, colour, dash, 2.5))
                parts.append(_text(left + 32, at_y + 5, name, "start"))
        return parts

    def _rows(self) -> list[list[tuple[float, tuple[str, str, Sequence[float]]]]]:
        """What is named, with its place from the left, in as many rows as it needs."""
        rows: list[list[tuple[float, tuple[str, str, Sequence[float]]]]] = []
        place = float(self.width)
        for item in self.legend:
            width = 48 + _LETTER * len(item[0])
            if place + width > self.width:
                rows.append([])
                place = 16.0
            rows[-1].append((place, item))
            place += width
        return rows


def frame(body: str, words: str, size: tuple[int, int], scale: Mapping[str, object] | None = None) -> str:
    """The SVG element around what is drawn."""
    width, height = size
    numbers = f" data-scale='{json.dumps(_rounded(scale))}'" if scale else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" role="img" '
        f'aria-label="{html.escape(words)}" font-family="system-ui, sans-serif" font-size="{TYPE}"{numbers}>'
        f'<rect width="{width}" height="{height}" style="fill:{PAPER}"/>{body}</svg>'
    )


def _rounded(scale: Mapping[str, object]) -> dict[str, list[float]]:
    return {key: [round(float(v), 2) for v in values] for key, values in scale.items()}  # type: ignore[attr-defined]


def _rule(x1: float, y1: float, x2: float, y2: float, colour: str, dash: str = "", width: float = 1) -> str:
    dashes = f"stroke-dasharray:{dash};" if dash else ""
    style = f"stroke:{colour};stroke-width:{width:g};{dashes}"
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" style="{style}"/>'


def _text(x: float, y: float, words: str, anchor: str, colour: str = INK, halo: str = "", more: str = "") -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"'
    return f'<text {place} style="fill:{colour}{halo}"{more}>{html.escape(words)}</text>'
