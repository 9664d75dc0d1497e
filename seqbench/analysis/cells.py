"""The record as tables: a row per run, a row per cell (task, arm, gap), a row per arm with its longest gaps."""

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from seqbench import wording
from seqbench.analysis import parts, sizes
from seqbench.analysis.arms import arms_in_order
from seqbench.analysis.outcomes import finished, times
from seqbench.events import HIDDEN, INPUTS
from seqbench.record import names
from seqbench.statistics import rates, thresholds

CELL = ["task", "arm", "gap"]

AT_GAP = [
    parts.column(number, state, part)
    for state in (HIDDEN, INPUTS)
    for number in (names.GRADIENT_AT_GAP, names.ZERO_AT_GAP)
    for part in parts.PARTS
]
"""Columns of what reaches the evidence: of the hidden state, and of the inputs of cores that state no step."""

MOST_LINES = 20
"""Runs of a cell up to which figures draw each of them; more cannot be told apart and are a band."""


def with_gap(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows of tasks that have a gap to set; elsewhere it is 0."""
    return frame[frame.gap > 0]


def at_longest_gap(frame: pd.DataFrame) -> pd.DataFrame:
    """Of each task, the rows at one gap: the longest for which all arms (or as many as possible) have data."""
    arms = frame.groupby(["task", "gap"], as_index=False).arm.nunique()
    chosen = arms.sort_values(["arm", "gap"]).groupby("task").gap.last()
    return frame[frame.gap == frame.task.map(chosen)]


MOST_GAPS = 8
"""A figure has a panel for each gap; a search for the horizon tests many."""


def at_commonest_gaps(frame: pd.DataFrame) -> pd.DataFrame:
    """All rows, or of more than `MOST_GAPS` gaps those at the gaps with the most runs, shorter gaps first."""
    if frame.gap.nunique() <= MOST_GAPS:
        return frame
    number = frame.groupby("gap").run_id.nunique().reset_index()
    chosen = number.sort_values(["run_id", "gap"], ascending=[False, True]).gap.head(MOST_GAPS)
    return frame[frame.gap.isin(chosen)]


def in_order(frame: pd.DataFrame, columns: Sequence[str] = ("task", "arm", "gap", "seed")) -> pd.DataFrame:
    """Sorted, arms in the order of the palette."""
    rank = {arm: place for place, arm in enumerate(arms_in_order(frame.arm))}
    ranked = frame.sort_values(
        list(columns), key=lambda column: column.map(rank) if column.name == "arm" else column, kind="stable"
    )
    return ranked.reset_index(drop=True)


def many_seeds(runs: pd.DataFrame) -> bool:
    """Whether some cell has more runs than a figure draws one by one; its size is bounded then, whatever the record."""
    return bool((runs.groupby(CELL).run_id.nunique() > MOST_LINES).any())


def runs_table(runs: pd.DataFrame) -> pd.DataFrame:
    """A row per run with every column of the record, for runs.csv."""
    return in_order(runs, ["task", "arm", "gap", "seed", "run_id"])


def summary_table(runs: pd.DataFrame) -> pd.DataFrame:
    """A row per task, arm and gap, for summary.csv: what the figures and the headline table show."""
    rows = [_cell(key, group) for key, group in runs.groupby(CELL, sort=True)]
    return in_order(pd.DataFrame(rows, columns=[*_SUMMARY_COLUMNS, *sizes.columns(list(runs))]), CELL)


_SUMMARY_COLUMNS = [
    *CELL, "load", "solved", "finished", "not_finished", "wilson_low", "wilson_high", "median_steps_to_solve",
    "steps_spent_per_success", *AT_GAP, "budget", "parameters",
]  # fmt: skip


def _cell(key: tuple[str, str, int], group: pd.DataFrame) -> dict[str, object]:
    done = finished(group)
    solved = int((done.outcome == "solved").sum())
    low, high = rates.wilson_interval(solved, len(done))
    return {
        **dict(zip(CELL, key, strict=True)),
        "load": _distinct(group.load),
        "solved": solved,
        "finished": len(done),
        "not_finished": len(group) - len(done),
        "wilson_low": low,
        "wilson_high": high,
        "median_steps_to_solve": _median_steps(done),
        "steps_spent_per_success": rates.expected_running_time(done.steps, done.outcome == "solved"),
        **{name: value for name, value in parts.at_gap(done).items() if name in AT_GAP},
        "budget": _distinct(group.budget),
        "parameters": _distinct(group.parameters[group.parameters > 0]),
        **sizes.numbers(group),
    }


def _median_steps(done: pd.DataFrame) -> str:
    if done.empty:
        return ""
    median = rates.median_steps_to_solve(*times(done))
    return f"> {done.budget.max():.0f}" if median is None else f"{median:.0f}"


def _distinct(values: pd.Series) -> object:
    """The one value of a cell, or all of them as text where a cell holds several."""
    found = sorted(values.dropna().unique())
    return found[0] if len(found) == 1 else wording.listed(found)


def parameters(runs: pd.DataFrame) -> str:
    """How many the models of these runs have, trained or not: one number, or several where they differ."""
    return _each(runs.parameters[runs.parameters > 0].sort_values()) or "n/a"


def _each(numbers: pd.Series) -> str:
    return " or ".join(map(wording.count, numbers.dropna().unique()))


def about(runs: pd.DataFrame) -> dict[str, str]:
    """What an arm is by its runs, under `sizes.ABOUT`, as a reader expects it; the least model first."""
    state = _each(runs.sort_values("parameters").get("state_size", pd.Series(dtype=float)))
    return {sizes.PARAMETERS: parameters(runs), **sizes.texts(sizes.numbers(runs)), sizes.STATE: state}


def longest_gap_table(runs: pd.DataFrame) -> pd.DataFrame:
    """A row per task and arm: the longest gap bridged at this budget, in three readings, as text."""
    rows = [_longest(task, arm, group) for (task, arm), group in runs.groupby(["task", "arm"], sort=True)]
    columns = ["task", "arm", *sizes.ABOUT, "reliable", "bracket", "gap50", "budget"]
    return in_order(pd.DataFrame(rows, columns=columns), ["task", "arm"])


def _longest(task: str, arm: str, group: pd.DataFrame) -> dict[str, str]:
    gaps, solved, number = counts(group)
    budget = wording.listed(wording.count(b) for b in sorted(group.budget.unique()))
    row = {"task": task, "arm": arm, **about(group), "budget": budget}
    if not gaps:
        return row | dict.fromkeys(("reliable", "bracket", "gap50"), "no run finished")
    reliable = thresholds.reliable_gap(gaps, solved, number)
    low, high = thresholds.gap50_interval(gaps, outcome_matrix(group), rng=np.random.default_rng(0))
    return row | {
        "reliable": "none" if reliable is None else f"> {reliable}" if reliable == max(gaps) else str(reliable),
        "bracket": str(thresholds.bracket(gaps, solved, number)),
        "gap50": _with_interval(thresholds.gap50(gaps, solved, number), low, high, gaps),
    }


def _with_interval(gap50: float, low: float, high: float, gaps: Sequence[int]) -> str:
    """An interval that holds no tested gap but the outermost says no more than its censored end."""
    if low >= max(gaps) or high <= min(gaps):
        return thresholds.censored(high if low >= max(gaps) else low, gaps)
    if len(gaps) == 1:
        return "one gap does not tell"
    ends = (None if low == thresholds.BELOW_ALL else f"{low:.0f}", None if math.isinf(high) else f"{high:.0f}")
    return wording.estimate(thresholds.censored(gap50, gaps), *ends)


def counts(runs: pd.DataFrame) -> tuple[list[int], list[int], list[int]]:
    """Tested gaps in ascending order, with the numbers of solved and of finished runs at each."""
    solved = finished(runs).assign(solved=lambda frame: frame.outcome == "solved").groupby("gap").solved
    number = solved.count()
    return [int(gap) for gap in number.index], [int(k) for k in solved.sum()], [int(n) for n in number]


def outcome_matrix(runs: pd.DataFrame) -> rates.Floats:
    """1 (solved), 0 (not) or NaN (no finished run), a row per seed and a column per tested gap."""
    solved = finished(runs).assign(solved=lambda frame: (frame.outcome == "solved").astype(float))
    return np.asarray(solved.pivot_table(index="seed", columns="gap", values="solved", aggfunc="mean"), dtype=float)
