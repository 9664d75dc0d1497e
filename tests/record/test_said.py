"""What tasks and models are stands in the record, as their files said it, with the settings that it holds for."""

import json
from pathlib import Path

import pytest
from builders import make_spec
from recording import EXPERIMENT, MLFLOW_WARNINGS, SOLVED, STARTED, job_of, plan_of, put_database, record, recorded

from seqbench.config import config_dir
from seqbench.config.about import About, about
from seqbench.record import archive, names, results, store
from seqbench.record.writer import Tracker

pytestmark = MLFLOW_WARNINGS

SPEC = make_spec(gap=2, seed=3)


def test_a_sentence_is_that_of_the_file_if_that_names_the_same_class(tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model/mine.yaml").write_text("# remembers all\n_target_: mine.Model\nhidden_size: 8\nbias: 1\n")
    found = about("model", "mine", "mine.Model", [config_dir(), tmp_path])
    assert found == About("remembers all", {"hidden_size": 8, "bias": 1})
    assert about("model", "mine", "another.Model", [tmp_path]) is None
    assert about("model", "nobody", "mine.Model", [tmp_path]) is None


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"hidden_size": "99", "bias": "1.0"}, "remembers all"),
        ({"bias": "2.0"}, "remembers all; here with bias=2.0"),
        ({}, "remembers all"),
    ],
)
def test_where_a_run_has_other_settings_than_the_file_the_sentence_says_so(
    settings: dict[str, object], said: str
) -> None:
    assert About("remembers all", {"hidden_size": 8, "bias": 1}).of(settings) == said


def test_what_was_written_stands_against_what_the_files_say_today(folder: Path) -> None:
    put_database(folder)
    record(plan_of(SPEC), [(SPEC, [STARTED, SOLVED])])
    client = store.connect(store.tracking_uri())
    experiment = client.get_experiment_by_name(EXPERIMENT)
    told = json.loads(experiment.tags[names.SAID])
    assert told.keys() == {"task/copy", f"model/{SPEC.model.name}"}
    told["task/copy"]["says"] = "as it was called then"
    client.set_experiment_tag(experiment.experiment_id, names.SAID, json.dumps({"task/copy": told["task/copy"]}))
    found = results.load(EXPERIMENT)
    assert found.said["task/copy"].says == "as it was called then"
    assert found.said[f"model/{SPEC.model.name}"].says == told[f"model/{SPEC.model.name}"]["says"]  # from today's file
    assert found.experiment_id == experiment.experiment_id
    (folder / archive.NAME).write_bytes(archive.content(found))
    again = archive.read(folder / archive.NAME)
    assert (again.said, again.experiment_id) == (found.said, found.experiment_id)


def test_it_is_written_when_a_run_begins(folder: Path) -> None:
    put_database(folder)
    with Tracker(plan_of(SPEC)) as tracker:
        tracker.write(job_of(SPEC), STARTED)
        tags = store.connect(store.tracking_uri()).get_experiment_by_name(EXPERIMENT).tags
        assert "repeat symbols after a wait" in json.loads(tags[names.SAID])["task/copy"]["says"]


@pytest.mark.parametrize("facts", ["{}", "[1", '{"score_name": "mse"}'])
def test_facts_that_cannot_be_read_are_one_line_that_names_them(folder: Path, facts: str) -> None:
    put_database(folder)
    record(plan_of(SPEC), [(SPEC, [STARTED, SOLVED])])
    client = store.connect(store.tracking_uri())
    client.set_tag(recorded()[0].run_id, names.FACTS, facts)
    with pytest.raises(LookupError, match=r"tag seqbench\.facts does not say what its task is"):
        results.load(EXPERIMENT)
    client.delete_tag(recorded()[0].run_id, names.FACTS)
    with pytest.raises(LookupError, match="no run of copy in 'study' says what the task is"):
        results.load(EXPERIMENT)
