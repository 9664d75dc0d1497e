"""Time to solve: curves, tests and sentences, against published examples and values worked out by hand."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from seqbench.statistics.exchange import exchange
from seqbench.statistics.rates import wilson_interval
from seqbench.statistics.survival import LogRank, Times, curve, log_rank, sentence

# Weeks of remission in the trial of Freireich et al. (1963), Blood 21:699-716; the curve is worked out in
# Klein and Moeschberger (2003), Survival Analysis, 2nd ed., chapter 4, the test in most textbooks.
DRUG = Times([6, 6, 6, 7, 10, 13, 16, 22, 23, 6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35], [True] * 9 + [False] * 12)
PLACEBO = Times([1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23], [True] * 21)

BUDGET = 1000


def runs_of(size: int) -> st.SearchStrategy[Times]:
    """So many runs, solved or not within the budget."""
    return st.lists(st.tuples(st.integers(1, BUDGET - 1), st.booleans()), min_size=size, max_size=size).map(
        lambda rows: Times([step if solved else BUDGET for step, solved in rows], [solved for _, solved in rows])
    )


runs = st.integers(1, 6).flatmap(runs_of)


# Curves


def test_the_curve_of_a_published_trial() -> None:
    found = curve(DRUG)
    assert found.steps.tolist() == [6, 7, 10, 13, 16, 22, 23]
    assert 1 - found.share == pytest.approx([0.857, 0.807, 0.753, 0.690, 0.627, 0.538, 0.448], abs=5e-4)


def test_without_runs_cut_off_early_the_band_is_wilsons_interval_of_the_share() -> None:
    found = curve(Times([100, 200, 300, 300, 2000], [True] * 4 + [False]))
    assert found.share == pytest.approx([0.2, 0.4, 0.8])
    assert list(zip(found.low, found.high, strict=True)) == [
        pytest.approx(wilson_interval(solved, 5)) for solved in (1, 2, 4)
    ]


def test_the_band_stays_defined_when_all_runs_solve() -> None:
    found = curve(Times([10, 20, 30], [True] * 3))
    assert (found.low[-1], found.high[-1]) == pytest.approx(wilson_interval(3, 3))


def test_a_run_cut_off_early_widens_the_band() -> None:
    cut = curve(Times([50, 100, 200, 300], [False, True, True, True]))
    whole = curve(Times([400, 100, 200, 300], [False, True, True, True]))
    assert cut.share[0] == pytest.approx(1 / 3)
    assert cut.high[0] - cut.low[0] > whole.high[0] - whole.low[0]


@given(runs)
def test_the_band_holds_a_curve_that_only_rises(times: Times) -> None:
    found = curve(times)
    assert (np.diff(found.share) > 0).all()
    assert (found.low <= found.share + 1e-12).all()
    assert (found.share <= found.high + 1e-12).all()


# Tests between arms


def paired(first: Times, second: Times, runs: list[tuple[int, int]] | None = None) -> LogRank:
    """The test of arms that have the same runs, by seed and gap; by default one gap and a seed for each."""
    size = len(first.arrays()[0])
    same = runs or [(seed, 0) for seed in range(size)]
    return log_rank(first, second, exchange(same, same))


def test_log_rank_of_a_published_trial() -> None:
    # Observed 9 against 19.25 expected
    assert paired(DRUG, PLACEBO).excess == pytest.approx(9 - 19.25, abs=0.005)


def test_many_pairs_without_likeness_give_what_the_unpaired_test_gives() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.exponential(400, 200), rng.exponential(550, 200)
    data = [
        stats.CensoredData(uncensored=steps[steps < BUDGET], right=np.minimum(steps, BUDGET)[steps >= BUDGET])
        for steps in (a, b)
    ]
    found = paired(*(Times(np.minimum(steps, BUDGET), steps < BUDGET) for steps in (a, b)))
    assert found.p_value == pytest.approx(stats.logrank(*data).pvalue, rel=0.5)
    assert found.excess > 0


def test_arms_that_never_solve_are_not_told_apart() -> None:
    never = Times([500] * 5, [False] * 5)
    assert paired(never, never).p_value == 1


def test_n_pairs_cannot_say_more_than_2_to_the_minus_n_twice() -> None:
    for number in (5, 6):
        fast, never = Times(range(1, number + 1), [True] * number), Times([500] * number, [False] * number)
        assert paired(fast, never).p_value == pytest.approx(2 / 2**number)


def test_paired_scores_by_hand() -> None:
    # Solved at 1, 2 | 3, never. Hazards 1/4, 1/3, 1/2: scores 3/4, 5/12 | -1/12, -13/12; differences 5/6 and 3/2.
    found = paired(Times([1, 2], [True, True]), Times([3, 9], [True, False]))
    assert found.excess == pytest.approx(7 / 6)
    assert found.p_value == pytest.approx(0.5)


def test_seeds_are_exchanged_as_a_whole() -> None:
    # Six pairs of three seeds: 2 / 2^3, and not 2 / 2^6
    fast, never = Times([1, 2, 3, 4, 5, 6], [True] * 6), Times([500] * 6, [False] * 6)
    assert paired(fast, never, [(seed, gap) for gap in (10, 20) for seed in range(3)]).p_value == 2 / 8


def test_strata_keep_easy_gaps_from_hiding_a_difference() -> None:
    # At each gap the first arm is faster; ranked together, gap 20 hides it.
    first, second = Times([10, 11, 100, 110], [True] * 4), Times([12, 13, 120, 130], [True] * 4)
    apart = paired(first, second, [(0, 10), (1, 10), (0, 20), (1, 20)]).excess
    assert apart > paired(first, second).excess > 0


def test_every_run_needs_a_verdict() -> None:
    with pytest.raises(ValueError, match="2 and 1"):
        curve(Times([1, 2], [True]))


@settings(deadline=None)
@given(st.integers(1, 6).flatmap(lambda size: st.tuples(runs_of(size), runs_of(size))))
def test_log_rank_does_not_depend_on_which_arm_is_first(arms: tuple[Times, Times]) -> None:
    one, other = paired(*arms), paired(*arms[::-1])
    assert one.p_value == pytest.approx(other.p_value)
    assert one.excess == pytest.approx(-other.excess, abs=1e-9)
    assert 0 < one.p_value <= 1


def test_the_paired_test_keeps_its_level_when_pairs_are_alike() -> None:
    # 400 tests of equal arms whose pairs share most of their luck: at most .05 + 3 sqrt(.05 * .95 / 400) below .05.
    rng = np.random.default_rng(1)
    below = 0
    for _ in range(400):
        shared = rng.normal(size=8)
        arms = [np.exp(6 + shared + 0.3 * rng.normal(size=8)) for _ in range(2)]
        times = [Times(np.minimum(steps, BUDGET), steps < BUDGET) for steps in arms]
        below += paired(*times).p_value < 0.05
    assert below / 400 <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / 400)


# Sentences

NEVER = Times([2000] * 5, [False] * 5)
ALL = Times([900, 950, 1000, 930, 980], [True] * 5)
THREE = Times([900, 1200, 1100, 2000, 2000], [True, True, True, False, False])
ONE = Times([300, 2000, 2000], [True, False, False])


def test_a_sentence_says_medians_and_failures() -> None:
    assert sentence({"rnn": NEVER, "lstm_chrono": ALL}, "adding", 100) == (
        "lstm_chrono solves adding at gap 100 in a median of 950 steps; rnn never did in 2,000 (0 of 5)"
    )


def test_a_sentence_says_how_many_when_not_all_did() -> None:
    assert sentence({"gru": ONE, "lstm": THREE}, "copy", 50) == (
        "lstm solves copy at gap 50 in a median of 1,200 steps (3 of 5); gru did in 1 of 3 runs of 2,000"
    )
    assert sentence({"gru": ONE}, "copy", 50) == "gru solved copy at gap 50 in 1 of 3 runs of 2,000 steps"


def test_a_sentence_of_failures_alone() -> None:
    assert sentence({"rnn": NEVER, "none": Times([], [])}, "copy", 50) == (
        "rnn never solved copy at gap 50 in 2,000 steps (0 of 5)"
    )
