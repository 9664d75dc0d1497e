"""The gradient over the lag and over its logarithm: which of two laws it follows, exponential or a power."""

from collections.abc import Iterator, Mapping
from itertools import product

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from seqbench import wording
from seqbench.analysis import laws
from seqbench.analysis.arms import Look
from seqbench.analysis.cells import at_longest_gap
from seqbench.analysis.findings import Findings
from seqbench.events import INIT, INPUTS
from seqbench.record.states import in_words, states_of_cores
from seqbench.report.figures import crowd, floors, grids, lines, marked, panels, told
from seqbench.report.figures.plot import Plot, ids, name_of
from seqbench.statistics.laws import BETTER, GOOD, GOOD_SHARE, LEAST_POINTS

AXES = ("lag", "lag (log scale)")
ALONE = " Alone: the runs (over gaps the seeds) whose own curve comes to the same."


def plots(found: Findings) -> Iterator[Plot]:
    """One for each state of which a law is told at initialisation, the hidden state first."""
    table = found.laws[found.laws.stage == INIT]
    measured = found.lags[(found.lags.stage == INIT) & np.isfinite(found.lags.log10_gradient) & (found.lags.lag > 0)]
    for state in [*states_of_cores(table.state), INPUTS]:
        own = table[table.state == state]
        lags = measured[(measured.state == state) & measured.arm.isin(own.arm)]
        if len(own) and len(lags):
            shown = _to_the_gap(at_longest_gap(lags))
            name, title = name_of("gradient_laws", state), f"Exponential or a power of the lag, {in_words(state)}"
            yield Plot(
                name,
                title,
                _caption(own, state, floors.told(shown.log10_gradient)),
                _draw(shown, found.looks),
                ids(shown),
            )


def _to_the_gap(lags: pd.DataFrame) -> pd.DataFrame:
    return lags[(lags.gap == 0) | (lags.lag <= lags.gap)]


def _draw(lags: pd.DataFrame, looks: Mapping[str, Look]) -> Figure:
    """A row per task, up to its gap; what is straight on the left falls exponentially, on the right as a power."""
    parts = crowd.parts(panels.present(looks, lags))
    rows = list(product(sorted(lags.task.unique()), parts))
    figure, axes = grids.grid(rows, AXES, height=2.5, width=8.5, sharex="none", sharey="row")
    for ((task, part), axis), ax in axes.items():
        here = lags[lags.task == task]
        ax.set_title(crowd.named(wording.cell(task, int(here.gap.max())), part), loc="left")
        _panel(ax, here, parts[part])
        floors.limits(ax, here.log10_gradient)
        ax.set_xlabel(str(axis))
        if axis == AXES[1]:
            panels.ticks_at(ax, _ticks(int(here.lag.max())), "{:.0f}".format, margin=1.1)
        else:
            ax.xaxis.set_major_locator(MaxNLocator(6, integer=True))
            panels.exponent_axis(ax.yaxis)
            ax.set_ylabel("gradient relative to lag 0")
    panels.legend(figure, looks, floors.marks(lags.log10_gradient))
    return figure


def _panel(ax: Axes, lags: pd.DataFrame, looks: Mapping[str, Look]) -> None:
    for arm, look in marked.by_arm(ax, panels.present(looks, lags)):
        own = lags[lags.arm == arm]
        whole = own.groupby("lag").log10_gradient.median()
        middle = lines.thinned(whole)
        ax.plot(middle.index, middle, color=look.colour, linestyle=look.linestyle, linewidth=1.8)
        floors.leaves(ax, whole, look.colour)
        told.along(ax, middle.index, middle, f"{own.task.iloc[0]}, lag {{:.0f}}".format, wording.from_log10, ids(own))


def _ticks(last: int) -> list[int]:
    return [m * 10**exponent for exponent in range(6) for m in (1, 2, 5) if m * 10**exponent <= last]


def _caption(table: pd.DataFrame, state: str, floor: str) -> list[str]:
    """Which arm follows which law, then by how much, over lags and over gaps; `floor` is told of the panels."""
    tasks = sorted(table.task.unique())
    return [
        wording.joined(
            f"The gradient of the {in_words(state)} before training over the lag, twice: an exponential is straight on "
            "the left, a power of the lag on the right.",
            laws.in_short(table),
        ),
        "Both laws are lines by least squares in decades, through the median over runs, from lag 1 to the gap. One "
        f"describes the curve if it misses it by {GOOD:g} decades at most, in the root mean square, or by "
        f"{wording.percent(GOOD_SHARE)} of the spread of the curve; it is told if the other does not, and misses by "
        f"{BETTER:g} times as much. A curve whose spread is {laws.LEVEL:g} decades at most stays level. Nothing is "
        f"said of fewer than {LEAST_POINTS} points.{ALONE if (table.alone > 1).any() else ''}{floor}",
        *(sentence for task in tasks for sentence in laws.sentences(table, task, state)),
    ]
