"""Whether arms whose gradient decays less reach a longer gap: over all arms, with those that say otherwise."""

from collections.abc import Mapping
from itertools import combinations

import numpy as np
import pandas as pd

from seqbench import wording
from seqbench.analysis.cells import counts, in_order
from seqbench.analysis.entries import Entry
from seqbench.statistics import rates, thresholds
from seqbench.statistics.levels import LEVEL

MOST_ARMS = 6
"""Arms against the rule that are named; of more, those with most pairs."""
_ARM = ["task", "arm"]


def reach_table(done: pd.DataFrame, board: list[Entry]) -> pd.DataFrame:
    """A row per task and arm that tested several gaps: its decay at initialisation, and its gap50.

    The decay is the median over the runs at the longest gap that the arm tested, `least` and `greatest` its extremes.
    gap50 is that of the search where there was one, else that of the grid: 0 below all gaps tested and infinite beyond,
    as everywhere in `seqbench.statistics.thresholds`. Arms whose hidden state has no gradient are left out.
    """
    searched = {(entry.task, entry.arm): entry.found.gap50 for entry in board}
    groups = done.reindex(columns=done.columns.union(["decay_init"])).groupby(_ARM)
    rows = [_reach(key, own, searched) for key, own in groups if own.gap.nunique() > 1]
    table = pd.DataFrame(rows, columns=[*_ARM, "decay", "least", "greatest", "gap50", "gaps"])
    return in_order(table[np.isfinite(table.decay.astype(float))], _ARM)


def _reach(key: tuple[str, str], runs: pd.DataFrame, searched: Mapping[tuple[str, str], float]) -> dict[str, object]:
    decays = runs.decay_init[runs.gap == runs.gap[runs.decay_init.notna()].max()]
    gap50 = searched[key] if key in searched else thresholds.gap50(*counts(runs))
    extremes = {"decay": decays.median(), "least": decays.min(), "greatest": decays.max()}
    return {**dict(zip(_ARM, key, strict=True)), **extremes, "gap50": gap50, "gaps": tuple(sorted(set(runs.gap)))}


# -- does it go with the decay? ------------------------------------------------------------------------------


def correlations_table(reach: pd.DataFrame) -> pd.DataFrame:
    """A row per task: Spearman's rank correlation of decay and gap50 over all its arms, and what speaks against it.

    `p_value` is that of the exact permutation test and `least_p_value` the least that so many arms can give; NaN where
    the arms do not differ in both. `pairs_against` counts the pairs of arms of which one decays less and yet has the
    shorter gap50; `against` names them in words.
    """
    columns = [
        "task", "arms", "spearman", "p_value", "least_p_value", "verdict", "below_all", "beyond_all", "pairs",
        "pairs_against", "against",
    ]  # fmt: skip
    return pd.DataFrame([_correlation(str(task), arms) for task, arms in reach.groupby("task")], columns=columns)


def _correlation(task: str, arms: pd.DataFrame) -> dict[str, object]:
    found = rates.rank_correlation(arms.decay, arms.gap50, rng=np.random.default_rng(0))
    against = _against(arms)
    return {
        "task": task,
        "arms": len(arms),
        "spearman": found.value,
        "p_value": found.p_value,
        "least_p_value": found.least,
        "verdict": _verdict(found),
        "below_all": wording.listed(arms.arm[arms.gap50 == thresholds.BELOW_ALL]),
        "beyond_all": wording.listed(arms.arm[arms.gap50 == thresholds.BEYOND_ALL]),
        "pairs": len(arms) * (len(arms) - 1) // 2,
        "pairs_against": sum(map(len, against.values())),
        "against": _in_words(against),
    }


def _verdict(found: rates.RankCorrelation) -> str:
    if np.isnan(found.value):
        return "the arms do not differ in both"
    if found.p_value >= LEVEL:
        return "no relation is shown"
    return f"less decay goes with a {'longer' if found.value < 0 else 'shorter'} gap"


def _against(arms: pd.DataFrame) -> dict[str, list[str]]:
    """By arm, those that decay more and yet have a longer gap50."""
    against: dict[str, list[str]] = {}
    for pair in combinations(arms.itertuples(), 2):
        slow, fast = sorted(pair, key=lambda arm: arm.decay)
        if slow.decay < fast.decay and slow.gap50 < fast.gap50:
            against.setdefault(slow.arm, []).append(fast.arm)
    return dict(sorted(against.items(), key=lambda item: -len(item[1])))


def _in_words(against: Mapping[str, list[str]]) -> str:
    """ "lstm decays less than rnn and gru, and reaches less far"."""
    shown = list(against.items())[:MOST_ARMS]
    return "; ".join(f"{arm} decays less than {wording.listed(others)}, and reaches less far" for arm, others in shown)
