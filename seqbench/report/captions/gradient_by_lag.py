"""How much gradient is left at the lag of the evidence, and whether more of it went with more success."""

import numpy as np
import pandas as pd

from seqbench import wording
from seqbench.analysis import arms as palette
from seqbench.analysis.cells import at_longest_gap
from seqbench.wording import joined, tally

TELLING = 1.0
"""Difference in log10 from which two gradients are called different."""


def gradient_by_lag(lags: pd.DataFrame, summary: pd.DataFrame, state: str) -> list[str]:
    """How much gradient is left at the lag of the evidence, and whether more of it went with more success."""
    names = {"c": "cell state", "inputs": "inputs (the core states no step)"}
    unit = "inputs" if state == "inputs" else "hidden state"
    parts = [
        f"Gradient of the loss at one scored step with respect to the {names.get(state, 'hidden state')} so many steps "
        f"earlier, relative to the {unit} at lag 0; line: median over seeds, band: from the least to the greatest seed."
    ]
    for task, rows in at_longest_gap(lags).groupby("task"):
        cells = summary[(summary.task == task) & (summary.gap == rows.gap.max()) & summary.arm.isin(rows.arm)]
        no_gap = state == "c" or not rows.gap.any()
        parts += _at_the_gap(rows) if no_gap else [joined(_remains(task, cells), _exceptions(cells))]
    return parts


def _at_the_gap(rows: pd.DataFrame) -> list[str]:
    """Read off the curves themselves, at lag = gap: the record's numbers at the evidence are of the hidden state."""
    gap = rows.gap.max() or rows.lag.max()  # the whole window where the task has no gap
    there = rows[(rows.lag == gap) & (rows.stage == "end")].groupby("arm").log10_gradient.median().dropna()
    values = [f"{wording.from_log10(there[arm])} for {arm}" for arm in palette.ordered(there.index)]
    return [f"After training on {rows.task.iloc[0]}, at lag {gap} it is {wording.listed(values)}."] if values else []


def _remains(task: str, cells: pd.DataFrame) -> str:
    told = [_told(cells[cells.arm == arm].iloc[0]) for arm in palette.ordered(cells.arm)]
    return f"On {task} at gap {cells.gap.max()}, the share of it that reaches the evidence is {'; '.join(told)}."


def _told(cell: pd.Series) -> str:
    before, after = cell.log10_gradient_at_gap_init, cell.log10_gradient_at_gap_end
    values = {"before": before, "after": after}
    known = [f"{wording.from_log10(value)} {when}" for when, value in values.items() if np.isfinite(value)]
    found = f"{wording.listed(known)} training" if known else "not known"
    return f"{found} for {cell.arm} ({tally(cell.solved, cell.finished)} solved)"


def _exceptions(cells: pd.DataFrame) -> str:
    """Pairs of arms in which ten times the gradient after training went with less success."""
    known = cells[np.isfinite(cells.log10_gradient_at_gap_end)].set_index("arm")
    share, gradient = known.solved / known.finished, known.log10_gradient_at_gap_end
    pairs = [(a, b) for a in known.index for b in known.index if gradient[a] - gradient[b] >= TELLING]
    against = [(more, less) for more, less in pairs if share[more] < share[less]]
    if not pairs:
        return ""
    if against:
        named = wording.listed(f"{more} solved less often than {less}" for more, less in against)
        return f"More gradient did not always go with more success: with at least ten times the gradient, {named}."
    if all(share[more] == share[less] for more, less in pairs):
        return "Arms whose gradients differ by ten times or more were equally successful here."
    return "No arm with at least ten times the gradient of another solved less often than it."
