"""The next word from a record alone: what is printed is what the model says, and what cannot be said is explained."""

import io
import math
import re
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
import torch
from builders import Opaque, component, load_core, load_task, make_spec
from recording import MLFLOW_WARNINGS, STARTED, UNSOLVED, plan_of, put_database, record
from recording import recorded as runs_of
from safetensors.torch import load
from torch import nn
from torch.nn.functional import cross_entropy

from seqbench.events import Finished, Saved
from seqbench.language.tokens import END, UNKNOWN, tokenise
from seqbench.models.base import SequenceModel
from seqbench.predict import sentence
from seqbench.predict.__main__ import main
from seqbench.predict.sentence import Sampling, complete, next_words, prompt, surprise, words_in
from seqbench.record import finding
from seqbench.record.finding import NoSuchModel
from seqbench.record.saved import load_language_model
from seqbench.tasks.text import Text
from seqbench.training.fit import fit

pytestmark = MLFLOW_WARNINGS

STORY = "The cat sees [the] dog.\n\nThe dog sees the cat, and the cat sleeps.\n\nA bird sings!\n\n" * 20
SHORT = {"max_steps": 30, "validate_every": 10, "variant_sequences": 5}
AGREEMENT = make_spec(component("task", "agreement", gap=3, embedding=8), seed=1, **SHORT)
NOT_SAVED = make_spec(component("task", "agreement", gap=3, embedding=8), seed=2)
COPY = make_spec("copy", seed=3)
OF_COPY = [STARTED, Saved(3, b"the parameters"), UNSOLVED]


def spec_of_text(path, seed, level="word"):
    knobs = {"path": path, "level": level, "vocabulary": 12, "min_count": 1, "bptt": 5, "embedding": 8}
    task = replace(component("task", "text", **knobs), data=Text.data(path=path))
    return make_spec(task, seed=seed, **SHORT)


@dataclass(frozen=True)
class Made:
    """A folder with a record, and what each run told while it was made."""

    folder: Path
    specs: dict
    told: dict

    def model(self, name):
        """As the run left it, without the record; the core alone decides."""
        (*_, saved) = (event for event in self.told[name] if isinstance(event, Saved))
        parameters = load(saved.content)
        words, width = parameters["encoder.weight"].shape
        encoder = nn.Embedding(words, width)
        model = SequenceModel(load_core("lstm", width, hidden_size=8), words, encoder)
        model.load_state_dict(parameters)
        return model.eval()

    def perplexity(self, name):
        (finished,) = (event for event in self.told[name] if isinstance(event, Finished))
        return finished.test["perplexity"]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Runs over words and others, trained for 30 steps; the text that two of them read is gone."""
    folder = tmp_path_factory.mktemp("record")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.delenv("MLFLOW_TRACKING_URI", raising=False)
        patch.setenv("SEQBENCH_CACHE", str(folder / "cache"))
        text = folder / "story.txt"
        text.write_text(STORY)
        words, characters = spec_of_text(str(text), 4), spec_of_text(str(text), 5, "character")
        specs = {"agreement": AGREEMENT, "words": words, "characters": characters}
        told = {name: list(fit(spec)) for name, spec in specs.items()}
        specs |= {"not saved": NOT_SAVED, "copy": COPY}
        told |= {"not saved": [STARTED, UNSOLVED], "copy": OF_COPY}
        put_database(folder)
        record(plan_of(*specs.values()), [(spec, told[name]) for name, spec in specs.items()])
        text.unlink()
        for file in (folder / "cache").rglob("*"):
            if file.is_file():
                file.unlink()
    return Made(folder, specs, told)


@pytest.fixture
def record_folder(made, monkeypatch):
    """The record stands in the working folder."""
    monkeypatch.chdir(made.folder)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.setenv("COLUMNS", "80")
    return made.folder


@pytest.fixture
def agreement(record_folder):
    return load_language_model(AGREEMENT.run_name)


@pytest.fixture
def words(record_folder):
    return load_language_model("text lstm seed=4")


@pytest.fixture
def characters(record_folder):
    return load_language_model("text lstm seed=5")


def one_pass(model, ids):
    """Log-probabilities after each word, all read at once from the initial state."""
    inputs = torch.tensor([ids])
    with torch.no_grad():
        return model(inputs, torch.ones_like(inputs, dtype=torch.bool)).double().log_softmax(-1).numpy()


def run_id(name):
    (found,) = (run for run in runs_of() if run.info.run_name == name)
    return found.info.run_id


# -- the next word -----------------------------------------------------------------------------------------


def test_probabilities_sum_to_one_and_are_those_of_the_model_that_the_run_saved(made, agreement, words):
    for name, language, text in (("agreement", agreement, "the keys that slept"), ("words", words, "The cat sees")):
        given = prompt(language, text)
        probabilities = next_words(language, given.ids)
        assert probabilities.sum() == pytest.approx(1, abs=1e-12)
        ids = [0, *map(language.words.index, text.lower().split())]
        expected = np.exp(one_pass(made.model(name), ids)[-1])
        np.testing.assert_allclose(probabilities, expected, rtol=1e-5)


def test_a_model_of_single_sentences_begins_anew_after_each_end_and_one_of_texts_goes_on(agreement, words):
    first, second = prompt(agreement, "the cat sleeps").ids, prompt(agreement, "my dogs").ids
    np.testing.assert_array_equal(next_words(agreement, [*first, 0, *second]), next_words(agreement, second))
    first, second = prompt(words, "the cat sleeps").ids, prompt(words, "the dog").ids
    assert not np.array_equal(next_words(words, [*first, 0, *second]), next_words(words, second))


def test_a_prompt_is_divided_as_the_text_was(agreement, words, characters):
    assert prompt(agreement, "The KEYS\n").words == ["the", "keys"]
    assert prompt(words, " The cat, sees: ").words == ["the", "cat", ",", "sees", ":"]
    assert prompt(characters, "The c ").words == list("The c ")


def test_every_word_of_the_grammar_can_be_typed(agreement):
    assert tokenise(" ".join(agreement.words[1:])) == list(agreement.words[1:])


def test_unknown_words_are_read_as_such_where_the_vocabulary_has_a_place_for_them_and_else_left_out(agreement, words):
    given = prompt(words, "the zebra sees the zebra")
    assert (given.unknown, given.ids[1], given.ids[4]) == (["zebra"], 1, 1)
    given = prompt(agreement, "the zebra keys")
    assert (given.unknown, given.ids) == (["zebra"], prompt(agreement, "the keys").ids)


def with_core(language, core):
    encoder = nn.Embedding(len(language.words), 8)
    return replace(language, model=SequenceModel(core, len(language.words), encoder).eval())


def test_a_core_that_cannot_go_on_from_a_state_reads_all_again(words):
    language = with_core(words, Opaque(8))
    reader, ids = sentence.Reader(language), [0, 3, 4, 5, 2, 6]
    found = np.concatenate([reader.read(ids[:1]), reader.read(ids[1:4]), reader.read(ids[4:])])
    np.testing.assert_allclose(found, one_pass(language.model, ids), atol=1e-6)


def test_a_core_of_fixed_length_says_why_it_reads_no_further(agreement):
    language = with_core(agreement, load_core("unshared", 8, hidden_size=4, length=3))
    with pytest.raises(ValueError, match="it has matrices for 3 steps"):
        next_words(language, [3, 3, 3])


def test_outputs_that_are_not_finite_are_refused(agreement):
    nn.init.constant_(agreement.model.readout.bias, torch.nan)
    with pytest.raises(ValueError, match=r"outputs of agreement gap=3 .* are not finite"):
        next_words(agreement, [3])


# -- a continuation ----------------------------------------------------------------------------------------


def continuation(language, seed=0, most=40, **how):
    return list(complete(language, prompt(language, "the").ids, most, Sampling(seed=seed, **how)))


def test_a_continuation_follows_from_its_seed_alone(agreement):
    found = [continuation(agreement, seed) for seed in (1, 2, 3, 1, 2, 3)]
    assert found[:3] == found[3:]
    assert len({tuple(words) for words in found}) == 3


def test_at_temperature_0_each_word_is_the_most_probable_one(words):
    nn.init.constant_(words.model.readout.bias[:2], -100)  # neither end nor unknown
    found, ids = continuation(words, temperature=0.0, most=6), prompt(words, "the").ids
    assert len(found) == 6
    for word in found:
        assert word == words.words[next_words(words, ids).argmax()]
        ids = [*ids, words.ids[word]]
    for seed in range(3):
        assert continuation(words, seed, top_k=1, most=6) == found
        assert continuation(words, seed, temperature=1e-320, most=6) == found


def test_words_are_drawn_by_their_probability_sharpened_by_the_temperature_among_the_best():
    rng, log_p = np.random.default_rng(0), np.log([0.1, 0.2, 0.3, 0.4])
    for how, expected in (
        (Sampling(), [0.1, 0.2, 0.3, 0.4]),
        (Sampling(temperature=0.5), np.array([1, 4, 9, 16]) / 30),
        (Sampling(top_k=2), [0, 0, 3 / 7, 4 / 7]),
    ):
        drawn = [sentence._drawn(log_p.copy(), None, how, rng) for _ in range(4000)]
        np.testing.assert_allclose(np.bincount(drawn, minlength=4) / 4000, expected, atol=0.03)


def test_an_unknown_word_is_never_drawn_however_probable(words):
    with torch.no_grad():
        words.model.readout.bias[1] = 50.0
    assert next_words(words, [2])[1] > 0.999
    drawn = [word for seed in range(5) for word in continuation(words, seed)]
    assert drawn
    assert UNKNOWN not in drawn


def test_a_continuation_stops_where_the_sentence_ends_or_at_so_many_words(words):
    bias = words.model.readout.bias
    with torch.no_grad():
        bias[0] = -100.0
        assert len(continuation(words, most=7)) == 7
        bias[0] = 100.0
        assert continuation(words) == []


# -- surprisal ---------------------------------------------------------------------------------------------


def test_the_surprisal_of_a_text_is_the_loss_of_the_model_in_one_long_pass_whatever_the_window(
    made, words, monkeypatch
):
    text = tokenise(STORY)[:450]  # more than two windows
    ids = [words.ids.get(word, 1) for word in text]
    model = made.model("words")
    inputs = torch.tensor([[0, *ids[:-1]]])
    outputs = model(inputs, torch.ones_like(inputs, dtype=torch.bool))
    expected = cross_entropy(outputs, torch.tensor(ids), reduction="none").detach().numpy() / math.log(2)
    for window in (sentence.WINDOW, 1, 7, 450):
        monkeypatch.setattr(sentence, "WINDOW", window)
        judged = list(surprise(words, text))
        assert [judgement.word for judgement in judged] == text
        np.testing.assert_allclose([judgement.bits for judgement in judged], expected, rtol=1e-4, atol=1e-5)


def test_sentences_on_lines_of_their_own_cost_what_they_cost_in_the_test_of_their_task(made, agreement, monkeypatch):
    task, model = load_task("agreement", gap=3, embedding=8), made.model("agreement")
    batch = task.batch(1, "test", 0, 6)
    expected = task.loss(model(batch.inputs, batch.mask), batch.targets[batch.mask]).detach().numpy() / math.log(2)
    sentences = [
        [task.words[id] for id in row[:length]] for row, length in zip(batch.targets, batch.lengths, strict=True)
    ]
    text = "".join(" ".join(words[:-1]).capitalize() + "\n" for words in sentences)
    for window in (sentence.WINDOW, 1, 7):
        monkeypatch.setattr(sentence, "WINDOW", window)
        judged = list(surprise(agreement, words_in(agreement, [text])))
        assert [judgement.word for judgement in judged] == [word for words in sentences for word in words]
        np.testing.assert_allclose([judgement.bits for judgement in judged], expected, rtol=1e-4, atol=1e-5)


def test_a_word_without_a_place_in_the_vocabulary_has_no_surprisal_and_changes_none(agreement):
    *_, cat, zebra, sleeps = surprise(agreement, ["the", "cat", "zebra", "sleeps"])
    assert (zebra.known, zebra.bits) == (False, None)
    assert [cat, sleeps] == list(surprise(agreement, ["the", "cat", "sleeps"]))[1:]


def test_an_unknown_word_costs_what_the_model_gives_to_unknown_words(words):
    _, zebra = surprise(words, ["the", "zebra"])
    assert (zebra.word, zebra.known) == ("zebra", False)
    assert zebra.bits == pytest.approx(-math.log2(next_words(words, prompt(words, "the").ids)[1]))


# -- which run ---------------------------------------------------------------------------------------------


def test_without_a_name_the_run_of_the_lowest_test_perplexity_is_taken_that_left_both_files(made, record_folder):
    first, second, _ = sorted(("agreement", "words", "characters"), key=made.perplexity)
    found = load_language_model()
    assert (found.spec, found.perplexity) == (made.specs[first], pytest.approx(made.perplexity(first)))
    with without(artifact(made.specs[first].run_name, "vocabulary.json")):
        assert load_language_model().spec == made.specs[second]


def test_a_run_that_solved_its_task_comes_before_one_of_lower_perplexity(made, record_folder, monkeypatch):
    _, second, _ = sorted(("agreement", "words", "characters"), key=made.perplexity)
    solved = made.specs[second].run_name
    monkeypatch.setattr(finding, "outcome", lambda run: "solved" if run.info.run_name == solved else "unsolved")
    assert load_language_model().spec == made.specs[second]


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


# -- the command -------------------------------------------------------------------------------------------


def said(capsys, *words):
    """What the command prints, after the line with the run."""
    assert main(words) == 0
    out, err = capsys.readouterr()
    assert err == ""
    return out.splitlines()


def test_the_command_names_its_run_and_lists_the_most_probable_words_with_bars(agreement, capsys):
    title, head, *rows, others = said(capsys, f"run={AGREEMENT.run_name}", "the keys", "that", "--top", "3")
    assert title == f"{agreement.title}, test perplexity {agreement.perplexity:.4g}"
    assert head.split() == ["next", "word", "probability"]
    probabilities = next_words(agreement, prompt(agreement, "the keys that").ids)
    best = np.argsort(-probabilities)[:3]
    assert [row.split()[0] for row in rows] == [agreement.words[id] for id in best]
    assert [float(re.search(r"([\d.]+) %", row)[1]) for row in rows] == [
        round(100 * probabilities[id], 2) for id in best
    ]
    bars = [row.count("█") for row in rows]
    assert bars == sorted(bars, reverse=True)
    assert bars[0] == 40
    assert others.split() == ["303", "others", f"{100 * (1 - probabilities[best].sum()):.2f}", "%"]
    assert all(len(line) <= 80 for line in (head, *rows, others))


def test_unknown_words_are_named_with_what_becomes_of_them(words, agreement, capsys):
    _, line, *_ = said(capsys, "run=text lstm seed=4", "the zebra, the gnu, the zebra")
    assert line == "not in the vocabulary: 'zebra', 'gnu', read as <unk>"
    _, line, *_ = said(capsys, f"run={AGREEMENT.run_name}", "the zebra")
    assert line == "not in the vocabulary: 'zebra', left out"


def test_the_list_says_what_unk_and_end_stand_for_and_shows_marks_as_they_are(words, capsys):
    rows = said(capsys, "run=text lstm seed=4", "the cat", "--top=100")
    text = "\n".join(rows)
    assert f"{UNKNOWN} (another word)" in text
    assert f"{END} (of the sentence)" in text
    assert len(rows) == 2 + len(words.words)
    assert "others" not in text


def test_characters_that_cannot_be_seen_are_shown_by_their_code(characters, capsys):
    rows = said(capsys, "run=text lstm seed=5", "the", "--top=100")
    assert "next character" in rows[1]
    assert {"' '", r"'\n'"} <= {row[:4].strip() for row in rows}


def test_complete_writes_a_readable_sentence_and_takes_its_number_or_the_prompt_after_it(words, capsys):
    run = "run=text lstm seed=4"
    _, line = said(capsys, run, "the cat sees [the", "--complete", "3", "--seed", "1", "--temperature=0.5", "--top-k=4")
    assert line.startswith("the cat sees [the")
    again = said(capsys, run, "the cat sees [the", "--complete=3", "--seed=1", "--temperature=0.5", "--top-k=4")
    assert again[1] == line
    assert said(capsys, run, "--complete", "the cat")[1:] == said(capsys, run, "the cat", "--complete")[1:]


def test_interactive_answers_line_by_line_and_goes_on_after_a_line_it_cannot_read(words, capsys, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO("the cat\n\nzebra\nthe dog"))
    assert main(["run=text lstm seed=4", "--interactive", "--top=2"]) == 0
    out, err = capsys.readouterr()
    assert out.count("next word") == 2
    assert out.count("test perplexity") == 1
    assert re.fullmatch(r"seqbench: no word of the prompt is in the vocabulary of text .*: 'zebra'\n", err)


def test_surprise_shows_each_word_of_a_file_and_the_mean(words, capsys, tmp_path):
    (tmp_path / "new.txt").write_text("The cat sees\nthe zebra.\n")
    _, head, *rows, _, mean, unknown = said(capsys, "run=text lstm seed=4", "--surprise", str(tmp_path / "new.txt"))
    judged = list(surprise(words, ["the", "cat", "sees", "the", "zebra", "."]))
    assert head.split() == ["word", "bits"]
    assert [row.split()[0] for row in rows] == [word.word for word in judged]
    assert [re.search(r"(\d+\.\d\d)", row)[0] for row in rows] == [f"{word.bits:.2f}" for word in judged]
    assert rows[4].startswith("zebra (<unk>)")
    bits = sum(word.bits for word in judged) / 6
    assert mean == f"6 words, {bits:.3f} bits each on average: perplexity {2**bits:,.4g}"
    assert unknown == "1 of 6 not in the vocabulary, read as <unk>"


def refused(capsys, *words):
    """The message; nothing is printed beside it but the run, and nothing is written."""
    before = {file: file.stat().st_mtime_ns for file in Path().rglob("*")}
    assert main(words) == 2
    assert {file: file.stat().st_mtime_ns for file in Path().rglob("*")} == before
    error = capsys.readouterr().err
    assert error.startswith("seqbench: ")
    assert "Traceback" not in error
    return error


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["--top=5"], "the prompt is empty"),
        (["", "--complete"], "the prompt is empty"),
        (["  "], "the prompt is empty"),
        (["the", "--top", "0"], "--top: '0' is not allowed; it should be a whole number from 1 upwards"),
        (["the", "--top=many"], "--top: 'many' is not allowed"),
        (["the", "--complete=0"], "--complete: '0' is not allowed; it should be a whole number from 1 upwards"),
        (["the", "--complete", "-2"], "--complete: '-2' is not allowed"),
        (["the", "--complete", "2.5"], "--complete: '2.5' is not allowed"),
        (["the", "--temperature=-0.1"], "--temperature: '-0.1' is not allowed; it should be a number from 0 upwards"),
        (["the", "--temperature=nan"], "--temperature: 'nan' is not allowed"),
        (["the", "--temperature=inf"], "--temperature: 'inf' is not allowed"),
        (["the", "--top-k=0"], "--top-k: '0' is not allowed"),
        (["the", "--seed=-1"], "--seed: '-1' is not allowed"),
        (["the", "--sed=1"], "unrecognized arguments: --sed=1"),
        (["the", "experimet=study"], "did you mean 'experiment'?"),
        (["the", "run="], "it should be run=VALUE"),
        (["the", "--config-dir=nowhere"], "--config-dir: there is no folder nowhere"),
        (["the", "--interactive"], "--interactive and a prompt cannot go together"),
        (["--surprise=story.txt", "--complete"], "--surprise and --complete cannot go together"),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_is_loaded(folder, capsys, words, problem):
    assert problem in refused(capsys, *words)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (None, "does not exist"),
        (b"", "is empty"),
        (b"the cat \xff", "is not UTF-8 text at byte offset 8"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_the_place(folder, capsys, content, problem):
    if content is not None:
        (folder / "new.txt").write_bytes(content)
    error = refused(capsys, "--surprise", "new.txt")
    assert problem in error
    assert "new.txt" in error


def test_a_file_without_words_or_without_known_words_has_no_mean(record_folder, capsys, tmp_path):
    (tmp_path / "blank.txt").write_text(" \n")
    (tmp_path / "unknown.txt").write_text("xyzzy plugh")
    run = f"run={AGREEMENT.run_name}"
    assert "the text has no words" in refused(capsys, run, "--surprise", str(tmp_path / "blank.txt"))
    assert "no word that is in the vocabulary" in refused(capsys, run, "--surprise", str(tmp_path / "unknown.txt"))


def test_a_prompt_of_unknown_words_only_is_refused_with_the_words(record_folder, capsys):
    for run in (AGREEMENT.run_name, "text lstm seed=4"):
        error = refused(capsys, f"run={run}", "zebra gnu zebra")
        assert f"no word of the prompt is in the vocabulary of {run}" in error
        assert error.endswith(": 'zebra', 'gnu'\n")


@pytest.mark.parametrize(
    ("run", "problem"),
    [
        ("unknown", "there is no run 'unknown'; choose a next-word run with a saved model:\n"),
        (COPY.run_name, "(copy gap=2 lstm seed=3, unsolved) is not a run of next-word prediction; choose a"),
        (NOT_SAVED.run_name, "(agreement gap=3 lstm seed=2, unsolved) was not saved; choose a next-word run"),
    ],
)
def test_a_run_that_cannot_predict_words_is_answered_with_those_that_can(record_folder, capsys, run, problem):
    error = refused(capsys, f"run={run}", "the")
    assert problem in error
    named = re.findall(r"^  [0-9a-f]{32}  (.*)  \w+$", error, re.M)
    assert sorted(named) == [AGREEMENT.run_name, "text lstm seed=4", "text lstm seed=5"]


def test_an_unknown_experiment_is_answered_with_the_nearest(record_folder, capsys):
    assert "there is no such experiment; did you mean 'study'?" in refused(capsys, "experiment=stdy", "the")


def test_a_record_without_a_next_word_run_says_how_to_make_one(folder, capsys):
    assert "there is no finished next-word run" in refused(capsys, "the")
    put_database(folder)
    record(plan_of(COPY), [(COPY, OF_COPY)])
    assert "python -m seqbench task=agreement makes one" in refused(capsys, "the")


def test_a_store_that_does_not_answer_is_another_exit_code(folder, capsys, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    assert main(["the"]) == 3
    assert "does not answer" in capsys.readouterr().err


def test_a_core_of_ones_own_is_found_in_the_folder_named(made, capsys, monkeypatch, tmp_path):
    (tmp_path / "my_words.py").write_text("from seqbench.models.lstm import LSTM\n\n\nclass Mine(LSTM):\n    pass\n")
    own = replace(AGREEMENT, seed=9, model=replace(AGREEMENT.model, name="mine", target="my_words.Mine"))
    monkeypatch.chdir(tmp_path)
    put_database(tmp_path)
    record(plan_of(own), [(own, made.told["agreement"])])
    monkeypatch.setattr(sys, "path", list(sys.path))
    error = refused(capsys, "the")
    assert "'my_words.Mine' cannot be imported" in error
    assert "--config-dir FOLDER says where classes of your own are" in error
    assert said(capsys, "the", "--config-dir", str(tmp_path))[0].startswith(own.run_name)


@pytest.mark.parametrize("words", [[], ["--help"]])
def test_without_arguments_it_explains_itself(words, capsys):
    assert main(words) == 0
    assert "--surprise FILE" in capsys.readouterr().out
