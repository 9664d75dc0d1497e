"""Which run predicts, and what is said where its files are gone or damaged."""

import shutil
from pathlib import Path

import pytest
import torch
from recording import MLFLOW_WARNINGS
from safetensors.torch import load, save
from word_runs import AGREEMENT, run_id

from seqbench.record import finding, names, store
from seqbench.record.finding import NoSuchModel
from seqbench.record.saved import load_language_model

pytestmark = MLFLOW_WARNINGS


def test_without_a_name_the_run_of_the_lowest_test_perplexity_is_taken_that_left_both_files(made, record_folder):
    first, second, _ = sorted(("agreement", "words", "characters"), key=made.perplexity)
    found = load_language_model()
    assert (found.spec, found.perplexity) == (made.specs[first], pytest.approx(made.perplexity(first)))
    with without(artifact(made.specs[first].run_name, "vocabulary.json")):
        assert load_language_model().spec == made.specs[second]


def test_a_run_that_solved_its_task_comes_before_one_of_lower_perplexity(made, record_folder, monkeypatch):
    _, second, _ = sorted(("agreement", "words", "characters"), key=made.perplexity)
    solved = made.specs[second].run_name
    monkeypatch.setattr(finding, "outcome", lambda run: "solved" if run.run_name == solved else "unsolved")
    assert load_language_model().spec == made.specs[second]


def test_a_run_that_a_learning_rate_was_chosen_by_is_not_taken(made, record_folder):
    first, second, _ = sorted(("agreement", "words", "characters"), key=made.perplexity)
    client, run = store.connect(store.tracking_uri()), run_id(made.specs[first].run_name)
    client.set_tag(run, names.TUNING, "some")
    try:
        assert load_language_model().spec == made.specs[second]
    finally:
        client.delete_tag(run, names.TUNING)


def test_a_copied_record_predicts_with_the_models_that_lie_beside_it(record_folder, tmp_path, monkeypatch):
    monkeypatch.chdir(shutil.copytree(record_folder, tmp_path / "a copy"))
    file = artifact(AGREEMENT.run_name, "model.safetensors")
    file.write_bytes(save({name: torch.zeros_like(value) for name, value in load(file.read_bytes()).items()}))
    assert not any(weights.any() for weights in load_language_model(AGREEMENT.run_name).model.parameters())


def artifact(run_name, file):
    (found,) = Path().rglob(f"{run_id(run_name)}/artifacts/{file}")
    return found


class without:  # noqa: N801
    """A file is something else for a while, or gone."""

    def __init__(self, file, content=None):
        self.file, self.before, self.content = file, file.read_bytes(), content

    def __enter__(self):
        self.file.unlink()
        if self.content is not None:
            self.file.write_bytes(self.content)

    def __exit__(self, *_):
        self.file.write_bytes(self.before)


def test_a_run_is_named_by_id_part_of_an_id_or_name(record_folder):
    wanted = run_id(AGREEMENT.run_name)
    for name in (wanted, wanted[:12], AGREEMENT.run_name):
        assert load_language_model(name).run_id == wanted
    assert load_language_model(experiment="study").run_id


@pytest.mark.parametrize(
    ("file", "content", "problem"),
    [
        ("vocabulary.json", None, "its file vocabulary.json is gone"),
        ("vocabulary.json", b'["<end>", "cut', "its file vocabulary.json is not a list of words"),
        ("vocabulary.json", b"\xff\xfe", "its file vocabulary.json is not a list of words"),
        ("vocabulary.json", b'{"<end>": 0}', "its file vocabulary.json is not a list of words"),
        ("vocabulary.json", b'["the"]', "that begins with '<end>'"),
        ("vocabulary.json", b'["<end>", "the"]', "its vocabulary has 2 words, and its parameters are for 306"),
        ("model.safetensors", None, r"its file model\.safetensors is gone"),
        ("model.safetensors", b"cut", "cannot be built again"),
    ],
)
def test_a_damaged_file_is_an_error_in_plain_words(record_folder, file, content, problem):
    with without(artifact(AGREEMENT.run_name, file), content), pytest.raises(NoSuchModel, match=problem):
        load_language_model(AGREEMENT.run_name)
