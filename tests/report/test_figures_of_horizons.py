"""What page and figures show of searches for the horizon, from runs whose outcomes are known."""

import re
from dataclasses import replace
from unittest import mock

import numpy as np
import pandas as pd
import pytest
import synthetic
from searches import OVER_LOADS, SEARCH, frame, load_frame, record_of, searched

from reports import bare_page, drawn_by, plots_of, text_of
from seqbench.analysis import answers, leaderboard
from seqbench.analysis.findings import findings
from seqbench.horizon.axis import GAP, LOAD
from seqbench.record.values import Record
from seqbench.report import columns, files, manifest
from seqbench.report.drawn import Drawn
from seqbench.report.figures import horizon_by_budget
from seqbench.report.sections import answer, figures, reach, reading, scope


def test_the_figures_have_a_panel_per_task_and_per_search():
    record = record_of(frame(1), frame(50, "lstm"), frame(10_000, "gru", "adding"))
    found = findings(record).board
    points, path = (drawn_by(name, record)[name].figure for name in ("horizon", "horizon_path"))
    assert [ax.get_title(loc="left") for ax in points.axes] == ["adding", "copy"]
    assert {text.get_text() for ax in points.axes for text in ax.texts} == {"> 400", "< 5", found[1].gap50}
    assert [ax.get_title(loc="left") for ax in path.axes] == ["adding, gru", "copy, rnn", "copy, lstm"]


def test_the_captions_hold_the_numbers():
    record = record_of(frame(1), frame(50, "lstm"), frame(10_000, "gru"))
    found = findings(record).board
    _, told = drawn_by("horizon", record)["horizon"].caption
    (lstm,) = (entry for entry in found if entry.arm == "lstm")
    assert told == (
        "On copy, within 1,000 training steps: gru reaches beyond gap 400, the longest searched; "
        f"lstm reaches gap {lstm.told}; rnn does not reach gap 5, the shortest searched."
    )
    head, _, grids, *ends = drawn_by("horizon_path", record)["horizon_path"].caption
    assert f"{sum(entry.found.runs for entry in found)} runs" in head
    assert f"lstm on copy {lstm.found.steps:,} against {lstm.grid.steps:,.0f} steps" in grids
    assert "rnn on copy (7 runs): below min_gap 5." in ends


def test_a_horizon_that_the_runs_do_not_bound_is_no_reach():
    (entry,) = findings(record_of(frame(50).head(3))).board
    assert not entry.bounded
    assert answers.ranking("copy", [entry]) == f"On copy, within 1,000 training steps: gap50 of rnn is {entry.told}."


def test_the_curves_fall_through_one_half_and_every_outcome_has_its_mark():
    record = record_of(frame(50), frame(50, "lstm", "adding"))
    figure = drawn_by("horizon_curves", record)["horizon_curves"].figure
    adding, _ = figure.axes
    curve = next(line for line in adding.lines if len(line.get_xdata()) > 2)
    assert np.all(np.diff(curve.get_ydata()) <= 0)
    assert np.interp(0.5, curve.get_ydata()[::-1], curve.get_xdata()[::-1]) == pytest.approx(50, rel=0.25)
    marks = [tuple(mark.get_offsets()[0]) for mark in adding.collections if mark.get_offsets()[0][0] > 0]
    runs = {(one.gap, 1.05 if one.solved else -0.05) for one in searched(50)}
    assert sorted((float(gap), round(float(height), 2)) for gap, height in marks) == sorted(runs)


def test_outcomes_that_rise_with_the_gap_are_doubted():
    runs = pd.concat([frame(50).head(1)] * 8, ignore_index=True).assign(seed=range(8))
    falls, rises = runs.assign(gap=10, outcome="unsolved"), runs.assign(gap=200, outcome="solved", seed=range(8, 16))
    *_, doubt = drawn_by("horizon", record_of(falls, rises))["horizon"].caption
    assert doubt == "The outcomes of rnn on copy do not look like success that falls with the gap: read with care."


def of_two_budgets() -> Record:
    """Within 300 steps rnn solves up to gap 10 and lstm up to 20; within 1,000 up to 50 and beyond all."""
    search = replace(SEARCH, budgets=(300, 1000))
    runs = [
        frame(long, arm).assign(**{"solved_by/300": lambda told, short=short: (told.gap < short).astype(float)})
        for arm, short, long in (("rnn", 10, 50), ("lstm", 20, 10_000))
    ]
    record = record_of(*runs)
    return replace(record, searches=dict.fromkeys(record.searches, search))


def test_the_horizon_is_drawn_and_told_at_every_budget():
    record = of_two_budgets()
    found = findings(record)
    plot = drawn_by("horizon_by_budget", record)["horizon_by_budget"]
    (ax,) = plot.figure.axes
    drawn = {tuple(round(float(gap), 3) for gap in line.get_ydata()) for line in ax.lines}
    by_arm = {entry.arm: (entry.within(300).found, entry.found) for entry in found.board}
    assert (round(by_arm["rnn"][0].gap50, 3), round(by_arm["rnn"][1].gap50, 3)) in drawn
    lstm, rnn = found.board
    assert plot.caption[2] == (
        "On copy, within 1,000 training steps: lstm reaches beyond gap 400, the longest searched; "
        f"rnn reaches gap {rnn.told}. Within 300: lstm {lstm.within(300).told}; rnn {rnn.within(300).told}."
    )
    table = found.horizons_by_budget.set_index(["arm", "budget"])
    assert table.gap50[("lstm", 1000)] == "> 400"
    assert table.gap50[("rnn", 300)] == rnn.within(300).gap50


def over_loads() -> Record:
    """rnn carries 4 items at gap 20, gru 9, lstm more than 16."""
    return record_of(load_frame(4.5), load_frame(9.5, "gru"), load_frame(100, "lstm"))


@pytest.mark.parametrize("name", ["horizon", "horizon_curves", "horizon_path"])
def test_figures_of_searches_over_the_load_speak_of_loads(name: str) -> None:
    record = over_loads()
    plot = drawn_by(name, record)[name]
    said = " ".join([plot.title, *plot.caption, *(ax.get_xlabel() + ax.get_ylabel() for ax in plot.figure.axes)])
    assert "load50" in said
    assert "gap" not in said.replace("copy, gap=20", "")
    assert set(plot.run_ids) == set(record.runs.run_id)


def test_the_largest_load_is_told_with_the_gap_that_it_was_searched_at() -> None:
    (ax,) = drawn_by("horizon", over_loads())["horizon"].figure.axes
    _, gru, rnn = findings(over_loads()).board
    assert (ax.get_title(loc="left"), ax.get_xlabel()) == ("copy, gap=20", "load50 (items, log scale)")
    assert drawn_by("horizon", over_loads())["horizon"].caption[1] == (
        "On copy, gap=20, within 1,000 training steps: lstm reaches beyond load 16, the largest searched; "
        f"gru reaches load {gru.told}; rnn reaches load {rnn.told}."
    )
    assert rnn.found.low < 4.5 < rnn.found.high


def test_the_tables_of_a_search_over_the_load_have_its_columns() -> None:
    found = findings(over_loads())
    table = leaderboard.frame(found.board).set_index("arm")
    assert (table.load50["lstm"], table.max_load["gru"]) == ("> 16", 16)
    assert {"gap50", "seconds_per_gap", "min_gap"}.isdisjoint(table.columns)
    assert all(columns.described(column, "leaderboard.csv") for column in table.columns)
    note = leaderboard.note(found.board)
    assert note.startswith("load50: the load at which half")
    assert "reliable: the largest load" in note


def test_sections_of_a_search_over_the_load_speak_of_loads() -> None:
    found = findings(record_of(load_frame(4.5, "rnn"), load_frame(9.5, "gru")))
    (far,) = figures._far(found)
    assert ", of loads from 1 to 16; the largest load that any run solved is 9." in far
    assert scope.scope(found).startswith(
        "This report sets 2 kinds of model (rnn and gru) to 1 task (copy (gap=20)), with a gap of 20 steps and 11 "
        "loads from 1 to 16 items, and with 20 random seeds."
    )
    assert scope._along(LOAD, [1, 2, 4]) == "a load of 1, 2 or 4 items"


def test_terms_are_those_of_what_was_searched() -> None:
    assert reading.along([GAP])["farthest"] == "longest gap"
    assert reading.along([LOAD]) == {
        "halves": "load50", "names": "load", "places": "loads", "farthest": "largest load", "most": "largest",
        "least": "smallest",
    }  # fmt: skip
    assert reading.along([GAP, LOAD])["farthest"] == "longest gap or largest load"


def test_the_page_names_the_runs_of_every_load() -> None:
    found = findings(over_loads())
    shown = reach.values(found, Drawn())
    assert shown is not None
    ((_, task, rows, of_runs),) = shown["board"]
    assert (task, len(rows)) == ("copy, gap=20", 3)
    assert set(of_runs.split(" | ")) == set(found.runs.task)
    cells = answer.table(found)
    assert cells is not None
    assert cells.rows["gru"][0] == answer.Cell(" | ".join(found.board[1].run_tasks), found.board[1].told, mock.ANY)


def test_searches_over_gap_and_load_stand_side_by_side() -> None:
    found = findings(record_of(load_frame(4.5), frame(50)))
    shown = leaderboard.columns(found.board)
    assert shown[shown.index("reliable") + 1 :][:2] == ("gap50 (95 % interval)", "load50 (95 % interval)")
    assert list(found.reach.task.unique()) == ["copy"]


def test_the_page_of_a_search_over_the_load_has_no_word_of_a_longest_gap() -> None:
    record = searching()
    of_loads = replace(OVER_LOADS, min_load=5, max_load=400)
    runs = record.runs.assign(load=record.runs.gap, gap=20)
    told = text_of(bare_page(replace(record, runs=runs, searches=dict.fromkeys(record.searches, of_loads))))
    assert "How much can a sequence model carry?" in told
    assert "How many such pieces may it have to hold, the load ?" in told
    assert "load50 in the table of horizons The median of the loads at which half of the seeds succeed" in told
    assert "From the largest load that at least half of the runs solved to the smallest at which fewer did." in told
    assert not re.search("gap50|longest gap|shortest|gap that|gaps", told.replace("all arms and gaps", ""))


def test_without_several_budgets_there_is_no_such_figure():
    assert list(horizon_by_budget.plots(findings(record_of(frame(50))))) == []


def searching() -> Record:
    """The synthetic record as if its runs had been those of searches."""
    whole = synthetic.record(tasks=("copy",), gaps=(5, 8, 12, 17, 25, 37, 55, 80, 120), seeds=range(2))
    whole.runs["search"] = whole.runs.arm
    whole.searches.update(dict.fromkeys(whole.runs.arm, SEARCH))  # type: ignore[attr-defined]
    return whole


def test_the_page_shows_the_leaderboard_in_place_of_the_grid():
    record = searching()
    plots = plots_of(record)
    assert list(plots)[:3] == ["horizon", "horizon_curves", "horizon_path"]
    assert "success" not in plots
    text = bare_page(record)
    assert "The memory horizon" in text
    assert "search ended" in text
    assert "success at gap" not in text
    assert "9 gaps from 5 to 120" in text
    curves = [plots["loss"], plots["gradient_norm"]]
    assert {plot.caption[-1] for plot in curves} == {"Drawn and counted are the 8 gaps with the most runs, of 9."}


def test_a_search_misses_no_combination():
    record = searching()
    found = findings(replace(record, runs=record.runs.iloc[1:]))
    assert manifest.manifest(found, [], {})["plan"]["missing"] == []


def test_tables_that_a_record_has_no_more_data_for_are_no_files_of_its_report():
    record = searching()
    kinds = {f"leaderboard.{suffix}" for suffix in ("csv", "md", "tex")}
    assert kinds <= files.content(findings(record)).keys()
    record.searches.clear()  # type: ignore[attr-defined]
    assert not kinds & files.content(findings(record)).keys()
