"""The legend of the page: the line and the marker of each arm, as its figures draw them."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple, TypedDict

from matplotlib.markers import MarkerStyle
from matplotlib.path import Path
from matplotlib.transforms import Affine2D

from seqbench.analysis.arms import Look, by_family
from seqbench.analysis.findings import Findings
from seqbench.record.values import frozen
from seqbench.report import about

SIZE = 5.0
"""Half of the height of a marker, in the units of the legend's drawings."""


class Key(NamedTuple):
    """An entry; `marker` is the path of an SVG around the origin, `dashes` as SVG has them."""

    arm: str
    says: str
    colour: str
    marker: str
    dashes: str


class Entries(TypedDict):
    """The arms by family, all under no name where they are few, and what stands beside them."""

    families: dict[str, list[Key]]
    beside: list[Key]


def entries(found: Findings) -> Entries:
    """Beside the arms stand those with a frozen core, or at the common learning rate."""
    own = set(found.of_arms.arm)
    arms = {arm: look for arm, look in found.looks.items() if arm in own or not own}
    beside = {arm: look for arm, look in found.looks.items() if arm not in arms}
    families = {name: list(keys(found, looks)) for name, looks in by_family(arms).items()}
    return {"families": families, "beside": list(keys(found, beside))}


def beside_in_words(found: Findings) -> str:
    """ "frozen core, other learning rates": in what the arms that stand beside others differ from them."""
    beside = found.runs[~found.runs.arm.isin(set(found.of_arms.arm))]
    untrained = frozen(beside)
    kinds = {"frozen core": untrained.any(), "other learning rates": not untrained.all()}
    return ", ".join(kind for kind, is_there in kinds.items() if is_there)


def keys(found: Findings, looks: Mapping[str, Look]) -> Iterator[Key]:
    """In the order of the figures' legends."""
    for arm, look in looks.items():
        yield Key(
            arm,
            about.arm(found, arm),
            look.colour,
            _marker(look.marker),
            " ".join(f"{2 * length:g}" for length in look.dashes),
        )


_COMMANDS = {int(Path.MOVETO): "M", int(Path.LINETO): "L", int(Path.CURVE3): "Q", int(Path.CURVE4): "C"}
"""All others close the path."""


def _marker(name: str) -> str:
    """Upside down: an SVG counts downwards."""
    style = MarkerStyle(name)
    path = style.get_path().transformed(style.get_transform() + Affine2D().scale(2 * SIZE, -2 * SIZE))
    return "".join(_step(int(code), values) for values, code in path.iter_segments(simplify=False))


def _step(code: int, values: Iterable[float]) -> str:
    return _COMMANDS[code] + " ".join(f"{value:.1f}" for value in values) if code in _COMMANDS else "z"
