"""Latch, drift, leak and shift by what W, B and the groups do with the lag, and the lag at which W/B is critical."""

import math

import numpy as np
import pytest
from scipy import stats

from seqbench.statistics.signatures import FLAT, NEAR, ROUNDING, ByLag, critical_lag, signature, trend

LAGS = np.arange(10.0, 81, 10)  # the late half is 40 to 80


def held(within: np.ndarray | float, between: np.ndarray | float, moved: float = 0.0) -> ByLag:
    whole = np.ones_like(LAGS)
    return ByLag(LAGS, whole * within, whole * between, whole * moved)


def test_the_trend_is_least_squares_with_its_t_interval() -> None:
    y = np.array([0.0, 1.2, 1.9, 3.4, 3.9])
    fit = stats.linregress(np.arange(5.0), y)
    half = stats.t.ppf(0.975, 3) * fit.stderr
    assert trend(np.arange(5.0), y) == pytest.approx((fit.slope, fit.slope - half, fit.slope + half))


def test_states_that_stay_latch() -> None:
    assert signature(held(0.1, 2.0)) == "latch"


def test_so_do_those_without_any_spread() -> None:
    found = held(0.0, 2.0)
    assert found.nothing_varies
    assert signature(found) == "latch"


def test_and_those_whose_spread_shrinks() -> None:
    assert signature(held(0.1 * 0.9**LAGS, 2.0)) == "latch"


def test_a_spread_that_grows_between_groups_that_stay_drifts() -> None:
    assert signature(held(0.01 * LAGS, 2.0)) == "drift"


@pytest.mark.parametrize("within", [0.1, 0.1 * np.exp(-LAGS / 40), 0.01 * LAGS])
def test_groups_that_come_nearer_leak_whatever_their_spread_does(within: np.ndarray | float) -> None:
    assert signature(held(within, 2 * np.exp(-LAGS / 40))) == "leak"


def test_groups_that_move_away_together_shift_and_are_no_latch_whatever_noise_hides() -> None:
    assert signature(held(0.1, 2.0, moved=2.0 * NEAR * 1.01)) == "shift"
    assert signature(held(0.1, 2.0, moved=2.0 * NEAR * 0.99)) == "latch"
    noise = np.exp(0.2 * np.array([0, 0, 0, 1, -1, 1, -1, 1]))
    assert signature(held(0.1 * noise, 2.0, moved=1.0)) == "shift"
    assert signature(held(0.01 * LAGS, 2.0, moved=1.0)) == "drift"


def test_a_change_within_what_counts_as_none_is_a_latch_and_one_beyond_it_is_not() -> None:
    late = LAGS[-1] - LAGS[3]
    assert signature(held(0.1 * (1 + FLAT) ** (0.9 * LAGS / late), 2.0)) == "latch"
    assert signature(held(0.1 * (1 + FLAT) ** (1.1 * LAGS / late), 2.0)) == "drift"
    assert signature(held(0.0, 2.0 * (1 + FLAT) ** (-1.1 * LAGS / late))) == "leak"


def test_what_noise_hides_is_open() -> None:
    noise = np.exp(0.2 * np.array([0, 0, 0, 1, -1, 1, -1, 1]))
    assert signature(held(0.1 * noise, 2.0)) == "open"
    assert signature(held(0.1, 2.0 * noise)) == "open"


def test_early_lags_do_not_count() -> None:
    early = np.where(LAGS < 40, 5.0, 1.0)
    assert signature(held(0.1 * early, 2.0)) == "latch"


@pytest.mark.parametrize(
    "found",
    [
        ByLag(np.array([2.0, 4.0]), np.array([0.1, 0.1]), np.array([1.0, 1.0]), np.array([0.0, 0.0])),
        ByLag(np.array([]), np.array([]), np.array([]), np.array([])),
        held(0.1, 0.0),
        held(np.nan, 1.0),
    ],
    ids=["two lags", "none", "groups in one place", "not a number"],
)
def test_too_few_lags_or_groups_in_one_place_tell_nothing(found: ByLag) -> None:
    assert signature(found) == "open"
    assert math.isnan(critical_lag(found, 1.0))


def test_a_ratio_that_doubles_each_ten_steps_is_sixteen_times_as_large_forty_steps_on() -> None:
    found = held(0.1 * 2 ** (LAGS / 10 - 8), 1.0)
    assert found.ratio[-1] == pytest.approx(0.1)
    assert critical_lag(found, 1.6) == pytest.approx(120)


def test_a_critical_ratio_that_was_measured_is_not_extrapolated() -> None:
    found = held(0.01 * LAGS, 1.0)  # .1 at lag 10 to .8 at lag 80
    assert critical_lag(found, 0.45) == 50
    assert critical_lag(found, 0.01) == 10


def test_of_several_times_the_last_counts() -> None:
    up_and_down = np.array([0.5, 0.1, 0.5, 0.1, 0.1, 0.5, 0.6, 0.7])
    assert critical_lag(held(up_and_down, 1.0), 0.4) == 60


def test_a_latch_never_comes_there() -> None:
    assert math.isinf(critical_lag(held(0.1, 2.0), 0.5))
    assert math.isinf(critical_lag(held(0.1 * 0.9**LAGS, 2.0), 0.5))


def test_nor_does_a_readout_that_never_errs() -> None:
    assert math.isinf(critical_lag(held(0.01 * LAGS, 1.0), math.inf))


def test_without_a_spread_there_is_no_prediction() -> None:
    assert math.isnan(critical_lag(held(0.0, 2.0), 1.0))
    assert math.isnan(critical_lag(held(ROUNDING / 2, 1.0), 1.0))
