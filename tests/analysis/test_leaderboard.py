"""The leaderboard, from runs whose outcomes are known; and the grid that a search is compared with."""

import math

import pandas as pd
import pytest
from rich.console import Console
from searches import SEARCH, board, frame, searched

from seqbench.analysis import answers, apart, entries, leaderboard
from seqbench.analysis import cells as tables
from seqbench.driver import summary
from seqbench.horizon.axis import GAP
from seqbench.horizon.estimate import Outcome
from seqbench.horizon.grid import equal_grid
from seqbench.horizon.search import Search


def test_an_entry_tells_what_was_found_and_what_it_cost():
    (entry,) = board(frame(50))
    found = SEARCH.estimate(searched(50))
    assert entry.found == found
    assert found.low <= 50 <= found.high
    assert entry.told == f"{found.gap50:.2g} ({found.low:.2g} to {found.high:.2g})"
    assert float(entry.reliable) == max(one.gap for one in searched(50) if one.gap <= found.low)
    solved = {one.gap for one in searched(50) if one.solved}
    assert entry.seconds_per_gap == pytest.approx(2 * found.runs / len(solved))
    assert entry.ended == "interval within a factor 1.25"
    assert dict(zip(entries.own_columns(GAP), entry.cells, strict=True))["parameters"] == "4,545"


@pytest.mark.parametrize(
    ("horizon", "text", "reliable", "seconds"), [(1, "< 5", "none", "no gap solved"), (10_000, "> 400", "> 400", None)]
)
def test_what_lies_outside_the_range_is_censored_everywhere(horizon, text, reliable, seconds):
    (entry,) = board(frame(horizon))
    row = dict(zip(entries.own_columns(GAP), entry.cells, strict=True))
    assert (row["gap50 (95 % interval)"], row["bracket"], row["reliable"]) == (text, text, reliable)
    assert row["seconds per gap"] == (seconds or row["seconds per gap"])
    assert math.isinf(entry.seconds_per_gap) == (seconds is not None)


def test_an_interval_with_an_open_end_stands_alone():
    found = SEARCH.estimate([*(Outcome(5, seed, solved=True) for seed in range(5)), Outcome(400, 0, solved=True)])
    assert 5 < found.low < 400
    assert math.isinf(found.high)
    assert str(found) == f"{found.low:.2g} or more"
    assert str(SEARCH.estimate([Outcome(5, 0, solved=True)])) == "not bounded"


def test_the_path_ends_at_what_was_found():
    (entry,) = board(frame(50))
    assert len(entry.path) == len(entry.runs)
    assert entry.path[-1] == entry.found
    assert math.isinf(entry.path[0].ratio)


def test_the_longest_horizon_stands_first_task_by_task():
    found = board(frame(1), frame(50, "lstm"), frame(10_000, "gru"), frame(50, "rnn", "adding"))
    assert [(entry.task, entry.arm) for entry in found] == [
        ("adding", "rnn"),
        ("copy", "gru"),
        ("copy", "lstm"),
        ("copy", "rnn"),
    ]


def test_crashed_runs_and_runs_of_no_search_do_not_count():
    runs = frame(50)
    crashed = runs.head(1).assign(outcome="failed", gap=7, seed=99, steps=math.nan)
    other = runs.head(1).assign(search="", gap=8, seed=98)
    (entry,) = board(runs, crashed, other)
    assert entry.found == SEARCH.estimate(searched(50))


def test_an_unfinished_search_says_how_it_goes_on():
    (entry,) = board(frame(50).head(4))
    assert entry.ended == "not finished: the same command goes on with it"


def test_the_markdown_is_a_table():
    text = leaderboard.markdown(board(frame(1)))
    assert text.startswith("| task | arm |")
    assert text.splitlines()[2].startswith("| copy | rnn | 4,545 |  |  |  | 1,000 | none | < 5 | < 5 | 7 |")


def test_the_answer_says_which_horizons_differ_beyond_noise():
    found = board(frame(1), frame(50, "lstm"), frame(52, "lstm_chrono"), frame(10_000, "gru"))
    by_names = {(pair.longer.arm, pair.shorter.arm): pair for pair in apart.pairs(found)}
    assert len(by_names) == 6
    alike = by_names["lstm_chrono", "lstm"]
    assert alike.low < 1 < alike.high
    assert by_names["gru", "rnn"].low == pytest.approx(400 / 5, rel=0.04)
    assert math.isinf(by_names["gru", "rnn"].high)
    said = answers.of_searches("copy", found, apart.pairs(found))
    assert "that of gru is 77 or more times that of rnn" in said
    assert said.endswith("Not told apart: lstm_chrono and lstm.")


def test_of_many_pairs_that_are_not_told_apart_the_number_is_said():
    few = [frame(50, f"arm{k}").head(3) for k in range(4)]
    found = board(*few)
    said = answers.of_searches("copy", found, apart.pairs(found))
    assert said.endswith("None of the 6 pairs is told apart beyond noise (5 %, Holm over the pairs).")
    found = board(frame(1), *few)
    said = answers.of_searches(
        "copy", found, [*apart.pairs(board(*few)), *apart.pairs(board(frame(1), frame(10_000, "z")))]
    )
    assert said.endswith("Not told apart: the other 6 pairs.")


def test_searches_over_other_gaps_are_not_compared():
    runs = pd.concat([frame(50), frame(50, "lstm")])
    ranges = {"copy rnn": SEARCH, "copy lstm": Search(min_gap=5, max_gap=200)}
    assert apart.pairs(entries.entries(runs, ranges)) == []


def test_the_table_for_further_work_has_numbers_and_censored_gaps(tmp_path):
    found = board(frame(1), frame(50, "lstm"))
    leaderboard.frame(found).to_csv(tmp_path / "leaderboard.csv", index=False)
    table = pd.read_csv(tmp_path / "leaderboard.csv").set_index("arm")
    assert table.steps["lstm"] == found[0].found.steps
    assert table.grid_runs["lstm"] > table.runs["lstm"]
    assert table.gap50.to_dict() == {"lstm": found[0].gap50, "rnn": "< 5"}
    assert math.isnan(table.grid_runs["rnn"])
    assert table.parameters["rnn"] == 4545


@pytest.mark.parametrize(("width", "there"), [(80, False), (200, True)])
def test_a_narrow_terminal_goes_without_the_less_important_columns(width, there, monkeypatch, capsys):
    monkeypatch.setattr(summary, "console", lambda: Console(width=width, highlight=False))
    summary.print_leaderboard(board(frame(1), frame(50, "lstm")))
    told = capsys.readouterr().out
    assert "…" not in told
    assert ("interval within a factor 1.25" in told) == there
    assert ("For want of room" in told) != there
    assert max(map(len, told.splitlines())) <= width


def test_a_figure_by_gap_keeps_the_gaps_with_the_most_runs():
    runs = pd.DataFrame({"gap": [*range(1, 12), 11, 10], "run_id": [f"{i}" for i in range(13)]})
    assert sorted(tables.at_commonest_gaps(runs).gap.unique()) == [1, 2, 3, 4, 5, 6, 10, 11]
    assert len(tables.at_commonest_gaps(runs.head(8))) == 8


# -- the grid of equal precision ---------------------------------------------------------------------------


def test_a_grid_as_precise_takes_more_runs_than_the_search_and_spans_the_range():
    outcomes = searched(50)
    grid = equal_grid(SEARCH, outcomes)
    assert grid is not None
    assert grid.runs == len(grid.gaps) * grid.seeds > len(outcomes)
    assert (grid.gaps[0], grid.gaps[-1]) == (5, 400)
    assert 200 * grid.runs < grid.steps < 1000 * grid.runs


def test_without_a_width_there_is_no_grid():
    assert equal_grid(SEARCH, searched(1)) is None
    assert equal_grid(SEARCH, searched(10_000)) is None
