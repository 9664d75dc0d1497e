"""Who got farthest on a task, and who least far: one order of arms, wherever each was tested.

What is known of an arm lies between two ends. An end that its runs do not bound is open: an arm that solved all gaps
it was tested at may reach any gap beyond, one that solved none any gap below. So an arm is farthest if no other has a
higher lower end. One is least far if its upper end is the lowest of those that surely reach no farther than that.
Others whose open ends pass one of the two are not placed.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

import pandas as pd

from seqbench import wording
from seqbench.analysis.arms import arms_in_order
from seqbench.analysis.entries import Entry
from seqbench.statistics import thresholds
from seqbench.statistics.thresholds import BELOW_ALL, BEYOND_ALL

UNPLACED = "Not placed, because their runs leave it open"
"""How a sentence on such arms begins."""


class Reach(NamedTuple):
    """How far some arms got on a task, in the same words: at least `low` and at most `high`, infinite where open."""

    low: float
    high: float
    arms: tuple[str, ...]
    words: str


class Order(NamedTuple):
    """Those that got farthest, those that got least far if not all got equally far, and those that are not placed."""

    farthest: list[Reach]
    least: list[Reach]
    unplaced: list[Reach]


def order(reaches: Sequence[Reach]) -> Order:
    """Of one task, by the rule above."""
    top = max(one.low for one in reaches)
    farthest = [one for one in reaches if one.low == top]
    behind = [one for one in reaches if one.low < top and one.high <= top]
    bottom = min((one.high for one in behind), default=BELOW_ALL)
    least = [one for one in behind if one.high == bottom]
    unplaced = [one for one in reaches if one.low < top and (one.high > top or one.low < bottom < one.high)]
    return Order(farthest, least, unplaced)


def listed(by_task: Mapping[str, Order], which: Callable[[Order], Iterable[Reach]]) -> str:
    """ "lstm on adding and copy, at every gap tested, up to 50; rnn on order, up to gap 10, not at 25".

    Of more than two tasks, "all 3 tasks", and of many "all tasks but order".
    """
    tasks: dict[tuple[tuple[str, ...], str], list[str]] = {}
    for task, found in by_task.items():
        for one in which(found):
            tasks.setdefault((one.arms, one.words), []).append(task)
    return "; ".join(f"{wording.arms(arms)} on {_named(on, by_task)}, {words}" for (arms, words), on in tasks.items())


def _named(on: Sequence[str], tasks: Iterable[str]) -> str:
    others = [task for task in tasks if task not in on]
    if not others and len(on) > 2:
        return f"all {len(on)} tasks"
    return f"all tasks but {wording.arms(others)}" if 0 < 3 * len(others) <= len(on) else wording.arms(on)


def on_grid(cells: pd.DataFrame) -> list[Reach]:
    """Of arms on one task, whose rows of the summary these are: between which of the tested gaps success is lost.

    Arms of the same words are one; the widest ends among them are theirs.
    """
    alike: dict[str, list[str]] = {}
    by_arm = {
        arm: cells[(cells.arm == arm) & (cells.finished > 0)].sort_values("gap") for arm in arms_in_order(cells.arm)
    }
    for arm, own in by_arm.items():
        if len(own):
            alike.setdefault(_words(own), []).append(arm)
    return [Reach(*_widest(by_arm[arm] for arm in arms), tuple(arms), words) for words, arms in alike.items()]


def of_runs(runs: pd.DataFrame) -> list[Reach]:
    """The same of runs with a result on one task, whatever plan their gaps come from."""
    counted = runs.assign(solved=runs.outcome == "solved").groupby(["arm", "gap"]).solved.agg(["sum", "size"])
    return on_grid(counted.set_axis(["solved", "finished"], axis=1).reset_index())


def _widest(arms: Iterable[pd.DataFrame]) -> tuple[float, float]:
    lows, highs = zip(*(thresholds.ends(list(own.gap), own.solved, own.finished) for own in arms), strict=True)
    return min(lows), max(highs)


def _words(cells: pd.DataFrame) -> str:
    gaps = sorted(int(gap) for gap in cells.gap)
    cells = cells.set_index("gap").loc[gaps]
    found = thresholds.bracket(gaps, cells.solved, cells.finished)
    solved = [gap for gap in gaps if 2 * cells.solved[gap] >= cells.finished[gap]]
    if found.solved is None:
        return (
            f"at none of the gaps tested ({wording.listed(gaps)})"
            if len(gaps) > 1
            else f"at no gap (only {gaps[0]} was tested)"
        )
    if found.unsolved is None:
        return f"at every gap tested, up to {gaps[-1]}" if len(gaps) > 1 else f"at gap {gaps[0]}, the only one tested"
    if found.monotone:
        return f"up to gap {found.solved}, not at {found.unsolved}"
    return f"at gap {wording.listed(solved)}, but not at {wording.listed(gap for gap in gaps if gap not in solved)}"


def by_search(board: Iterable[Entry]) -> list[Reach]:
    """Of the arms of one task: gap50 or, where its interval has an open end, the interval. Equal ones are one."""
    arms: dict[tuple[float, float, str], tuple[str, ...]] = {}
    for entry in board:
        key = (*_ends_of(entry), entry.told)
        arms[key] = (*arms.get(key, ()), entry.arm)
    return [Reach(low, high, own, words) for (low, high, words), own in arms.items()]


def _ends_of(entry: Entry) -> tuple[float, float]:
    """No run was beyond the gaps of the search, nor below."""
    found = entry.found
    if entry.bounded:
        return found.gap50, found.gap50
    low = entry.search.largest if found.low == BEYOND_ALL else found.low
    high = entry.search.smallest if found.high == BELOW_ALL else found.high
    return low, high
