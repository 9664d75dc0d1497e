"""Which horizons of a leaderboard differ beyond noise, and by how much."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from seqbench.analysis.entries import Entry
from seqbench.horizon.ratio import horizon_p_value, horizon_ratio
from seqbench.statistics.levels import over_pairs


@dataclass(frozen=True)
class Pair:
    """Two arms on one task, the one that stands higher on the leaderboard first."""

    longer: Entry
    shorter: Entry
    ratio: float
    low: float
    high: float
    """gap50 of the longer over that of the shorter, with its 95 % interval, as `horizon_ratio` gives them."""
    p_value: float
    """Adjusted by Holm's method over the pairs of the task."""


def pairs(board: Sequence[Entry]) -> list[Pair]:
    """All pairs of arms on one task that were searched over the same gaps, in the order of the board."""
    groups = groupby(sorted(board, key=_searched), key=_searched)
    return [pair for (_, low, high), entries in groups for pair in _pairs(list(entries), low, high)]


def _searched(entry: Entry) -> tuple[str, int, int]:
    return entry.task, entry.search.smallest, entry.search.largest


def _pairs(entries: Sequence[Entry], low: int, high: int) -> list[Pair]:
    by_place = {str(place): entry for place, entry in enumerate(entries)}
    adjusted = over_pairs(by_place, lambda one, other: horizon_p_value(other.outcomes, one.outcomes, low, high))
    return [
        Pair(one, other, *horizon_ratio(other.outcomes, one.outcomes, low, high), p_value=p_value)
        for (one, other), p_value in (((by_place[a], by_place[b]), p) for (a, b), p in adjusted.items())
    ]
