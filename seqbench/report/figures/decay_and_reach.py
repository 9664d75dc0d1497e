"""Decay of the gradient at initialisation against the gap that the arm reached."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from seqbench import wording
from seqbench.analysis.arms import Look
from seqbench.analysis.cells import MOST_GAPS
from seqbench.analysis.faster import p
from seqbench.analysis.findings import Findings
from seqbench.analysis.reach import placed, verdicts
from seqbench.events import HIDDEN
from seqbench.record.states import in_words
from seqbench.report.figures import lines, marked, panels, told
from seqbench.report.figures.plot import IdsBy, Plot, ids, ids_by
from seqbench.statistics import thresholds
from seqbench.statistics.levels import LEVEL

LINEAR_BELOW = 0.01
"""Nats per step below which the axis of the decay is linear: a gradient that grows has a negative decay."""
BEYOND = 1.5
"""Factor by which the rows "below" and "beyond" lie outside of the tested gaps."""
SPREAD = 0.3
"""Of that distance, how far arms on such a row stand above and below it at most."""


def plots(found: Findings) -> Iterator[Plot]:
    """Where several gaps were tested, and the gradient was measured."""
    reach = placed(found.reach)
    if len(reach):
        drawn, title = found.done.merge(reach[["task", "arm"]]), "Decay of the gradient and gap reached"
        yield Plot(
            "decay_and_reach",
            title,
            _caption(found),
            _draw(
                reach.assign(told=[found.gap50[arm] for arm in zip(reach.task, reach.arm, strict=True)]),
                found.looks,
                ids_by(drawn, "task", "arm"),
            ),
            ids(drawn),
        )


def _draw(reach: pd.DataFrame, looks: Mapping[str, Look], whose: IdsBy) -> Figure:
    """A panel per task, a point per arm."""
    tasks = sorted(reach.task.unique())
    figure, shown = panels.by_task(tasks, 3.4, panels.present(looks, reach), sharex="all", sharey="none")
    for task, ax, own, first in shown:
        ax.set_xlabel("decay per step at initialisation (nats)")
        ax.set_ylabel("gap50 (steps, log scale)" if first else "")
        _panel(ax, reach[reach.task == task], own, whose)
    _decay_axis(shown[0].ax, pd.concat([reach.least, reach.greatest]))
    marks = [
        lines.line("from the least to the greatest run", width=2, colour="#999999"),
        lines.mark("gap50 lies outside of the gaps tested", "o", filled=False),
    ]
    panels.legend(figure, looks, marks)
    return figure


def _panel(ax: Axes, reach: pd.DataFrame, looks: Mapping[str, Look], whose: IdsBy) -> None:
    gaps = sorted({int(gap) for tested in reach.gaps for gap in tested})
    below, beyond = gaps[0] / BEYOND, gaps[-1] * BEYOND
    rows = {row.arm: row for row in reach.itertuples()}
    heights = _heights(reach.set_index("arm").gap50, below, beyond)
    for arm, look in marked.by_arm(ax, panels.present(looks, reach)):
        row: Any = rows[arm]
        height = heights[arm]
        _point(ax, row, height, look)
        told.tell(ax, row.decay, height, [_tip(row, whose[row.task, arm])])
    ax.set_yscale("log")
    ax.set_ylim(below / BEYOND**0.7, beyond * BEYOND**0.7)
    ticks = _ticks(gaps)
    names = [f"< {gaps[0]}", *map(str, ticks), f"> {gaps[-1]}"]
    ax.yaxis.set_major_locator(FixedLocator([below, *ticks, beyond]))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda _, place: names[place or 0]))
    ax.yaxis.set_minor_locator(NullLocator())


def _heights(gap50: pd.Series, below: float, beyond: float) -> dict[str, float]:
    """Arms on one of the open rows stand a little above one another: no value is read off there, and none is hidden."""
    heights = gap50.astype(float).clip(below, beyond)
    for row, end in ((below, thresholds.BELOW_ALL), (beyond, thresholds.BEYOND_ALL)):
        own = heights.index[gap50 == end]
        places = np.linspace(-1, 1, len(own)) if len(own) > 1 else np.zeros(len(own))
        heights[own] = row * BEYOND ** (SPREAD * places)
    return {str(arm): float(height) for arm, height in heights.items()}


def _point(ax: Axes, arm: Any, height: float, look: Look) -> None:
    inside = arm.gap50 not in (thresholds.BELOW_ALL, thresholds.BEYOND_ALL)
    ax.plot([arm.least, arm.greatest], [height] * 2, color=look.colour, linewidth=2, alpha=0.5, zorder=2)
    ax.plot(
        arm.decay, height, look.marker, color=look.colour, markersize=8,
        markerfacecolor=look.colour if inside else "white", markeredgewidth=1.3, zorder=3,
    )  # fmt: skip


def _tip(arm: Any, runs: tuple[str, ...]) -> told.Tip:
    value = f"decay {wording.number(arm.decay)} nats per step, gap50 {arm.told}"
    return told.Tip(
        f"on {arm.task}", value, f"{told.SEEDS} {wording.number(arm.least)} to {wording.number(arm.greatest)}", runs
    )


def _ticks(gaps: list[int]) -> list[int]:
    """The gaps tested, or round ones between them where they are many, as in a search."""
    if len(gaps) <= MOST_GAPS:
        return gaps
    return [m * 10**exponent for exponent in range(6) for m in (1, 2, 5) if gaps[0] <= m * 10**exponent <= gaps[-1]]


def _decay_axis(ax: Axes, decay: pd.Series) -> None:
    """Linear around 0 and logarithmic beyond."""
    ax.set_xscale("symlog", linthresh=LINEAR_BELOW, linscale=0.4)
    low, high = float(decay.min()), float(decay.max())
    left = low / 1.5 if low > LINEAR_BELOW else min(low * 1.5, 0) - LINEAR_BELOW / 4
    ax.set_xlim(left, max(high * 1.5, LINEAR_BELOW))
    ticks = [m * 10.0**exponent for exponent in range(-2, 3) for m in (1, 3)]
    ax.xaxis.set_major_locator(FixedLocator([*(-tick for tick in ticks), 0, *ticks]))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{np.round(value, 9):g}".replace("-", "−")))
    ax.xaxis.set_minor_locator(NullLocator())


def _caption(found: Findings) -> list[str]:
    """Rank correlation over the arms of each task, which arms go against it, and which gap50 is not known."""
    parts = [
        f"Decay per step of lag of the {in_words(HIDDEN)}'s gradient at initialisation (median over the runs at the "
        "longest gap that the arm tested), against the gap that half of its runs solve (gap50): a point per arm. "
        f"{verdicts(found.correlations)}"
    ]
    for row in found.correlations.itertuples():
        parts.append(wording.joined(_correlation(row), _exceptions(row), _outside(row), _left_out(row)))
    return parts


def _correlation(row: Any) -> str:
    arms = f"{'the' if row.left_out else 'all'} {wording.plural(row.arms, 'arm')}{' drawn' if row.left_out else ''}"
    if np.isnan(row.spearman):
        return f"On {row.task} there is no rank correlation over {arms} to compute: {row.verdict}."
    few = f" So few arms cannot give a p-value below {row.least_p_value:.2g}." if row.least_p_value >= LEVEL else ""
    value = f"{row.spearman:.2f}".replace("-", "−")
    return (
        f"On {row.task}, Spearman's rank correlation over {arms} is {value} (permutation test, {p(row.p_value)}): "
        f"{row.verdict}.{few}"
    )


def _exceptions(row: Any) -> str:
    """The arms that go against the rule, in every pair of arms."""
    if not row.pairs:
        return ""
    rule = "less decay, longer gap, by the estimates of gap50"
    if not row.pairs_against:
        return f"No pair of arms goes against the rule ({rule})."
    return f"Pairs of arms against the rule ({rule}): {wording.tally(row.pairs_against, row.pairs)}; {row.against}."


def _outside(row: Any) -> str:
    told = {"before the shortest gap tested": row.below_all, "beyond the longest gap tested": row.beyond_all}
    known = [f"{arms} {where}" for where, arms in told.items() if arms]
    return f"gap50 lies outside of what was tested: {'; '.join(known)}." if known else ""


def _left_out(row: Any) -> str:
    return f"Not drawn, because there is no place for it: {row.left_out}." if row.left_out else ""
