"""The median of a few ranks and its interval, by order statistics."""

import numpy as np
import pytest
from scipy.stats import binom

from seqbench.statistics.medians import median_interval, reached_by_half


@pytest.mark.parametrize(
    ("values", "median"), [([4], 4), ([8, 2], 8), ([1, 64, 2], 2), ([0, 64, 4, 64], 64), ([1, 1, 1, 1, 2, 2, 2, 2], 2)]
)
def test_it_is_the_largest_that_at_least_half_of_the_values_reach(values, median):
    assert reached_by_half(values) == median
    reach = [sum(value >= each for value in values) for each in sorted(values)]
    assert median == max(each for each, number in zip(sorted(values), reach, strict=True) if 2 * number >= len(values))


@pytest.mark.parametrize(
    ("number", "rank"),
    [
        (6, 1),  # 2 / 2^6 = 3.1 % lie outside of all
        (8, 1),  # below the second: 9 / 2^8 = 3.5 % on either side
        (9, 2),  # 10 / 2^9 = 2.0 %
        (12, 3),  # 79 / 2^12 = 1.9 %
        (20, 6),  # the table of Conover (1999): 6 and 15
    ],
)
def test_the_interval_is_between_two_of_the_values(number, rank):
    assert median_interval(range(1, number + 1)) == (rank, number + 1 - rank)
    assert binom.cdf(rank - 1, number, 0.5) <= 0.025 < binom.cdf(rank, number, 0.5)


@pytest.mark.parametrize("number", range(1, 6))
def test_fewer_than_six_values_have_none(number):
    assert median_interval([1] * number) is None


def test_it_covers_the_median_with_its_confidence_also_where_values_tie():
    """Holds of 1, 2, 4 and 64, the median of which is 4: with probabilities .2, .2, .3 and .3."""
    rng = np.random.default_rng(0)
    drawn = rng.choice([1, 2, 4, 64], p=[0.2, 0.2, 0.3, 0.3], size=(2000, 8))
    covered = [low <= 4 <= high for low, high in map(median_interval, drawn.tolist())]
    assert np.mean(covered) >= 0.95
