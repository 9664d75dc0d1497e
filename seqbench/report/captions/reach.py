"""Whether a gradient that decays less goes with a longer gap, and the points that say otherwise."""

import numpy as np
import pandas as pd
from scipy import stats

from seqbench import wording
from seqbench.statistics import rates, thresholds
from seqbench.wording import joined

MOST_EXCEPTIONS = 3


def decay_and_reach(reach: pd.DataFrame) -> list[str]:
    """Rank correlation per task with its interval, censored points and exceptions; `reach` as from `reach_table`."""
    parts = [
        "Decay per step of lag of the hidden state's gradient at initialisation (at the longest gap tested), against "
        "the longest gap that the same seed then solved: a point per arm and seed."
    ]
    for task, points in reach.groupby("task"):
        parts.append(joined(_correlation(task, points), _censored(points), _exceptions(points)))
    return parts


def _correlation(task: str, points: pd.DataFrame) -> str:
    found = rates.rank_correlation(points.decay, points.longest, rng=np.random.default_rng(0))
    if np.isnan(found.value):
        return f"On {task} there is no rank correlation to compute: the points do not differ in both."
    low, high = _signed(found.low), _signed(found.high)
    verdict = (
        "less decay goes with a longer gap" if found.high < 0
        else "less decay goes with a shorter gap" if found.low > 0
        else "the points show no relation for certain"
    )  # fmt: skip
    return (
        f"On {task}, Spearman's rank correlation over {wording.plural(len(points), 'point')} is {_signed(found.value)} "
        f"(95 % bootstrap interval {low} to {high}): {verdict}. Seeds of one arm resemble one another, so this "
        "interval is rather too narrow."
    )


def _signed(value: float) -> str:
    return f"{value:.2f}".replace("-", "−")


def _censored(points: pd.DataFrame) -> str:
    none = int((points.longest == thresholds.BELOW_ALL).sum())
    every = int((points.longest == thresholds.BEYOND_ALL).sum())
    return f"Hollow points: {none} solved no gap tested, {every} all of them." if none or every else ""


def _exceptions(points: pd.DataFrame) -> str:
    """The points that go against the rule most: less decay, and yet a shorter gap, by most ranks in both."""
    against = _against(points.reset_index(drop=True))
    if against.empty:
        return "No pair of points of two arms goes against the rule." if points.longest.nunique() > 1 else ""
    strongest = against.sort_values("strength", ascending=False, kind="stable")
    named = strongest.drop_duplicates(["arm", "other"]).head(MOST_EXCEPTIONS)
    told = [f"{_named(points.iloc[a])} against {_named(points.iloc[b])}" for a, b in zip(named.a, named.b, strict=True)]
    rule = "less decay and yet a shorter gap"
    return f"Pairs of points of two arms against the rule ({rule}): {len(against)}, most of all {'; '.join(told)}."


def _against(points: pd.DataFrame) -> pd.DataFrame:
    """Pairs of two arms in which a decays less and solved a shorter gap, and the product of their distances in rank."""
    decay, longest = stats.rankdata(points.decay), stats.rankdata(points.longest)
    by_decay, by_longest = decay[None, :] - decay[:, None], longest[None, :] - longest[:, None]
    arms = points.arm.to_numpy()
    a, b = np.nonzero((by_decay > 0) & (by_longest > 0) & (arms[:, None] != arms[None, :]))
    return pd.DataFrame({"a": a, "b": b, "arm": arms[a], "other": arms[b], "strength": (by_decay * by_longest)[a, b]})


def _named(point: pd.Series) -> str:
    limits = {thresholds.BELOW_ALL: "none solved", thresholds.BEYOND_ALL: "all solved"}
    reach = limits.get(point.longest) or f"up to gap {point.longest:.0f}"
    return f"{point.arm} seed {point.seed} ({wording.number(point.decay)} nats per step, {reach})"
