"""The figures and the section on states that hold: drawn where runs tell of them, and with what was found."""

from dataclasses import replace

import spreading

from reports import bare_page, caption, drawn_by, small, text_of
from seqbench.analysis import spreads
from seqbench.analysis.findings import findings
from seqbench.report.drawn import Drawn
from seqbench.report.sections import spread


def test_a_record_without_spreads_has_neither_figures_nor_section() -> None:
    record = small(seeds=[0])
    assert drawn_by("spread", record) == drawn_by("spread_predicts", record) == {}
    assert spread.values(findings(record), Drawn()) is None
    assert "The states that hold" not in text_of(bare_page(record))


def test_runs_that_were_not_tested_beyond_their_gap_have_the_figure_by_lag_alone() -> None:
    record = spreading.record(seeds=[0])
    untested = replace(record, runs=record.runs.drop(columns=[spreads.HELD, spreads.TESTED]))
    assert [len(drawn_by(name, untested)) for name in ("spread", "spread_predicts")] == [1, 0]
    assert [len(drawn_by(name, record)) for name in ("spread", "spread_predicts")] == [1, 1]
    assert "1 1 0 0 0 0 ≥ 64 none" in text_of(bare_page(untested))


def test_the_caption_by_lag_counts_the_signatures_of_each_arm() -> None:
    assert "Signatures on copy: rnn 3 latch; gru 3 leak; lstm 3 drift." in caption("spread", spreading.record())


def test_a_line_per_arm_has_the_median_ratio_at_each_lag_and_a_marker_where_the_readout_errs() -> None:
    figure = drawn_by("spread", spreading.record(arms=("lstm",)))["spread"].figure
    (ax,) = figure.axes
    middle = [line for line in ax.lines if line.get_linewidth() == 2]
    assert middle[0].get_xdata().tolist() == list(spreading.LAGS)
    assert middle[0].get_ydata()[1] == 0.1
    (critical,) = [line for line in ax.lines if line.get_markerfacecolor() == "white"]
    assert round(float(critical.get_ydata()[0]), 9) == 1.6  # seed 1 errs at 16 times the deviations


def test_predicted_and_measured_stand_against_one_another_with_what_was_found() -> None:
    plot = drawn_by("spread_predicts", spreading.record())["spread_predicts"]
    text = " ".join(plot.caption)
    assert "On copy, by rank of predicted and measured hold in 9 runs, who is predicted to hold longer does" in text
    x = [value for line in plot.figure.axes[0].lines[1:] for value in line.get_xdata()]
    assert [round(float(value), 2) for value in x] == [64, 64, 64, 2.5, 3, 3.5, 2.5, 3, 3.5]


def test_the_section_has_a_row_per_arm() -> None:
    text = text_of(bare_page(spreading.record()))
    assert "Signatures of 9 runs: 3 latch, 3 drift and 3 leak." in text
    assert "runs latch drift leak shift open hold predicted hold measured" in text
    assert "3 3 0 0 0 0 ≥ 64 ≥ 64" in text
    assert "3 0 3 0 0 0 3 4" in text
