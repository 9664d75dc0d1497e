"""How far each run is predicted to hold beyond its gap, by its states, against how far it did."""

from collections.abc import Iterator, Mapping

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from seqbench import wording
from seqbench.analysis import spreads
from seqbench.analysis.arms import Look, arms_in_order
from seqbench.analysis.findings import Findings
from seqbench.report.figures import lines, marked, panels, told
from seqbench.report.figures.plot import Plot, ids, ids_by

LEAST = 0.5
"""Multiple of the gap at which stands what is below one."""
APART = 1.06
"""Factor by which arms stand above one another that held equally long."""


def plots(found: Findings) -> Iterator[Plot]:
    """Where runs have a prediction and were tested beyond their gap."""
    pairs = found.hold_predictions.dropna(subset=["predicted_multiple", spreads.HELD])
    if len(pairs):
        title, figure = "Hold, predicted and measured", _draw(pairs, found.looks)
        yield Plot("spread_predicts", title, _caption(found), figure, ids(pairs))


def _draw(pairs: pd.DataFrame, looks: Mapping[str, Look]) -> Figure:
    figure, shown = panels.by_task(sorted(pairs.task.unique()), 3.4, looks, sharex="all")
    for task, ax, own, first in shown:
        _scatter(ax, pairs[pairs.task == task], own)
        ax.set_xlabel("predicted from lags up to 2 gaps\n(multiples of the gap, log scale)")
        ax.set_ylabel("measured by tests\n(multiples of the gap, log scale)" if first else "")
    panels.legend(figure, looks, [lines.line("predicted = measured", colour="#999999")])
    return figure


def _scatter(ax: Axes, pairs: pd.DataFrame, looks: Mapping[str, Look]) -> None:
    ends = [LEAST, spreads.MOST]
    ax.plot(ends, ends, color="#999999", linewidth=0.8, zorder=1)
    arms = arms_in_order(pairs.arm)
    whose = ids_by(pairs, "run_id")
    for arm, look in marked.by_arm(ax, panels.present(looks, pairs)):
        own = pairs[pairs.arm == arm]
        x, y = (own[name].clip(lower=LEAST) for name in ("predicted_multiple", spreads.HELD))
        y = y * APART ** (arms.index(arm) - (len(arms) - 1) / 2)
        ax.plot(x, y, look.marker, color=look.colour, markersize=6, alpha=0.7, markeredgewidth=0.6, zorder=3)
        told.tell(ax, x, y, [_tip(row, whose[(row["run_id"],)]) for row in own.to_dict("records")])
    multiples = [LEAST, *(2**n for n in range(spreads.MOST.bit_length()))]
    panels.ticks_at(ax, multiples, _multiple)
    ax.set_yscale("log")
    ax.set_ylim(LEAST / 1.5, spreads.MOST * 1.5)
    ax.set_yticks(multiples, [_multiple(value) for value in multiples])
    ax.set_yticks([], minor=True)


def _multiple(value: float) -> str:
    return "< 1" if value < 1 else f"{value:.0f}"


def _tip(row: dict[str, object], runs: tuple[str, ...]) -> told.Tip:
    value = f"predicted {row['predicted_multiple']:.2g}, measured {row[spreads.HELD]:.0f} times the gap"
    return told.Tip(f"{row['signature']}, {wording.at(str(row['task']), int(str(row['gap'])))}", value, runs=runs)


def _caption(found: Findings) -> list[str]:
    said = spreads.sentences(found.hold_correlations, found.signatures.iloc[:0])
    return [
        "How far beyond its gap each run is predicted to solve its task, by its states at lags up to twice the gap, "
        f"against the longest multiple that it solved. {said[0]}",
        *said[1:],
        "The prediction is the lag at which W/B comes to the value at which the readout of the run errs on 1 %: along "
        f"the trend of its logarithm from the gap on. Where no rise is beyond noise that is never, told as "
        f"{spreads.MOST}. Groups that move away together are not seen by it, and no prediction is made where the "
        "sequences of a group do not differ, so that W is zero.",
        "Runs are tested at doubled gaps until they fail: the measured hold is the last before. Of these tests only "
        "that at twice the gap is at a lag at which the prediction has seen states, though no answers; so the runs "
        "that hold at twice the gap are also ranked alone. The interval of the rank correlation is that of a bootstrap "
        "that draws the runs of an arm on a task together, where there are six such cells or more, and runs otherwise. "
        "A relation is told where that interval lies on one side of 0 and a permutation test of the runs says so too.",
    ]
