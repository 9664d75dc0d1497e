"""Gradient norm through training, before clipping: typical and largest values, and how often clipping acted."""

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from seqbench import wording
from seqbench.analysis.arms import Look, arms_in_order
from seqbench.analysis.cells import at_longest_gap, many_seeds
from seqbench.analysis.findings import Findings
from seqbench.events import GRADIENT
from seqbench.report.figures import norms, panels
from seqbench.report.figures.plot import Plot, ids


def plots(found: Findings) -> Iterator[Plot]:
    """Where norms were recorded."""
    curves, clip = found.curves[found.curves.metric == f"{GRADIENT}norm"], _clip_norm(found.done)
    if norms.usable(curves).any():
        caption, figure = _caption(curves, clip) + found.gaps_drawn, _draw(curves, found.looks, clip)
        yield Plot("gradient_norm", "Gradient norm through training", caption, figure, ids(curves))


def _clip_norm(runs: pd.DataFrame) -> float | None:
    """The norm at which gradients were clipped, if it was one and the same in all runs."""
    values = runs.get("training.clip_norm", pd.Series(dtype=float))
    numbers = pd.to_numeric(values, errors="coerce").unique()
    return float(numbers[0]) if len(numbers) == 1 and np.isfinite(numbers[0]) else None


def _draw(curves: pd.DataFrame, looks: Mapping[str, Look], clip: float | None) -> Figure:
    """Norm of the whole gradient: a row per task, a column per gap, a thin line per seed."""
    many = many_seeds(curves)
    figure, axes = panels.by_gap(
        curves, lambda ax, here, looks: norms.panel(ax, here, looks, many), looks, sharey="all"
    )
    for ax in axes.values():
        if clip is not None:
            ax.axhline(clip, color="#555555", linewidth=1, linestyle=norms.CLIP.line, zorder=1.5)
    norms.finish(figure, axes, looks, curves, clip)
    return figure


def _caption(curves: pd.DataFrame, clip: float | None) -> list[str]:
    """Typical and largest norms, and how often clipping acted."""
    finite = curves[np.isfinite(curves.value)]
    parts = [
        "Norm of the whole gradient before clipping; records are averaged (in the logarithm) over short stretches."
    ]
    for task, rows in at_longest_gap(finite).groupby("task"):
        middle = rows.groupby("arm").value.median()
        values = [f"{wording.number(middle[arm])} for {arm}" for arm in arms_in_order(rows.arm)]
        parts.append(
            f"On {wording.at(task, rows.gap.max())} its median over the records drawn is {wording.listed(values)}."
        )
    parts.append(wording.joined(_largest(finite), _clipped(finite, clip), _left_out(len(curves) - len(finite))))
    return parts


def _largest(finite: pd.DataFrame) -> str:
    top = finite.loc[finite.value.idxmax()]
    return (
        f"The largest norm drawn is {wording.number(top.value)} ({top.arm}, {wording.cell(top.task, top.gap)}, "
        f"seed {top.seed}, step {wording.count(top.step)})."
    )


def _clipped(finite: pd.DataFrame, clip: float | None) -> str:
    if clip is None:
        return ""
    return (
        f"{wording.percent((finite.value > clip).mean())} of the records drawn lie above {clip:g}, where clipping acts."
    )


def _left_out(number: int) -> str:
    return f"Records without a finite value ({wording.count(number)}) are left out." if number else ""
