"""What the figures of searches for the horizon share: the axis of the searched gaps, or loads."""

from collections.abc import Callable, Iterable, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from seqbench import wording
from seqbench.analysis.entries import Entry
from seqbench.horizon.axis import Axis
from seqbench.report.figures.plot import ids
from seqbench.report.figures.told import Tip

BEYOND = 1.35
"""Factor by which the axis reaches beyond the searched gaps; arrows of what lies outside point there."""


def tasks_of(board: Sequence[Entry]) -> list[str]:
    """By name."""
    return sorted({entry.task for entry in board})


def runs_of(board: Sequence[Entry]) -> pd.DataFrame:
    """The runs that the searches rest on."""
    return pd.concat([entry.runs for entry in board])


def clipped(gap: float, entry: Entry) -> float:
    """A gap where the axis has it, also if it lies outside of what was searched."""
    return float(np.clip(gap, entry.search.smallest / BEYOND**0.5, entry.search.largest * BEYOND**0.5))


def tip(entry: Entry) -> Tip:
    """The horizon with its interval, and the runs that it rests on."""
    steps = wording.listed(sorted({wording.count(budget) for budget in entry.runs.budget}), "or")
    within = wording.count(entry.budget) if entry.budget else steps
    return Tip(f"{entry.axis.half} on {entry.task}, within {within} steps", entry.told, runs=ids(entry.runs))


def named(board: Iterable[Entry], of: Callable[[Axis], str] = lambda axis: axis.name) -> str:
    """What these were searched along: "gap", "gap or load"; or another word that an axis has."""
    return wording.listed(dict.fromkeys(of(entry.axis) for entry in board), "or")


def title(board: Iterable[Entry], of: Callable[[Axis], str] = lambda axis: axis.half) -> str:
    """Of an axis of a figure: "gap50 (steps, log scale)"."""
    return f"{named(board, of)} ({named(board, lambda axis: axis.unit)}, log scale)"


def range_axis(ax: Axes, board: Sequence[Entry], axis: str) -> None:
    """Logarithmic, over the searched gaps, with the range's ends and round gaps between them as ticks."""
    low = min(entry.search.smallest for entry in board)
    high = max(entry.search.largest for entry in board)
    round_gaps = [m * 10**exponent for exponent in range(5) for m in (1, 2, 5)]
    ticks = [low, *(gap for gap in round_gaps if low * 1.4 < gap < high / 1.4), high]
    own = ax.xaxis if axis == "x" else ax.yaxis
    (ax.set_xscale if axis == "x" else ax.set_yscale)("log")
    (ax.set_xlim if axis == "x" else ax.set_ylim)(low / BEYOND, high * BEYOND)
    own.set_major_locator(FixedLocator(ticks))
    own.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0f}"))
    own.set_minor_locator(NullLocator())
