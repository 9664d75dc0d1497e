"""How far down a panel of gradients goes: to where a smaller one makes no difference to anything."""

from typing import Literal

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from seqbench import wording
from seqbench.report.figures import lines, theme

LEFT: Literal[7] = 7
"""The marker where a line leaves a panel: a small triangle that points down, `matplotlib.markers.CARETDOWN`."""
FLOOR = -16.0
"""As a decimal logarithm: added to 1, less than this is lost even in double precision."""
_BELOW = f"goes on below {wording.power_of_ten(round(FLOOR))}"
EDGE = 0.04
"""Part of the range that a panel shows beyond it."""


def limits(ax: Axes, values: pd.Series, reach: tuple[float, float] | None = None) -> None:
    """All of what was measured and lag 0, down to the floor at most; `reach` is what else may be shown."""
    low, high = (float(end) for end in (np.minimum(values.min(), 0), np.maximum(values.max(), 0)))
    low, high = max(min(low, *(reach or (low,))), FLOOR), max(high, *(reach or (high,)))
    edge = EDGE * max(high - low, 1.0)
    ax.set_ylim(low - edge, high + edge)


def leaves(ax: Axes, curve: pd.Series, colour: str) -> None:
    """Marks where a curve by lag falls below the floor, at its first lag there."""
    under = curve.index[curve < FLOOR]
    if len(under):
        ax.plot(under[0], FLOOR, marker=LEFT, color=colour, markersize=6 * theme.strokes(), zorder=5)


def marks(values: pd.Series) -> list[Line2D]:
    """The entry for a legend, if some of these values lie below the floor."""
    return [lines.mark(_BELOW, LEFT)] if (values < FLOOR).any() else []


def told(values: pd.Series) -> str:
    """The same for a caption."""
    if not (values < FLOOR).any():
        return ""
    return (
        f" No panel goes below {wording.power_of_ten(round(FLOOR))}, which added to 1 is lost in double precision; "
        "a small triangle marks where a line leaves it."
    )
