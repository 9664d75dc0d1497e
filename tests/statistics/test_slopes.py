"""The slope of Theil and Sen is that of SciPy, to the bit."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from seqbench.statistics.slopes import theil_sen


@given(st.lists(st.one_of(st.integers(-3, 3), st.floats(-1e6, 1e6)), min_size=5, max_size=40))
def test_slope_and_upper_end_are_those_of_scipy_also_with_ties(values: list[float]) -> None:
    steps = 50 * np.arange(1, len(values) + 1)
    expected = stats.theilslopes(values, steps)
    assert theil_sen(steps, values) == (expected.slope, expected.high_slope)


def test_points_on_a_line_have_its_slope_and_one_that_is_far_off_changes_nothing() -> None:
    assert theil_sen(range(9), [2.0 * i for i in range(9)]) == (2.0, 2.0)
    assert theil_sen(range(9), [2.0 * i for i in range(8)] + [1e9])[0] == 2.0


@pytest.mark.filterwarnings("ignore:invalid value")
def test_values_that_are_not_finite_give_no_slope() -> None:
    assert math.isnan(theil_sen(range(5), [1.0, math.inf, math.inf, 2.0, 1.0])[0])
