"""Whole seeds exchanged between two arms: by hand, against SciPy's permutation test, and on arms that are equal."""

import numpy as np
import pytest
from scipy import stats

from seqbench.statistics.exchange import Exchange, exchange
from seqbench.statistics.levels import DRAWN


def of_seeds(first: range, second: range, gaps: range = range(1)) -> Exchange:
    """A run for each seed and gap, gap after gap."""
    return exchange(*([(seed, gap) for gap in gaps for seed in seeds] for seeds in (first, second)))


def apart(between: Exchange, first: list[float], second: list[float]) -> float:
    return between.p_value(*between.centred(first, second))


def test_shared_seeds_change_sides_by_hand() -> None:
    # Differences 3, 1, -1: of the four exchanges but for their opposites, 3, 5, 1 and 3, three are at least 3 apart.
    assert apart(of_seeds(range(3), range(3)), [4, 1, 1], [1, 0, 2]) == 3 / 4


def test_arms_without_a_common_seed_are_dealt_their_seeds_anew_by_hand() -> None:
    # 0 of 2 against 2 of 2: two of the six deals are as extreme. One against three: one of four.
    assert apart(of_seeds(range(2), range(2, 4)), [0, 0], [1, 1]) == pytest.approx(2 / 6)
    assert apart(of_seeds(range(1), range(1, 4)), [5], [1, 2, 3]) == 1 / 4


def test_the_runs_of_a_seed_are_exchanged_together() -> None:
    fast, slow = [1.0] * 12, [2.0] * 12
    assert apart(of_seeds(range(4), range(4), range(3)), fast, slow) == 2 / 2**4
    assert apart(of_seeds(range(4), range(4, 8), range(3)), fast, slow) == pytest.approx(2 / 70)


@pytest.mark.parametrize("paired", [True, False])
def test_p_values_are_those_of_scipy(paired: bool) -> None:
    rng = np.random.default_rng(0)
    for seeds in (3, 5, 6):
        values = rng.normal(size=(2, 2, seeds)) + rng.normal(size=(2, 1, seeds))
        between = of_seeds(range(seeds), range(seeds) if paired else range(seeds, 2 * seeds), range(2))
        found = apart(between, *values.reshape(2, -1))
        summed = values.sum(axis=1)
        kind = {"permutation_type": "samples" if paired else "independent", "n_resamples": np.inf}
        known = stats.permutation_test(summed, lambda a, b, axis: (a - b).sum(axis=axis), **kind)
        assert found == pytest.approx(known.pvalue)


def test_runs_without_a_partner_do_not_count() -> None:
    alone = exchange([(0, 10), (1, 10), (9, 10), (0, 20)], [(1, 10), (0, 10), (0, 30)])
    pairs = exchange([(0, 10), (1, 10)], [(1, 10), (0, 10)])
    assert (alone.paired, alone.seeds) == (True, (2, 2))
    assert apart(alone, [5, 7, 100, 100], [1, 2, -100]) == apart(pairs, [5, 7], [1, 2]) == 0.5
    assert [alone.rows(arm).tolist() for arm in (0, 1)] == [[0, 1], [0, 1]]


@pytest.mark.parametrize("number", [1, 2, 5, 8, 17])
def test_the_smallest_p_value_is_reached_and_is_that_of_the_design(number: int) -> None:
    values = list(np.arange(1.0, number + 1))
    for others in (range(number), range(number, 2 * number)) if number < 9 else (range(number),):
        between = of_seeds(range(number), others)
        assert apart(between, values, [-value for value in values]) == pytest.approx(between.smallest)
    assert of_seeds(range(number), range(number)).smallest == 2 / 2**number


def test_too_many_exchanges_are_drawn_the_observed_one_among_them() -> None:
    for others in (range(30), range(30, 60)):
        between = of_seeds(range(30), others)
        assert len(between.signs) == DRAWN
        assert apart(between, [1.0 + seed for seed in range(30)], [-1.0] * 30) == between.smallest == 1 / DRAWN


@pytest.mark.parametrize("paired", [True, False])
def test_drawn_exchanges_come_close_to_the_normal_approximation(paired: bool) -> None:
    rng = np.random.default_rng(2)
    one, two = rng.normal(size=(2, 60))
    found = apart(of_seeds(range(60), range(60) if paired else range(60, 120)), list(one + 0.3), list(two))
    known = stats.ttest_rel(one + 0.3, two) if paired else stats.ttest_ind(one + 0.3, two)
    assert found == pytest.approx(known.pvalue, abs=0.01)


def test_nothing_to_compare_is_not_apart() -> None:
    nothing = exchange([], [])
    assert (apart(nothing, [], []), nothing.smallest) == (1, 1)
