"""How fast the gradient decays, whether it keeps within its bounds, and how near the direct path comes to it."""

import numpy as np
import pandas as pd

from seqbench import wording
from seqbench.analysis import arms as palette
from seqbench.analysis.by_lag import through_training
from seqbench.analysis.cells import at_longest_gap
from seqbench.statistics import rates
from seqbench.wording import joined

MEDIANS = ("decay_init", "decay_end", "gradient_at_gap_init", "gradient_at_gap_end")
ROUNDING = 1e-6
"""Decades by which a curve may lie above its bound by rounding."""
BOUNDS = {"path": "the bound along the path", "sigma_max": "the bound by σ max alone"}


def flow(lags: pd.DataFrame, runs: pd.DataFrame) -> list[str]:
    """Per task at its longest gap: decay, half-life and value at the gap of each arm, then theory beside them."""
    shown = at_longest_gap(lags)
    parts = [
        "Gradient by lag (thick; hidden state solid, cell state dashed; band: from the least to the greatest seed) "
        "beside theory (thin), each the median over seeds, relative to the hidden state at lag 0."
        + _of_inputs(shown, "dotted, ")
        + _explained(shown)
    ]
    for task, rows in shown.groupby("task"):
        ran = runs[runs.run_id.isin(rows.run_id)]
        parts.append(joined(_decays(task, ran, rows), _within_bounds(rows), _direct(rows)))
    return parts


def _of_inputs(lags: pd.DataFrame, how: str = "") -> str:
    arms = palette.ordered(lags.arm[lags.state == "inputs"])
    if not arms:
        return ""
    return f" Of {wording.listed(arms)}, whose core states no step: {how}the gradient of the inputs, relative to lag 0."


def _explained(lags: pd.DataFrame) -> str:
    states = set(lags.state)
    bounds = (
        " No gradient can lie above the bounds: the product over steps of the largest slope of the nonlinearity and "
        "the largest singular value σ max of the recurrent matrix, or of σ max alone; they are cut where they leave "
        "a panel."
    )
    direct = " The direct path is the product of the gates that keep the state; it is no bound, other paths add to it."
    return (bounds if states & set(BOUNDS) else "") + (direct if "direct_best" in states else "")


def _decays(task: str, runs: pd.DataFrame, lags: pd.DataFrame) -> str:
    middle = runs.reindex(columns=["arm", *MEDIANS]).groupby("arm")[list(MEDIANS)].median()
    trained = bool((runs.steps > 0).any())
    told = [f"{arm} {text}" for arm in palette.ordered(middle.index) if (text := _told(middle.loc[arm], trained))]
    if not told:
        return ""
    when = "at initialisation → after training" if trained else "at initialisation"
    return (
        f"On {wording.at(task, runs.gap.max())}, decay per step (half-life; what is left at {_far_end(lags)}) {when}: "
        f"{'; '.join(told)}."
    )


def _far_end(lags: pd.DataFrame) -> str:
    """Where a task has no gap, the numbers at the gap are those at the other end of the window."""
    return "the gap" if lags.gap.any() else f"lag {lags.lag.max()}, the first step of the window"


def _told(row: pd.Series, trained: bool) -> str:
    """ "0.54 nats (1.3 steps; 10⁻⁷) → 0.39 nats (1.8 steps; 10⁻⁵)"; the first alone where nothing was trained."""
    stages = (_decay(row.decay_init, row.gradient_at_gap_init), _decay(row.decay_end, row.gradient_at_gap_end))
    if not trained:
        return stages[0]
    return " → ".join(text or "not known" for text in stages) if any(stages) else ""


def _decay(decay: float, left: float) -> str:
    if not np.isfinite(decay):
        return ""
    steps = f"{wording.number(rates.half_life(decay))} steps" if decay > 0 else "it grows"
    return f"{wording.number(decay).replace('-', '−')} nats ({steps}; {wording.from_log10(left)})"


def _within_bounds(lags: pd.DataFrame) -> str:
    """Run by run, stage by stage and lag by lag, not on the medians that are drawn."""
    found = lags.pivot_table(index=["arm", "run_id", "stage", "lag"], columns="state", values="log10_gradient")
    crossed = []
    bounded: set[str] = set()
    for name, words in BOUNDS.items():
        if name not in found or "h" not in found:
            continue
        above = (found.h - found[name]).dropna() > ROUNDING
        bounded |= set(above.index.get_level_values("arm"))
        for arm, at in above[above].groupby("arm"):
            crossed.append(f"{arm} lies above {words} at {wording.plural(len(at), 'lag')}")
    if not bounded:
        return ""
    if crossed:
        return f"Measurement and theory disagree: {wording.listed(crossed)} (all runs and stages counted)."
    arms = wording.listed(palette.ordered(bounded))
    return f"The measured curves of {arms} stay within their bounds at every lag, in every run."


def _direct(lags: pd.DataFrame) -> str:
    """At the gap, after training where that was probed: the direct path as a multiple of what was measured."""
    stage = "end" if (lags.stage == "end").any() else "init"
    lag = lags.gap.max() or lags.lag.max()
    there = lags[(lags.lag == lag) & (lags.stage == stage)]
    middle = there.pivot_table(index="arm", columns="state", values="log10_gradient", aggfunc="median")
    if "direct_best" not in middle or "h" not in middle:
        return ""
    middle = middle.reindex(columns=["h", "c", "direct_best", "direct_mean"])
    told = [f"{arm} {text}" for arm in palette.ordered(middle.index) if (text := _set_beside(middle.loc[arm]))]
    if not told:
        return ""
    when = "after training" if stage == "end" else "at initialisation"
    return (
        f"At lag {lag} {when}, direct path by its best unit / by the mean of its units / measured for the "
        f"cell state (hidden state where there is none): {'; '.join(told)}."
    )


def _set_beside(row: pd.Series) -> str:
    measured = row.h if np.isnan(row.c) else row.c
    if not np.isfinite([row.direct_best, measured]).all():
        return ""
    values = " / ".join(wording.from_log10(value) for value in (row.direct_best, row.direct_mean, measured))
    return f"{values} (best unit {_times(row.direct_best - measured)})"


def _times(difference: float) -> str:
    """A ratio given by its decimal logarithm, in words."""
    if abs(difference) < np.log10(1.1):
        return "as much as measured"
    return f"{wording.from_log10(abs(difference))} times {'more' if difference > 0 else 'less'}"


def flow_snapshots(lags: pd.DataFrame) -> list[str]:
    """Per task at its longest gap: the gradient at the gap before training, at its greatest, and at the end."""
    parts = [
        "Gradient of the hidden state by lag, as in the figures above, in snapshots through training (median over "
        "seeds; a run that has stopped keeps its last curve)." + _of_inputs(lags)
    ]
    for task, rows in at_longest_gap(lags).groupby("task"):
        gap = rows.gap.max() or rows.lag.max()
        told = [_through(arm, rows[rows.arm == arm], gap) for arm in palette.ordered(rows.arm)]
        known = [text for text in told if text]
        if known:
            parts.append(f"On {task}, at lag {gap}: {'; '.join(known)}.")
    return parts


def _through(arm: str, lags: pd.DataFrame, gap: int) -> str:
    curves = through_training(lags)
    at_gap = curves.loc[gap].dropna() if gap in curves.index else pd.Series(dtype=float)
    if at_gap.empty:
        return ""
    top = at_gap.idxmax()
    values = [wording.from_log10(value) for value in (at_gap.iloc[0], at_gap[top], at_gap.iloc[-1])]
    peak = f", at most {values[1]} (step {wording.count(top)})" if 0 < top < at_gap.index[-1] else ""
    return f"{arm} from {values[0]} to {values[2]}{peak}"
