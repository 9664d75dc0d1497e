"""The race of learning rates: its rules on small sets worked out by hand, and what holds for any set."""

import itertools
import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqbench.horizon.race import Choice, Race
from seqbench.horizon.search import Search
from seqbench.horizon.tuning import Tally, Tried, Tuning, beyond, tallies

SEARCH = Search(min_gap=5, max_gap=80, max_runs=60)
RACE = Race(Tuning(around=0.003), SEARCH)
"""Over gaps 5, 10, 20, 40 and 80; gap 5 begins with seed 10,000, gap 10 with 10,001 and so on."""
LOW, SMALL, MIDDLE, LARGE, HIGH = RACE.tuning.rates


def tried(rate: float, gap: int, *solved: int, steps: int = 100) -> list[Tried]:
    """Runs of a rate at a gap, 1 for one that solved and 0 for one that failed, in the order of their seeds."""
    first = RACE.gaps.index(gap)
    return [
        Tried(rate, gap, 10_000 + (first + k) % 4, bool(one), steps if one else 1000) for k, one in enumerate(solved)
    ]


def together(*parts: list[Tried]) -> list[Tried]:
    return list(itertools.chain(*parts))


def rates_and_gaps(results: list[Tried], race: Race = RACE) -> list[tuple[float, int]]:
    return [(rate, gap) for rate, gap, _ in race.next(results, at_most=99)]


def raced(
    reach: dict[float, int], race: Race = RACE, order: random.Random | None = None, workers: int = 1
) -> list[Tried]:
    """A whole race of rates that solve up to a gap, the quicker the longer it is."""
    results: list[Tried] = []
    pending: list[tuple[float, int, int]] = []
    while True:
        pending += race.next(results, pending, workers - len(pending))
        if not pending:
            return results
        rate, gap, seed = pending.pop((order or random.Random(0)).randrange(len(pending)))
        far = reach.get(rate, 0)
        results.append(Tried(rate, gap, seed, gap <= far, round(100 * gap / far) if gap <= far else 1000))


# -- the grid ----------------------------------------------------------------------------------------------


def test_the_grid_is_in_half_decades_of_one_digit():
    assert RACE.tuning.rates == (0.0003, 0.001, 0.003, 0.01, 0.03)
    assert Tuning(around=1.0, half_decades=1).rates == (0.3, 1.0, 3.0)
    assert Tuning(around=0.002, half_decades=1).rates == (0.001, 0.002, 0.01)
    assert [beyond(0.03, k) for k in (1, 2)] == [0.1, 0.3]


@given(st.floats(1e-8, 1e3), st.integers(1, 4))
def test_the_grid_ascends_around_any_rate(around, half_decades):
    rates = Tuning(around=around, half_decades=half_decades).rates
    assert list(rates) == sorted(set(rates))
    assert rates[half_decades] == around


def test_the_gaps_of_the_climb_are_a_factor_of_two_apart():
    assert RACE.gaps == (5, 10, 20, 40, 80)
    assert Race(RACE.tuning, Search(min_gap=5, max_gap=6)).gaps == (5, 6)


# -- the climb ---------------------------------------------------------------------------------------------


def test_the_rate_in_the_middle_goes_first_and_climbs_alone_while_it_succeeds():
    assert RACE.next([], at_most=9) == [(MIDDLE, 5, 10_000)]
    assert RACE.next(tried(MIDDLE, 5, 1), at_most=9) == [(MIDDLE, 10, 10_001)]


def test_where_it_fails_the_others_try_the_nearest_first():
    climbed = together(tried(MIDDLE, 5, 1), tried(MIDDLE, 10, 0))
    assert rates_and_gaps(climbed) == [(SMALL, 10), (LARGE, 10), (LOW, 10), (HIGH, 10)]


def test_one_that_succeeds_climbs_on_and_the_others_are_spared_what_they_failed_below():
    climbed = together(tried(MIDDLE, 5, 1), tried(MIDDLE, 10, 0), tried(SMALL, 10, 0), tried(LARGE, 10, 1))
    assert rates_and_gaps(climbed) == [(LARGE, 20)]
    assert rates_and_gaps(climbed + tried(LARGE, 20, 0)) == [(HIGH, 20), (LOW, 20)]


def test_the_race_ends_where_no_rate_succeeds_at_the_shortest_gap():
    nothing = together(*(tried(rate, 5, 0) for rate in RACE.tuning.rates))
    assert RACE.finished(nothing) == "no rate succeeds"
    assert RACE.standing(nothing).choice is None


# -- the choice --------------------------------------------------------------------------------------------

TOP = together(tried(MIDDLE, 5, 1), *(tried(rate, 10, 0) for rate in RACE.tuning.rates))
"""A climb that ended at gap 5."""


def test_at_the_longest_gap_rates_are_run_outwards_from_the_best_as_far_as_they_succeed():
    assert rates_and_gaps(TOP) == [(SMALL, 5), (LARGE, 5)]
    assert rates_and_gaps(TOP + tried(LARGE, 5, 1)) == [(SMALL, 5), (HIGH, 5)]
    first = together(TOP, *(tried(rate, 5, 1) for rate in RACE.tuning.rates if rate != MIDDLE))
    assert {(rate, gap, seed) for rate, gap, seed in RACE.next(first, at_most=9)} == {
        (rate, 5, 10_001) for rate in RACE.tuning.rates
    }


def test_two_failures_drop_a_rate_and_those_beyond_it_are_not_run():
    once, twice = (together(TOP, tried(SMALL, 5, *lost), tried(LARGE, 5, *lost)) for lost in ((0,), (0, 0)))
    assert not RACE.standing(once).dropped(SMALL, 5)
    assert rates_and_gaps(once) == [(MIDDLE, 5), (SMALL, 5), (LARGE, 5)]
    assert RACE.standing(twice).dropped(SMALL, 5)
    assert rates_and_gaps(twice) == [(MIDDLE, 5)]


def test_a_failure_on_the_way_up_counts():
    climb = together(
        tried(MIDDLE, 5, 1), tried(MIDDLE, 10, 0), tried(LARGE, 10, 1), tried(LARGE, 20, 0), tried(HIGH, 20, 0),
        tried(LOW, 20, 0), tried(SMALL, 20, 0),
    )  # fmt: skip
    assert RACE.standing(climb + tried(MIDDLE, 10, 0)[:0]).dropped(MIDDLE, 10) is False
    again = [Tried(MIDDLE, 10, 10_002, solved=False, steps=1000)]
    assert RACE.standing(climb + again).dropped(MIDDLE, 10)


def test_no_rate_is_dropped_that_has_as_many_successes_as_the_best():
    known = together(TOP[1:], tried(MIDDLE, 5, 1, 0, 0, 1), tried(LARGE, 5, 0, 0, 1, 1))
    assert not RACE.standing(known).dropped(LARGE, 5)


def whole(*tallies: tuple[float, tuple[int, ...], int]) -> Choice | None:
    """The choice at gap 5 from all runs there: rate, outcomes, steps of a success."""
    return RACE.standing(
        TOP[1:] + together(*(tried(rate, 5, *won, steps=steps) for rate, won, steps in tallies))
    ).choice


def test_the_most_successes_win_then_the_fewest_steps_for_each_then_the_smaller_rate():
    assert whole((SMALL, (1, 1, 1, 0), 10), (MIDDLE, (1, 1, 1, 1), 900)) == Choice(MIDDLE, 5)
    assert whole((SMALL, (1, 1, 1, 1), 200), (MIDDLE, (1, 1, 1, 1), 199)) == Choice(MIDDLE, 5)
    assert whole((SMALL, (1, 1, 1, 1), 200), (MIDDLE, (1, 1, 1, 1), 200)) == Choice(SMALL, 5)
    assert whole((SMALL, (1, 1, 0, 0), 500), (MIDDLE, (1, 1, 0, 0), 400)) == Choice(MIDDLE, 5)


def test_a_gap_that_no_rate_solves_with_half_of_its_seeds_gives_way_to_a_shorter_one():
    lucky = together(
        tried(MIDDLE, 5, 1), tried(MIDDLE, 10, 1, 0, 0, 0), *(tried(rate, 20, 0) for rate in RACE.tuning.rates),
        tried(SMALL, 10, 0, 0), tried(LARGE, 10, 0, 0),
    )  # fmt: skip
    assert rates_and_gaps(lucky) == [(SMALL, 5), (LARGE, 5)]
    assert RACE.standing(lucky).choice == Choice(MIDDLE, 5)


@pytest.mark.parametrize("best", RACE.tuning.rates[1:-1])
@pytest.mark.parametrize("workers", [1, 3])
def test_the_rate_that_reaches_farthest_is_chosen(best, workers):
    reach = {rate: 40 if rate == best else 10 for rate in RACE.tuning.rates}
    results = raced(reach, workers=workers)
    assert RACE.standing(results).choice == Choice(best, 40)
    assert RACE.finished(results) == "a rate is chosen"
    assert len(results) <= 16


def test_between_rates_that_reach_as_far_the_faster_one_is_chosen():
    results = raced({SMALL: 41, MIDDLE: 60, LARGE: 50})
    assert RACE.standing(results).choice == Choice(MIDDLE, 40)
    assert [RACE.standing(results).tally(rate, 40).works for rate in RACE.tuning.rates] == [
        False,
        True,
        True,
        True,
        False,
    ]


# -- the ends of the grid ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("best", "rates", "chosen"),
    [
        (0.0003, 6, 0.0003),
        (0.03, 6, 0.03),
        (0.01, 5, 0.01),
    ],
)
def test_the_grid_grows_beyond_an_end_that_wins(best, rates, chosen):
    reach = dict.fromkeys(RACE.tuning.rates, 10) | {best: 40}
    standing = RACE.standing(raced(reach))
    assert len(standing.rates) == rates
    assert standing.choice is not None
    assert standing.choice.rate == chosen


def test_the_grid_grows_by_two_half_decades_at_most():
    reach = {HIGH: 20, 0.1: 40, 0.3: 80, 1.0: 80}
    standing = RACE.standing(raced(reach))
    assert standing.rates[-2:] == (0.1, 0.3)
    assert standing.choice == Choice(0.3, 80)


# -- budgets, and any set ----------------------------------------------------------------------------------


def test_the_race_spends_no_more_runs_and_steps_than_its_search_may():
    few = Race(Tuning(around=0.003), Search(min_gap=5, max_gap=80, max_runs=8))
    results = raced({MIDDLE: 20}, few, workers=4)
    assert len(results) == 8
    assert few.finished(results) == "budget of 8 runs spent"
    steps = Race(Tuning(around=0.003), Search(min_gap=5, max_gap=80, max_steps=2000))
    assert steps.finished(TOP) == "budget of 2,000 training steps spent"


def test_runs_with_other_seeds_or_at_other_gaps_are_of_another_race():
    others = [Tried(MIDDLE, 5, 3, solved=True), Tried(MIDDLE, 7, 10_000, solved=True)]
    assert RACE.next(others) == RACE.next([])


def test_outcomes_that_contradict_are_refused():
    with pytest.raises(ValueError, match="recorded with two outcomes"):
        tallies([Tried(MIDDLE, 5, 10_000, solved=True), Tried(MIDDLE, 5, 10_000, solved=False)])


def test_a_tally_counts_failures_into_the_steps_of_a_success():
    assert Tally(2, 3, 1400).steps_per_success == 700
    assert math.isinf(Tally(0, 2, 2000).steps_per_success)
    assert [Tally(won, 4).works for won in range(5)] == [False, False, True, True, True]
    assert not Tally().works


outcomes = st.dictionaries(
    st.tuples(st.sampled_from(RACE.tuning.rates), st.sampled_from(RACE.gaps), st.sampled_from(RACE.tuning.all_seeds)),
    st.booleans(),
    max_size=40,
)


@settings(max_examples=200, deadline=None)
@given(outcomes, st.randoms(use_true_random=False))
def test_what_is_next_depends_on_the_set_and_not_on_its_order(known, order):
    results = [Tried(*trial, solved=solved, steps=100) for trial, solved in known.items()]
    shuffled = order.sample(results, len(results))
    assert RACE.next(shuffled, at_most=9) == RACE.next(results, at_most=9)
    assert RACE.finished(shuffled) == RACE.finished(results)
    assert RACE.standing(shuffled).choice == RACE.standing(results).choice


@settings(max_examples=200, deadline=None)
@given(outcomes)
def test_a_race_that_goes_on_wants_runs_that_it_does_not_have(known):
    results = [Tried(*trial, solved=solved, steps=100) for trial, solved in known.items()]
    wanted = RACE.next(results, at_most=99)
    assert bool(wanted) == (RACE.finished(results) is None)
    assert not set(wanted) & set(known)
    assert RACE.next(results, pending=wanted, at_most=99) == []


@pytest.mark.parametrize("seed", range(4))
def test_the_order_in_which_runs_end_does_not_change_the_choice_where_outcomes_are_certain(seed):
    results = raced({SMALL: 20, MIDDLE: 45, LARGE: 20}, order=random.Random(seed), workers=4)
    assert RACE.standing(results).choice == Choice(MIDDLE, 40)
