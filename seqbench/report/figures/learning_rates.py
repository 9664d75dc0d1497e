"""Success at every learning rate of the grids that rates were chosen from."""

from collections.abc import Iterator, Mapping, Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from seqbench import wording
from seqbench.analysis import tuning
from seqbench.analysis.arms import Look, arms_in_order
from seqbench.analysis.findings import Findings
from seqbench.analysis.tuning import Tuned
from seqbench.record.labels import RATE
from seqbench.report.figures import marked, panels, told
from seqbench.report.figures.plot import Plot, ids
from seqbench.report.figures.theme import INK

MARGIN = 1.8
"""Factor by which the axis reaches beyond the rates."""


def plots(found: Findings) -> Iterator[Plot]:
    """Where rates were tuned."""
    if races := tuning.of_arms(found.tuned):
        figure = _draw(races, found.looks)
        runs = pd.concat([one.runs for one in races])
        yield Plot("learning_rates", "The learning rate of each arm", _caption(races), figure, ids(runs))


def _draw(races: Sequence[Tuned], looks: Mapping[str, Look]) -> Figure:
    """A panel per task, a row per arm: a point per rate, the fuller the more of its runs solved."""
    tasks, arms = sorted({one.task for one in races}), arms_in_order(one.arm for one in races)
    figure, shown = panels.by_task(tasks, 0.9 + 0.45 * len(arms), {}, each=4.2, margin=2.5)
    rates = sorted({rate for one in races for rate in one.standing.rates})
    for task, ax, *_ in shown:
        for one in (one for one in races if one.task == task):
            with marked.of_arm(ax, one.arm):
                _row(ax, arms.index(one.arm), one, looks[one.arm])
        panels.ticks_at(ax, rates, "{:g}".format, MARGIN)
        ax.set_xlabel("learning rate (log scale)")
    panels.arm_rows(shown[0].ax, arms, above=0.6)
    return figure


def _row(ax: Axes, row: int, one: Tuned, look: Look) -> None:
    """A line over the window, a point with its tally at each rate that was run, and a ring around the choice."""
    ax.plot(one.working, [row] * len(one.working), color=look.colour, linewidth=2, zorder=2)
    for rate in one.standing.rates:
        tally = one.tally(rate)
        if tally.runs:
            ax.plot(rate, row, look.marker, color="white", markersize=8, zorder=3)
            ax.plot(rate, row, look.marker, color=look.colour, markersize=8, alpha=tally.solved / tally.runs, zorder=3)
            ax.plot(rate, row, look.marker, color=look.colour, markersize=8, markerfacecolor="none", zorder=4)
            ax.annotate(
                one.cell(rate), (rate, row), (0, 9), textcoords="offset points", ha="center", fontsize=8, color=INK
            )
            solved = f"{wording.tally(tally.solved, tally.runs)} runs solved it"
            told.tell(ax, rate, row, [told.Tip(f"{one.task} at rate {rate:g}", solved, runs=_ids(one, rate))])
    if one.rate is not None:
        ax.plot(one.rate, row, "o", color=INK, markersize=15, markerfacecolor="none", markeredgewidth=1.2, zorder=5)


def _ids(one: Tuned, rate: float) -> tuple[str, ...]:
    """The runs of its tally."""
    return ids(one.runs[(one.runs[RATE] == rate) & (one.places == one.gap)])


def _caption(races: Sequence[Tuned]) -> list[str]:
    """What was chosen, task by task."""
    parts = [
        f"Runs that solved their task / runs at each learning rate, at the {tuning.places(races)} at which some rate "
        "of the arm works; fuller points solved more. Rings: the rate that was chosen.",
        "Lines: rates at which at least half of the runs solved. A rate without a point was not run there: it had "
        "failed before, it lies beyond one that did, or the budget was spent.",
    ]
    tasks = sorted({one.task for one in races})
    return [*parts, *(tuning.sentence(task, [one for one in races if one.task == task]) for task in tasks)]
