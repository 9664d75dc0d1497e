"""Whether a gradient that decays less goes with a longer gap, and the points that say otherwise."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from seqbench import wording
from seqbench.analysis.cells import in_order
from seqbench.analysis.outcomes import finished
from seqbench.statistics import rates, thresholds

MOST_EXCEPTIONS = 3
_SEED = ["task", "arm", "seed"]


def reach_table(runs: pd.DataFrame) -> pd.DataFrame:
    """A row per task, arm and seed that tested several gaps: decay at initialisation, longest gap solved.

    The decay is that at the longest gap of the three. `longest` is 0 without a solved gap and infinite if all were
    solved, as everywhere in `seqbench.statistics.thresholds`; `gaps` are those tested, `place` numbers the seeds.
    """
    done = finished(runs.reindex(columns=runs.columns.union(["decay_init"])))
    groups = done.sort_values("gap").groupby(["task", "arm", "seed"])
    rows = [_reach(key, group) for key, group in groups if group.gap.nunique() > 1]
    table = in_order(pd.DataFrame(rows, columns=["task", "arm", "seed", "decay", "longest", "gaps"]), _SEED)
    known = table[np.isfinite(table.decay.astype(float))]
    return known.assign(place=known.groupby(["task", "arm"]).cumcount())


def _reach(key: tuple[str, str, int], group: pd.DataFrame) -> dict[str, object]:
    solved = group.outcome == "solved"
    longest = thresholds.BEYOND_ALL if solved.all() else float(group.gap[solved].max()) if solved.any() else 0.0
    gaps = tuple(int(gap) for gap in group.gap.unique())
    return {**dict(zip(_SEED, key, strict=True)), "decay": group.decay_init.iloc[-1], "longest": longest, "gaps": gaps}


# -- does it go with the decay? ------------------------------------------------------------------------------


def correlations_table(reach: pd.DataFrame) -> pd.DataFrame:
    """A row per task: Spearman's rank correlation of decay and longest gap over its points, and what speaks against it.

    `spearman` is NaN where the points do not differ in both; low and high are its 95 % bootstrap interval. Points that
    `solved_none` or `solved_all` of their gaps are censored. `pairs_against` counts pairs of points of two arms of
    which one decays less and yet solved a shorter gap; `most_against` are the strongest of them, in words.
    """
    columns = [
        "task", "points", "spearman", "low", "high", "verdict", "solved_none", "solved_all", "pairs_against",
        "most_against",
    ]  # fmt: skip
    return pd.DataFrame([_correlation(str(task), points) for task, points in reach.groupby("task")], columns=columns)


def _correlation(task: str, points: pd.DataFrame) -> dict[str, object]:
    found = rates.rank_correlation(points.decay, points.longest, rng=np.random.default_rng(0))
    against = _against(points.reset_index(drop=True))
    return {
        "task": task,
        "points": len(points),
        "spearman": found.value,
        "low": found.low,
        "high": found.high,
        "verdict": _verdict(found),
        "solved_none": int((points.longest == thresholds.BELOW_ALL).sum()),
        "solved_all": int((points.longest == thresholds.BEYOND_ALL).sum()),
        "pairs_against": len(against),
        "most_against": _strongest(against, points),
    }


def _verdict(found: rates.RankCorrelation) -> str:
    if np.isnan(found.value):
        return "the points do not differ in both"
    if found.high < 0:
        return "less decay goes with a longer gap"
    return "less decay goes with a shorter gap" if found.low > 0 else "the points show no relation for certain"


def _against(points: pd.DataFrame) -> pd.DataFrame:
    """Pairs of two arms in which a decays less and solved a shorter gap, and the product of their distances in rank."""
    decay, longest = rates.ranks(points.decay), rates.ranks(points.longest)
    by_decay, by_longest = decay[None, :] - decay[:, None], longest[None, :] - longest[:, None]
    arms = points.arm.to_numpy()
    a, b = np.nonzero((by_decay > 0) & (by_longest > 0) & (arms[:, None] != arms[None, :]))
    return pd.DataFrame({"a": a, "b": b, "arm": arms[a], "other": arms[b], "strength": (by_decay * by_longest)[a, b]})


def _strongest(against: pd.DataFrame, points: pd.DataFrame) -> str:
    """The pairs that are apart by most ranks in both, one for each two arms."""
    ranked = against.sort_values("strength", ascending=False, kind="stable")
    shown = ranked.drop_duplicates(["arm", "other"]).head(MOST_EXCEPTIONS)
    return "; ".join(f"{_named(points.iloc[a])} against {_named(points.iloc[b])}"
                     for a, b in zip(shown.a, shown.b, strict=True))  # fmt: skip


_LIMITS: Mapping[float, str] = {thresholds.BELOW_ALL: "none solved", thresholds.BEYOND_ALL: "all solved"}


def _named(point: pd.Series) -> str:
    gap = _LIMITS.get(point.longest) or f"up to gap {point.longest:.0f}"
    return f"{point.arm} seed {point.seed} ({wording.number(point.decay)} nats per step, {gap})"
