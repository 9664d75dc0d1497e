"""The effective context: by hand, and rules that hold whatever was measured."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqbench.statistics.effective_context import effective_context, effective_context_interval

CONTEXTS = (1, 2, 5, 10, 20, 50, 100, 200)

losses = st.lists(st.floats(0.1, 10), min_size=8, max_size=8)


def test_between_two_contexts_the_loss_is_read_off_on_a_log_scale():
    # Enough is 4 * 1.01 = 4.04; from 5.04 at 4 words to 4 at 16 words, it is met after 1 / 1.04 of the way.
    assert effective_context((4, 16, 64), (5.04, 4, 4)) == pytest.approx(4 * 4 ** (1 / 1.04))


def test_a_loss_that_falls_within_the_tolerance_needs_the_first_context_alone():
    assert effective_context(CONTEXTS, [4.04, 4.03, 4.02, 4.01, 4, 4, 4, 4]) == 1


def test_a_loss_that_meets_the_tolerance_exactly_at_a_context_gives_that_context():
    assert effective_context((1, 10, 100), (200, 101, 100)) == pytest.approx(10)


def test_a_loss_that_still_falls_at_the_last_doubling_is_censored():
    assert effective_context(CONTEXTS, [8, 7, 6, 5.5, 5.2, 5.1, 5.06, 5]) == math.inf
    assert effective_context(CONTEXTS, [8, 7, 6, 5.5, 5.2, 5.1, 5.05, 5]) == pytest.approx(100)  # by 1 % and no more


def test_the_last_doubling_need_not_have_been_measured():
    # At 50 words, half the longest, the loss is halfway between 4.12 (25) and 4 (100) on a log scale: 4.06.
    assert effective_context((25, 100), (4.12, 4)) == math.inf
    # 4.03 is within 1 % of 4; the crossing of 4.04 lies at a third of the way from 4.06 to 4.
    assert effective_context((25, 100), (4.06, 4)) == pytest.approx(25 * 4 ** (1 / 3))


def test_a_loss_that_dips_early_and_rises_before_its_lowest_counts_from_the_rise_on():
    # Good at 2 words, not at 5: only from between 5 and 10 on is it good up to the lowest.
    found = effective_context((1, 2, 5, 10, 20), (5, 4.0, 4.2, 4.0, 3.98))
    assert 5 < found < 10


def test_words_that_only_make_it_worse_are_not_needed():
    assert effective_context((1, 2, 5, 10, 20), (5, 4, 4, 4.5, 5)) == effective_context((1, 2, 5), (5, 4, 4))


def test_a_late_fall_to_less_than_the_best_is_no_need_of_more_words():
    assert effective_context((1, 10, 100, 200), (200, 101, 150, 120)) < 10


def test_a_wider_tolerance_is_met_earlier():
    assert effective_context((1, 10, 100), (200, 110, 100), tolerance=0.1) == pytest.approx(10)


@pytest.mark.parametrize(
    ("contexts", "values"),
    [((1,), (4,)), ((1, 2), (4, 4, 4)), ((2, 1), (4, 4)), ((0, 1), (4, 4)), ((1, 2), (4, math.nan)), ((1, 2), (4, 0))],
)
def test_what_cannot_be_read_is_refused(contexts, values):
    with pytest.raises(ValueError, match="got"):
        effective_context(contexts, values)


@given(losses)
def test_it_is_a_context_within_those_measured_or_beyond_them(values):
    found = effective_context(CONTEXTS, values)
    assert 1 <= found <= 200 or found == math.inf


@given(losses, st.floats(0.1, 10))
def test_the_unit_of_the_loss_does_not_matter(values, factor):
    scaled = effective_context(CONTEXTS, [factor * value for value in values], tolerance=0.0123)
    assert scaled == pytest.approx(effective_context(CONTEXTS, values, tolerance=0.0123))


@given(losses)
def test_beyond_it_no_context_is_better_by_more_than_the_tolerance(values):
    found = effective_context(CONTEXTS, values)
    if found < math.inf:
        at = np.interp(np.log(found), np.log(CONTEXTS), values)
        beyond = [value for context, value in zip(CONTEXTS, values, strict=True) if context >= found]
        assert at <= 1.01 * min(beyond) * (1 + 1e-9)


@given(losses)
def test_a_wider_tolerance_never_needs_more(values):
    assert effective_context(CONTEXTS, values, 0.1) <= effective_context(CONTEXTS, values, 0.01) * (1 + 1e-9)


def interval(rows, seed=0):
    return effective_context_interval((1, 10, 100), np.array(rows), rng=np.random.default_rng(seed))


def test_the_interval_has_no_width_where_all_seeds_agree_or_there_is_one():
    needs_ten = [200.0, 101, 100]
    for rows in ([needs_ten], [needs_ten] * 5):
        assert interval(rows) == pytest.approx((10, 10))


def test_the_interval_spans_seeds_that_disagree_and_may_be_open_above():
    one, ten, more = [100.0, 100, 100], [200.0, 101, 100], [300.0, 200, 100]
    assert interval([one, ten, more]) == pytest.approx((1, math.inf))
    assert interval([one, ten, more]) == interval([one, ten, more])


def test_the_interval_is_one_of_the_mean_curve():
    # Of five seeds, drawing the odd one three times has probability 5.8 % or more, above the 2.5 % of one tail, four
    # times less. Three of it give the mean curve 140, 100.4, 100, which falls to 101 after 39 / 39.6 of a decade.
    one, ten = [100.0, 100, 100], [200.0, 101, 100]
    assert interval([ten] * 4 + [one]) == pytest.approx((10 ** (39 / 39.6), 10))
