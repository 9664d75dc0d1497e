"""Growth of the time to solve with the gap: power laws given back, unsolved runs counted for what they say."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from seqbench.statistics.growth import growth
from seqbench.statistics.lifetimes import line
from seqbench.statistics.survival import Times

GAPS = np.repeat([10, 20, 40, 80], 3)


def cut(steps: np.ndarray, budget: float) -> Times:
    return Times(np.minimum(steps, budget), steps < budget)


def noisy(rng: np.random.Generator, spread: float = 0.4) -> np.ndarray:
    return 5 * GAPS**1.5 * np.exp(spread * rng.normal(size=len(GAPS)))


@settings(max_examples=20, deadline=None)
@given(st.floats(-1, 3), st.floats(1, 100))
def test_an_exact_power_law_gives_its_exponent_back(exponent: float, factor: float) -> None:
    found = growth(GAPS, Times(factor * GAPS**exponent, [True] * len(GAPS)))
    assert found.exponent == pytest.approx(exponent, abs=1e-3)
    assert found.median_steps(30) == pytest.approx(factor * 30**exponent, rel=0.01)
    assert found.low <= found.exponent <= found.high


def test_without_unsolved_runs_it_is_least_squares_with_its_t_interval() -> None:
    steps = noisy(np.random.default_rng(0))
    found = line(np.log(GAPS), Times(steps, [True] * len(GAPS)))
    fit = stats.linregress(np.log(GAPS), np.log(steps))
    half = stats.t.ppf(0.975, len(GAPS) - 2) * fit.stderr
    assert (found.slope, found.low, found.high) == pytest.approx(
        (fit.slope, fit.slope - half, fit.slope + half), abs=1e-5
    )


def test_runs_and_budgets_four_times_as_long_have_a_slope_of_log_4() -> None:
    # The second group is the first one moved by log 4, budgets included: so is its fit, whatever the censoring.
    first = Times([100, 130, 90, 200], [True, True, True, False])
    steps = np.concatenate([first.steps, 4 * np.array(first.steps)])
    found = line([0] * 4 + [1] * 4, Times(steps, [*first.solved, *first.solved]))
    assert found.slope == pytest.approx(math.log(4), abs=1e-5)
    assert found.spread > np.std(np.log([100, 130, 90]))


def test_dropping_the_unsolved_runs_would_flatten_the_growth() -> None:
    rng = np.random.default_rng(3)
    times = cut(noisy(rng, spread=0.8), 1500)
    solved = times.arrays()[1]
    assert 0 < (~solved).sum() < 6
    dropped = growth(GAPS[solved], Times(times.arrays()[0][solved], solved[solved]))
    assert growth(GAPS, times).exponent > dropped.exponent


def test_a_gap_that_nobody_solved_bounds_the_growth_from_below_only() -> None:
    times = Times([100, 110, 120, 2000, 2000, 2000], [True] * 3 + [False] * 3)
    found = growth([10] * 3 + [20] * 3, times)
    assert found.exponent == found.high == math.inf
    assert math.log(2000 / 110) / math.log(2) > found.low > 1


@pytest.mark.parametrize("gaps", [[10, 10, 10], [10, 20, 40]])
def test_no_growth_from_one_gap_or_without_success(gaps: list[int]) -> None:
    solved = [len(set(gaps)) == 1] * 3
    found = growth(gaps, Times([100, 200, 300], solved))
    assert math.isnan(found.exponent)
    assert (found.low, found.high) == (-math.inf, math.inf)
    assert str(found) == "no growth can be fitted"


def test_two_successes_give_an_exponent_without_an_interval() -> None:
    found = growth([10, 20], Times([100, 200], [True, True]))
    assert found.exponent == pytest.approx(1, abs=1e-3)
    assert (found.low, found.high) == (-math.inf, math.inf)


def test_runs_without_a_step_of_training_say_nothing() -> None:
    times = Times([50, 100, 200, 0], [True, True, True, False])
    assert growth([10, 20, 40, 40], times).exponent == pytest.approx(1, abs=1e-3)
    with pytest.raises(ValueError, match="solved at step 0"):
        growth([10, 20], Times([0, 5], [True, True]))


def test_every_run_needs_a_gap() -> None:
    with pytest.raises(ValueError, match="1 gaps and 2 runs"):
        growth([10], Times([1, 2], [True, True]))


def test_growth_in_words() -> None:
    found = growth(GAPS, Times(5.0 * GAPS, [True] * len(GAPS)))
    assert str(found) == "steps grow as the gap to the power of 1.00 (0.92 to 1.08)"  # steps are not known better
    bounded = growth([10] * 3 + [20] * 3, Times([100, 110, 120, 2000, 2000, 2000], [True] * 3 + [False] * 3))
    assert str(bounded) == f"steps grow as the gap to the power of {bounded.low:.2f} or more"


@pytest.mark.parametrize("steps", [[100, 110, 120], [100, 100, 100]])
def test_successes_at_one_gap_alone_bound_the_growth_on_one_side_whatever_their_steps(steps: list[float]) -> None:
    solved = [True] * 3 + [False] * 3
    longer = growth([10] * 3 + [20] * 3, Times([*steps, 2000, 2000, 2000], solved))
    assert longer.exponent == longer.high == math.inf
    assert longer.low > 1
    shorter = growth([20] * 3 + [10] * 3, Times([*steps, 2000, 2000, 2000], solved))
    assert shorter.exponent == shorter.low == -math.inf
    mixed = growth([10] * 4 + [20] * 3, Times([*steps, *[2000] * 4], [*solved[:3], *[False] * 4]))
    assert mixed.high == math.inf


def test_unsolved_runs_on_both_sides_of_the_successes_leave_the_growth_finite() -> None:
    found = growth(
        [5, 5, 10, 10, 10, 20, 20], Times([90, 90, 100, 110, 120, 2000, 2000], [False] * 2 + [True] * 3 + [False] * 2)
    )
    assert math.isfinite(found.exponent)


def test_the_interval_holds_the_truth_as_often_as_it_says() -> None:
    # About a third of the runs cut off. 150 intervals of 95 %: their coverage has a standard error of 1.8 %.
    rng = np.random.default_rng(4)
    found = [growth(GAPS, cut(noisy(rng), 1500)) for _ in range(150)]
    coverage = np.mean([its.low <= 1.5 <= its.high for its in found])
    assert abs(coverage - 0.95) < 3 * math.sqrt(0.95 * 0.05 / 150)
    assert np.median([its.exponent for its in found]) == pytest.approx(1.5, abs=0.05)


def test_steps_that_tie_at_the_budget_are_no_certainty() -> None:
    """All that solved did so at the very end, and none at longer gaps: growth is not known to be zero."""
    found = growth([3, 5, 7, 8, 10, 16, 16, 30], Times([150.0] * 8, [True] * 5 + [False] * 3))
    assert found.high > 0.1
