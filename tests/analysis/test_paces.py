"""How fast tasks were solved, and what tells the arms apart."""

import pandas as pd
import pytest
import synthetic
from timed import findings_of, runs_of

from seqbench.analysis import paces
from seqbench.analysis.outcomes import times


def paces_of(runs: pd.DataFrame) -> paces.Paces:
    (found,) = findings_of(runs).paces
    return found


def test_a_run_that_did_not_solve_is_watched_until_its_budget_also_where_it_diverged_earlier() -> None:
    runs = runs_of(arms=("lstm",), gaps=(10,), seeds=range(3), outcomes={("adding", "lstm", 10, 1): "diverged"})
    watched = times(runs)
    assert list(watched.solved) == [True, False, True]
    assert watched.steps[1] == synthetic.BUDGET
    assert watched.steps[0] == runs.steps_to_solve[0]


def test_crashed_runs_tasks_without_a_gap_and_models_that_are_not_trained_have_no_time_to_solve() -> None:
    runs = runs_of(arms=("lstm",), gaps=(10,), outcomes={("adding", "lstm", 10, 0): "failed"})
    assert list(paces.timed(runs).seed) == [1, 2, 3, 4]
    assert paces.timed(runs.assign(gap=0)).empty
    assert paces.timed(runs.assign(budget=0)).empty
    assert paces.timed(runs.assign(steps_to_solve=0.0)).empty


def test_the_table_has_a_row_per_gap_and_arm_with_tally_median_and_expected_running_time() -> None:
    runs = runs_of(arms=("rnn", "lstm"), gaps=(50,), outcomes={("adding", "lstm", 50, 0): "failed"})
    lstm, steps = runs[runs.arm == "lstm"], 1400
    runs.loc[(runs.arm == "lstm") & (runs.outcome == "solved"), ["steps", "steps_to_solve"]] = steps
    assert lstm.outcome.tolist() == ["failed", "solved", "solved", "solved", "unsolved"]
    rows = [(row.gap, row.arm, row.tally, row.median, row.running_time) for row in paces_of(runs).rows]
    assert rows == [
        (50, "rnn", "0 of 5", "> 2,000", "no success"),
        (50, "lstm", "3 of 4", "1,400", f"{(3 * steps + 2000) / 3:,.0f}"),
    ]


def test_five_seeds_cannot_be_beyond_noise_at_one_gap_or_at_many_and_it_says_so() -> None:
    """Each of five seeds favours the same arm: 2 of 2^5 exchanges are as extreme."""
    for gaps in ((100,), (50, 100)):
        found = paces_of(runs_of(arms=("rnn", "lstm_chrono"), gaps=gaps))
        (pair,) = found.pairs
        assert (pair.faster, pair.slower, pair.p_value, pair.smallest_p) == ("lstm_chrono", "rnn", 0.0625, 0.0625)
        assert (pair.pairs, pair.seeds, pair.tests) == (5 * len(gaps), 5, 1)
        assert found.sentences == [
            "5 seeds, 1 pair of arms: p cannot fall below 0.062, so nothing can be told apart; 6 seeds or more can."
        ]


def test_eight_seeds_tell_three_arms_apart_and_say_how_far_p_can_fall() -> None:
    found = paces_of(runs_of(gaps=(50, 100), seeds=range(8)))
    assert {pair.smallest_p for pair in found.pairs} == {3 * 2 / 2**8}
    said, design = found.sentences
    assert said.startswith("Beyond noise: ")
    assert "lstm_chrono is faster than rnn (p = 0.023)" in said
    assert design == "8 seeds, 3 pairs of arms: p can fall to 0.023."


def test_pairs_of_arms_that_share_fewer_seeds_are_named() -> None:
    many = runs_of(arms=("rnn", "lstm"), gaps=(50, 100), seeds=range(8))
    few = runs_of(arms=("lstm_chrono",), gaps=(100,), seeds=range(4))
    judged, most, fewest = paces_of(pd.concat([many, few])).sentences
    assert judged == "Beyond noise: lstm is faster than rnn (p = 0.047)."  # 3 * 2 / 2^7: seed 4 solved it with neither
    assert most == "8 seeds, 3 pairs of arms: p can fall to 0.023 (lstm and rnn)."
    assert fewest.startswith("4 seeds, 3 pairs of arms: p cannot fall below 0.25, so nothing can be told apart; ")
    assert "lstm_chrono and rnn" in fewest
    assert "lstm and rnn" not in fewest


def test_arms_that_are_alike_are_said_to_be_so() -> None:
    runs = runs_of(arms=("lstm",), gaps=(50, 100), seeds=range(6))
    twice = pd.concat([runs, runs.assign(arm="gru")])
    assert paces_of(twice).sentences[0] in (
        "Not told apart by time to solve: lstm and gru.",
        "Not told apart by time to solve: gru and lstm.",
    )


def test_p_values_are_corrected_for_the_number_of_pairs() -> None:
    alone = paces_of(runs_of(arms=("rnn", "lstm_chrono"), gaps=(50, 100))).pairs[0]
    among = next(
        pair for pair in paces_of(runs_of(gaps=(50, 100))).pairs if {pair.faster, pair.slower} == {"rnn", "lstm_chrono"}
    )
    assert among.p_value == pytest.approx(3 * alone.p_value)


def test_arms_that_share_no_seed_or_never_solved_are_not_compared() -> None:
    apart = pd.concat([runs_of(arms=("lstm",), seeds=range(3)), runs_of(arms=("lstm_chrono",), seeds=range(3, 6))])
    assert paces_of(apart).pairs == []
    assert paces_of(runs_of(arms=("rnn", "lstm"), gaps=(100,))).pairs == []
    assert paces_of(apart).sentences == []
