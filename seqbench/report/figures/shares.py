"""What figures of the share of runs that solve a task have in common."""

from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, PercentFormatter

MOST_BANDS = 4
"""Arms up to which intervals are drawn as bands at full strength; the bands of more arms cover one another."""


def share_axis(ax: Axes, margin: float) -> None:
    """A y axis of 0 to 100 % with room beyond both, and a line at one half."""
    ax.set_ylim(-margin, 1 + margin)
    ax.yaxis.set_major_locator(FixedLocator([0, 0.25, 0.5, 0.75, 1]))
    ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=" %"))
    ax.axhline(0.5, color="#AAAAAA", linewidth=0.9, zorder=1)
