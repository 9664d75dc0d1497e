"""Share of runs that still solve their task at each multiple of the gap that they were trained at."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.transforms import ScaledTranslation

from seqbench import wording
from seqbench.analysis import holds
from seqbench.analysis.arms import Look
from seqbench.analysis.cells import CELL
from seqbench.analysis.findings import Findings
from seqbench.report.figures import crowd, grids, marked, panels, theme, told
from seqbench.report.figures.plot import Plot, ids, ids_by
from seqbench.report.figures.shares import share_axis


def plots(found: Findings) -> Iterator[Plot]:
    """Where some run learned its gap and was tested beyond it."""
    runs = found.held
    shares = holds.shares(runs)
    if (shares.multiple > 1).any():
        whose = ids_by(runs, *CELL)
        points = shares.assign(run_ids=[whose[key] for key in shares[CELL].itertuples(index=False, name=None)])
        yield Plot("hold", "Beyond the gap of training", _caption(found.hold), _draw(points, found.looks), ids(runs))


def _draw(points: pd.DataFrame, looks: Mapping[str, Look]) -> Figure:
    """A row per task, a panel per gap trained at, a line per arm."""
    multiples = sorted(points.multiple.unique())
    figure, axes = panels.by_gap(
        points, lambda ax, rows, own: _panel(ax, rows, own, multiples), looks, height=2.6, sharey="all"
    )
    for ax in axes.values():
        ax.set_xlabel("times the gap (log scale)")
    for ax in grids.firsts(axes).values():
        ax.set_ylabel("share of runs that\nstill solve the task")
    panels.legend(figure, looks)
    return figure


def _panel(ax: Axes, rows: pd.DataFrame, looks: Mapping[str, Look], multiples: Sequence[int]) -> None:
    panels.ticks_at(ax, multiples, "{:.0f}".format, margin=1.35)
    share_axis(ax, margin=0.06)
    present = panels.present(looks, rows)
    places, most = crowd.places(present), len(crowd.front(present))
    for arm, look in marked.by_arm(ax, present):
        _arm(ax, rows[rows.arm == arm], look, places[arm] * min(4, 16 / max(1, most)) * theme.strokes())


def _arm(ax: Axes, points: pd.DataFrame, look: Look, shift: float) -> None:
    """Shifted sideways by some points (1/72 inch): arms that all hold, or none, would hide one another."""
    shifted = ax.transData + ScaledTranslation(shift / 72, 0, ax.figure.dpi_scale_trans)
    ax.plot(
        points.multiple, points.share, color=look.colour, linestyle=look.linestyle, linewidth=1.7, marker=look.marker,
        markersize=5.5, markeredgecolor="white", markeredgewidth=0.6, transform=shifted, zorder=3, clip_on=False,
    )  # fmt: skip
    told.tell(ax, points.multiple, points.share, map(_tip, points.itertuples()), shifted)


def _tip(point: Any) -> told.Tip:
    where = f"{wording.at(point.task, point.gap)}, tested at {point.multiple} times"
    solve = f"{wording.tally(point.holding, point.runs)} runs solve it"
    return told.Tip(where, solve, "", point.run_ids)


def _caption(table: pd.DataFrame) -> list[str]:
    """How far each arm holds, at the longest gap of each task."""
    parts = [
        "Share of runs that solve their task at a multiple of the gap that they were trained at, and at every shorter "
        "one, without more training.",
        "At 1 stands the share that learned its gap. A run is tested until it fails; a line ends at the last multiple "
        "that a run of its arm was tested at. The arms are drawn a little beside one another, so that equal results "
        "stay visible.",
    ]
    for task, rows in table.groupby("task"):
        own = rows[rows.gap == rows.gap.max()]
        held = "; ".join(f"{wording.arm(row.arm)} {holds.with_interval(row)}" for _, row in own.iterrows())
        parts.append(
            f"On {wording.at(str(task), int(own.gap.iloc[0]))}, the median multiple with its interval: {held}."
        )
    return parts
