"""The legend of the page: the line and the marker of each arm, as its figures draw them."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from matplotlib.markers import MarkerStyle
from matplotlib.path import Path
from matplotlib.transforms import Affine2D

from seqbench.analysis.arms import Look
from seqbench.analysis.findings import Findings
from seqbench.record.values import frozen

SIZE = 5.0
"""Half of the height of a marker, in the units of the legend's drawings."""


class Key(NamedTuple):
    """An entry; `marker` is the path of an SVG around the origin, `dashes` as SVG has them."""

    arm: str
    colour: str
    marker: str
    dashes: str


def entries(found: Findings) -> dict[str, list[Key]]:
    """The arms, and what stands beside them: arms with a frozen core, or at the common learning rate."""
    own = set(found.of_arms.arm)
    all_keys = list(keys(found.looks))
    arms = [key for key in all_keys if key.arm in own or not own]
    return {"keys": arms, "beside": [key for key in all_keys if key not in arms]}


def beside_in_words(found: Findings) -> str:
    """ "frozen core, other learning rates": in what the arms that stand beside others differ from them."""
    beside = found.runs[~found.runs.arm.isin(set(found.of_arms.arm))]
    untrained = frozen(beside)
    kinds = {"frozen core": untrained.any(), "other learning rates": not untrained.all()}
    return ", ".join(kind for kind, is_there in kinds.items() if is_there)


def keys(looks: Mapping[str, Look]) -> Iterator[Key]:
    """In the order of the figures' legends."""
    for arm, look in looks.items():
        yield Key(arm, look.colour, _marker(look.marker), " ".join(f"{2 * length:g}" for length in look.dashes))


_COMMANDS = {int(Path.MOVETO): "M", int(Path.LINETO): "L", int(Path.CURVE3): "Q", int(Path.CURVE4): "C"}
"""All others close the path."""


def _marker(name: str) -> str:
    """Upside down: an SVG counts downwards."""
    style = MarkerStyle(name)
    path = style.get_path().transformed(style.get_transform() + Affine2D().scale(2 * SIZE, -2 * SIZE))
    return "".join(_step(int(code), values) for values, code in path.iter_segments(simplify=False))


def _step(code: int, values: Iterable[float]) -> str:
    return _COMMANDS[code] + " ".join(f"{value:.1f}" for value in values) if code in _COMMANDS else "z"
