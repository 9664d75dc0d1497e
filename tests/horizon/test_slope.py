"""By what factor the horizon falls along another knob, from outcomes whose horizons are known."""

import math

import pytest

from seqbench.horizon.curves import curves
from seqbench.horizon.estimate import Outcome, Posterior, counted
from seqbench.horizon.ratio import horizon_ratio
from seqbench.horizon.slope import Place, slope

LOW, HIGH = 5, 400


def outcomes(horizon: float) -> list[Outcome]:
    """Many seeds at gaps a factor 1.25 apart: all below the horizon solve, and none beyond."""
    gaps = [round(5 * 1.25**k) for k in range(20)]
    return [Outcome(gap, seed, gap < horizon) for gap in gaps for seed in range(8)]


def place(at: float, horizon: float) -> Place:
    return at, Posterior(curves(LOW, HIGH), counted(outcomes(horizon))), LOW, HIGH


def test_horizons_that_halve_with_every_step_have_the_factor_one_half() -> None:
    found = slope([place(0, 200), place(1, 100), place(2, 50), place(3, 25)])
    assert found.factor == pytest.approx(0.5, rel=0.05)
    assert 0.42 < found.low < 0.5 < found.high < 0.58


def test_with_two_places_it_is_the_ratio_of_horizons() -> None:
    found = slope([place(0, 100), place(1, 40)])
    expected = horizon_ratio(outcomes(100), outcomes(40), LOW, HIGH)
    assert (found.factor, found.low, found.high) == pytest.approx(expected, rel=0.05)


def test_two_steps_between_two_places_take_the_root() -> None:
    near, wide = (slope([place(0, 100), place(step, 40)]) for step in (1, 2))
    assert (wide.factor, wide.low, wide.high) == pytest.approx([math.sqrt(end) for end in vars(near).values()])


def test_equal_horizons_have_the_factor_one() -> None:
    found = slope([place(step, 60) for step in range(4)])
    assert found.factor == pytest.approx(1)
    assert found.low < 1 < found.high


def test_a_horizon_beyond_the_range_leaves_one_end_open() -> None:
    """The first arm may reach any gap beyond 400, so the fall may be as steep as one likes."""
    found = slope([place(0, 10_000), place(1, 100)])
    assert found.low == 0
    assert found.high == pytest.approx(100 / 400, rel=0.2)
    both = slope([place(0, 10_000), place(1, 10_000)])
    assert math.isnan(both.factor)
    assert (both.low, both.high) == (0, math.inf)


def test_a_horizon_below_the_range_leaves_the_same_end_open() -> None:
    """The second arm may reach any gap below 5, or none, so the fall may be as steep as one likes."""
    found = slope([place(0, 100), place(1, 1)])
    assert found.low == 0
    assert found.high == pytest.approx(5 / 100, rel=0.2)


def test_a_place_in_the_middle_of_three_bears_no_weight() -> None:
    with_middle, without = (
        slope([place(0, 100), *middle, place(2, 50)]) for middle in ([place(1, 10_000)], [])
    )  # fmt: skip
    assert with_middle.factor == pytest.approx(without.factor)
    assert (with_middle.low, with_middle.high) == pytest.approx((without.low, without.high), rel=0.05)


def test_one_place_is_refused() -> None:
    with pytest.raises(ValueError, match="two different places"):
        slope([place(1, 50), place(1, 60)])
