"""Whether arms whose gradient decays less reach a longer gap, and which arms say otherwise."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from seqbench import wording
from seqbench.analysis import farthest
from seqbench.analysis.cells import counts, in_order
from seqbench.analysis.entries import Entry
from seqbench.analysis.farthest import Reach
from seqbench.statistics import rates, thresholds
from seqbench.statistics.levels import LEVEL

MOST_ARMS = 6
"""Arms against the rule that are named; of more, those with most pairs."""
_ARM = ["task", "arm"]


def reach_table(done: pd.DataFrame, board: list[Entry]) -> pd.DataFrame:
    """A row per arm of each task that was tested at several gaps: its decay at initialisation, and its gap50.

    The decay is the median over the runs at the longest gap that the arm tested, `least` and `greatest` its extremes.
    gap50 is that of the search where there was one, else that of the grid: 0 below all gaps tested and infinite beyond,
    as everywhere in `seqbench.statistics.thresholds`; then `low` and `high` are what is known of it. `left_out` says
    why an arm has no place among the others: its hidden state has no gradient, or the gaps it was tested at leave open
    where it stands.
    """
    searched = {(entry.task, entry.arm): entry for entry in board}
    known = done.reindex(columns=done.columns.union(["decay_init"]))
    tasks = [own for _, own in known.groupby("task") if own.gap.nunique() > 1]
    rows = [_reach(key, own, searched.get(key)) for task in tasks for key, own in task.groupby(_ARM)]
    table = pd.DataFrame(rows, columns=[*_ARM, "decay", "least", "greatest", "gap50", "low", "high", "gaps"])
    reasons = {place: why for _, own in table.groupby("task") for place, why in _left_out(own)}
    return in_order(table.assign(left_out=[reasons.get(place, "") for place in table.index]), _ARM)


def _reach(key: tuple[str, str], runs: pd.DataFrame, entry: Entry | None) -> dict[str, object]:
    decays = runs.decay_init[runs.gap == runs.gap[runs.decay_init.notna()].max()]
    gap50 = entry.found.gap50 if entry else thresholds.gap50(*counts(runs))
    gaps = tuple(sorted(set(runs.gap)))
    shortest, longest = (entry.search.smallest, entry.search.largest) if entry else (gaps[0], gaps[-1])
    low = longest if gap50 == thresholds.BEYOND_ALL else gap50
    high = shortest if gap50 == thresholds.BELOW_ALL else gap50
    extremes = {"decay": decays.median(), "least": decays.min(), "greatest": decays.max()}
    return {**dict(zip(_ARM, key, strict=True)), **extremes, "gap50": gap50, "low": low, "high": high, "gaps": gaps}


def _left_out(arms: pd.DataFrame) -> Iterator[tuple[int, str]]:
    """By place in the table, of one task."""
    measured = np.isfinite(arms.decay.astype(float))
    yield from ((place, "no gradient of its hidden state") for place in arms.index[~measured])
    reaches = {arm.Index: Reach(arm.low, arm.high, (arm.arm,), "") for arm in arms[measured].itertuples()}
    unplaced = farthest.order(list(reaches.values())).unplaced if reaches else []
    for place, one in reaches.items():
        if one in unplaced:
            yield place, f"gap50 {f'> {one.low:g}' if one.high == thresholds.BEYOND_ALL else f'< {one.high:g}'}"


def placed(reach: pd.DataFrame) -> pd.DataFrame:
    """The arms of a `reach_table` that stand in one order."""
    return reach[reach.left_out == ""]


# -- does it go with the decay? ------------------------------------------------------------------------------


def correlations_table(reach: pd.DataFrame) -> pd.DataFrame:
    """A row per task: Spearman's rank correlation of decay and gap50 over its `placed` arms, and what speaks against.

    `p_value` is that of the exact permutation test and `least_p_value` the least that so many arms can give; NaN where
    the arms do not differ in both. `pairs` counts the pairs of arms of which is known who reaches farther, or that both
    reach equally far, also where one of them has no place among all; `pairs_against` those of which one decays less and
    yet reaches less far, `against` names these in words, and `left_out` the arms without a place.
    """
    columns = [
        "task", "arms", "spearman", "p_value", "least_p_value", "verdict", "below_all", "beyond_all", "pairs",
        "pairs_against", "against", "left_out",
    ]  # fmt: skip
    return pd.DataFrame([_correlation(str(task), arms) for task, arms in reach.groupby("task")], columns=columns)


def _correlation(task: str, everyone: pd.DataFrame) -> dict[str, object]:
    arms = placed(everyone)
    pairs = [pair for pair in combinations(everyone[everyone.decay.notna()].itertuples(), 2) if _comparable(*pair)]
    found, against = rates.rank_correlation(arms.decay, arms.gap50, rng=np.random.default_rng(0)), _against(pairs)
    return {
        "task": task,
        "arms": len(arms),
        "spearman": found.value,
        "p_value": found.p_value,
        "least_p_value": found.least,
        "verdict": _verdict(found, len(arms)),
        "below_all": wording.listed(arms.arm[arms.gap50 == thresholds.BELOW_ALL]),
        "beyond_all": wording.listed(arms.arm[arms.gap50 == thresholds.BEYOND_ALL]),
        "pairs": len(pairs),
        "pairs_against": sum(map(len, against.values())),
        "against": _in_words(against),
        "left_out": wording.listed(f"{arm.arm} ({arm.left_out})" for arm in everyone.itertuples() if arm.left_out),
    }


def _verdict(found: rates.RankCorrelation, arms: int) -> str:
    if arms < 2:
        return "fewer than two arms have a place"
    if np.isnan(found.value):
        return "the arms do not differ in both"
    if found.p_value >= LEVEL:
        return "no relation is shown"
    return f"less decay goes with a {'longer' if found.value < 0 else 'shorter'} gap"


def _comparable(one: Any, other: Any) -> bool:
    return (one.low, one.high) == (other.low, other.high) or one.low >= other.high or other.low >= one.high


def _against(pairs: Iterable[tuple[Any, Any]]) -> dict[str, list[str]]:
    """By arm, those that decay more and yet have a longer gap50."""
    against: dict[str, list[str]] = {}
    for pair in pairs:
        slow, fast = sorted(pair, key=lambda arm: arm.decay)
        if slow.decay < fast.decay and (slow.low, slow.high) != (fast.low, fast.high) and slow.high <= fast.low:
            against.setdefault(slow.arm, []).append(fast.arm)
    return dict(sorted(against.items(), key=lambda item: -len(item[1])))


def _in_words(against: Mapping[str, list[str]]) -> str:
    """ "lstm decays less than rnn and gru, and reaches less far"."""
    shown = list(against.items())[:MOST_ARMS]
    return "; ".join(f"{arm} decays less than {wording.listed(others)}, and reaches less far" for arm, others in shown)


def verdicts(correlations: pd.DataFrame) -> str:
    """Of all tasks in one sentence; empty where there are none."""
    told = [
        f"on {row.task}, {row.verdict}{f', without {row.left_out}' if row.left_out else ''}"
        for row in correlations.itertuples()
    ]
    which = "the arms that have a place" if any(correlations.left_out) else "all arms"
    return f"By rank of decay and gap reached, over {which}: {'; '.join(told)}." if told else ""
