"""The spread of states within groups over the distance between them: values by hand, and what must not change it."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqbench.statistics.spread import FACTORS, critical_factor, moved, spread

ON_A_LINE = np.array([[-1.0], [1.0], [9.0], [13.0]])
TWO_GROUPS = np.array([0, 0, 1, 1])


def some_states(seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.normal(size=(30, 4)), np.repeat([0, 1, 2], 10)


def test_two_groups_of_two_points_on_a_line() -> None:
    # Means 0 and 11; distances to them 1 and 1, 2 and 2.
    found = spread(ON_A_LINE, TWO_GROUPS)
    assert found == (1.5, 11.0)
    assert found.ratio == pytest.approx(1.5 / 11)


def test_of_three_groups_the_nearest_two_count_and_each_group_as_much_as_the_others() -> None:
    states = np.array([[0, 3], [0, -3], [4, 0], [4, 0], [4, 0], [4, 0], [0, 11], [0, 9]], dtype=float)
    # Means (0, 0), (4, 0) and (0, 10); mean distances 3, 0 and 1, though the second has four sequences.
    assert spread(states, np.array([0, 0, 1, 1, 1, 1, 2, 2])) == pytest.approx((4 / 3, 4.0))


def test_a_group_of_one_sequence_is_left_out_of_both() -> None:
    alone = np.vstack([ON_A_LINE, [[5.0]]])
    assert spread(alone, np.array([0, 0, 1, 1, 2])) == (1.5, 11.0)


def test_groups_with_the_same_mean_have_no_finite_ratio() -> None:
    assert math.isinf(spread(np.array([[-1.0], [1.0], [-2.0], [2.0]]), TWO_GROUPS).ratio)


@pytest.mark.parametrize("groups", [[0, 0, 0, 0], [0, 1, 2, 3], [0, 0, 1, 2]])
def test_one_group_has_no_distance(groups: list[int]) -> None:
    with pytest.raises(ValueError, match="two groups"):
        spread(ON_A_LINE, np.array(groups))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(1e-3, 1e3), st.integers(0, 99))
def test_scale_place_rotation_and_order_of_the_states_change_no_ratio(seed: int, scale: float, other: int) -> None:
    states, groups = some_states(seed)
    rng = np.random.default_rng(other)
    rotation, _ = np.linalg.qr(rng.normal(size=(4, 4)))
    moved, order = scale * (states @ rotation) + rng.normal(size=4), rng.permutation(len(states))
    assert spread(moved[order], groups[order]).ratio == pytest.approx(spread(states, groups).ratio, rel=1e-6)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0.1, 10))
def test_deviations_so_many_times_as_large_have_that_ratio(seed: int, factor: float) -> None:
    states, groups = some_states(seed)
    centres = np.array([states[groups == g].mean(0) for g in range(3)])[groups]
    wider = spread(centres + factor * (states - centres), groups)
    assert wider.ratio == pytest.approx(factor * spread(states, groups).ratio)


def test_groups_move_by_their_means_whatever_their_spread_and_whoever_is_missing() -> None:
    later = np.array([[3.0], [3.0], [5.0], [11.0]])
    # Group 0 from 0 to 3, group 1 stays at 11; the one at 5 is of another group, and was not there before.
    assert moved(ON_A_LINE, TWO_GROUPS, later, np.array([0, 0, 4, 1])) == pytest.approx(1.5)
    assert moved(ON_A_LINE, TWO_GROUPS, ON_A_LINE[::-1], TWO_GROUPS[::-1]) == 0


def wrong_side(states: np.ndarray) -> float:
    """Of a readout that tells the groups apart at 5.5, halfway."""
    return float(((states[:, 0] > 5.5) != (TWO_GROUPS == 1)).mean())


def test_the_critical_factor_is_where_the_first_deviation_passes_the_readouts_border() -> None:
    # The farthest deviation towards the border is 2, from 11 down: past 5.5 when multiplied by more than 2.75.
    expected = FACTORS[FACTORS > 2.75][0]
    assert critical_factor(ON_A_LINE, TWO_GROUPS, wrong_side) == expected
    assert expected == pytest.approx(2.75, rel=0.1)


def test_one_wrong_answer_in_a_hundred_is_allowed_and_two_are_not() -> None:
    states, groups = np.ones((200, 1)), np.repeat([0, 1], 100)
    assert math.isinf(critical_factor(states, groups, lambda _: 0.01))
    assert critical_factor(states, groups, lambda _: 0.02) == 0


def test_a_readout_that_errs_already_has_a_factor_below_one() -> None:
    # Now the deviation of 1 from 0 passes a border at .5 from half of its size on.
    found = critical_factor(ON_A_LINE, TWO_GROUPS, lambda s: float(((s[:, 0] > 0.5) != (TWO_GROUPS == 1)).mean()))
    assert found == FACTORS[FACTORS > 0.5][0] < 1


def test_where_nothing_deviates_no_factor_is_critical() -> None:
    assert math.isinf(critical_factor(np.array([[0.0], [0.0], [11.0], [11.0]]), TWO_GROUPS, wrong_side))
