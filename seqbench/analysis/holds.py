"""How far beyond the gap of its training each arm holds: the median over seeds of the multiple up to which it solves.

A run that does not solve its own gap counts as 0. One that was never seen to fail holds to the longest multiple that it
was tested at, or more. All runs of a cell are tested up to the same multiple, so their ranks are known all the same.
"""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from seqbench import wording
from seqbench.analysis import farthest
from seqbench.analysis.arms import arms_in_order
from seqbench.analysis.cells import CELL, in_order
from seqbench.analysis.farthest import Reach
from seqbench.record.names import HOLD_MULTIPLE, HOLD_TESTED
from seqbench.statistics.medians import median_interval, reached_by_half

COLUMNS = [*CELL, "hold", "low", "high", "limit", "runs", "not_learned"]


def runs_of(runs: pd.DataFrame) -> pd.DataFrame:
    """The runs with a hold; none in records from before."""
    known = runs.reindex(columns=[*runs.columns, *({HOLD_MULTIPLE, HOLD_TESTED} - {*runs.columns})])
    return known[known[HOLD_MULTIPLE].notna()]


def hold_table(runs: pd.DataFrame) -> pd.DataFrame:
    """A row per cell of `runs_of`: the median hold with its interval, the limit of the test, runs, and those of hold 0.

    The limit is the longest multiple at which a run was tested that was not seen to fail; infinite where there is none.
    It is 1 where sequences cannot be longer: then nothing is known of the hold.
    """
    rows = [_row(key, own) for key, own in runs.groupby(CELL, sort=True)]
    return in_order(pd.DataFrame(rows, columns=COLUMNS), CELL)


def _row(key: tuple[str, str, int], runs: pd.DataFrame) -> dict[str, object]:
    holds, never_failed = list(runs[HOLD_MULTIPLE]), runs[HOLD_MULTIPLE] == runs[HOLD_TESTED]
    low, high = median_interval(holds) or (np.nan, np.nan)
    return dict(zip(CELL, key, strict=True)) | {
        "hold": reached_by_half(holds),
        "low": low,
        "high": high,
        "limit": max(runs[HOLD_MULTIPLE][never_failed], default=np.inf),
        "runs": len(runs),
        "not_learned": holds.count(0),
    }


def times(hold: float, limit: float) -> str:
    """ "4", "64 or more", "not learned"."""
    if hold == 0:
        return "not learned"
    return f"{hold:.0f}{' or more' if hold >= limit else ''}"


def with_interval(row: pd.Series) -> str:
    """The hold of a row of `hold_table` as text: "4 (2 to 64 or more)"; without an interval for fewer than six runs."""
    if row.limit == 1:
        return "not tested" if row.hold else "not learned"
    told = times(row.hold, row.limit)
    return told if pd.isna(row.low) else f"{told} ({times(row.low, row.limit)} to {times(row.high, row.limit)})"


def untested(table: pd.DataFrame) -> list[str]:
    """The arms whose cores take no longer sequences than they were trained with."""
    return list(dict.fromkeys(table[(table.limit == 1) & (table.hold > 0)].arm))


def shares(runs: pd.DataFrame) -> pd.DataFrame:
    """A row per cell of `runs_of` and multiple, up to the last that was tested: the share of runs that hold there."""
    rows = [
        {**dict(zip(CELL, key, strict=True)), "multiple": multiple, "holding": int(holding), "runs": len(own)}
        for key, own in runs.groupby(CELL, sort=True)
        for multiple in _multiples(own[HOLD_TESTED].max())
        for holding in [(own[HOLD_MULTIPLE] >= multiple).sum()]
    ]
    found = pd.DataFrame(rows, columns=[*CELL, "multiple", "holding", "runs"])
    return found.assign(share=found.holding / found.runs)


def _multiples(last: float) -> Iterable[int]:
    return (2**n for n in range(int(last).bit_length()))


def sentences(table: pd.DataFrame) -> list[str]:
    """Who holds farthest beyond its training, of each task at the longest gap that some arm learned, and who nowhere.

    An arm has learned a gap if at least half of its runs did: its median hold is 1 or more. Those that have not, or
    that could not be tested beyond, are not compared. Arms are ordered by their medians, as in `farthest.order`.
    """
    learned = table[(table.hold > 0) & (table.limit > 1)]
    longest = learned[learned.gap == learned.groupby("task").gap.transform("max")]
    if longest.empty:
        return []
    gaps = longest.gap.unique()
    trained = f"the gap of its training{f', {gaps[0]}' if len(gaps) == 1 else ''}"
    if longest.hold.max() == 1:
        return [f"No arm holds beyond {trained}: half of its runs solve no multiple of it."]
    rule = f"Holding farthest beyond {trained}, by the longest multiple of it that half of the runs still solve"
    nowhere = _nowhere(longest[~longest.arm.isin(untested(table))])
    return [wording.joined(f"{rule}: {_farthest(longest, told_once=len(gaps) == 1)}.", nowhere)]


def _farthest(rows: pd.DataFrame, *, told_once: bool) -> str:
    """Of each task on which some arm holds beyond its gap, which stands beside the task unless it is `told_once`."""
    orders = {
        str(task) if told_once else wording.at(str(task), int(own.gap.iloc[0])): farthest.order(_reaches(own))
        for task, own in rows.groupby("task")
    }
    return farthest.listed(orders, lambda order: [reach for reach in order.farthest if reach.low > 1])


def _nowhere(rows: pd.DataFrame) -> str:
    """The arms that hold no farther than trained on any task."""
    most = rows.groupby("arm").hold.max()
    arms = arms_in_order(most[most == 1].index)
    tasks = (
        f" on every task that {'they have' if len(arms) > 1 else 'it has'} learned" if rows.task.nunique() > 1 else ""
    )
    return f"No farther than trained{tasks}: {wording.arms(arms)}." if arms else ""


def _reaches(rows: pd.DataFrame) -> list[Reach]:
    """Arms of the same hold are one; where none was seen to fail there, it may be any longer one."""
    arms: dict[tuple[float, float, str], tuple[str, ...]] = {}
    for row in rows.itertuples():
        is_open = row.hold >= row.limit
        key = (row.hold, np.inf if is_open else row.hold, _in_words(row.hold, is_open))
        arms[key] = (*arms.get(key, ()), row.arm)
    return [Reach(low, high, own, words) for (low, high, words), own in arms.items()]


def _in_words(hold: float, is_open: bool) -> str:
    return f"{hold:.0f} times {'or more' if is_open else 'its gap'}"
