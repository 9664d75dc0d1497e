"""Differences between groups: against the examples of the papers and values worked out by hand."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from seqbench.statistics.differences import (
    Difference,
    beyond_noise,
    mcnemar,
    paired_success_difference,
    speed_ratio,
    success_difference,
    time_ratio,
)
from seqbench.statistics.rates import wilson_interval
from seqbench.statistics.survival import Times

counts = st.integers(1, 30).flatmap(lambda trials: st.tuples(st.integers(0, trials), st.just(trials)))


def pairs(both: int, first: int, second: int, neither: int) -> tuple[list[bool], list[bool]]:
    """Verdicts of two groups: solved by both, by the first alone, by the second alone, by neither."""
    one = [True] * (both + first) + [False] * (second + neither)
    return one, [True] * both + [False] * first + [True] * second + [False] * neither


# Success


@pytest.mark.parametrize(
    ("first", "second", "low", "high"),
    [
        # Newcombe (1998), Statistics in Medicine 17:873-890, table II, method 10, contrasts (a) to (d)
        ((48, 80), (56, 70), 0.0524, 0.3339),
        ((3, 10), (9, 10), 0.1705, 0.8090),
        ((2, 7), (6, 7), 0.0582, 0.8062),
        ((0, 29), (5, 56), -0.0381, 0.1926),
    ],
)
def test_the_papers_examples(first: tuple[int, int], second: tuple[int, int], low: float, high: float) -> None:
    found = success_difference(first, second)
    assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)
    assert found.estimate == pytest.approx(second[0] / second[1] - first[0] / first[1])


def test_none_against_all_of_five_by_hand() -> None:
    # Wilson: 0 of 5 reaches up to .4345, 5 of 5 down to .5655; 1 - sqrt(2) * .4345
    found = success_difference((0, 5), (5, 5))
    assert (found.estimate, found.high) == (1, 1)
    assert found.low == pytest.approx(1 - math.sqrt(2) * wilson_interval(0, 5)[1])


@settings(deadline=None)
@given(counts, counts)
def test_the_p_value_is_where_the_interval_reaches_zero(first: tuple[int, int], second: tuple[int, int]) -> None:
    found = success_difference(first, second)
    assert found.low <= found.estimate <= found.high
    assert (found.p_value < 0.05) == (found.low > 0 or found.high < 0)
    if 1e-9 < found.p_value < 0.999:
        there = success_difference(first, second, confidence=1 - found.p_value)
        assert min(abs(there.low), abs(there.high)) == pytest.approx(0, abs=1e-6)


@settings(deadline=None)
@given(counts, counts)
def test_groups_exchanged_turn_the_sign(first: tuple[int, int], second: tuple[int, int]) -> None:
    one, other = success_difference(first, second), success_difference(second, first)
    assert (one.estimate, one.low, one.high) == pytest.approx((-other.estimate, -other.high, -other.low))
    assert one.p_value == pytest.approx(other.p_value, rel=1e-6)


def test_paired_examples() -> None:
    # Altman et al. (2000), Statistics with Confidence, 2nd ed., page 52: 14, 5, 0, 22 give .01 to .23
    altman = paired_success_difference(*pairs(14, 0, 5, 22))
    assert (altman.estimate, altman.low, altman.high) == pytest.approx((5 / 41, 0.0115, 0.2265), abs=5e-5)
    # Bentur et al. (2009) in Fagerland, Lydersen and Laake (2014), Statistics in Medicine 33:2850-2875
    bentur = paired_success_difference(*pairs(1, 1, 7, 12))
    assert (bentur.low, bentur.high) == pytest.approx((0.026, 0.507), abs=5e-4)
    assert mcnemar(*pairs(1, 1, 7, 12)) == pytest.approx(0.0703, abs=5e-5)


def test_pairs_that_agree_narrow_the_interval() -> None:
    alike, opposed = paired_success_difference(*pairs(10, 0, 2, 8)), paired_success_difference(*pairs(2, 8, 10, 0))
    unpaired = success_difference((10, 20), (12, 20))
    assert alike.high - alike.low < unpaired.high - unpaired.low < opposed.high - opposed.low
    assert alike.estimate == opposed.estimate == unpaired.estimate


def test_mcnemar_counts_the_pairs_that_disagree() -> None:
    assert mcnemar(*pairs(9, 0, 5, 9)) == pytest.approx(2 / 32)
    assert mcnemar(*pairs(3, 0, 0, 3)) == 1
    assert mcnemar(*pairs(0, 1, 5, 0)) == pytest.approx(2 * 7 / 64)


def test_pairs_must_be_pairs() -> None:
    with pytest.raises(ValueError, match="got 1 and 2 verdicts"):
        paired_success_difference([True], [True, False])


def test_nothing_tried_says_nothing() -> None:
    found = success_difference((0, 0), (5, 5))
    assert math.isnan(found.estimate)
    assert (found.low, found.high, found.p_value) == (-1, 1, 1)
    assert paired_success_difference([], []).p_value == 1


# Times and speeds


def test_time_ratio_of_solved_runs_is_the_t_interval_of_their_logarithms() -> None:
    first, second = [100.0, 120.0, 90.0, 150.0], [300.0, 250.0, 420.0]
    found = time_ratio(Times(first, [True] * 4), Times(second, [True] * 3))
    test = stats.ttest_ind(np.log(second), np.log(first))
    ends = test.confidence_interval()
    expected = math.exp(np.log(second).mean() - np.log(first).mean()), math.exp(ends.low), math.exp(ends.high)
    assert (found.estimate, found.low, found.high) == pytest.approx(expected, rel=1e-4)
    assert found.p_value == pytest.approx(test.pvalue, rel=1e-3)


def test_within_strata_a_ratio_is_found_that_the_strata_would_hide() -> None:
    # Twice the steps at each gap; the second group has more runs at the easy gap.
    first, second = Times([100, 110, 1000, 1100, 1050], [True] * 5), Times([200, 220, 210, 190, 2100], [True] * 5)
    within = time_ratio(first, second, strata=([1, 1, 2, 2, 2], [1, 1, 1, 1, 2]))
    assert within.estimate == pytest.approx(2, rel=0.05)
    assert 1 < within.low < 2 < within.high
    assert time_ratio(first, second).low < 1


def test_unsolved_runs_lengthen_the_time() -> None:
    first = Times([100, 120, 90, 150], [True] * 4)
    known, longer = Times([300, 250, 420, 500], [True] * 4), Times([300, 250, 420, 500], [True] * 3 + [False])
    assert time_ratio(first, longer).estimate > time_ratio(first, known).estimate


def test_a_group_that_never_solved_bounds_the_ratio_on_one_side() -> None:
    fast, never = Times([100, 120, 90, 150, 95], [True] * 5), Times([2000] * 5, [False] * 5)
    slower = time_ratio(fast, never)
    assert (slower.estimate, slower.high) == (math.inf, math.inf)
    assert 1 < slower.low < 20
    faster = time_ratio(never, fast)
    assert (faster.estimate, faster.low) == (0, 0)
    assert faster.high == pytest.approx(1 / slower.low, rel=1e-4)
    assert time_ratio(never, never).p_value == 1


def test_speed_ratio_by_hand() -> None:
    # Logs differ by log 2, each group has the variance of (-d, 0, d): Student's t with 4 degrees of freedom.
    found = speed_ratio([10, 11, 12.1], [20, 22, 24.2])
    half = stats.t.ppf(0.975, 4) * math.log(1.1) * math.sqrt(2 / 3)
    assert found.estimate == pytest.approx(2)
    assert (found.low, found.high) == pytest.approx((2 * math.exp(-half), 2 * math.exp(half)))


def test_one_run_has_a_speed_but_no_interval() -> None:
    found = speed_ratio([10], [20, 30])
    assert found.estimate == pytest.approx(math.sqrt(6))
    assert (found.low, found.high, found.p_value) == (0, math.inf, 1)


def test_a_speed_is_positive() -> None:
    with pytest.raises(ValueError, match="above 0"):
        speed_ratio([0, 1], [1, 2])


def test_equal_speeds_without_spread_are_equal() -> None:
    assert speed_ratio([10, 10], [10, 10]).p_value == 1
    assert speed_ratio([10, 10], [20, 20]).p_value == 0


# Which differences count


def test_beyond_noise_asks_more_of_each_when_there_are_many() -> None:
    def difference(p: float) -> Difference:
        return Difference(0.5, 0.1, 0.9, p, none=0)

    assert beyond_noise({"success": difference(0.03)}) == {"success": True}
    assert beyond_noise({"success": difference(0.03), "speed": difference(0.2)}) == {"success": False, "speed": False}
    assert beyond_noise({"success": difference(0.02), "speed": difference(0.04)}) == {"success": True, "speed": True}
