"""Spread within groups over the distance between them, of the states that a readout sees, by lag."""

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from seqbench import wording
from seqbench.analysis import spreads
from seqbench.analysis.arms import Look
from seqbench.analysis.cells import at_longest_gap, many_seeds
from seqbench.analysis.findings import Findings
from seqbench.report.figures import grids, lines, marked, panels, seeds, told
from seqbench.report.figures.plot import Plot, ids
from seqbench.statistics.signatures import FLAT, NEAR, ROUNDING

CRITICAL = "o"
"""Marker of the ratio at which the readout errs, at the gap."""


def plots(found: Findings) -> Iterator[Plot]:
    """At the longest gap of each task, where runs tell of it."""
    rows = at_longest_gap(found.spread_by_lag)
    if len(rows):
        title = "Spread of the states over the distance between them"
        yield Plot("spread", title, _caption(rows, found.signatures), _draw(rows, found.looks), ids(rows))


def _draw(rows: pd.DataFrame, looks: Mapping[str, Look]) -> Figure:
    many = many_seeds(rows)
    figure, axes = panels.by_gap(rows, lambda ax, here, looks: _panel(ax, here, looks, many), looks)
    for (_, gap), ax in axes.items():
        ax.set_xlabel("lag after the evidence (steps)")
        ax.axvline(int(str(gap)), color="#999999", linewidth=1, zorder=1)
        panels.log_axis(ax)
    for ax in grids.firsts(axes).values():
        ax.set_ylabel("W/B (log scale)")
    marks = [
        seeds.mark(many),
        lines.line("median of the seeds", width=2.4),
        *lines.gap_mark(rows),
        lines.mark("readout errs on 1 % (median)", CRITICAL, filled=False),
    ]
    panels.legend(figure, looks, marks)
    return figure


def _panel(ax: Axes, rows: pd.DataFrame, looks: Mapping[str, Look], many: bool) -> None:
    """Ratios below rounding stand there."""
    for arm, look in marked.by_arm(ax, panels.present(looks, rows)):
        own = rows[rows.arm == arm]
        table = own.pivot_table(index="lag", columns="run_id", values="ratio").clip(lower=ROUNDING)
        if many:
            seeds.band(ax, table, look)
        else:
            ax.plot(table.index, table, color=look.colour, linewidth=0.7, alpha=0.5, zorder=2)
        middle = table.median(axis=1)
        ax.plot(middle.index, middle, color=look.colour, linestyle=look.linestyle, linewidth=2, marker=look.marker,
                markersize=5, zorder=3)  # fmt: skip
        told.along(ax, middle.index, middle, "W/B at lag {:.0f}, median".format, wording.number,
                   told.of_columns(table), (table.min(axis=1), table.max(axis=1)))  # fmt: skip
        critical = own.critical.dropna().median()
        if np.isfinite(critical) and critical > ROUNDING:
            ax.plot(own.gap.iloc[0], critical, CRITICAL, color=look.colour, markerfacecolor="white")


def _caption(rows: pd.DataFrame, signatures: pd.DataFrame) -> list[str]:
    flat = f"{100 * FLAT:.0f} %"
    return [
        "Spread within groups of sequences that share their answers (W: mean distance of a state to the mean of its "
        "group) over the least distance between two groups (B), by lag up to twice the gap that was trained.",
        "The states are those that the readout reads when it is asked at that lag, of runs that solved their task; of "
        "several answers, the states at all of them together. Marker at the gap: W/B at which the readout of the "
        "run errs on 1 % of its answers, when all deviations from the means are made larger by one factor.",
        f"Signature, by trends from the gap on: leak, B falls by more than {flat}; else drift, W/B rises by more than "
        f"{flat}, both beyond noise; else shift, the means of the groups have moved by more than {100 * NEAR:.0f} % of "
        f"B; else latch, W/B and B stay within {flat} at the worse end of their 95 % intervals; else open.",
        *(
            f"Signatures on {task}: {_counts(own)}."
            for task, own in signatures.groupby("task")
            if task in set(rows.task)
        ),
    ]


def _counts(signatures: pd.DataFrame) -> str:
    """Of each arm, as "lstm 3 drift and 1 open"."""
    told = []
    for row in signatures.to_dict("records"):
        counts = [f"{row[name]} {name}" for name in spreads.SIGNATURES if row[name]]
        told.append(f"{row['arm']} {wording.listed(counts)}")
    return "; ".join(told)
