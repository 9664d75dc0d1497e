"""What MLflow shows of an experiment: question and answer, until somebody writes a text of their own."""

import json
from dataclasses import replace

import pytest
from builders import make_spec
from recording import EXPERIMENT, MLFLOW_WARNINGS, SOLVED, STARTED, job_of, plan_of, put_database, record, recorded

from seqbench.record import names, shown, store
from seqbench.record.database_reader import opened
from seqbench.record.writer import Tracker

pytestmark = MLFLOW_WARNINGS

SPEC = make_spec(gap=2, seed=3)
ASKED = replace(plan_of(SPEC), question="how far?")


def tags(experiment: str = EXPERIMENT) -> dict[str, str]:
    return dict(store.connect(store.tracking_uri()).get_experiment_by_name(experiment).tags)


def describe(plan, answer: str) -> None:
    with Tracker(plan) as tracker:
        tracker.experiment.describe(answer, "reports/study/index.html")


def test_an_experiment_has_its_question_and_columns_before_a_run_has_ended(folder):
    put_database(folder)
    with Tracker(ASKED) as tracker:
        tracker.write(job_of(SPEC), STARTED)
        assert tags()[names.NOTE] == f"**Question:** how far?\n\n{shown.OURS}"
        columns = json.loads(tags()["mlflow.sharedViewState.seqbench"])["selectedColumns"]
    for column in ("params.`arm`", "params.`gap`", "params.`seed`", "tags.`seqbench.outcome`", "metrics.`steps`"):
        assert column in columns


def test_the_answer_replaces_what_was_said_and_the_question_outlives_a_plan_without_one(folder):
    put_database(folder)
    record(ASKED, [(SPEC, [STARTED, SOLVED])])
    describe(plan_of(SPEC), "Far.")
    assert tags()[names.NOTE] == (
        f"**Answer:** Far.\n\n**Question:** how far?\n\n**Report:** `reports/study/index.html`\n\n{shown.OURS}"
    )
    with Tracker(plan_of(SPEC)) as tracker:
        tracker.experiment.describe("Farther.", "")
    assert tags()[names.NOTE].startswith(
        "**Answer:** Farther.\n\n**Question:** how far?\n\n**Report:** `reports/study/"
    )


@pytest.mark.parametrize(("note", "kept"), [("mine", True), (f"{shown.OURS_BEFORE}\n\n| task |", False)])
def test_a_text_of_ones_own_is_kept_and_that_of_an_earlier_seqbench_is_not(folder, note, kept):
    put_database(folder)
    record(ASKED, [(SPEC, [STARTED, SOLVED])])
    client = store.connect(store.tracking_uri())
    client.set_experiment_tag(client.get_experiment_by_name(EXPERIMENT).experiment_id, names.NOTE, note)
    describe(ASKED, "Far.")
    assert (tags()[names.NOTE] == note) is kept


def test_a_long_answer_is_cut_and_stays_replaceable():
    text = shown.description("how far?", "far " * 3000, "here")
    assert len(text) <= 5000  # what MLflow takes
    assert text.startswith("**Answer:** far far")
    assert "**Report:** `here`" in text
    assert shown.is_ours(text)


def test_a_run_whose_name_an_earlier_plan_has_given_away_says_what_differs(folder):
    put_database(folder)
    fast = replace(SPEC, training=replace(SPEC.training, learning_rate=0.5))
    for run in (SPEC, fast):
        record(plan_of(run), [(run, [STARTED, SOLVED])])
    assert [run.run_name for run in recorded()] == ["s3 lstm gap=2 copy", "s3 lr=0.5 lstm gap=2 copy"]


def test_the_newest_experiment_is_the_one_whose_run_was_started_last(folder):
    file = put_database(folder)
    for experiment, seed in (("one", 0), ("two", 0), ("one", 1)):
        run = make_spec(seed=seed)
        record(plan_of(run, experiment=experiment), [(run, [STARTED, SOLVED])])
    with opened(file) as reader:
        assert reader.newest().name == "one"
