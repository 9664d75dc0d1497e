"""Gradient by lag in sentences: how fast it decays, whether the bounds hold, how near the direct path comes."""

import numpy as np
import pandas as pd

from seqbench import wording
from seqbench.analysis.arms import arms_in_order
from seqbench.analysis.cells import in_order
from seqbench.analysis.findings import Findings
from seqbench.analysis.parts import PARTS, Part, before_and_after, column
from seqbench.events import DIRECT_BEST, DIRECT_MEAN, END, EXACT, HIDDEN, INIT, INPUTS, PATH, SIGMA_MAX
from seqbench.record import names
from seqbench.record.states import STAGE_IN_WORDS, in_words, memory_of
from seqbench.statistics import rates

_DECAY = names.DECAY, names.GRADIENT_AT_GAP, names.ZERO_AT_GAP
BOUND_IN_WORDS = {PATH: "the bound along the path", SIGMA_MAX: "the bound by σ max alone"}


def decays(found: Findings, task: str, lags: pd.DataFrame) -> str:
    """Decay, half-life and what is left of each arm on a task, of which `lags` are shown."""
    table = found.decays[found.decays.task == task]
    trained = bool((found.done.steps[found.done.run_id.isin(lags.run_id)] > 0).any())
    told = [
        f"{row.arm}{' (inputs)' if state == INPUTS else ''} {text}"
        for _, row in table.iterrows()
        for state in (HIDDEN, INPUTS)
        if (text := _parts(row, state, trained))
    ]
    if not told:
        return ""
    when = f"{STAGE_IN_WORDS[INIT]} → {STAGE_IN_WORDS[END]}" if trained else STAGE_IN_WORDS[INIT]
    return (
        f"On {wording.at(task, lags.gap.max())}, decay per step (half-life; what is left at {_far_end(lags)}) {when}: "
        f"{'; '.join(told)}."
    )


def _far_end(lags: pd.DataFrame) -> str:
    """Where a task has no gap, the numbers at the gap are those at the other end of the window."""
    return "the gap" if lags.gap.any() else f"lag {lags.lag.max()}, the first step of the window"


def _parts(row: pd.Series, state: str, trained: bool) -> str:
    """ "0.54 nats (1.3 steps; 3·10⁻⁷) → solved 0.39 nats (1.8 steps; 2·10⁻⁵)"; the first alone without training."""
    told = {part: _decay(*(row[column(number, state, part)] for number in _DECAY)) for part in PARTS}
    return before_and_after(told if trained else {PARTS[0]: told[PARTS[0]]})


def _decay(decay: float, left: float, zero: float) -> str:
    if not np.isfinite(decay):
        return ""
    steps = f"{wording.number(rates.half_life(decay))} steps" if decay > 0 else "it grows"
    return f"{wording.number(decay).replace('-', '−')} nats ({steps}; {wording.gradient(left, zero)})"


def within_bounds(bounds: pd.DataFrame) -> str:
    """Whether measurement and theory agree; `bounds` as `Findings.bounds`, of one task."""
    if bounds.empty:
        return ""
    crossed = [
        f"{row.arm} lies above {BOUND_IN_WORDS[row.bound]} at {wording.plural(row.above, 'lag')}"
        for _, row in bounds[bounds.crossed].iterrows()
    ]
    if crossed:
        return f"Measurement and theory disagree: {wording.listed(crossed)} (all runs and stages counted)."
    arms = wording.arms(arms_in_order(bounds.arm))
    return f"The measured curves of {arms} stay within their bounds at every lag, in every run."


def exactness(exact: pd.DataFrame) -> str:
    """How far measured and exact gradient are apart, arm by arm; `exact` as `Findings.exact`, of one task."""
    if exact.empty:
        return ""
    told = [f"{row.arm} {_decades(row.apart)}" for _, row in exact.iterrows()]
    arms = arms_in_order(exact.arm[~exact.agree])
    verdict = f"{wording.arms(arms)} is not what theory says" if arms else "the two agree to rounding"
    return (
        f"Where theory is exact, measured and exact gradient of the memory differ, at the lag where they differ most, "
        f"by {'; '.join(told)} decades: {verdict}."
    )


def _decades(apart: float) -> str:
    return "0" if apart == 0 else wording.from_log10(float(np.log10(apart)))


def agreement(bounds: pd.DataFrame) -> str:
    """The same of all tasks in one sentence; `bounds` as `Findings.bounds`."""
    if bounds.empty:
        return ""
    crossed = arms_in_order(bounds.arm[bounds.crossed])
    if crossed:
        return f"The measured curves of {wording.arms(crossed)} cross their bounds: measurement and theory disagree."
    return "No measured curve crosses its bound, at any lag, in any run."


def direct(lags: pd.DataFrame) -> str:
    """At the gap, after training where that was probed: the direct path as a multiple of what was measured.

    Of arms whose direct path is all that there is, the gates may leave out a part of it, as what a delta rule erases.
    """
    exact = lags.arm.isin(exact_arms(lags))
    return wording.joined(_direct(lags[~exact], DIRECT_PATH), _direct(lags[exact], GATES_ALONE))


def _direct(lags: pd.DataFrame, what: str) -> str:
    stage = END if (lags.stage == END).any() else INIT
    lag = lags.gap.max() or lags.lag.max()
    there = lags[lags.lag == lag]
    named = pd.concat([_named(part, part.of(there)) for part in PARTS if part.stage == stage])
    middle = named.pivot_table(index="arm", columns="state", values="log10_gradient", aggfunc="median", sort=False)
    if DIRECT_BEST not in middle or HIDDEN not in middle:
        return ""
    middle = middle[middle[DIRECT_BEST].notna() & middle[HIDDEN].notna()]
    memories = {whose: memory_of(row.dropna().index) for whose, row in middle.iterrows()}
    told = [f"{whose} {text}" for whose, memory in memories.items() if (text := _set_beside(middle.loc[whose], memory))]
    return f"At lag {lag} {STAGE_IN_WORDS[stage]}, {what} / measured: {'; '.join(told)}." if told else ""


DIRECT_PATH = "direct path by its best unit / by the mean of its units"
GATES_ALONE = "where theory is exact, the gates alone by their best unit / by the mean of their units"


def exact_arms(lags: pd.DataFrame) -> list[str]:
    """Those whose direct path is all that there is."""
    return arms_in_order(lags.arm[lags.state == EXACT])


def _named(part: Part, lags: pd.DataFrame) -> pd.DataFrame:
    """Arms with the outcome of their runs: "lstm, solved"."""
    ordered = in_order(lags, ["arm"])
    return ordered.assign(arm=ordered.arm.astype(str) + (f", {part.outcome}:" if part.outcome else ""))


def _set_beside(row: pd.Series, memory: str) -> str:
    """The state that the gates keep is measured."""
    measured = row[memory]
    if not np.isfinite([row[DIRECT_BEST], measured]).all():
        return ""
    values = " / ".join(wording.from_log10(value) for value in (row[DIRECT_BEST], row[DIRECT_MEAN], measured))
    return f"{values} (best unit {_times(row[DIRECT_BEST] - measured)} the {in_words(memory)})"


def _times(difference: float) -> str:
    """A ratio given by its decimal logarithm, in words."""
    if abs(difference) < np.log10(1.1):
        return "as much as"
    return f"{wording.from_log10(abs(difference))} times {'more' if difference > 0 else 'less'} than"
