"""What is said of learning rates that were tuned, from races whose outcomes are known."""

from dataclasses import replace

import pandas as pd
import pytest
from tunings import raced, tuned_record

from seqbench.analysis import beside, entries, leaderboard, tuning
from seqbench.analysis.findings import findings
from seqbench.horizon.axis import GAP

REACHES = {"rnn": {0.001: 10, 0.003: 50}, "gru": {0.003: 20, 0.01: 160, 0.03: 100}, "irnn": {}}
"""Over gaps 5, 10, 22, 45, 93, 193 and 400."""
FOUND = findings(tuned_record(REACHES, {"gru": 0.01}))
ARMS = {one.arm: one for one in FOUND.tuned}


def test_the_choice_the_window_and_the_grid():
    assert {arm: (one.rate, one.gap) for arm, one in ARMS.items()} == {
        "rnn": (0.003, 45), "gru": (0.01, 93), "irnn": (None, 5),
    }  # fmt: skip
    assert {arm: one.window for arm, one in ARMS.items()} == {"rnn": "0.5", "gru": "at least 1", "irnn": "0"}
    table = tuning.printed(FOUND.tuned).set_index("arm")
    assert table.loc["gru", ["0.001", "0.003", "0.01", "0.03"]].tolist() == ["0/1 at gap 22", "0/1", "4/4", "4/4"]
    assert table.loc["irnn", "0.003"] == "0/1"


def test_a_window_is_open_where_the_rate_beside_it_was_not_run():
    rnn = ARMS["rnn"]
    alone = rnn.runs[rnn.runs["training.learning_rate"] != "0.01"]
    assert replace(rnn, runs=alone).window == "at least 0.5"


def test_the_cost_is_that_of_all_runs_over_that_of_the_search_at_the_common_rate():
    gru = ARMS["gru"]
    spent = sum(one.steps for one in raced(REACHES["gru"]))
    (own,) = (entry for entry in FOUND.searched if entry.rate == 0.01)
    (common,) = (entry for entry in FOUND.searched if (entry.arm, entry.rate) == ("gru", 0.003))
    assert gru.steps == spent
    assert gru.share == spent / common.found.steps
    table = tuning.grid(FOUND.tuned)
    assert set(table.share_of_search[table.arm == "gru"]) == {gru.share}
    total = sum(one.steps for one in FOUND.tuned)
    untuned = sum(entry.found.steps for entry in FOUND.searched if entry.rate == 0.003)
    assert tuning.cost(FOUND.tuned) == (
        f"The choice took {total:,} training steps, {100 * total / untuned:.0f} % of those of the searches at the "
        f"common rate ({untuned:,}), which would be made without it, too. The further searches, at the rates that were "
        f"chosen, took {own.found.steps:,}."
    )


def test_the_sentence_holds_what_the_choice_rests_on():
    assert tuning.sentence("copy", FOUND.tuned) == (
        "Learning rates on copy: rnn at 0.003 (4/4 at gap 45; window 0.5 decades); irnn solves gap 5 at no rate; "
        "gru at 0.01 (4/4 at gap 93; window at least 1 decade)."
    )


def test_the_table_has_a_row_per_rate_and_one_choice_per_arm():
    table = tuning.grid(FOUND.tuned)
    assert table.groupby("arm").chosen.sum().to_dict() == {"rnn": 1, "gru": 1, "irnn": 0}
    assert table.groupby("arm").learning_rate.count().to_dict() == {"rnn": 5, "gru": 5, "irnn": 5}


def test_a_row_per_arm_at_its_own_rate_with_the_common_one_beside_it():
    board = FOUND.board
    assert [(entry.arm, entry.row["learning rate"]) for entry in board] == [
        ("gru", "0.01"), ("rnn", "0.003"), ("irnn", "0.003"),
    ]  # fmt: skip
    common = next(entry for entry in FOUND.searched if (entry.arm, entry.rate) == ("gru", 0.003))
    assert board[0].row["at the common rate"] == str(common.found)
    assert [entry.row["at the common rate"] for entry in board[1:]] == ["the same", "the same"]
    assert leaderboard.columns(board)[:3] == ("task", "arm", "learning rate")
    assert leaderboard.columns(board)[9:11] == ("gap50 (95 % interval)", "at the common rate")


def test_the_leaderboard_in_numbers_has_what_stands_beside():
    table = leaderboard.frame(FOUND.board).set_index("arm")
    common = next(entry for entry in FOUND.searched if (entry.arm, entry.rate) == ("gru", 0.003))
    assert table.at_the_common_rate_gap50["gru"] == common.gap50
    assert pd.isna(table.at_the_common_rate_gap50["rnn"])
    assert table.learning_rate.to_dict() == {"gru": 0.01, "rnn": 0.003, "irnn": 0.003}


def test_arms_that_differ_in_another_setting_keep_their_own_common_rate():
    record = tuned_record({"gru": REACHES["gru"]}, {"gru": 0.01})
    wide = record.runs.assign(
        **{"model.hidden_size": "128"}, arm="wide", tuning="wide", run_id=record.runs.run_id + "w",
        search=record.runs.search.map({"copy gru": "wide", "copy gru 0.01": "wide own"}),
    )  # fmt: skip
    runs = pd.concat([record.runs, wide], ignore_index=True)
    searches = dict.fromkeys(runs.search, record.searches["copy gru"])
    board = beside.ranked(entries.entries(runs, searches))
    assert [(entry.arm, entry.beside["at the common rate"].search_id) for entry in board] == [
        ("gru", "copy gru"), ("wide", "wide"),
    ]  # fmt: skip


def test_runs_of_a_search_that_stands_beside_are_no_grid():
    assert FOUND.gridded.empty


def test_a_board_without_tuning_has_the_columns_that_it_had():
    record = tuned_record({"rnn": REACHES["rnn"]}, {})
    plain = record.runs.drop(columns="tuning")
    assert leaderboard.columns(entries.entries(plain, record.searches)) == entries.own_columns(GAP)


@pytest.mark.parametrize("ended", ["a rate is chosen", "no rate succeeds"])
def test_the_end_of_each_race_is_told(ended):
    assert ended in {one.ended for one in FOUND.tuned}


def test_a_race_that_goes_on_has_chosen_nothing():
    gru = ARMS["gru"]
    cut = replace(gru, runs=gru.runs.head(4))
    assert (cut.decided, cut.rate) == (False, None)
    assert cut.sentence == "gru not chosen yet (0.003 leads at gap 10)"
    assert tuning.printed([cut]).loc[0, "learning rate"] == "not yet"
    assert not tuning.grid([cut]).chosen.any()
    nothing = replace(gru, runs=gru.runs.head(4).assign(outcome="unsolved"))
    assert nothing.sentence.startswith("gru not chosen yet") or nothing.decided
