"""What is told of runs that were not trained: which gradient reaches the evidence, and nothing of success."""

from dataclasses import replace

import numpy as np
import pytest
import synthetic

from reports import bare_page, plots_of, small
from seqbench.analysis import answers, arriving, headline, outcomes
from seqbench.analysis.findings import Findings, findings
from seqbench.record.values import Record
from seqbench.report.drawn import Drawn
from seqbench.report.sections import answer, failures

ARMS = ("rnn", "lstm", "gru", "stepless")


def untrained(**left: list[float]) -> Record:
    """Three runs of each arm at gap 50 with these exponents; of stepless, it is the gradient of its inputs."""
    record = synthetic.without_training(small(arms=ARMS, gaps=(50,), seeds=range(3)))
    known = record.runs.assign(gradient_at_gap_init=np.nan, input_gradient_at_gap_init=np.nan, zero_at_gap_init=0.0)
    for arm, exponents in left.items():
        number = "input_gradient_at_gap_init" if arm == "stepless" else "gradient_at_gap_init"
        known.loc[known.arm == arm, number] = exponents
    return replace(record, runs=known)


def test_arms_are_ordered_by_the_median_and_equal_where_it_reads_the_same() -> None:
    """Medians: 10^-4, 10^-1, 10^-0.999 (which is 0.10, too) and 10^-2."""
    found = findings(untrained(rnn=[-9, -4, -3], lstm=[-1, -1, 0], gru=[-0.999] * 3, stepless=[-2, -2, -8]))
    said = [
        "Before training, most of the gradient reaches the evidence (relative to the question, median over runs; of "
        "stepless by the inputs, because no step is stated) through gru and lstm on copy, 0.10.",
        "Least of it does through rnn on copy, 1·10⁻⁴.",
    ]
    assert headline.of_gaps(found) == answers.told(found) == said
    assert {arm: one.words for (_, arm), one in arriving.table(found.summary).items()} == {
        "rnn": "1·10⁻⁴", "gru": "0.10", "lstm": "0.10", "stepless": "0.010"
    }  # fmt: skip


def test_no_gradient_at_all_is_the_least_and_what_was_not_measured_has_no_place() -> None:
    record = untrained(lstm=[-30, -30, -30], rnn=[-1, -1, -1])
    nothing = record.runs.arm == "gru"
    found = findings(replace(record, runs=record.runs.assign(zero_at_gap_init=nothing.astype(float))))
    assert headline.of_gaps(found)[1] == "Least of it does through gru on copy, 0."
    table = answer.table(found)
    assert table is not None
    assert [cell and cell.reach for cell in table.rows["stepless"]] == ["not measured"]


def test_arms_that_let_the_same_through_are_not_called_most_and_least() -> None:
    found = findings(untrained(rnn=[-1] * 3, lstm=[-1] * 3, gru=[-1] * 3, stepless=[-1] * 3))
    assert headline.of_gaps(found)[1] == "By this, no arm lets more through than another."


@pytest.fixture(scope="module")
def found() -> Findings:
    return findings(untrained(rnn=[-4] * 3, lstm=[-1] * 3))


def test_nothing_is_drawn_of_success_and_the_page_begins_with_the_gradient(found: Findings) -> None:
    plots = plots_of(found.record)
    assert Drawn(list(plots.values())).first == "gradient_by_lag"
    assert not plots.keys() & {"success", "slots", "time_to_solve", "growth", "loss", "decay_and_reach"}
    assert "solved" not in " ".join(plots["gradient_by_lag"].caption)


def test_no_section_is_about_success(found: Findings) -> None:
    markup = bare_page(found.record)
    assert not [name for name in ("reach", "failures", "time-to-solve") if f'<section id="{name}"' in markup]
    assert "0 training steps" not in markup
    assert "0/3" not in markup
    assert ',"not trained","",' in markup


def test_in_a_record_of_both_only_trained_runs_are_evidence_of_success() -> None:
    """rnn solves gap 10 in all of its five runs; two of them are set to none, as if they had no steps to take."""
    record = small()
    idle = (record.runs.arm == "rnn") & (record.runs.gap == 10) & (record.runs.seed < 2)
    runs = record.runs.assign(
        budget=record.runs.budget.mask(idle, 0), outcome=record.runs.outcome.mask(idle, "unsolved")
    )
    found = findings(replace(record, runs=runs))
    assert not found.untrained
    assert found.grid_summary.query("arm == 'rnn' and gap == 10")[["solved", "finished"]].to_numpy().tolist() == [
        [3, 3]
    ]
    assert not set(failures.labelled(found.done).run_id) & set(runs.run_id[idle])


def test_an_outcome_in_words_leaves_that_of_runs_that_crashed_before_their_first_step() -> None:
    runs = small().runs.head(3).assign(outcome=["unsolved", "unsolved", "failed"], steps=[0, 50, 0])
    told = outcomes.in_words(runs)
    assert list(told.outcome) == ["not trained", "unsolved", "failed"]
    assert told.steps.isna().tolist() == [True, False, False]
