"""Which arms solve a task faster beyond noise: log-rank tests between arms, and what they show in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

import pandas as pd

from seqbench.analysis.arms import arms_in_order
from seqbench.analysis.outcomes import times
from seqbench.statistics.exchange import Exchange, exchange
from seqbench.statistics.levels import LEVEL, holm, reach
from seqbench.statistics.survival import LogRank, log_rank

Names = tuple[str, str]


@dataclass(frozen=True)
class Pair:
    """Two arms, the faster first, and the p-value of the log-rank test in which seeds are exchanged as a whole.

    `smallest_p` is what so many seeds could have come to. Both are adjusted by Holm's method over the `tests` of the
    task: all pairs of its arms that share runs.
    """

    faster: str
    slower: str
    p_value: float
    smallest_p: float
    pairs: int
    seeds: int
    tests: int


def compared(runs: pd.DataFrame) -> list[Pair]:
    """Log-rank tests between all arms of one task that share gaps and seeds, gaps as strata, Holm over the pairs.

    Arms neither of which ever solved it count among the pairs, but there is nothing to say of them.
    """
    arms = {arm: runs[runs.arm == arm].drop_duplicates(["gap", "seed"], keep="last") for arm in arms_in_order(runs.arm)}
    between = {names: _exchange(*(arms[name] for name in names)) for names in combinations(arms, 2)}
    between = {names: found for names, found in between.items() if found.paired}
    watched = {arm: times(own) for arm, own in arms.items()}
    tests = {(one, two): log_rank(watched[one], watched[two], found) for (one, two), found in between.items()}
    smallest = holm([found.smallest for found in between.values()])
    adjusted = holm([test.p_value for test in tests.values()])
    found = [
        Pair(*_ordered(names, tests[names]), p_value, least, *_sizes(between[names]), len(tests))
        for names, p_value, least in zip(tests, adjusted, smallest, strict=True)
        if _solved(arms, names, between[names])
    ]
    return sorted(found, key=lambda pair: pair.p_value)


def _exchange(one: pd.DataFrame, other: pd.DataFrame) -> Exchange:
    return exchange(*(list(zip(arm.seed, arm.gap, strict=True)) for arm in (one, other)))


def _ordered(names: Names, test: LogRank) -> Names:
    return names if test.excess >= 0 else names[::-1]


def _sizes(between: Exchange) -> tuple[int, int]:
    """Pairs of runs, and seeds."""
    return len(between.rows(0)), between.seeds[0]


def _solved(arms: Mapping[str, pd.DataFrame], names: Names, between: Exchange) -> bool:
    return any((arms[name].outcome.iloc[between.rows(place)] == "solved").any() for place, name in enumerate(names))


# -- in words ------------------------------------------------------------------------------------------------


def verdict(pairs: list[Pair]) -> list[str]:
    """Which arms of a task differ beyond noise, in words, and what so many seeds and pairs can show."""
    return _judged([pair for pair in pairs if pair.smallest_p < LEVEL]) + _designs(pairs)


def _designs(pairs: list[Pair]) -> list[str]:
    """The smallest p, and where pairs of arms share different numbers of seeds, of which pairs it is."""
    said: dict[str, list[Pair]] = {}
    for pair in sorted(pairs, key=lambda pair: -pair.seeds):
        said.setdefault(reach(pair.seeds, pair.tests, pair.smallest_p), []).append(pair)
    return [f"{design}{f' ({_names(its)})' if len(said) > 1 else ''}." for design, its in said.items()]


def _judged(pairs: list[Pair]) -> list[str]:
    apart, alike = ([pair for pair in pairs if (pair.p_value < LEVEL) == differ] for differ in (True, False))
    faster = [f"{pair.faster} is faster than {pair.slower} ({p(pair.p_value)})" for pair in apart]
    said = [f"Beyond noise: {'; '.join(faster)}."] if faster else []
    return said + ([f"Not told apart by time to solve: {_names(alike)}."] if alike else [])


def _names(pairs: list[Pair]) -> str:
    return "; ".join(f"{pair.faster} and {pair.slower}" for pair in pairs)


def p(value: float) -> str:
    """ "p = 0.031", "p < 0.001"."""
    return "p < 0.001" if value < 0.001 else f"p = {value:.2g}"
