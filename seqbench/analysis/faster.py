"""Which arms solve a task faster beyond noise: log-rank tests between arms, and what they show in words."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from seqbench import wording
from seqbench.analysis.arms import arms_in_order
from seqbench.analysis.outcomes import times
from seqbench.statistics import survival
from seqbench.statistics.differences import LEVEL

FEWEST_PAIRS = 6
"""n pairs of runs cannot give a p-value below 2 / 2^n; with fewer than these it is never below `LEVEL`."""


@dataclass(frozen=True)
class Pair:
    """Two arms, the faster first: log-rank p-values with pairs of runs exchanged singly, and seed by seed."""

    faster: str
    slower: str
    p_value: float
    by_seed: float
    pairs: int
    seeds: int


def compared(runs: pd.DataFrame) -> list[Pair]:
    """Log-rank tests between all arms of one task that share gaps and seeds, gaps as strata, Holm over the pairs.

    Arms neither of which ever solved it are not compared.
    """
    arms = {arm: runs[runs.arm == arm].set_index(["gap", "seed"]) for arm in arms_in_order(runs.arm)}
    arms = {arm: own[~own.index.duplicated(keep="last")] for arm, own in arms.items()}
    singly = survival.over_pairs(arms, lambda one, other: _log_rank(one, other, "pair").p_value)
    by_seed = survival.over_pairs(arms, lambda one, other: _log_rank(one, other, "seed").p_value)
    found = [_pair(arms, names, p_value, by_seed[names]) for names, p_value in singly.items()]
    return sorted((pair for pair in found if pair is not None), key=lambda pair: pair.p_value)


def _log_rank(one: pd.DataFrame, other: pd.DataFrame, unit: str) -> survival.LogRank:
    shared = one.index.intersection(other.index, sort=True)
    gaps, seeds = shared.get_level_values("gap"), shared.get_level_values("seed")
    units = list(seeds) if unit == "seed" else None
    return survival.paired_log_rank(times(one.loc[shared]), times(other.loc[shared]), strata=list(gaps), units=units)


def _pair(arms: Mapping[str, pd.DataFrame], names: tuple[str, str], p_value: float, by_seed: float) -> Pair | None:
    one, other = (arms[name] for name in names)
    shared = one.index.intersection(other.index)
    if not len(shared) or not (set(one.loc[shared].outcome) | set(other.loc[shared].outcome)) & {"solved"}:
        return None
    faster, slower = names if _log_rank(one, other, "pair").excess >= 0 else names[::-1]
    return Pair(faster, slower, p_value, by_seed, len(shared), shared.get_level_values("seed").nunique())


# -- in words ------------------------------------------------------------------------------------------------


def verdict(pairs: list[Pair]) -> list[str]:
    """Which arms of a task differ beyond noise, in words, and what so few pairs and seeds can show."""
    tested = [pair for pair in pairs if pair.pairs >= FEWEST_PAIRS]
    too_few = [pair for pair in pairs if pair not in tested]
    return (_judged(tested) if tested else []) + _not_judged(too_few, len(pairs))


def _not_judged(few: list[Pair], number: int) -> list[str]:
    if not few:
        return []
    names = "every pair of arms" if len(few) == number else _names(few)
    return [
        f"Fewer than {FEWEST_PAIRS} pairs of runs of one gap and seed, which cannot give a p-value below {LEVEL}, "
        f"however far the arms are apart: {names}."
    ]


def _names(pairs: list[Pair]) -> str:
    return "; ".join(f"{pair.faster} and {pair.slower}" for pair in pairs)


def _judged(pairs: list[Pair]) -> list[str]:
    apart, alike = ([pair for pair in pairs if (pair.p_value < LEVEL) == differ] for differ in (True, False))
    faster = [f"{pair.faster} is faster than {pair.slower} ({p(pair.p_value)})" for pair in apart]
    said = [f"Beyond noise: {'; '.join(faster)}." if faster else f"Not told apart by time to solve: {_names(alike)}."]
    if faster and alike:
        said.append(f"Not told apart: {_names(alike)}.")
    return said + _what_one_gap_shows(max(pair.seeds for pair in pairs))


def _what_one_gap_shows(seeds: int) -> list[str]:
    least = 2 / 2**seeds
    if least < LEVEL:
        return []
    return [
        f"At one gap, {wording.plural(seeds, 'paired seed')} cannot give a p-value below {least:.4g}, however far "
        "apart the arms are; a smaller one comes from several gaps together, as if the runs of one seed at "
        "different gaps were independent."
    ]


def p(value: float) -> str:
    """ "p = 0.031", "p < 0.001"."""
    return "p < 0.001" if value < 0.001 else f"p = {value:.2g}"
