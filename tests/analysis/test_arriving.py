"""What is told of runs that were not trained: which gradient reaches the evidence, and nothing of success."""

from dataclasses import replace

import numpy as np
import pandas as pd
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


def test_arms_are_ordered_by_the_median_and_level_where_it_reads_the_same() -> None:
    """Medians: 10^-4, 10^-1, 10^-0.999 (which is 0.10, too) and 10^-2."""
    found = findings(untrained(rnn=[-9, -4, -3], lstm=[-1, -1, 0], gru=[-0.999] * 3, stepless=[-2, -2, -8]))
    said = [
        "Before training, at gap 50, the gradient at the evidence relative to that at the question (median over runs; "
        "of stepless by the inputs, because no step is stated) is largest in gru and lstm (0.10 on copy).",
        "It is smallest in rnn (1·10⁻⁴ on copy).",
    ]
    assert headline.of_gaps(found) == answers.told(found) == said
    assert {row.arm: row.found.words for row in arriving.table(found.summary)} == {
        "rnn": "1·10⁻⁴", "gru": "0.10", "lstm": "0.10", "stepless": "0.010"
    }  # fmt: skip


def test_no_gradient_at_all_is_the_smallest_and_what_was_not_measured_has_no_place() -> None:
    record = untrained(lstm=[-30, -30, -30], rnn=[-1, -1, -1])
    nothing = record.runs.arm == "gru"
    found = findings(replace(record, runs=record.runs.assign(zero_at_gap_init=nothing.astype(float))))
    assert headline.of_gaps(found)[1:] == [
        "It is smallest in gru (0 on copy).",
        "Not compared: stepless (not measured on copy).",
    ]
    table = answer.table(found)
    assert table is not None
    assert [cell and cell.reach for cell in table.rows["stepless"]] == ["not measured"]


def test_sequences_without_a_gradient_count_as_none_of_it() -> None:
    """Of 0.63, 3 % is 0.019, which is less than 0.10; of 0.60, 90 % is 0.54, which is less than 0.60."""
    record = untrained(rnn=[-0.2] * 3, lstm=[-1] * 3)
    runs = record.runs[record.runs.arm.isin(["rnn", "lstm"])]
    said = headline.of_gaps(findings(replace(record, runs=runs.assign(zero_at_gap_init=0.97 * (runs.arm == "rnn")))))
    assert said[0].endswith("is largest in lstm (0.10 on copy).")
    assert said[1] == "It is smallest in rnn (0.63 [zero in 97 %] on copy)."


def test_where_even_the_largest_is_next_to_nothing_it_vanishes_in_all_arms() -> None:
    found = findings(untrained(rnn=[-12.1] * 3, gru=[-10.6] * 3, lstm=[-11] * 3, stepless=[-11] * 3))
    first, *others = headline.of_gaps(found)
    assert first.endswith("is largest in gru (3·10⁻¹¹ on copy).")
    assert others == [
        "Even the largest is less than a thousandth: the gradient vanishes in all arms.",
        "It is smallest in rnn (8·10⁻¹³ on copy).",
    ]


def test_arms_that_let_the_same_through_are_not_called_largest_and_smallest() -> None:
    (said,) = headline.of_gaps(findings(untrained(rnn=[-1] * 3, lstm=[-1] * 3, gru=[-1] * 3, stepless=[-1] * 3)))
    assert said.endswith("is the same in rnn, gru, lstm and stepless (0.10 on copy).")


def test_one_arm_that_was_measured_is_compared_with_none() -> None:
    said = headline.of_gaps(findings(untrained(lstm=[-1] * 3)))
    assert said[0].endswith("is measured in one arm alone, lstm (0.10 on copy).")
    assert said[1:] == ["Not compared: rnn, gru and stepless (not measured on copy)."]


def test_arms_without_the_common_gap_are_named_with_their_own() -> None:
    """Copy is compared at gap 50, which two arms have; lstm has 20 alone, and copy2 was tried at gap 20."""
    record = untrained(rnn=[-4] * 3, lstm=[-1] * 3, gru=[-2] * 3)
    runs = record.runs[record.runs.arm != "stepless"]
    runs = runs.assign(gap=runs.gap.mask(runs.arm == "lstm", 20))
    second = runs.assign(gap=20, task="copy2", run_id=runs.run_id + "x")
    both = pd.concat([runs, second], ignore_index=True)
    found = findings(replace(record, runs=both, tasks={**record.tasks, "copy2": record.tasks["copy"]}))
    first, *others = headline.of_gaps(found)
    assert first.startswith("Before training, the gradient")
    assert first.endswith("is largest in gru (0.010 on copy at gap 50); lstm (0.10 on copy2 at gap 20).")
    assert others == [
        "It is smallest in rnn (1·10⁻⁴ on copy at gap 50 and copy2 at gap 20).",
        "Not compared: lstm (longest gap 20 on copy).",
    ]
    assert "on copy at gap 50 and copy2 at gap 20" in answer.values(found, Drawn())["caption"]


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
