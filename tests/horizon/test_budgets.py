"""One search tells of several training budgets: each run of all of them, and the search ends when all are known."""

from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from seqbench.horizon.estimate import Outcome
from seqbench.horizon.search import Search

SHORT, LONG = 1000, 3000
BOTH = Search(min_gap=5, max_gap=400, tolerance=1.5, budgets=(SHORT, LONG))
ONE = Search(min_gap=5, max_gap=400, tolerance=1.5)


def run(gap: int, seed: int, short: float, long: float) -> Outcome:
    """Solved in the short budget up to one gap, in the long one up to another."""
    return Outcome(gap, seed, gap <= long, 200 if gap <= short else 2000, ((SHORT, gap <= short),))


def searched(search: Search, short: float, long: float) -> list[Outcome]:
    found: list[Outcome] = []
    while probes := search.next(found):
        found += [run(gap, seed, short, long) for gap, seed in probes]
    return found


def test_a_run_tells_of_a_shorter_budget_and_of_its_own() -> None:
    late = Outcome(20, 0, solved=True, steps=2000, solved_by=((SHORT, False),))
    assert late.within(SHORT) == Outcome(20, 0, solved=False, steps=1000)
    assert late.within(LONG) == late
    early = Outcome(20, 0, solved=True, steps=200, solved_by=((SHORT, True),))
    assert early.within(SHORT) == Outcome(20, 0, solved=True, steps=200)


def test_the_search_ends_when_the_horizon_is_known_at_every_budget() -> None:
    results = searched(BOTH, short=20, long=150)
    short, long = (BOTH.estimate([one.within(budget) for one in results]) for budget in BOTH.budgets)
    assert short.low <= 21
    assert short.high >= 20
    assert long.low <= 151
    assert long.high >= 150
    assert max(short.ratio, long.ratio) < BOTH.tolerance
    assert BOTH.finished(results) == "interval within a factor 1.5"
    alone = BOTH.estimate([one.within(SHORT) for one in searched(ONE, short=20, long=150)])
    assert alone.ratio > BOTH.tolerance


def test_reasons_that_differ_are_all_told() -> None:
    assert BOTH.finished(searched(BOTH, short=0, long=10_000)) == "below min_gap 5; beyond max_gap 400"


def test_budgets_at_which_runs_come_to_the_same_are_searched_as_one() -> None:
    for horizon in (0, 20, 150):
        assert searched(BOTH, horizon, horizon) == searched(ONE, horizon, horizon)


@hypothesis_settings(derandomize=True, max_examples=10, deadline=None)
@given(st.floats(5, 60), st.floats(1, 6), st.integers(1, 9), st.randoms(use_true_random=False))
def test_what_comes_next_does_not_depend_on_the_order_of_results(short, more, known, random) -> None:
    results = searched(BOTH, short, short * more)[:known]
    shuffled = random.sample(results, len(results))
    assert BOTH.next(results, at_most=2) == BOTH.next(shuffled, at_most=2)
