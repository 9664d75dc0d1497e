"""The legend of the page: the line and the marker of each arm, as its figures draw them."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from matplotlib.markers import MarkerStyle
from matplotlib.path import Path

from seqbench.analysis.arms import Look

SIZE = 5.0
"""Half of the height of a marker, in the units of the legend's drawings."""


class Key(NamedTuple):
    """An entry; `marker` is the path of an SVG around the origin, `dashes` as SVG has them."""

    arm: str
    colour: str
    marker: str
    dashes: str


def keys(looks: Mapping[str, Look]) -> Iterator[Key]:
    """In the order of the figures' legends."""
    for arm, look in looks.items():
        yield Key(arm, look.colour, _marker(look.marker), " ".join(f"{2 * length:g}" for length in look.dashes))


def _marker(name: str) -> str:
    style = MarkerStyle(name)
    path = style.get_path().transformed(style.get_transform())
    return "".join(
        "z" if code == Path.CLOSEPOLY else f"{_COMMANDS[code]}{' '.join(f'{SIZE * 2 * x:.1f}' for x in _up(values))}"
        for values, code in path.iter_segments(simplify=False)
    )


_COMMANDS = {Path.MOVETO: "M", Path.LINETO: "L", Path.CURVE3: "Q", Path.CURVE4: "C"}


def _up(values: "Iterator[float]") -> list[float]:
    """An SVG counts downwards."""
    return [-value if place % 2 else value for place, value in enumerate(values)]
