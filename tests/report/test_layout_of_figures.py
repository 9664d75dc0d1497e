"""Where the parts of a figure stand: panels without empty places, points at their values, lines that leave, legends."""

from dataclasses import replace

import pandas as pd
import pytest
import spreading
import synthetic
from matplotlib.figure import Figure

from reports import drawn_by, plots_of, small
from seqbench.events import Baseline
from seqbench.record.values import Record
from seqbench.report.figures import arms_grid, floors, grids, told
from seqbench.report.figures.theme import theme

RECORD = small()


LONG = "the last 1 of 2 channels remembered, or which bits were written, not which one last"


def of_eight_tasks() -> Record:
    one = spreading.record(arms=("rnn", "lstm"), seeds=range(2))
    tasks = [f"copy, distractors=4, load={number}" for number in range(1, 9)]
    frames = {
        name: pd.concat(
            [own.assign(task=task, run_id=own.run_id.astype(str) + task) for task in tasks], ignore_index=True
        )
        for name in ("runs", "curves", "lags", "slots", "metrics")
        for own in [getattr(one, name)]
    }
    facts = replace(one.tasks["copy"], baselines=(Baseline(LONG, 1.0, 0.5),))
    return replace(one, **frames, tasks=dict.fromkeys(tasks, facts))


def named(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.legends[0].get_texts()]


def test_a_row_has_its_own_panels_and_goes_on_where_the_page_ends() -> None:
    figure, axes = grids.ragged({"a": range(18), "b": range(2)})
    assert figure.get_size_inches()[0] <= grids.WIDEST
    places = [(spec.rowspan.start, spec.colspan.start) for ax in axes.values() if (spec := ax.get_subplotspec())]
    assert places == [(at // 6, at % 6) for at in range(18)] + [(3, 0), (3, 1)]
    assert len(figure.axes) == 20


@pytest.mark.parametrize(("lengths", "beside"), [([4, 4], 2), ([5], 3), ([8, 8], 3), ([1], 1)])
def test_lines_are_few_unless_many_places_would_be_empty(lengths: list[int], beside: int) -> None:
    """Of up to three side by side: 4 and 4 are two lines each with 3 as with 2, and with 2 no place is empty.

    5 leave one place of six empty, 8 and 8 two of eighteen.
    """
    assert grids._side_by_side(lengths, min(3, max(lengths))) == beside


def test_equal_results_lie_beside_one_another_at_the_same_height() -> None:
    figure = drawn_by("success", RECORD)["success"].figure
    figure.draw_without_rendering()
    at_ten = {spot.arm: spot for spot in told.spots(figure) if spot.tip.where == "copy at gap 10"}
    assert at_ten["rnn"].y == at_ten["lstm"].y
    assert at_ten["rnn"].x < at_ten["lstm"].x


def test_curves_of_time_begin_at_no_run_for_every_arm() -> None:
    figure = drawn_by("time_to_solve", RECORD)["time_to_solve"].figure
    figure.draw_without_rendering()
    (ax, *_) = figure.axes
    bottoms = {line.get_window_extent().y0 for line in ax.lines if line.get_drawstyle() == "steps-post"}
    assert bottoms == {ax.transData.transform((1, 0))[1]}


def test_a_line_is_marked_where_it_falls_below_the_floor_and_other_rows_keep_their_range() -> None:
    """A decade per lag: the first lag below 10⁻¹⁶ is 17. After training nothing falls."""
    falls = -1.0 * RECORD.lags.lag
    lags = RECORD.lags.assign(log10_gradient=falls.where(RECORD.lags.stage == "init", 0.0))
    plot = drawn_by("gradient_by_lag", replace(RECORD, lags=lags))["gradient_by_lag"]
    before, after = plot.figure.axes
    assert before.get_ylim()[0] == pytest.approx(floors.FLOOR, abs=1)
    assert after.get_ylim()[0] > -1
    marks = [(line.get_xdata()[0], line.get_ydata()[0]) for line in before.lines if line.get_marker() == floors.LEFT]
    assert marks == [(17, -16), (17, -16)]  # of both arms
    assert "goes on below 10⁻¹⁶" in named(plot.figure)
    assert "a small triangle marks where a line leaves it" in " ".join(plot.caption)


def test_nothing_is_said_of_a_floor_that_nothing_falls_below() -> None:
    lags = RECORD.lags.assign(log10_gradient=-0.1)
    plot = drawn_by("gradient_by_lag", replace(RECORD, lags=lags))["gradient_by_lag"]
    assert not any("goes on" in name for name in named(plot.figure))
    assert "triangle" not in " ".join(plot.caption)


def test_arms_and_outcomes_without_runs_have_no_panel() -> None:
    figure = drawn_by("flow", RECORD)["flow"].figure
    titles = [ax.get_title(loc="left") for ax in figure.axes]
    assert titles == ["rnn", "lstm", "rnn\nnot solved", "lstm\nsolved", "lstm\nnot solved"]


def test_names_of_arms_stay_within_their_panels_where_these_are_narrow() -> None:
    lags = pd.DataFrame([{"arm": f"lstm_chrono_told_{number}", "lag": 10, "gap": 10} for number in range(16)])
    with theme():
        figure, drawn = arms_grid.grid_of_arms({"copy": {"": lags}})
        figure.draw_without_rendering()
    assert len({panel.ax.get_subplotspec().colspan.start for panel in drawn}) == 8
    for panel in drawn:
        assert panel.ax._left_title.get_window_extent().x1 <= panel.ax.get_window_extent().x1 + 1


def test_a_legend_has_the_arms_that_are_drawn() -> None:
    curves = RECORD.curves[RECORD.curves.arm == "rnn"]
    assert named(drawn_by("loss", replace(RECORD, curves=curves))["loss"].figure)[:2] == ["rnn", "one seed"]


def test_a_long_name_takes_several_lines_and_the_figure_grows() -> None:
    long = "rnn, " + "hidden_size=64, " * 30
    record = synthetic.record(arms=("rnn",), tasks=("copy",), gaps=(10,), seeds=range(2))
    frames = {
        name: getattr(record, name).replace({"arm": {"rnn": long}}) for name in ("runs", "lags", "curves", "slots")
    }
    figure = drawn_by("success", replace(record, **frames))["success"].figure
    usual = drawn_by("success", record)["success"].figure
    assert named(figure)[0].replace("\n", " ") == long.strip()
    assert figure.get_size_inches()[1] > usual.get_size_inches()[1]
    figure.draw_without_rendering()
    assert figure.legends[0].get_window_extent().width <= figure.bbox.width


def test_eight_tasks_have_room_in_every_figure_and_those_of_one_gap_stand_side_by_side() -> None:
    """A figure without room warns as it is laid out, which is an error here."""
    plots = plots_of(of_eight_tasks())
    for plot in plots.values():
        plot.figure.draw_without_rendering()
    for name in ("hold", "spread"):
        places = [spec for ax in plots[name].figure.axes if (spec := ax.get_subplotspec())]
        assert [(spec.rowspan.start, spec.colspan.start) for spec in places] == [(at // 4, at % 4) for at in range(8)]
        assert [bool(ax.get_ylabel()) for ax in plots[name].figure.axes] == [True, False, False, False] * 2
    titles = [ax.get_title(loc="left") for ax in plots["gradient_by_lag"].figure.axes[:2]]
    assert titles == [f"copy, distractors=4, load={number}, gap 80,\nat initialisation" for number in (1, 2)]
