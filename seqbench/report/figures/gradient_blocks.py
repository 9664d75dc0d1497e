"""Gradient norm by part of the model: which receives how much."""

from collections.abc import Iterator, Mapping
from itertools import product

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from seqbench import wording
from seqbench.analysis.arms import Look, arms_in_order
from seqbench.analysis.cells import at_longest_gap, many_seeds
from seqbench.analysis.findings import Findings
from seqbench.events import GRADIENT
from seqbench.report.figures import crowd, grids, norms, panels
from seqbench.report.figures.plot import Plot, ids

BLOCKS = {
    f"{GRADIENT}recurrent": "recurrent weights",
    f"{GRADIENT}input": "input weights",
    f"{GRADIENT}readout": "readout",
}


def plots(found: Findings) -> Iterator[Plot]:
    """Where norms by block were recorded."""
    curves = found.curves[found.curves.metric.isin(list(BLOCKS))]
    if norms.usable(curves).any():
        shown = at_longest_gap(curves)
        caption, figure = _caption(shown), _draw(shown, found.looks)
        yield Plot("gradient_blocks", "Gradient norm by part of the model", caption, figure, ids(shown))


def _draw(shown: pd.DataFrame, looks: Mapping[str, Look]) -> Figure:
    """A row per task, a column per block."""
    many = many_seeds(shown)
    tasks, blocks = sorted(shown.task.unique()), [block for block in BLOCKS if (shown.metric == block).any()]
    parts = crowd.parts(panels.present(looks, shown))
    figure, axes = grids.grid(list(product(tasks, parts)), blocks, sharey="all")
    for ((task, part), block), ax in axes.items():
        here = shown[(shown.task == task) & (shown.metric == block)]
        gap = shown[shown.task == task].gap.max()
        ax.set_title(crowd.named(f"{wording.cell(task, gap)}: {BLOCKS[str(block)]}", part), loc="left")
        norms.panel(ax, here, parts[part], many) if len(here) else panels.blank(ax, "no finished run")
    norms.finish(figure, axes, looks, shown)
    return figure


def _caption(shown: pd.DataFrame) -> list[str]:
    """Which part of the model receives how much gradient."""
    finite = at_longest_gap(shown[np.isfinite(shown.value)])
    parts = ["The same norm by part of the model."]
    for task, rows in finite.groupby("task"):
        middle = rows.groupby(["arm", "metric"]).value.median().unstack()
        blocks = [block for block in BLOCKS if block in middle]
        told = [f"{arm} {' / '.join(wording.number(middle.loc[arm, block]) for block in blocks)}"
                for arm in arms_in_order(rows.arm)]  # fmt: skip
        order = " / ".join(BLOCKS[block] for block in blocks)
        parts.append(f"Medians on {wording.at(task, rows.gap.max())} ({order}): {'; '.join(told)}.")
    return parts
