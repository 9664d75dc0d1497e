"""Sections of the page: each says what the record has for it, and is not there where the record has nothing."""

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import synthetic

from reports import all_cells, bare_page, small, text_of
from seqbench.analysis.findings import Findings, findings
from seqbench.events import Baseline, Level
from seqbench.record.names import TIME_CONSTANT
from seqbench.record.values import Record, Refusal
from seqbench.report import sections, settings
from seqbench.report.drawn import Drawn
from seqbench.report.sections import figures, reading, scope, time_constants
from seqbench.training import diagnosis


def test_every_label_is_counted_and_comes_with_its_evidence() -> None:
    record = small(outcomes={("copy", "rnn", 50, 1): "diverged"})
    text = text_of(bare_page(record))
    assert "6 runs did not solve the task: 5 memoryless and 1 diverged" in text
    assert re.search(r"copy rnn 50 4 1 memoryless: its loss after seed 0 .* \(seed 0\); diverged: a loss or gr", text)
    assert "copy rnn 50 3 memoryless its loss after seed 3 is that of a model with no memory" in text
    assert "Why a run failed One label per unsolved run" in text


def test_runs_whose_gradient_was_not_finite_are_listed_with_where() -> None:
    record = small(seeds=range(2))
    assert "Gradients that were not finite" not in text_of(bare_page(record))
    where = record.runs.run_id.map({"copy-rnn-gap50-seed1": "h at init: from lag 3 on in sample 7"}).fillna("")
    text = text_of(bare_page(replace(record, runs=record.runs.assign(not_finite=where))))
    assert "Gradients that were not finite" in text
    assert "copy rnn 50 1 h at init: from lag 3 on in sample 7" in text


def test_without_failures_there_is_no_section_on_them() -> None:
    text = text_of(bare_page(small(seeds=range(2), outcomes=all_cells("solved"))))
    assert "Why runs failed" not in text
    assert "Why a run failed" not in text


def test_the_page_states_the_thresholds_of_the_diagnosis() -> None:
    text = text_of(bare_page(small(seeds=[0])))
    level = Baseline("no memory", 1.0, 1.0)
    assert [Level("loss", loss, 0.1).at(level) for loss in (1.19, 1.20)] == [True, False]
    assert "if its 95 % interval, from the standard error over sequences, covers it" in text.replace(
        "\N{NO-BREAK SPACE}", " "
    )
    assert f"by {diagnosis.LEAST_FALL:.0%} or more".replace("%", " %") in text.replace("\N{NO-BREAK SPACE}", " ")
    assert (diagnosis.RECENT, "last third" in text) == (1 / 3, True)


def test_settings_that_differ_within_a_cell_are_pointed_out() -> None:
    record = small(seeds=range(2))
    assert scope.mixed(record.runs) == []
    rates = np.where(record.runs.seed == 0, 0.003, 0.01)
    record = replace(record, runs=record.runs.assign(**{"training.learning_rate": rates}))
    assert scope.mixed(record.runs) == ["training.learning_rate"]
    assert "Caution: the setting training.learning_rate differs" in text_of(bare_page(record))


def test_every_section_has_a_template_and_is_on_the_page_of_a_full_record_in_order() -> None:
    record = with_time_constants(small(outcomes={("copy", "rnn", 10, 0): "diverged"}))
    found = findings(record)
    there = [section.__name__.rpartition(".")[2] for section in sections.ORDER if section.values(found, Drawn())]
    assert there == [
        "answer", "scope", "figures", "reach", "time_to_solve", "failures", "time_constants", "cells", "reading",
        "problems", "provenance",
    ]  # fmt: skip
    text = text_of(bare_page(record))
    titles = ["How long a gap", "The answer", "What was compared", "How far, in numbers", "How fast, in numbers",
              "Why runs failed", "How long the units remember", "All cells", "How to read it", "Runs that went wrong",
              "Where it comes from"]  # fmt: skip
    places = [text.index(title) for title in titles]
    assert places == sorted(places)


# Controls


def test_a_claim_without_a_result_or_against_a_run_is_not_as_expected() -> None:
    claims = '[["memory", "rnn", "solves"]]'
    solved = small(arms=("rnn",), gaps=(10,), seeds=range(3))
    record = replace(solved, runs=solved.runs.assign(claims=claims))
    assert "memory rnn solves 3 of 3 solved as expected" in text_of(bare_page(record))
    unsolved = replace(record, runs=record.runs.assign(outcome=["solved", "unsolved", "solved"]))
    assert "memory rnn solves 2 of 3 solved not as expected" in text_of(bare_page(unsolved))
    crashed = replace(record, runs=record.runs.assign(outcome=["solved", "failed", "solved"]))
    assert "2 of 2 solved, 1 without a result not as expected" in text_of(bare_page(crashed))


def test_a_refusal_is_shown_with_its_reason_and_without_claims_there_is_no_section() -> None:
    record = small(seeds=[0])
    assert "What the controls show" not in text_of(bare_page(record))
    refused = replace(record, refusals=(Refusal("length", "unshared", "too long"),))
    assert "length unshared refused refused: too long as expected" in text_of(bare_page(refused))


# Time constants


def with_time_constants(record: Record, arm: str = "lstm", stages: tuple[str, ...] = ("init", "end")) -> Record:
    """Eleven units to each run of an arm, that remember 0 to 10 steps at first, and ten times as long in the end."""
    runs = record.runs[record.runs.arm == arm]
    frames = [
        pd.DataFrame({"metric": TIME_CONSTANT + stage, "step": range(11), "value": np.arange(11.0) * factor})
        .assign(**{key: run[key] for key in synthetic.KEYS})
        for stage, factor in zip(stages, (1, 10), strict=False)
        for run in runs.to_dict("records")
    ]  # fmt: skip
    return replace(record, metrics=pd.concat(frames, ignore_index=True))


def test_time_constants_are_shown_before_and_after_training_at_the_longest_gap() -> None:
    text = text_of(bare_page(with_time_constants(small())))
    assert "How long the units remember" in text
    assert "copy, gap 50 arm when steps runs" in text
    assert "lstm at initialisation 1.0 5.0 9.0 5 lstm after training, solved 10 50 90 4" in text
    assert "lstm after training, not solved 10 50 90 1" in text


def test_a_stage_that_was_not_looked_at_has_no_row_and_a_gate_that_never_closes_is_infinite() -> None:
    record = with_time_constants(small(seeds=[0]), stages=("init",))
    record.metrics.loc[record.metrics.value > 8, "value"] = np.inf
    values = time_constants.values(findings(record), Drawn())
    assert values is not None
    ((name, (row,)),) = values["tables"].items()
    assert (name, row.when, row.steps) == ("copy, gap 50", "at initialisation", ["1.0", "5.0", "∞"])


def test_without_gates_there_is_no_section_on_time_constants() -> None:
    assert "How long the units remember" not in text_of(bare_page(small(seeds=[0])))


def test_the_page_has_the_table_and_a_record_without_gaps_does_not() -> None:
    record = synthetic.record(arms=("rnn", "lstm"), tasks=("copy",), gaps=(10, 50))
    markup = bare_page(record)
    assert "How fast, in numbers" in markup
    assert "Show all arms and gaps (4) and tests (1)" in markup
    none = record.runs.assign(outcome="failed")
    assert "How fast, in numbers" not in bare_page(Record("none", none, record.curves, record.lags, record.tasks))


# -- few different sequences -------------------------------------------------------------------------------


def counted(number: int | None) -> Record:
    """A record of copy with so many different sequences: 2,000 steps of 32 draw 64,000."""
    record = small()
    tasks = {"copy": replace(record.tasks["copy"], distinct_sequences=number)}
    return replace(record, tasks=tasks, runs=record.runs.assign(**{"training.batch_size": "32"}))


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (8, "There are 8 different sequences. Training draws 64,000 by the end of the budget, so validation and test "
            "show the same sequences:"),
        (92_332, "validation and test show 50 % of the same sequences:"),
    ],
)  # fmt: skip
def test_data_that_training_has_seen_is_named(number: int, said: str) -> None:
    """Half of the sequences are left unseen by so many draws as there are sequences, times the logarithm of 2."""
    assert said in reading.known_data(Findings(counted(number)))["copy"].replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize("number", [None, 64_000_000])
def test_data_that_training_has_hardly_seen_is_not(number: int | None) -> None:
    assert reading.known_data(Findings(counted(number))) == {}


def test_the_rule_of_the_verdict_stands_on_the_page() -> None:
    record = small()
    record = replace(record, runs=record.runs.assign(**{"training.validations_to_solve": "3"}))
    told = text_of(bare_page(record))
    assert "met the criterion of its task on 3 validations in a row is examined on test sequences" in told
    assert "At the end of the budget the test alone decides, whatever came before." in told


def test_why_runs_failed_is_folded_where_it_is_long() -> None:
    """Of an arm that solves nothing there is a row per gap: 12 are shown, 13 are folded."""
    for gaps, folded in ((12, False), (13, True)):
        record = small(arms=("rnn",), gaps=tuple(range(60, 60 + gaps)), seeds=[0])
        assert (
            f"Show all ({gaps})" in bare_page(record).partition('id="failures"')[2].partition("</table>")[0]
        ) == folded


def test_of_a_setting_that_some_runs_do_not_tell_the_usual_value_is_listed_too() -> None:
    runs = pd.DataFrame({"training.initial_state": ["passed", None], "training.clip.value": [None, "0.5"]})
    assert settings.of(runs, "training.") == {"training.initial_state": "passed and zero", "training.clip.value": "0.5"}


def test_one_gap_is_told_as_one_and_several_with_the_longest_that_was_bridged() -> None:
    assert figures._far(findings(small(gaps=(10,)))) == ["All 10 runs solved the task at gap 10."]
    assert figures._far(findings(small(gaps=(10, 50)))) == [
        "14 of 20 runs solved the task, of gaps from 10 to 50; the longest gap that any run solved is 50."
    ]
