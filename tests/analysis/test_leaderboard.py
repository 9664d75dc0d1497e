"""The leaderboard and its figures, from runs whose outcomes are known; and the grid that a search is compared with."""

import math

import numpy as np
import pandas as pd
import pytest
import synthetic
from rich.console import Console

from seqbench.analysis import apart, leaderboard
from seqbench.analysis import arms as palette
from seqbench.analysis import cells as tables
from seqbench.analysis.findings import findings
from seqbench.driver import summary
from seqbench.horizon.estimate import Outcome
from seqbench.horizon.grid import equal_grid
from seqbench.horizon.search import Search
from seqbench.report import captions, figures, files, page
from seqbench.report.drawn import Drawn
from seqbench.report.figures.draw import draw
from seqbench.report.figures.panels import theme

SEARCH = Search(min_gap=5, max_gap=400, max_runs=60)


def searched(horizon: float, search: Search = SEARCH) -> list[Outcome]:
    """A whole search: solved in 200 steps below the horizon, failed after 1,000 beyond."""
    found: list[Outcome] = []
    while probes := search.next(found):
        ((gap, seed),) = probes
        found.append(Outcome(gap, seed, gap < horizon, 200 if gap < horizon else 1000))
    return found


def frame(horizon: float, arm: str = "rnn", task: str = "copy", search: Search = SEARCH) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "run_id": f"{task} {arm} {one.gap} {one.seed}", "task": task, "arm": arm, "gap": one.gap,
                "seed": one.seed, "outcome": "solved" if one.solved else "unsolved", "steps": one.steps,
                "seconds": 2.0, "parameters": 4545, "budget": 1000, "search": f"{task} {arm}",
            }
            for one in searched(horizon, search)
        ]
    )  # fmt: skip


def board(*frames: pd.DataFrame) -> list[leaderboard.Entry]:
    runs = pd.concat(frames, ignore_index=True)
    return leaderboard.entries(runs, {key: SEARCH for key in runs.search if key})


def test_an_entry_tells_what_was_found_and_what_it_cost():
    (entry,) = board(frame(50))
    found = SEARCH.estimate(searched(50))
    assert entry.found == found
    assert found.low <= 50 <= found.high
    assert entry.interval == f"{found.low:.3g} to {found.high:.3g}"
    assert float(entry.reliable) == max(one.gap for one in searched(50) if one.gap <= found.low)
    solved = {one.gap for one in searched(50) if one.solved}
    assert entry.seconds_per_gap == pytest.approx(2 * found.runs / len(solved))
    assert entry.ended == "interval within a factor 1.25"
    assert dict(zip(leaderboard.COLUMNS, entry.cells, strict=True))["parameters"] == "4,545"


@pytest.mark.parametrize(
    ("horizon", "text", "reliable", "seconds"), [(1, "< 5", "none", "no gap solved"), (10_000, "> 400", "> 400", None)]
)
def test_what_lies_outside_the_range_is_censored_everywhere(horizon, text, reliable, seconds):
    (entry,) = board(frame(horizon))
    row = dict(zip(leaderboard.COLUMNS, entry.cells, strict=True))
    assert (row["gap50"], row["95 % interval"], row["bracket"], row["reliable"]) == (text, text, text, reliable)
    assert row["seconds per gap"] == (seconds or row["seconds per gap"])
    assert math.isinf(entry.seconds_per_gap) == (seconds is not None)


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


def test_the_markdown_is_a_table_that_begins_with_its_header():
    text = leaderboard.markdown(board(frame(1)))
    assert text.startswith(leaderboard.HEADER)
    assert text.splitlines()[4].startswith("| copy | rnn | 4,545 | 1,000 | none | < 5 | < 5 | < 5 |")


# -- figures and captions ----------------------------------------------------------------------------------


def test_the_figures_have_a_panel_per_task_and_per_search():
    found = board(frame(1), frame(50, "lstm"), frame(10_000, "gru", "adding"))
    looks = palette.looks(entry.arm for entry in found)
    with theme():
        points, path = figures.horizon(found, looks), figures.horizon_path(found, looks)
    assert [ax.get_title(loc="left") for ax in points.axes] == ["adding", "copy"]
    assert {text.get_text() for ax in points.axes for text in ax.texts} == {"> 400", "< 5", found[1].gap50}
    assert len(path.axes) == 6
    empty = [ax for ax in path.axes if any(text.get_text() == "not searched" for text in ax.texts)]
    assert len(empty) == 3


def test_the_captions_hold_the_numbers():
    found = board(frame(1), frame(50, "lstm"), frame(10_000, "gru"))
    _, told = captions.horizon(found)
    (lstm,) = (entry for entry in found if entry.arm == "lstm")
    assert told == (
        "On copy: gru reaches beyond gap 400, the longest searched; "
        f"lstm reaches gap {lstm.gap50} ({lstm.interval}); rnn does not reach gap 5, the shortest searched."
    )
    head, grids, *ends = captions.horizon_path(found)
    assert f"{sum(entry.found.runs for entry in found)} runs" in head
    assert f"lstm on copy {lstm.found.steps:,} against {lstm.grid.steps:,.0f} steps" in grids
    assert "rnn on copy (6 runs): below min_gap 5." in ends


def test_the_answer_says_which_horizons_differ_beyond_noise():
    found = board(frame(1), frame(50, "lstm"), frame(52, "lstm_chrono"), frame(10_000, "gru"))
    by_names = {(pair.longer.arm, pair.shorter.arm): pair for pair in apart.pairs(found)}
    assert len(by_names) == 6
    alike = by_names["lstm_chrono", "lstm"]
    assert alike.low < 1 < alike.high
    assert by_names["gru", "rnn"].low == pytest.approx(400 / 5, rel=0.04)
    assert math.isinf(by_names["gru", "rnn"].high)
    said = captions.horizon_answer("copy", found)
    assert "that of gru is more than 77 times that of rnn" in said
    assert said.endswith("Not told apart: lstm_chrono and lstm.")


def test_searches_over_other_gaps_are_not_compared():
    runs = pd.concat([frame(50), frame(50, "lstm")])
    ranges = {"copy rnn": SEARCH, "copy lstm": Search(min_gap=5, max_gap=200)}
    assert apart.pairs(leaderboard.entries(runs, ranges)) == []


def test_the_curves_fall_through_one_half_and_every_outcome_has_its_mark():
    found = board(frame(50), frame(50, "lstm", "adding"))
    with theme():
        figure = figures.horizon_curves(found, palette.looks(entry.arm for entry in found))
    adding, _ = figure.axes
    curve = next(line for line in adding.lines if len(line.get_xdata()) > 2)
    assert np.all(np.diff(curve.get_ydata()) <= 0)
    assert np.interp(0.5, curve.get_ydata()[::-1], curve.get_xdata()[::-1]) == pytest.approx(50, rel=0.25)
    marks = [tuple(mark.get_offsets()[0]) for mark in adding.collections if mark.get_offsets()[0][0] > 0]
    runs = {(one.gap, 1.05 if one.solved else -0.05) for one in searched(50)}
    assert sorted((float(gap), round(float(height), 2)) for gap, height in marks) == sorted(runs)


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


def test_outcomes_that_rise_with_the_gap_are_doubted():
    runs = pd.concat([frame(50).head(1)] * 8, ignore_index=True).assign(seed=range(8))
    falls, rises = runs.assign(gap=10, outcome="unsolved"), runs.assign(gap=200, outcome="solved", seed=range(8, 16))
    *_, doubt = captions.horizon(board(falls, rises))
    assert doubt == "The outcomes of rnn on copy do not look like success that falls with the gap: read with care."


def searching() -> synthetic.Record:
    """The synthetic record as if its runs had been those of searches."""
    whole = synthetic.record(tasks=("copy",), gaps=(5, 8, 12, 17, 25, 37, 55, 80, 120), seeds=range(2))
    whole.runs["search"] = whole.runs.arm
    whole.searches.update(dict.fromkeys(whole.runs.arm, SEARCH))  # type: ignore[attr-defined]
    return whole


def test_the_page_shows_the_leaderboard_in_place_of_the_grid():
    record = searching()
    found = findings(record)
    drawn = [plot.name for plot in draw(found)[0]]
    assert drawn[:3] == ["horizon", "horizon_curves", "horizon_path"]
    assert "success" not in drawn
    text = page.page(found, Drawn())
    assert "The memory horizon" in text
    assert "search ended" in text
    assert "success at gap" not in text
    assert "9 gaps from 5 to 120" in text


def test_tables_that_a_record_has_no_more_data_for_are_removed(tmp_path):
    record = searching()
    files.write(findings(record), tmp_path)
    kinds = {f"leaderboard.{suffix}" for suffix in ("csv", "md", "tex")}
    assert kinds <= {path.name for path in tmp_path.iterdir()}
    record.searches.clear()  # type: ignore[attr-defined]
    files.write(findings(record), tmp_path)
    assert not kinds & {path.name for path in tmp_path.iterdir()}


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
