"""Which figures a record gives, under whatever settings of matplotlib; and one of them at a given width."""

from dataclasses import replace

import matplotlib as mpl
import pytest
import synthetic

from reports import bare_page, drawn_by, plots_of, small, text_of
from seqbench.analysis.findings import findings
from seqbench.record.values import Record, no_slots
from seqbench.report import figures, render
from seqbench.report.figures import draw
from seqbench.report.figures.plot import Plot


def few(**changes: object) -> Record:
    """A record with few figures."""
    whole = small(**changes)
    return replace(whole, lags=whole.lags.iloc[:0], curves=whole.curves.iloc[:0], slots=no_slots())


def test_records_without_labels_theory_and_slots_still_make_a_report() -> None:
    old = synthetic.before_the_diagnosis(small(seeds=range(2)))
    names = {"success", "time_to_solve", "growth", "loss"}
    names |= {
        "gradient_by_lag",
        "gradient_by_lag_cell",
        "gradient_laws",
        "gradient_laws_cell",
        "gradient_norm",
        "gradient_blocks",
    }
    assert set(plots_of(old)) == names
    assert "Why runs failed" not in text_of(bare_page(old))


def test_a_record_without_curves_or_lags_has_only_the_figures_of_success_and_of_its_time() -> None:
    record = synthetic.before_the_diagnosis(small())
    bare = replace(record, curves=record.curves.iloc[:0], lags=record.lags.iloc[:0])
    assert list(plots_of(bare)) == ["success", "time_to_solve", "growth"]


def test_a_users_matplotlib_settings_change_nothing_and_are_left_alone() -> None:
    usual = render.svg(drawn_by("success", small())["success"].figure, "x")
    with mpl.rc_context({"axes.facecolor": "red", "font.size": 30, "svg.fonttype": "none"}):
        before = dict(mpl.rcParams)
        assert render.svg(drawn_by("success", small())["success"].figure, "x") == usual
        assert dict(mpl.rcParams) == before


def test_a_figure_of_seqbench_that_raises_is_named_and_the_others_stand(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: object) -> Plot:
        raise ZeroDivisionError("by hand")

    monkeypatch.setattr(figures.growth, "plots", broken)
    plots, (line,) = draw.draw(findings(few()))
    assert [plot.name for plot in plots] == ["success", "time_to_solve", "decay_and_reach"]
    assert line == "left out: growth (growth.py): ZeroDivisionError('by hand')"


def test_the_figures_that_can_be_asked_for_are_those_that_there_are_data_for() -> None:
    record = few()
    assert draw.names(record) == ["success", "time_to_solve", "growth", "decay_and_reach"]
    with pytest.raises(LookupError, match="no figure 'sucess' of this record; there are success, time"):
        draw.figure(record, "sucess")
    with pytest.raises(LookupError, match="no figure 'loss'"):
        draw.figure(record, "loss")


def test_a_figure_whose_module_makes_several_is_found_by_its_own_name() -> None:
    figure = draw.figure(small(), "gradient_by_lag_cell")
    assert figure.legends[0].get_texts()[0].get_text() == "lstm"


@pytest.mark.parametrize("width", [0, -1, float("nan"), float("inf")])
def test_a_width_is_a_number_of_inches(width: float) -> None:
    with pytest.raises(ValueError, match="number of inches"):
        draw.figure(few(), "success", width=width)
