"""Which two runs of gated arms are looked into: of the arm that got farthest, and of the one that got least far."""

from collections.abc import Sequence

import pandas as pd

from seqbench.analysis import farthest
from seqbench.analysis.farthest import Reach
from seqbench.analysis.findings import Findings


def best_and_worst(found: Findings) -> tuple[str, ...]:
    """Ids of a run of each, of one task, gap and seed, so that both read the same sequences; best first.

    The task is the first that tells gated arms apart. The runs are at the longest gap that an arm which got farthest
    solved. Of arms that got equally far, the one is better whose run there solved its task, and then in fewer steps.
    Arms that stand beside others are none of the two. Empty without gated arms, one run if there is just one.
    """
    gated = found.record.lags[found.record.lags.state == "direct_mean"].run_id.unique()
    runs = found.of_arms[found.of_arms.run_id.isin(gated) & found.of_arms.outcome.isin(("solved", "unsolved"))]
    if runs.empty:
        return ()
    by_task = {str(task): _reaches(found, str(task), own) for task, own in runs.groupby("task")}
    task = next((task for task, reaches in by_task.items() if len(reaches) > 1), next(iter(by_task)))
    own = runs[runs.task == task].sort_values(["outcome", "steps"], kind="stable")  # "solved" before "unsolved"
    return _pair(own, by_task[task])


def _reaches(found: Findings, task: str, runs: pd.DataFrame) -> list[Reach]:
    """By searches where there were any, as in the answer of the page."""
    arms = set(runs.arm)
    board = [entry for entry in found.board if entry.task == task and entry.arm in arms]
    return farthest.by_search(board) if board else farthest.of_runs(runs)


def _pair(runs: pd.DataFrame, reaches: Sequence[Reach]) -> tuple[str, ...]:
    first, _, unplaced = farthest.order(reaches)
    best = _shown(runs[runs.arm.isin([arm for one in first for arm in one.arms])])
    same = runs[(runs.gap == best.gap) & (runs.seed == best.seed) & (runs.arm != best.arm)]
    placed = sorted((one for one in reaches if one not in unplaced), key=lambda one: (one.high, one.low))
    others = (same[same.arm.isin(one.arms)] for one in placed)
    return (best.run_id, *(next((own.run_id.iloc[-1:] for own in others if len(own)), ())))


def _shown(runs: pd.DataFrame) -> pd.Series:
    """Solved if any is, at the longest gap of those, the first seed."""
    return runs.sort_values(["outcome", "gap", "seed"], ascending=[True, False, True], kind="stable").iloc[0]
