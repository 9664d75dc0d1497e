"""The horizon of a frozen core stands beside that of the same arm, and nowhere else."""

from dataclasses import replace

import pandas as pd
import pytest
from rich.console import Console
from searches import frame, record_of

from seqbench.analysis import answers, apart, entries, leaderboard
from seqbench.analysis.findings import Findings, findings
from seqbench.driver import summary
from seqbench.record.labels import label
from seqbench.report.sections import scope


def arm(horizon: float, name: str = "rnn", *, frozen: bool = False, size: int = 8, task: str = "copy") -> pd.DataFrame:
    """The runs of a search before they have labels."""
    runs = frame(horizon, name, task)
    settings = {"training.freeze_core": str(frozen), "model.hidden_size": str(size), "plain_task": task}
    which = f" {frozen} {size}"
    settings |= {"training.learning_rate": "0.003", "tuning": ""}
    return runs.assign(**settings, plain_arm=name, run_id=runs.run_id + which, search=runs.search + which)


def found(*frames: pd.DataFrame) -> Findings:
    runs = label(pd.concat(frames, ignore_index=True))
    return findings(record_of(runs))


def untrained(entry: entries.Entry) -> entries.Entry | None:
    return entry.beside.get(entries.UNTRAINED)


@pytest.fixture
def both() -> Findings:
    """Of rnn and lstm both searches, of gru one: the frozen lstm reaches farther than the trained rnn."""
    return found(arm(20), arm(1, frozen=True), arm(100, "lstm"), arm(50, "lstm", frozen=True), arm(30, "gru"))


def test_there_is_one_row_for_each_arm(both):
    assert [entry.arm for entry in both.board] == ["lstm", "gru", "rnn"]


def test_the_frozen_horizon_is_that_of_its_own_search(both):
    lstm, gru, rnn = both.board
    alone = {entry.arm: entry for entry in entries.entries(both.done, both.record.searches)}
    assert untrained(lstm).found == alone["lstm, freeze_core=True"].found != lstm.found
    assert 40 < untrained(lstm).found.gap50 < 60
    assert lstm.row[entries.UNTRAINED] == untrained(lstm).told
    assert rnn.row[entries.UNTRAINED] == "< 5"
    assert entries.UNTRAINED not in gru.row


def test_pairs_and_the_answer_know_the_trained_arms_alone(both):
    pairs = apart.pairs(both.board)
    assert {(pair.longer.arm, pair.shorter.arm) for pair in pairs} == {("lstm", "gru"), ("lstm", "rnn"), ("gru", "rnn")}
    assert "freeze_core" not in answers.of_searches("copy", both.board, pairs)


def test_the_column_is_in_every_form_of_the_table(both):
    own = untrained(both.board[0]).told
    assert leaderboard.frame(both.board).set_index("arm").untrained_dynamics_gap50["rnn"] == "< 5"
    assert leaderboard.printed(both.board).set_index("arm")[entries.UNTRAINED]["lstm"] == own
    header, _, row = leaderboard.markdown(both.board).splitlines()[:3]
    assert header.split(" | ").index("untrained dynamics") == row.split(" | ").index(own) == 9
    assert "untrained dynamics: " in leaderboard.note(both.board)


@pytest.mark.parametrize(("width", "there"), [(60, False), (200, True)])
def test_a_terminal_that_is_wide_enough_shows_it(both, width, there, monkeypatch, capsys):
    monkeypatch.setattr(summary, "console", lambda: Console(width=width, highlight=False))
    summary.print_leaderboard(both.board)
    told = capsys.readouterr().out
    assert (untrained(both.board[0]).told in told) == there
    assert "…" not in told


def test_frozen_cores_are_no_kinds_of_model(both):
    told = scope.scope(both)
    assert "sets 3 kinds of model (rnn, gru and lstm) to 1 task" in told
    assert told.endswith("Beside them stand arms with a frozen core.")


def test_curves_and_gradients_are_those_of_arms(both):
    runs = both.done.assign(metric="loss", value=1.0)
    record = replace(both.record, curves=runs, lags=runs)
    for shown in (findings(record).curves, findings(record).lags):
        assert set(shown.arm) == {"rnn", "gru", "lstm"}


def test_without_frozen_cores_there_is_no_column():
    board = found(arm(20), arm(100, "lstm")).board
    assert entries.UNTRAINED not in leaderboard.columns(board)
    assert "untrained_dynamics_gap50" not in leaderboard.frame(board)
    assert "untrained" not in leaderboard.markdown(board)


def test_frozen_runs_of_a_search_are_no_grid(both):
    assert both.gridded.empty


def test_arms_that_differ_in_a_setting_have_their_own_frozen_core():
    board = found(
        arm(20), arm(40, size=16), arm(7, frozen=True), arm(12, size=16, frozen=True), arm(100, task="adding")
    ).board
    told = {(entry.task, entry.arm): (one := untrained(entry)) and one.arm for entry in board}
    assert told == {
        ("copy", "rnn, hidden_size=8"): "rnn, hidden_size=8, freeze_core=True",
        ("copy", "rnn, hidden_size=16"): "rnn, hidden_size=16, freeze_core=True",
        ("adding", "rnn, hidden_size=8"): None,  # an arm has one name on all tasks
    }


def test_a_frozen_core_whose_arm_was_not_trained_as_a_whole_stands_by_itself():
    board = found(arm(20), arm(40, "lstm", frozen=True)).board
    assert [(entry.arm, untrained(entry)) for entry in board] == [("lstm, freeze_core=True", None), ("rnn", None)]


def test_where_all_are_frozen_they_are_the_arms():
    board = found(arm(20, frozen=True), arm(40, "lstm", frozen=True)).board
    assert [(entry.arm, untrained(entry)) for entry in board] == [("lstm", None), ("rnn", None)]
