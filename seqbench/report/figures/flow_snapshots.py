"""Gradient by lag in snapshots through training."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Colormap, Normalize, to_hex
from matplotlib.figure import Figure

from seqbench import wording
from seqbench.analysis.arms import arms_in_order
from seqbench.analysis.by_lag import through_training, with_steps
from seqbench.analysis.cells import at_longest_gap
from seqbench.analysis.findings import Findings
from seqbench.analysis.parts import OUTCOMES
from seqbench.events import HIDDEN, INPUTS
from seqbench.record.states import in_words
from seqbench.report.figures import arms_grid, floors, lines, panels, told
from seqbench.report.figures.lines import DASHED, SOLID
from seqbench.report.figures.plot import Plot, ids

OUTCOME = "ended"
"""Column that says whether the run solved its task."""
FIRST, LAST, BETWEEN = 2.0, 2.6, 1.1
"""Widths of the curves before training, at its end, and in between."""


def plots(found: Findings) -> Iterator[Plot]:
    """Where runs were probed while they trained."""
    lags = found.lags[found.lags.state.isin([HIDDEN, INPUTS]) & np.isfinite(found.lags.log10_gradient)]
    if lags.stage.str.startswith("step_").any():
        shown = at_longest_gap(with_steps(lags, found.done))
        ended = (shown.outcome == "solved").map(OUTCOMES)
        shown = shown.assign(**{OUTCOME: ended}).sort_values(["task", OUTCOME], ascending=[True, False], kind="stable")
        yield Plot("flow_snapshots", "Gradient by lag through training", _caption(shown), _draw(shown), ids(shown))


def _draw(shown: pd.DataFrame) -> Figure:
    """A row per task, a panel per arm and outcome, coloured by training step; `shown` has `step` and `OUTCOME`."""
    import seaborn  # takes a second, and few records have snapshots

    rows = {
        wording.cell(task, own.gap.max()): dict(iter(own.groupby(OUTCOME, sort=False)))
        for task, own in shown.groupby("task")
    }
    figure, drawn = arms_grid.grid_of_arms(rows)
    norm, colours = Normalize(0, shown.step.max()), seaborn.color_palette("flare", as_cmap=True)
    for panel in drawn:
        _panel(panel.ax, panel.lags, norm, colours)
    for row in rows:
        medians = [through_training(panel.lags).stack() for panel in drawn if panel.row == row]
        floors.limits(next(panel.ax for panel in drawn if panel.row == row), pd.concat(medians))
    figure.colorbar(
        ScalarMappable(norm, colours), ax=[panel.ax for panel in drawn], label="training steps", shrink=0.9, pad=0.01,
        format=lambda value, _: wording.count(value),
    )  # fmt: skip
    first, middle, last = (to_hex(colours(part)) for part in (0.0, 0.5, 1.0))
    marks = [
        lines.line("at initialisation", colour=first, style=DASHED, width=FIRST),
        lines.line("during training", colour=middle, width=BETWEEN),
        lines.line("at the end", colour=last, width=LAST),
    ]
    panels.legend(figure, {}, [*marks, *floors.marks(shown.log10_gradient), *lines.gap_mark(shown)])
    return figure


def _panel(ax: Axes, lags: pd.DataFrame, norm: Normalize, colours: Colormap) -> None:
    curves = through_training(lags)
    first, last = curves.columns[0], curves.columns[-1]
    for step in curves.columns:
        width = LAST if step == last else FIRST if step == first else BETWEEN
        middle = lines.thinned(curves[step].dropna())
        colour, style = colours(float(np.asarray(norm(step)))), DASHED if step == first else SOLID
        ax.plot(middle.index, middle, color=colour, linestyle=style.line, linewidth=width)
        floors.leaves(ax, curves[step].dropna(), to_hex(colour))
        told.along(ax, middle.index, middle, f"step {wording.count(step)}, lag {{:.0f}}".format, wording.from_log10,
                   told.of_lags(lags))  # fmt: skip


def _caption(shown: pd.DataFrame) -> list[str]:
    """Per task: the gradient at the gap before training, at its greatest, and at the end."""
    parts = [
        f"Gradient of the {in_words(HIDDEN)} by lag in snapshots through training, the median over seeds. Those that "
        "solved the task and those that did not are drawn apart.",
        "A run that has stopped keeps its last curve."
        + arms_grid.inputs_in_words(shown)
        + floors.told(shown.log10_gradient),
    ]
    for task, rows in shown.groupby("task"):
        gap = rows.gap.max() or rows.lag.max()
        told = [
            f"{arm}, {outcome}: {text}"
            for arm in arms_in_order(rows.arm)
            for outcome, own in rows[rows.arm == arm].groupby(OUTCOME, sort=False)
            if (text := _through(own, gap))
        ]
        if told:
            parts.append(f"On {task}, at lag {gap}: {'; '.join(told)}.")
    return parts


def _through(lags: pd.DataFrame, gap: int) -> str:
    curves = through_training(lags)
    at_gap = curves.loc[gap].dropna() if gap in curves.index else pd.Series(dtype=float)
    if at_gap.empty:
        return ""
    top = at_gap.idxmax()
    values = [wording.from_log10(value) for value in (at_gap.iloc[0], at_gap[top], at_gap.iloc[-1])]
    peak = f", at most {values[1]} (step {wording.count(top)})" if 0 < top < at_gap.index[-1] else ""
    return f"from {values[0]} to {values[2]}{peak}"
