"""Many tests at once, and what so many seeds can show."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqbench.statistics.levels import DRAWN, holm, over_pairs, reach, seeds_needed, smallest_p


def test_holm_by_hand() -> None:
    # Smallest first: 4 * .005, 3 * .01, 2 * .03, then 1 * .04, which may not fall below its forerunner.
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([]) == []


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_holm_keeps_the_order_and_lies_between_the_p_value_and_bonferronis(p_values: list[float]) -> None:
    adjusted = holm(p_values)
    for p, its in zip(p_values, adjusted, strict=True):
        assert p <= its <= min(1.0, len(p_values) * p)
        assert all(its <= other for q, other in zip(p_values, adjusted, strict=True) if p < q)


def test_over_pairs_adjusts_for_the_number_of_pairs() -> None:
    arms = {"gru": 0.0, "lstm": 0.01, "rnn": 0.5}
    assert over_pairs(arms, lambda one, other: other - one) == {
        ("gru", "lstm"): pytest.approx(0.03),
        ("gru", "rnn"): pytest.approx(0.98),
        ("lstm", "rnn"): pytest.approx(0.98),
    }


def test_n_seeds_cannot_say_more_than_2_to_the_minus_n_twice() -> None:
    assert [smallest_p(seeds) for seeds in (0, 1, 5, 8)] == [1, 1, 0.0625, 0.0078125]
    assert smallest_p(30) == 1 / DRAWN


@pytest.mark.parametrize(("tests", "seeds"), [(1, 6), (3, 7), (4, 8), (21, 10)])
def test_so_many_seeds_are_needed(tests: int, seeds: int) -> None:
    # 2 / 2^6 = .031; 3 * 2 / 2^7 = .047; 4 * 2 / 2^8 = .031; 21 * 2 / 2^10 = .041
    assert seeds_needed(tests) == seeds
    assert tests * smallest_p(seeds) < 0.05 <= tests * smallest_p(seeds - 1)


def test_a_design_is_told_by_what_it_can_reach() -> None:
    assert reach(8, 3, 3 * 2 / 2**8) == "8 seeds, 3 pairs of arms: p can fall to 0.023"
    assert reach(5, 3, 3 * 2 / 2**5) == (
        "5 seeds, 3 pairs of arms: p cannot fall below 0.19, so nothing can be told apart; 7 seeds or more can"
    )
    assert reach(1, 1, 1) == ("1 seed, 1 pair of arms: every p is 1, so nothing can be told apart; 6 seeds or more can")
