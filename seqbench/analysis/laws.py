"""Whether the gradient falls exponentially with the lag, or as a power of it: per state of an arm, and in words.

Over the lags of one sequence, from 1 to the gap, and over gaps, each read at the evidence. A memory that is divided by
its own size forgets as a power of the gap, while over the lags of one sequence of T steps it is as 1 - lag / T.
"""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from seqbench import wording
from seqbench.analysis.arms import arms_in_order
from seqbench.analysis.cells import at_longest_gap, in_order, with_gap
from seqbench.analysis.parts import PARTS, Part
from seqbench.events import INPUTS
from seqbench.record.states import states_of_cores
from seqbench.statistics.laws import EITHER, EXPONENTIAL, NEITHER, POWER, Laws, laws

LAG, GAP = "lag", "gap"
"""What a law is over."""
HALF = 0.5
"""Share of sequences without any gradient from which on a curve counts as zero."""
LEVEL = 0.01
"""Spread in decades, 2 %, up to which a curve is said to stay level: it has no law to be told."""
COLUMNS = [
    "task", "arm", "state", "over", "stage", "outcome", "gap", "law", "decades_per_step", "exponential_misfit",
    "exponent", "power_misfit", "spread", "points", "zero_from", "runs", "alike", "alone",
]  # fmt: skip


def laws_table(lags: pd.DataFrame) -> pd.DataFrame:
    """A row per task, arm, measured state and part of the runs, of the medians over runs.

    `alike` of the curves that were looked at `alone` (those of a run each, over gaps those of a seed) have the same
    verdict. Over gaps at initialisation alone: trained, each gap has networks of its own.
    """
    measured = lags[lags.state.isin([*states_of_cores(lags.state), INPUTS])]
    zero = measured.reindex(columns=measured.columns.union(["zero"])).zero >= HALF
    measured = measured.assign(log10_gradient=measured.log10_gradient.mask(zero, -np.inf))
    return in_order(pd.DataFrame(_rows(measured), columns=COLUMNS), ["task", "arm", "state"])


def _rows(measured: pd.DataFrame) -> Iterator[dict[str, object]]:
    for part in PARTS:
        own = part.of(measured)
        longest = at_longest_gap(own)
        up_to_gap = longest[(longest.lag <= longest.gap) | (longest.gap == 0)]
        yield from _over(LAG, up_to_gap, part, "run_id")
        if part == PARTS[0]:
            evidence = with_gap(own)
            yield from _over(GAP, evidence[evidence.lag == evidence.gap], part, "seed")


def _over(over: str, rows: pd.DataFrame, part: Part, unit: str) -> Iterator[dict[str, object]]:
    for (task, arm, state), own in rows.groupby(["task", "arm", "state"], observed=True):
        found = _law(own, over)
        if found is not None:
            alone = [one for _, each in own.groupby(unit, observed=True) if (one := _law(each, over))]
            yield {
                "task": task, "arm": arm, "state": state, "over": over, "stage": part.stage, "outcome": part.outcome,
                "gap": own.gap.max(), "law": found.verdict, "decades_per_step": found.exponential.slope,
                "exponential_misfit": found.exponential.misfit, "exponent": found.power.slope,
                "power_misfit": found.power.misfit, "spread": found.spread, "points": found.points,
                "zero_from": found.zero_from, "runs": own.run_id.nunique(),
                "alike": sum(one.verdict == found.verdict for one in alone), "alone": len(alone),
            }  # fmt: skip


def _law(rows: pd.DataFrame, over: str) -> Laws | None:
    middle = rows.groupby(over).log10_gradient.median()
    return laws(middle.index, middle)


# -- in words ------------------------------------------------------------------------------------------------


def sentences(table: pd.DataFrame, task: str, state: str) -> list[str]:
    """What the laws of a state on a task are before training, over lags and over gaps; `table` is `laws_table`'s."""
    own = table[(table.task == task) & (table.state == state) & (table.stage == PARTS[0].stage)]
    return [_sentence(own[own.over == over], over) for over in (LAG, GAP) if (own.over == over).any()]


def in_short(table: pd.DataFrame) -> str:
    """Which arms follow which law over lags: "On copy, an exponential describes rnn and gru, a power describes lru."

    One sentence for all tasks; empty where nothing is told over lags.
    """
    told = [f"on {task}, {_alike(own)}" for task, own in table[table.over == LAG].groupby("task")]
    return f"O{'; '.join(told)[1:]}." if told else ""


def _alike(rows: pd.DataFrame) -> str:
    kinds = rows.apply(_kind, axis=1)
    alike = {kind: arms_in_order(rows.arm[kinds == kind]) for kind in _SHORT}
    return ", ".join(_SHORT[kind].format(wording.arms(arms)) for kind, arms in alike.items() if arms)


def _kind(row: pd.Series) -> str:
    return STAYS if row.law == EITHER and row.spread <= LEVEL else str(row.law)


STAYS = "level"
_SHORT = {
    EXPONENTIAL: "an exponential describes {}",
    POWER: "a power describes {}",
    EITHER: "the two are not told apart for {}",
    STAYS: "it stays level for {}",
    NEITHER: "neither describes {}",
}


def _sentence(rows: pd.DataFrame, over: str) -> str:
    task, gap = str(rows.task.iloc[0]), int(rows.gap.max())
    where = f"over lags on {wording.at(task, gap)}" if over == LAG else f"at the evidence, over gaps on {task}"
    told = [_of_arm(rows[rows.arm == arm].iloc[0], over) for arm in arms_in_order(rows.arm)]
    return f"Before training, {where}: {'; '.join(told)}."


def _of_arm(row: pd.Series, over: str) -> str:
    """ "rnn exponential, a tenth every 3.3 steps (exponential off by 0.020 decades, power by 1.3; 5 of 5 alone)"."""
    if _kind(row) == STAYS:
        return f"{wording.arm(row.arm)} stays level"
    misfits = {"exponential": row.exponential_misfit, "power": row.power_misfit}
    better, worse = sorted(misfits, key=lambda law: misfits[law])
    off = f"{better} off by {_decades(misfits[better])} decades, {worse} by {_decades(misfits[worse])}"
    alike = f"; {wording.tally(row.alike, row.alone)} alone" if row.alone > 1 else ""
    return f"{wording.arm(row.arm)} {_VERDICTS[row.law](row, over)} ({off}{alike})"


def _decades(misfit: float) -> str:
    return "under 0.001" if misfit < 0.001 else wording.number(misfit)


def _exponential(row: pd.Series, _: str) -> str:
    much = "a tenth" if row.decades_per_step < 0 else "tenfold"
    return f"exponential, {much} every {wording.number(1 / abs(row.decades_per_step))} steps"


def _power(row: pd.Series, over: str) -> str:
    return f"a power of the {over}, exponent {row.exponent:.2f}".replace("-", "−")


def _neither(row: pd.Series, over: str) -> str:
    return "neither law" if pd.isna(row.zero_from) else f"neither law, exactly zero from {over} {row.zero_from:.0f} on"


_VERDICTS = {EXPONENTIAL: _exponential, POWER: _power, NEITHER: _neither, EITHER: lambda *_: "either law"}
