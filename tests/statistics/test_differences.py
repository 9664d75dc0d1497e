"""Differences between groups: against the examples of the papers and values worked out by hand."""

import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqbench.statistics import differences
from seqbench.statistics.differences import (
    Difference,
    Timed,
    beyond_noise,
    speed_ratio,
    success_difference,
    time_ratio,
)
from seqbench.statistics.exchange import Exchange, exchange
from seqbench.statistics.rates import wilson_interval
from seqbench.statistics.survival import Times

BUDGET = 2000.0


def between(first: int, second: int | None = None, gaps: int = 1) -> Exchange:
    """So many shared seeds at each gap, gap after gap; of two numbers, seeds that are not shared."""
    seeds = range(first), range(first) if second is None else range(100, 100 + second)
    return exchange(*([(seed, gap) for gap in range(gaps) for seed in its] for its in seeds))


def solved(*steps: float) -> Timed:
    return Timed(Times(steps, [True] * len(steps)), [BUDGET] * len(steps))


def never(runs: int) -> Timed:
    return Timed(Times([BUDGET] * runs, [False] * runs), [BUDGET] * runs)


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
    rates = [(k / n, n) for k, n in (first, second)]
    assert differences._newcombe(*rates) == pytest.approx((low, high), abs=5e-5)


def test_mcnemars_test_is_the_exchange_of_single_runs() -> None:
    # Nine pairs agree, five favour the second: two of the 2^5 exchanges of those that do not. One against five: 2 * 7.
    found = success_difference([False] * 5 + [True] * 9, [True] * 14, between(14))
    assert (found.estimate, found.p_value) == (pytest.approx(5 / 14), 2 / 32)
    mixed = success_difference([True] + [False] * 5, [False] + [True] * 5, between(6))
    assert mixed.p_value == 2 * 7 / 64


def test_seeds_that_are_not_shared_give_fishers_test() -> None:
    found = success_difference([False] * 3, [True] * 4, between(3, 4))
    assert (found.estimate, found.p_value) == (1, pytest.approx(1 / 35))


def test_a_seed_counts_once_however_many_gaps_it_was_run_at() -> None:
    # Wilson: 0 of 8 seeds reaches up to .3244, 8 of 8 down to .6756; 1 - sqrt(2) * .3244
    for gaps in (1, 4):
        found = success_difference([False] * 8 * gaps, [True] * 8 * gaps, between(8, gaps=gaps))
        assert (found.estimate, found.high, found.p_value) == (1, 1, 2 / 2**8)
        assert found.low == pytest.approx(1 - math.sqrt(2) * wilson_interval(0, 8)[1])


def test_an_interval_reaches_zero_where_the_test_does_not_exclude_it() -> None:
    five = success_difference([False] * 5, [True] * 5, between(5))
    assert (five.estimate, five.low, five.p_value) == (1, 0, 0.0625)
    # One gap of four in each of eight seeds: the test excludes zero, what eight seeds say of a rate does not.
    quarter = success_difference([False] * 32, [True] * 8 + [False] * 24, between(8, gaps=4))
    assert (quarter.estimate, quarter.low, quarter.p_value) == (0.25, 0, 2 / 2**8)


verdicts = st.integers(1, 7).flatmap(
    lambda size: st.tuples(*[st.lists(st.booleans(), min_size=size, max_size=size)] * 2)
)


@settings(deadline=None)
@given(verdicts)
def test_an_interval_of_success_does_not_contradict_its_p_value(groups: tuple[list[bool], list[bool]]) -> None:
    found = success_difference(*groups, between(len(groups[0])))
    assert found.low <= found.estimate <= found.high
    if found.p_value >= 0.05:
        assert found.low <= 0 <= found.high
    else:
        assert found.low >= 0 or found.high <= 0
    turned = success_difference(*groups[::-1], between(len(groups[0])))
    assert (found.estimate, found.low, found.high) == pytest.approx((-turned.estimate, -turned.high, -turned.low))


def test_nothing_tried_says_nothing() -> None:
    found = success_difference([], [True] * 5, exchange([], [(seed, 0) for seed in range(5)]))
    assert math.isnan(found.estimate)
    assert (found.low, found.high, found.p_value) == (-1, 1, 1)


# Times and speeds


def test_a_ratio_of_times_by_hand() -> None:
    # Of six seeds only exchanges that all point one way are below .05 (2 / 2^6), and a seed points to the first group
    # where the ratio is below its own: so the ends are the smallest and the largest ratio.
    first = np.array([100.0, 101, 102, 103, 104, 105])
    found = time_ratio(solved(*first), solved(*first * [2, 3, 4, 5, 6, 7]), between(6))
    assert (found.low, found.high) == pytest.approx((2, 7), rel=2e-4)
    assert 2 < found.estimate < 7
    assert found.p_value == 2 / 2**6


def test_the_interval_holds_the_ratios_that_the_test_does_not_exclude() -> None:
    rng = np.random.default_rng(3)
    for second, gaps in ((None, 1), (None, 2), (8, 2)):
        one, two = (solved(*np.exp(5 + rng.normal(size=8 * gaps)).clip(1, 1900)) for _ in range(2))
        pairs = between(8, second, gaps)
        found = time_ratio(one, two, pairs)
        for end, outwards in ((found.low, -0.001), (found.high, 0.001)):
            inside, outside = (differences.time_test(one, two, pairs, math.log(end) + s * outwards) for s in (-1, 1))
            assert inside.p_value >= 0.05 > outside.p_value
        assert found.low < found.estimate < found.high


def test_a_known_ratio_is_found_within_strata_that_would_hide_it() -> None:
    # Twice the steps at each gap; the second group has more runs at the easy gap.
    first = [(seed, gap) for seed, gap in [(0, 1), (1, 1), (2, 2), (3, 2), (4, 2), (5, 2)]]
    second = [(seed, gap) for seed, gap in [(10, 1), (11, 1), (12, 1), (13, 1), (14, 1), (15, 2)]]
    times = solved(100, 110, 1000, 1100, 1050, 1020), solved(200, 220, 210, 190, 215, 2000)
    within, together = (
        time_ratio(*times, exchange(*([(seed, gap * strata) for seed, gap in side] for side in (first, second))))
        for strata in (1, 0)
    )
    assert within.estimate == pytest.approx(2, rel=0.1)
    assert together.estimate < 1


def test_unsolved_runs_lengthen_the_time() -> None:
    first = solved(100, 120, 90, 150, 130, 110)
    longer = Timed(Times([300, 250, 420, 380, 500, 2000], [True] * 5 + [False]), [BUDGET] * 6)
    found, known = (time_ratio(first, its, between(6, 6)) for its in (longer, solved(300, 250, 420, 380, 500, 310)))
    assert found.estimate > known.estimate


def test_a_group_that_never_solved_bounds_the_ratio_on_one_side() -> None:
    fast = solved(100, 120, 90, 150, 95, 110, 105, 115)
    slower, faster = time_ratio(fast, never(8), between(8)), time_ratio(never(8), fast, between(8))
    assert (slower.estimate, slower.high) == (math.inf, math.inf)
    assert 1 < slower.low < BUDGET / 90
    assert (faster.estimate, faster.low) == (0, 0)
    assert faster.high == pytest.approx(1 / slower.low, rel=1e-3)
    nothing = time_ratio(never(8), never(8), between(8))
    assert math.isnan(nothing.estimate)
    assert (nothing.low, nothing.high, nothing.p_value) == (0, math.inf, 1)


def test_runs_are_watched_as_long_as_the_shorter_budget_lasts() -> None:
    """The second group was given longer: what it solved later is no failure of the first, and no success against it."""
    first = Timed(Times([100.0] * 4 + [1000.0] * 4, [True] * 4 + [False] * 4), [1000.0] * 8)
    second = Timed(Times([100.0] * 4 + [1500.0] * 4, [True] * 8), [BUDGET] * 8)
    assert differences.time_test(first, second, between(8)).p_value == 1
    assert time_ratio(first, first, between(8)).estimate == 1


def test_a_run_that_is_solved_before_the_first_step_is_faster_at_any_ratio() -> None:
    assert time_ratio(solved(*[0] * 8), solved(*[100] * 8), between(8)).estimate == math.inf


def test_a_ratio_of_speeds_by_hand() -> None:
    # Six seeds: of the 2^6 exchanges the observed one and the one that turns the seed of the smallest ratio (and their
    # opposites) are 4 / 64 > .05, so that the smallest and the largest ratio are the ends.
    ratios = np.array([2.0, 3, 4, 5, 6, 8])
    found = speed_ratio(np.array([10.0, 20, 30, 40, 50, 60]), np.array([10.0, 20, 30, 40, 50, 60]) * ratios, between(6))
    assert found.estimate == pytest.approx(math.exp(np.log(ratios).mean()))
    assert (found.low, found.high) == pytest.approx((2, 8), rel=2e-4)
    assert found.p_value == 2 / 2**6


def test_speeds_of_two_groups_by_hand() -> None:
    # Against every deal: the logarithms moved by the ratio, the difference of their sums as extreme as it is.
    one, two = np.array([10.0, 11, 12, 13, 10.5]), np.array([20.0, 21, 26, 23, 25])
    found = speed_ratio(one, two, between(5, 5))
    logs = np.append(np.log(one), np.log(two))
    deals = np.array([deal for deal in product((1, -1), repeat=10) if sum(deal) == 0])

    def share(ratio: float) -> float:
        apart = np.abs(deals @ (logs - np.repeat([0, math.log(ratio)], 5)))
        seen = abs(np.repeat([1, -1], 5) @ (logs - np.repeat([0, math.log(ratio)], 5)))
        return float((apart >= seen - 1e-9).mean())

    assert found.p_value == pytest.approx(share(1)) == pytest.approx(2 / 252)
    assert share(found.low * 0.999) < 0.05 <= share(found.low * 1.001)
    assert share(found.high * 1.001) < 0.05 <= share(found.high * 0.999)


def test_what_pairs_have_in_common_is_no_noise() -> None:
    """Speeds of 10 and 1,000 doubled: the ratio is 2, whatever the tasks cost."""
    found = speed_ratio([10, 1000] * 4, [21, 2000, 20, 2100] * 2, between(8))
    assert found.estimate == pytest.approx(2 * 1.05**0.5)
    assert 1.9 < found.low < found.high < 2.2


def test_five_seeds_bound_no_ratio() -> None:
    found = speed_ratio([10] * 5, [20, 21, 22, 23, 24], between(5))
    assert (found.low, found.high, found.p_value) == (0, math.inf, 0.0625)


def test_a_speed_is_positive() -> None:
    with pytest.raises(ValueError, match="above 0"):
        speed_ratio([0, 1], [1, 2], between(2))


# Which differences count


def test_beyond_noise_asks_more_of_each_when_there_are_many() -> None:
    def difference(p: float) -> Difference:
        return Difference(0.5, 0.1, 0.9, p, none=0)

    assert beyond_noise({"success": difference(0.03)}) == {"success": True}
    assert beyond_noise({"success": difference(0.03), "speed": difference(0.2)}) == {"success": False, "speed": False}
    assert beyond_noise({"success": difference(0.02), "speed": difference(0.04)}) == {"success": True, "speed": True}
