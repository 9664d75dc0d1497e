"""Time and capacity: how far the arms reach at each load, and by how much that falls as the load doubles.

Where searches over the gap were made at several loads, or over the load at several gaps, each horizon is a point of one
line in the plane of gap and load: along it, half of the seeds succeed.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from seqbench import wording
from seqbench.analysis.arms import arms_in_order
from seqbench.analysis.entries import Entry
from seqbench.horizon.axis import GAP, LOAD
from seqbench.horizon.slope import Slope, slope

ALIKE = 2**0.5
"""A fall per doubling of the load that is surely less than this factor, and a rise likewise, counts as none."""


@dataclass(frozen=True)
class Isoline:
    """The horizons of an arm on one task at several loads, or gaps, in rising order."""

    task: str
    arm: str
    points: Sequence[Entry]

    @cached_property
    def fall(self) -> Slope | None:
        """The factor of the gap for each doubling of the load; None without searches over the gap at two loads."""
        across = [one for one in self.points if one.axis == GAP]
        if len(across) < 2:
            return None
        places = [(math.log2(load_of(one)), one.posterior, one.search.smallest, one.search.largest) for one in across]
        return slope(places)

    @property
    def verdict(self) -> str:
        """By the rule of docs/horizon.md: what a load does to the reach; empty where there is no `fall`."""
        if self.fall is None:
            return ""
        if self.fall.high < 1:
            return "a larger load shortens the reach"
        apart = self.fall.low > 1 / ALIKE and self.fall.high < ALIKE
        return "time and capacity are apart" if apart else "not told"


def load_of(entry: Entry) -> int:
    """The load at which a search over the gap was made."""
    return int(entry.runs.load.iloc[0])


def gap_of(entry: Entry) -> int:
    """The gap at which a search over the load was made."""
    return int(entry.runs.gap.iloc[0])


def isolines(board: Iterable[Entry]) -> list[Isoline]:
    """Of each arm and task with horizons at several loads or gaps: tasks by name, arms in their order."""
    groups: dict[tuple[str, str], list[Entry]] = {}
    for entry in board:
        groups.setdefault((plain(entry), entry.arm), []).append(entry)
    lines = [
        Isoline(task, arm, sorted(own, key=lambda one: (one.axis.name, load_of(one), gap_of(one))))
        for (task, arm), own in groups.items()
        if len({(load_of(one), gap_of(one)) if one.axis == LOAD else load_of(one) for one in own}) > 1
    ]
    order = arms_in_order(line.arm for line in lines)
    return sorted(lines, key=lambda line: (line.task, order.index(line.arm)))


def plain(entry: Entry) -> str:
    """The label of its task without what is fixed in this search and not in others: the load, or the gap."""
    name, *settings = entry.task.split(", ")
    return ", ".join([name, *(one for one in settings if not one.startswith((f"{LOAD.name}=", f"{GAP.name}=")))])


def table(lines: Iterable[Isoline]) -> pd.DataFrame:
    """A row per point of each line, with the fall of its line."""
    return pd.DataFrame([_row(line, point) for line in lines for point in line.points])


def _row(line: Isoline, point: Entry) -> dict[str, object]:
    over_gap, fall = point.axis == GAP, line.fall
    return {
        "task": line.task,
        "arm": line.arm,
        "searched": point.axis.name,
        "load": load_of(point) if over_gap else point.gap50,
        "gap": point.gap50 if over_gap else gap_of(point),
        "low": point.text(point.found.low),
        "high": point.text(point.found.high),
        "runs": point.found.runs,
        "factor_per_doubling": fall.factor if fall else math.nan,
        "factor_low": fall.low if fall else math.nan,
        "factor_high": fall.high if fall else math.nan,
        "verdict": line.verdict,
    }


def sentence(task: str, lines: Sequence[Isoline]) -> str:
    """What a larger load does to the reach of each arm on a task."""
    told = [f"{line.arm} {_factor(line.fall)}, {line.verdict}" for line in lines if line.fall]
    return f"On {task}, the reachable gap for each doubling of the load: {'; '.join(told)}." if told else ""


def _factor(fall: Slope) -> str:
    """ "times 0.5 (0.41 to 0.62)", "times 0.4 or less", "not bounded"."""
    low, high = (f"{end:.2g}" if 0 < end < math.inf else None for end in (fall.low, fall.high))
    told = wording.estimate(f"{fall.factor:.2g}", low, high)
    return f"times {told}" if low or high else told
