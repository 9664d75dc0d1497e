"""The answer in two sentences, for all tasks at once: who got farthest, and who least far."""

from collections.abc import Mapping

from seqbench import wording
from seqbench.analysis import entries, farthest, largest, leaderboard
from seqbench.analysis.farthest import Order, Reach
from seqbench.analysis.findings import Findings


def of_gaps(found: Findings) -> list[str]:
    """By the horizons where these were searched for, else by success on the grid of gaps.

    A third sentence names arms that their runs do not place. Where nothing was trained, gradients are told of.
    """
    if found.untrained:
        return largest.of_gradients(found)
    by_task = {task: farthest.order(reaches) for task, reaches in reaches_by_task(found).items()}
    if not by_task:
        return ["No run has come to a result."]
    budgets = wording.listed((wording.count(budget) for budget in sorted(found.of_arms.budget.unique())), "or")
    rule = (
        f"by {_bridged(found)} within {budgets} training steps"
        if found.board
        else f"by the gaps at which at least half of the runs solved the task within {budgets} training steps"
    )
    return [f"Farthest, {rule}: {farthest.listed(by_task, lambda it: it.farthest)}.", *_others(by_task)]


def _bridged(found: Findings) -> str:
    """ "the gap that half of the runs bridge"; of two kinds of searches both."""
    axes = leaderboard.axes(found.board)
    return wording.listed(f"the {axis.name} that half of the runs {axis.bridged}" for axis in axes)


def _others(by_task: Mapping[str, Order]) -> list[str]:
    least, unplaced = (farthest.listed(by_task, which) for which in (lambda it: it.least, lambda it: it.unplaced))
    if not least and not unplaced:
        arms = {arm for order in by_task.values() for reach in order.farthest for arm in reach.arms}
        return ["By this, all arms got equally far."] if len(arms) > 1 else []
    return [f"{head}: {told}." for head, told in (("Least far", least), (farthest.UNPLACED, unplaced)) if told]


def reaches_by_task(found: Findings) -> dict[str, list[Reach]]:
    """How far the arms got, by task: by searches where there were any, else on the grid."""
    if found.board:
        return {task: farthest.by_search(board) for task, board in entries.by_task(found.board)}
    counted = found.grid_summary[found.grid_summary.finished > 0]
    return {str(task): farthest.on_grid(cells) for task, cells in counted.groupby("task")}
