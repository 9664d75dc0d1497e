"""What a page tells of the points of a figure: value, interval and runs, where a pointer or the keyboard finds them."""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.transforms import Transform
from numpy.typing import ArrayLike, NDArray

from seqbench.report.figures import lines, marked
from seqbench.report.figures.plot import ids

MOST = 16
"""Points of a curve that answer; the nearest is never far."""
POINTS_PER_INCH = 72
"""Of the coordinates of an SVG."""
INTERVAL, SEEDS = "95 % interval", "seeds from"
"""What stands beside a value: an interval, or the least and the greatest of the runs."""
BESIDE = 12
"""Points by which a place may lie outside of its panel and still be seen, as those that are moved apart do."""


Runs = Sequence[str] | Callable[[float], Sequence[str]]
"""The ids of those behind a curve, or of those that have a value at a place of it."""


class Tip(NamedTuple):
    """What is told of one point; `runs` are the ids of those that it is drawn from."""

    where: str
    value: str
    interval: str = ""
    runs: Sequence[str] = ()


class Spot(NamedTuple):
    """A point of a figure in the coordinates of its SVG, with what is told of it."""

    x: float
    y: float
    arm: str
    tip: Tip


class _Told(Artist):
    """Draws nothing, and keeps places and tips until the figure has been laid out."""

    def __init__(self, places: NDArray[np.float64], tips: Sequence[Tip]) -> None:
        super().__init__()
        self.places, self.tips = places, tips
        self.set_in_layout(False)


def tell(ax: Axes, x: ArrayLike, y: ArrayLike, tips: Iterable[Tip], transform: Transform | None = None) -> None:
    """A tip for each place; the transform is that of the data, unless they were drawn with another."""
    places = np.column_stack([np.atleast_1d(np.asarray(one, dtype=float)) for one in (x, y)])
    told = _Told(places, list(tips))
    told.set_transform(transform or ax.transData)
    ax.add_artist(told)


def along(
    ax: Axes,
    x: ArrayLike,
    y: ArrayLike,
    where: Callable[[float], str],
    value: Callable[[float], str],
    runs: Runs,
    ends: tuple[ArrayLike, ArrayLike] | None = None,
    what: str = SEEDS,
) -> None:
    """Tips along a curve; `ends` are `what` is told beside it at every place, in the units of `y`."""
    places = np.column_stack([np.asarray(one, dtype=float) for one in (x, y, *(ends or (y, y)))])
    shown = places[lines.every(len(places), MOST)]
    tips = [
        Tip(where(at), value(height), f"{what} {value(a)} to {value(b)}" * bool(ends), _at(runs, at))
        for at, height, a, b in shown
    ]
    tell(ax, shown[:, 0], shown[:, 1], tips)


def _at(runs: Runs, place: float) -> Sequence[str]:
    return runs(place) if callable(runs) else runs


def of_lags(rows: pd.DataFrame) -> Callable[[float], tuple[str, ...]]:
    """By lag, the runs of these rows whose gradient is not zero there: the logarithm of zero counts in no median."""
    return lambda lag: ids(rows[(rows.lag == lag) & rows.log10_gradient.notna()])


def of_columns(table: pd.DataFrame) -> Callable[[float], tuple[str, ...]]:
    """By index, the runs (columns) of this table that have a value there."""
    return lambda place: tuple(sorted(table.columns[table.loc[place].notna()]))


def spots(figure: Figure) -> list[Spot]:
    """All of a figure that was drawn; what left its panel is left out."""
    height = figure.get_size_inches()[1] * POINTS_PER_INCH
    return [
        Spot(round(float(x), 1), round(float(height - y), 1), marked.arm_of(told), tip)
        for told in figure.findobj(_Told)
        if isinstance(told, _Told)
        for (x, y), tip in zip(_places(told) * (POINTS_PER_INCH / figure.dpi), told.tips, strict=True)
        if np.isfinite([x, y]).all()
    ]


def _places(told: _Told) -> NDArray[np.float64]:
    """In pixels of the figure; not a number outside of the panel."""
    assert told.axes is not None
    places = np.asarray(told.get_transform().transform(told.places), dtype=float)
    low, high = told.axes.bbox.padded(BESIDE).get_points()
    return np.where(((places >= low) & (places <= high)).all(axis=1, keepdims=True), places, np.nan)
