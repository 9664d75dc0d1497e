"""What page, figure and files show of learning rates that were tuned."""

from dataclasses import replace

from tunings import tuned_record

from reports import drawn_by, text_of
from seqbench.analysis.findings import findings
from seqbench.analysis.sizes import ABOUT
from seqbench.report import files, page
from seqbench.report.drawn import Drawn
from seqbench.report.sections import learning_rates, problems

REACHES = {"rnn": {0.001: 10, 0.003: 50}, "gru": {0.003: 20, 0.01: 160, 0.03: 100}}
RECORD = tuned_record(REACHES, {"gru": 0.01})


def test_the_figure_has_a_point_for_each_rate_that_was_run_and_a_ring_around_the_choice():
    plot = drawn_by("learning_rates", RECORD)["learning_rates"]
    (ax,) = plot.figure.axes
    rings = [line.get_xdata()[0] for line in ax.lines if line.get_markersize() == 15]
    assert sorted(rings) == [0.003, 0.01]
    assert sorted(text.get_text() for text in ax.texts) == ["0/1", "0/2", "0/2", "4/4", "4/4", "4/4"]
    assert set(plot.run_ids) == set(RECORD.tuning_runs.run_id)
    assert "gru at 0.01 (4/4 at gap 93; window at least 1 decade)" in plot.caption[-1]


def test_the_file_has_a_row_per_rate_and_the_text_a_row_per_arm():
    table = files.learning_rates(findings(RECORD))
    assert (len(table.numbers), len(table.shown)) == (10, 2)


def test_the_section_shows_the_whole_grid():
    found = findings(RECORD)
    values = learning_rates.values(found, Drawn())
    assert values is not None
    template = page._TEMPLATES.get_template("sections/learning_rates.html")
    about = {"about": ABOUT, "about_of": found.about}
    text = text_of(template.render(values, looks=found.looks, most=200, figures={}, **about))
    assert "gru 4,545 0.01 at least 1 93 0/1 at gap 193 0/1 at gap 22 0/1 4/4 4/4" in text


def test_a_run_of_a_race_that_crashed_is_listed_and_one_that_diverged_is_not():
    races = RECORD.tuning_runs.assign(reason="no luck")
    races.loc[0, "outcome"], races.loc[1, "outcome"] = "failed", "diverged"
    values = problems.values(findings(replace(RECORD, tuning_runs=races)), Drawn())
    ((title, rows),) = values["kinds"]
    assert title == "Crashed or not finished"
    assert [row["reason"] for row in rows] == ["no luck"]


def test_nothing_is_said_where_nothing_was_tuned():
    record = tuned_record({"rnn": REACHES["rnn"]}, {})
    record.tunings.clear()  # type: ignore[attr-defined]
    assert drawn_by("learning_rates", record) == {}
    assert learning_rates.values(findings(record), Drawn()) is None
