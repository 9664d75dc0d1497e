"""When a difference is beyond noise: the level, Holm's method for many tests, and what so many seeds can reach at all.

All tests between arms exchange whole seeds (`seqbench.statistics.exchange`), so what a design can show is known before
it is run.
"""

import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from seqbench.wording import plural

T = TypeVar("T")

LEVEL = 0.05
"""Beyond noise, wherever that is said: a p-value below this, adjusted by Holm's method."""

ENUMERATED = 2**16
"""Up to so many exchanges are enumerated, which is all of them for 17 shared seeds."""

DRAWN = 20_000
"""Of more exchanges so many are drawn, the observed one among them."""


def holm(p_values: Sequence[float]) -> list[float]:
    """p-values adjusted for their number, in the given order: at most a share p of families has a false one below p.

    Holm (1979), Scandinavian Journal of Statistics 6:65-70.
    """
    order = sorted(range(len(p_values)), key=p_values.__getitem__)
    enlarged = ((len(order) - rank) * p_values[place] for rank, place in enumerate(order))
    adjusted = dict(zip(order, itertools.accumulate(enlarged, max), strict=True))
    return [min(1.0, adjusted[place]) for place in range(len(p_values))]


def over_pairs(arms: Mapping[str, T], p_value: Callable[[T, T], float]) -> dict[tuple[str, str], float]:
    """A test between all pairs of arms, its p-values adjusted by Holm's method over the pairs."""
    pairs = list(itertools.combinations(arms, 2))
    return dict(zip(pairs, holm([p_value(arms[first], arms[second]) for first, second in pairs]), strict=True))


def smallest_p(seeds: int) -> float:
    """The smallest p-value of one test between arms that share so many seeds, however far apart they are: 2 / 2^n.

    Each seed may be exchanged or not, and the opposite of the most extreme exchange is as extreme.
    """
    return min(1.0, 2 / 2**seeds if 2**seeds <= 2 * ENUMERATED else 1 / DRAWN)


def reach(seeds: int, pairs: int, least: float) -> str:
    """What a design with this smallest p, adjusted, can show: "8 seeds, 3 pairs of arms: p can fall to 0.023"."""
    enough = "" if least < LEVEL else f"; {plural(seeds_needed(pairs), 'seed')} or more can"
    return f"{plural(seeds, 'seed')}, {plural(pairs, 'pair')} of arms: {falls_to(least)}{enough}"


def falls_to(least: float) -> str:
    """In words, the smallest p that a design can reach."""
    if least < LEVEL:
        return f"p can fall to {least:.2g}"
    told = "every p is 1" if least >= 1 else f"p cannot fall below {least:.2g}"
    return f"{told}, so nothing can be told apart"


def seeds_needed(tests: int) -> int:
    """The smallest number of shared seeds with which one of so many tests can be beyond noise."""
    return next(seeds for seeds in itertools.count(1) if tests * 2 / 2**seeds < LEVEL)
