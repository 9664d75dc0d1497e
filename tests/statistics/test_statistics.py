"""Intervals, thresholds and survival: against values worked out by hand, and rules that hold for any counts."""

import math

import numpy as np
import pytest
import scipy
from hypothesis import given
from hypothesis import strategies as st

from seqbench.statistics.rates import (
    decay_per_step,
    expected_running_time,
    half_life,
    median_steps_to_solve,
    rank_correlation,
    rank_correlation_interval,
    wilson_interval,
)
from seqbench.statistics.thresholds import Bracket, bracket, censored, gap50, gap50_interval, reliable_gap

GAPS = [10, 20, 50, 100]


@st.composite
def counts(draw: st.DrawFn) -> tuple[int, int]:
    trials = draw(st.integers(1, 400))
    return draw(st.integers(0, trials)), trials


# Wilson interval


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [
        # With z = 1.96, z^2 = 3.8415: k = n gives low = n / (n + z^2), k = 0 gives high = z^2 / (n + z^2).
        (3, 3, 3 / 6.8415, 1.0),
        (5, 5, 5 / 8.8415, 1.0),
        (0, 5, 0.0, 3.8415 / 8.8415),
        # k = n / 2: 1/2 -+ z / 2 / sqrt(n + z^2)
        (5, 10, 0.5 - 0.98 / math.sqrt(13.8415), 0.5 + 0.98 / math.sqrt(13.8415)),
        (0, 0, 0.0, 1.0),
    ],
)
def test_wilson_interval_is_the_one_worked_out_by_hand(successes: int, trials: int, low: float, high: float) -> None:
    assert wilson_interval(successes, trials) == pytest.approx((low, high), abs=1e-4)


def test_85_errors_in_10000_have_a_lower_bound_of_99_percent() -> None:
    low, high = wilson_interval(10_000 - 85, 10_000)
    assert round(low, 2) == 0.99
    assert (low, high) == pytest.approx((0.98950, 0.99312), abs=1e-5)


@given(counts())
def test_wilson_interval_holds_the_observed_share_and_stays_within_0_and_1(cell: tuple[int, int]) -> None:
    low, high = wilson_interval(*cell)
    assert 0 <= low <= cell[0] / cell[1] <= high <= 1


@given(counts())
def test_one_more_success_moves_the_wilson_interval_up(cell: tuple[int, int]) -> None:
    successes, trials = cell
    fewer, more = wilson_interval(max(successes - 1, 0), trials), wilson_interval(successes, trials)
    assert fewer[0] <= more[0]
    assert fewer[1] <= more[1]


@given(counts(), st.integers(2, 10))
def test_more_runs_with_the_same_share_narrow_the_wilson_interval(cell: tuple[int, int], times: int) -> None:
    successes, trials = cell
    few, many = wilson_interval(successes, trials), wilson_interval(times * successes, times * trials)
    assert many[1] - many[0] < few[1] - few[0]


@given(counts())
def test_failures_mirror_successes(cell: tuple[int, int]) -> None:
    successes, trials = cell
    low, high = wilson_interval(successes, trials)
    assert wilson_interval(trials - successes, trials) == pytest.approx((1 - high, 1 - low))


@given(counts())
def test_more_confidence_takes_a_wider_interval(cell: tuple[int, int]) -> None:
    (low, high), (lower, higher) = wilson_interval(*cell, confidence=0.9), wilson_interval(*cell, confidence=0.99)
    assert lower <= low
    assert high <= higher


def test_impossible_counts_are_refused() -> None:
    with pytest.raises(ValueError, match="6 of 5"):
        wilson_interval(6, 5)


# Longest gaps


def test_reliable_gap_needs_itself_and_all_shorter_gaps_to_be_reliable() -> None:
    assert reliable_gap(GAPS, [5, 5, 4, 0], [5, 5, 5, 5]) == 20
    assert reliable_gap(GAPS, [5, 0, 5, 5], [5, 5, 5, 5]) == 10
    assert reliable_gap(GAPS, [5, 5, 5, 5], [5, 5, 5, 5]) == 100


def test_three_seeds_never_make_a_gap_reliable_but_four_do() -> None:
    assert reliable_gap(GAPS, [3, 3, 3, 3], [3, 3, 3, 3]) is None
    assert reliable_gap(GAPS, [4, 4, 0, 0], [4, 4, 4, 4]) == 20


def test_a_gap_without_finished_runs_is_passed_over() -> None:
    assert reliable_gap(GAPS, [5, 0, 5, 0], [5, 0, 5, 5]) == 50
    assert bracket(GAPS, [5, 0, 0, 0], [5, 0, 5, 5]) == Bracket(10, 50)


@pytest.mark.parametrize(
    ("solved", "text", "monotone"),
    [
        ([5, 5, 1, 0], "20 to 50", True),
        ([5, 5, 5, 3], "> 100", True),
        ([2, 1, 0, 0], "< 10", True),
        ([5, 1, 4, 0], "50 solved, 20 not", False),
    ],
)
def test_bracket_is_written_with_its_censoring(solved: list[int], text: str, monotone: bool) -> None:
    found = bracket(GAPS, solved, [5, 5, 5, 5])
    assert str(found) == text
    assert found.monotone is monotone


def test_bracket_of_nothing_says_so() -> None:
    assert str(bracket([10], [0], [0])) == "not tested"


def test_half_of_the_seeds_count_as_solved() -> None:
    assert bracket([10, 20], [4, 2], [4, 4]) == Bracket(20, None)


def test_gap50_between_all_and_none_is_the_geometric_mean() -> None:
    assert gap50([10, 40], [5, 0], [5, 5]) == pytest.approx(20)


def test_gap50_is_interpolated_on_a_log_scale() -> None:
    # .8 at 10, .3 at 80: three fifths of the way in the logarithm, 10 * 8 ** .6
    assert gap50([10, 80], [8, 3], [10, 10]) == pytest.approx(10 * 8**0.6)


def test_gap50_makes_success_that_rises_again_flat_first() -> None:
    # 1, 1/5, 4/5, 0 becomes 1, 1/2, 1/2, 0: the middle of the stretch at one half
    assert gap50(GAPS, [5, 1, 4, 0], [5, 5, 5, 5]) == pytest.approx(math.sqrt(20 * 50))


def test_gap50_weighs_gaps_by_their_runs() -> None:
    # 0 of 1 then 9 of 9 pools to 9/10, not to 1/2: the crossing lies between 20 and 40
    assert gap50([10, 20, 40], [0, 9, 0], [1, 9, 10]) == pytest.approx(20 * 2 ** (0.4 / 0.9))


def test_gap50_outside_the_tested_gaps_is_censored() -> None:
    assert gap50(GAPS, [5, 5, 5, 4], [5, 5, 5, 5]) == math.inf
    assert gap50(GAPS, [1, 0, 0, 0], [5, 5, 5, 5]) == 0
    assert math.isnan(gap50(GAPS, [0, 0, 0, 0], [0, 0, 0, 0]))


@given(st.lists(st.integers(0, 8), min_size=4, max_size=4))
def test_gap50_lies_within_the_tested_gaps_or_is_censored(solved: list[int]) -> None:
    found = gap50(GAPS, solved, [8] * 4)
    assert found in (0, math.inf) or 10 <= found <= 100


@given(st.lists(st.integers(0, 7), min_size=4, max_size=4), st.integers(0, 3))
def test_one_more_success_anywhere_never_shortens_gap50(solved: list[int], place: int) -> None:
    more = [k + (i == place) for i, k in enumerate(solved)]
    assert gap50(GAPS, more, [8] * 4) >= gap50(GAPS, solved, [8] * 4) * (1 - 1e-12)


def test_censored_gaps_are_never_written_as_numbers() -> None:
    assert censored(math.inf, GAPS) == "> 100"
    assert censored(0, GAPS) == "< 10"
    assert censored(None, GAPS) == "< 10"
    assert censored(31.6, GAPS) == "32"
    assert censored(1, []) == "not tested"


# The bootstrap

MIXED = np.array([[1, 1, 1, 1], [1, 1, 1, 0], [1, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 0]], dtype=float)


def test_seeds_that_agree_leave_the_bracket_as_interval() -> None:
    outcomes = np.tile([1.0, 1.0, 0.0, 0.0], (5, 1))
    assert gap50_interval(GAPS, outcomes, rng=np.random.default_rng(0)) == (20, 50)


def test_seeds_that_disagree_widen_the_interval() -> None:
    low, high = gap50_interval(GAPS, MIXED, rng=np.random.default_rng(0))
    assert low < 20
    assert high > 50


@given(st.lists(st.lists(st.sampled_from([0.0, 1.0]), min_size=4, max_size=4), min_size=1, max_size=6))
def test_the_interval_never_ends_between_tested_gaps(rows: list[list[float]]) -> None:
    low, high = gap50_interval(GAPS, np.array(rows), rng=np.random.default_rng(1), resamples=20)
    assert low <= high
    assert {low, high} <= {0.0, *GAPS, math.inf}


def test_missing_runs_leave_the_other_gaps_of_their_seed() -> None:
    outcomes = np.array([[1, 1, np.nan, 0], [1, np.nan, 0, 0]])
    low, high = gap50_interval(GAPS, outcomes, rng=np.random.default_rng(0))
    assert low >= 10
    assert high <= 100


def test_the_generator_handed_in_is_the_one_that_is_used() -> None:
    rng = np.random.default_rng(7)
    before = rng.bit_generator.state
    first = gap50_interval(GAPS, MIXED, rng=rng, resamples=5)
    assert rng.bit_generator.state != before
    assert gap50_interval(GAPS, MIXED, rng=np.random.default_rng(7), resamples=5) == first
    others = {gap50_interval(GAPS, MIXED, rng=np.random.default_rng(seed), resamples=5) for seed in range(20)}
    assert len(others) > 1


# Time to solve


def test_median_of_solved_runs_alone_is_their_middle() -> None:
    assert median_steps_to_solve([300, 100, 200], [True, True, True]) == 200


def test_unsolved_runs_pull_the_median_up_instead_of_dropping_out() -> None:
    # 2 of 5 by 200, 3 of 5 by 900; the mean of the solved ones would be 400
    assert median_steps_to_solve([100, 200, 900, 2000, 2000], [True, True, True, False, False]) == 900


def test_a_run_cut_off_early_counts_only_while_it_was_watched() -> None:
    # After 100: 3/4. The run cut off at 150 leaves two at risk: 3/4 * 1/2 = 3/8 remain after 200.
    assert median_steps_to_solve([100, 150, 200, 300], [True, False, True, True]) == 200


def test_median_that_is_not_reached_is_none() -> None:
    assert median_steps_to_solve([100, 2000, 2000], [True, False, False]) is None
    assert median_steps_to_solve([2000, 2000], [False, False]) is None
    assert median_steps_to_solve([], []) is None


def test_exactly_half_reaches_the_median() -> None:
    assert median_steps_to_solve([100, 300, 2000, 2000], [True, True, False, False]) == 300


def test_expected_running_time_charges_the_failures() -> None:
    assert expected_running_time([500, 500, 2000], [True, True, False]) == 1500
    assert expected_running_time([2000], [False]) == math.inf


# Rank correlation


def correlated(x: list[float], y: list[float]) -> tuple[float, float, float]:
    found = rank_correlation(x, y, rng=np.random.default_rng(0))
    return found.value, found.p_value, found.least


@pytest.mark.parametrize(
    ("x", "y", "value"),
    [
        # Without ties 1 - 6 sum(d^2) / (n (n^2 - 1)): one swap of neighbours among four is 1 - 6 * 2 / 60.
        ([1, 2, 3, 4], [1, 3, 2, 4], 0.8),
        ([0.1, 10, 1000], [7, 8, 9], 1.0),
        # Ranks 1, 2.5, 2.5, 4 against 1, 2, 3, 4: covariance 4.5, variances 4.5 and 5.
        ([1, 2, 2, 3], [1, 2, 3, 4], 4.5 / math.sqrt(4.5 * 5)),
        ([3, 2, 1], [0, 10, math.inf], -1.0),
    ],
)
def test_rank_correlation_by_hand(x: list[float], y: list[float], value: float) -> None:
    assert correlated(x, y)[0] == pytest.approx(value)


@pytest.mark.parametrize(
    ("y", "value", "p_value"),
    [
        # Of the 24 orders of four, sum(d^2) is 0, 2, ..., 20 in 1, 3, 1, 4, 2, 2, 2, 4, 1, 3, 1 of them.
        ([3, 2, 1, 4], 0.2, 22 / 24),
        ([1, 2, 4, 3], 0.8, 8 / 24),
        ([4, 3, 2, 1], -1.0, 2 / 24),
    ],
)
def test_the_p_value_of_a_rank_correlation_is_the_share_of_orders_as_far_from_0(
    y: list[float], value: float, p_value: float
) -> None:
    assert correlated([1, 2, 3, 4], y) == pytest.approx((value, p_value, 2 / 24))


def test_of_many_pairs_orders_are_drawn() -> None:
    x = list(np.random.default_rng(1).permutation(10))
    _, p_value, least = correlated(list(range(10)), [float(v) for v in x])
    assert p_value == pytest.approx(float(scipy.stats.spearmanr(range(10), x).pvalue), abs=0.03)
    assert least <= 2 / 10_000


def test_what_does_not_vary_has_no_rank_correlation() -> None:
    assert all(math.isnan(value) for value in correlated([1, 2, 3], [5, 5, 5]))
    assert all(math.isnan(value) for value in correlated([1], [2]))


def interval(x: list[float], y: list[float]) -> tuple[float, float]:
    return rank_correlation_interval(x, y, rng=np.random.default_rng(0))


def test_the_bootstrap_interval_of_a_rank_correlation_is_around_it_and_as_wide_as_scipys() -> None:
    rng = np.random.default_rng(2)
    x = rng.normal(size=40)
    y = x + rng.normal(size=40)
    low, high = interval(list(x), list(y))
    whole = scipy.stats.bootstrap(
        (x, y), lambda a, b: scipy.stats.spearmanr(a, b)[0], paired=True, vectorized=False, method="percentile",
        n_resamples=500, rng=1,
    ).confidence_interval  # fmt: skip
    assert low < correlated(list(x), list(y))[0] < high
    assert (low, high) == pytest.approx((whole.low, whole.high), abs=0.06)


def test_pairs_in_one_order_have_an_interval_without_width_and_those_that_never_vary_none() -> None:
    assert interval([1, 2, 3, 4], [1, 2, 3, math.inf]) == pytest.approx((1, 1))
    assert all(math.isnan(end) for end in (*interval([1, 2, 3], [5, 5, 5]), *interval([], []), *interval([1], [2])))


# Decay of a gradient


@pytest.mark.parametrize(
    ("curve", "nats"),
    [
        ([0.0, -1.0, -2.0], math.log(10)),
        ([0.0, math.nan, -2.0], math.log(10)),
        ([-math.inf, -1.0, -3.0], 2 * math.log(10)),
        # slope of (0, 0), (1, -1), (2, -1): -1/2
        ([0.0, -1.0, -1.0], math.log(10) / 2),
        ([0.0, 0.5], -math.log(10) / 2),
    ],
)
def test_decay_per_step_is_minus_the_least_squares_slope_in_nats(curve: list[float], nats: float) -> None:
    assert decay_per_step(curve) == pytest.approx(nats)


@pytest.mark.parametrize("curve", [[], [0.0], [0.0, math.nan], [-math.inf, -math.inf]])
def test_a_decay_takes_two_values(curve: list[float]) -> None:
    assert math.isnan(decay_per_step(curve))


def test_the_half_life_by_hand() -> None:
    assert half_life(math.log(2)) == 1
    assert half_life(math.log(2) / 10) == pytest.approx(10)
    assert half_life(0) == half_life(-0.1) == math.inf
