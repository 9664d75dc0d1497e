"""The median of a few numbers of which only the ranks count, and its interval by order statistics.

Numbers that are known to be some value or more take part as that value where no number lies beyond it.
"""

import math
from collections.abc import Sequence

LEVEL = 0.95


def reached_by_half(values: Sequence[float]) -> float:
    """The largest of the values that at least half of them reach: of the two middle ones, if so, the upper."""
    return sorted(values)[len(values) // 2]


def median_interval(values: Sequence[float]) -> tuple[float, float] | None:
    """Two of the values between which the median of their distribution lies with 95 % confidence or more.

    The k-th from below and the k-th from above, k being the largest for which a binomial number of n and 1/2 is below k
    with a probability of 2.5 % at most: exact for every distribution, whatever ties it has (Conover 1999, section 3.2).
    None for fewer than six values, which leave more than that outside of all of them.
    """
    rank = _rank(len(values))
    ordered = sorted(values)
    return (ordered[rank - 1], ordered[-rank]) if rank else None


def _rank(number: int) -> int:
    """k as above; 0 if there is none."""
    below, rank = 0, 0
    while (below := below + math.comb(number, rank)) <= (1 - LEVEL) / 2 * 2**number:
        rank += 1
    return rank
