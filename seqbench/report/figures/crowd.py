"""Where too many arms would share a panel: a panel for each family, with the other arms in grey behind its own."""

from collections.abc import Mapping

from matplotlib.lines import Line2D

from seqbench.analysis.arms import MOST_TOGETHER, Look, by_family
from seqbench.analysis.palette import SOLID
from seqbench.report.figures import lines

BEHIND = Look("#D4D4D4", ".", SOLID)
LOWER = 0.65
"""Height of the panels of a part, relative to that of one for all."""


def parts(looks: Mapping[str, Look]) -> dict[str, Mapping[str, Look]]:
    """The looks of all arms in the panel of each family, in the order in which they are drawn.

    One panel, without a name, where the arms are few.
    """
    others = dict.fromkeys(looks, BEHIND)
    return {name: {arm: others[arm] for arm in looks if arm not in own} | own for name, own in by_family(looks).items()}


def front(looks: Mapping[str, Look]) -> list[str]:
    """The arms of a panel that do not stand behind others."""
    return [arm for arm, look in looks.items() if look != BEHIND]


def places(looks: Mapping[str, Look]) -> dict[str, float]:
    """Where each arm of a panel stands beside the others, around 0 in the middle, where those behind all are."""
    own = front(looks)
    return dict.fromkeys(looks, 0.0) | {arm: place - (len(own) - 1) / 2 for place, arm in enumerate(own)}


def named(title: str, part: str) -> str:
    """The part stands in a line of its own; the title alone where all arms are in one panel."""
    return f"{title}\n{part}" if part else title


def legend(looks: Mapping[str, Look]) -> list[Line2D]:
    """The entry for what stands behind."""
    return [lines.line("arms of the other panels", colour=BEHIND.colour)] if len(looks) > MOST_TOGETHER else []
