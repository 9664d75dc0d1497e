"""Real text: windows that cover it, state that goes on, n-grams to beat, and the test with the last words alone."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from builders import component, finished, make_spec

from seqbench.config import ConfigError
from seqbench.language.ngrams import NGrams
from seqbench.models.prediction import predictor
from seqbench.planning.make_plan import make_plan
from seqbench.tasks.text import CONTEXTS, ROWS, WINDOW, LastWords, Text
from seqbench.training.build import build, try_out
from seqbench.training.evaluation import Evaluation


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("SEQBENCH_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def file(tmp_path):
    """Sentences whose last word is their first: a trigram model cannot see it. 9,000 words."""
    rng = np.random.default_rng(0)
    words = ["red", "green", "blue", "black"]
    sentences = [f"{words[i]} is as good as {words[i]} ." for i in rng.integers(4, size=1300)]
    path = tmp_path / "text.txt"
    path.write_text(" ".join(sentences), encoding="utf-8")
    return str(path)


@pytest.fixture
def task(file):
    return Text(path=file, min_count=1, bptt=7, embedding=4)


def text_spec(path, model="lstm", hidden_size=8, **training):
    option = component("task", "text", path=path, min_count=1, bptt=7, embedding=4)
    data = Text.data(**option.settings)
    return make_spec(replace(option, data=data), component("model", model, hidden_size=hidden_size), **training)


# -- windows -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 3, 20])
def test_an_epoch_is_the_training_text_in_rows_each_window_going_on_where_the_last_ended(task, size):
    epoch = len(task.corpus.train) // size // 7
    windows = [task.batch(0, "train", 1 + i, size) for i in range(epoch)]
    rows = torch.cat([batch.inputs for batch in windows], 1)
    nexts = torch.cat([batch.targets for batch in windows], 1)
    assert torch.equal(rows[:, 1:], nexts[:, :-1])
    doubled = np.tile(task.corpus.train.ids, 2).astype(np.int64)
    for row in rows.numpy():
        assert any(np.array_equal(doubled[i : i + len(row)], row) for i in range(len(task.corpus.train)))
    assert [task.continues("train", 1 + i, size) for i in range(epoch + 2)] == [
        False,
        *[True] * (epoch - 1),
        False,
        True,
    ]


def test_each_epoch_and_each_seed_cuts_the_circle_elsewhere(task):
    epoch = len(task.corpus.train) // 20 // 7
    first, second = task.batch(0, "train", 1, 20), task.batch(0, "train", 1 + epoch, 20)
    assert not torch.equal(first.inputs, second.inputs)
    assert not torch.equal(first.inputs, task.batch(1, "train", 1, 20).inputs)
    assert torch.equal(first.inputs, task.batch(0, "train", 1, 20).inputs)


@pytest.mark.parametrize("stream", ["validation", "test"])
def test_an_evaluation_predicts_every_word_of_its_part_once_and_in_order(task, stream):
    part = getattr(task.corpus, stream)
    sizes = task.sizes(stream, 5)
    assert sizes == [ROWS] * math.ceil(math.ceil(len(part) / ROWS) / WINDOW)
    windows = [task.batch(3, stream, i, size) for i, size in enumerate(sizes)]
    rows = [torch.cat([batch.targets[r][batch.mask[r]] for batch in windows]) for r in range(ROWS)]
    assert torch.cat(rows).tolist() == part.ids.tolist()
    assert windows[0].inputs[0, 0] == 0  # the end of a sentence, before the first word
    assert [task.continues(stream, i, ROWS) for i in range(len(sizes))] == [False] + [True] * (len(sizes) - 1)


def test_what_an_evaluation_scores_is_one_pass_over_each_row_with_carried_state(file):
    task, model = build(text_spec(file))
    found = Evaluation(task, predictor(model, task), 0, "test", 0, 1).scores()
    ids = torch.from_numpy(np.concatenate([[0], task.corpus.test.ids]).astype(np.int64))
    length, losses = math.ceil(len(task.corpus.test) / ROWS), []
    for start in range(0, len(ids) - 1, length):
        row = ids[start : start + length + 1][None]
        with torch.inference_mode():
            losses.append(task.loss(model(row[:, :-1], torch.ones_like(row[:, 1:], dtype=torch.bool)), row[0, 1:]))
    loss = torch.cat(losses).mean().item()
    assert found["loss"] == pytest.approx(loss, rel=1e-5)
    assert found["perplexity"] == pytest.approx(math.exp(loss), rel=1e-5)
    bits = loss / math.log(2) * len(task.corpus.test) / task.corpus.test.characters
    assert found["bits_per_character"] == pytest.approx(bits, rel=1e-5)


# -- the last words alone ------------------------------------------------------------------------------------


def test_variants_predict_the_same_words_with_more_and_more_context(task):
    variants = [(apart["context"], variant) for apart, variant in task.variants(700)]
    assert [context for context, _ in variants] == list(CONTEXTS)
    sizes = variants[0][1].sizes("test", 700)
    assert sum(sizes) == min(700, len(task.corpus.test) - CONTEXTS[-1])
    batches = {context: variant.batch(0, "test", 0, variant.sizes("test", 700)[0]) for context, variant in variants}
    answers = {context: batch.targets[batch.mask].tolist() for context, batch in batches.items()}
    assert len(set(map(tuple, answers.values()))) == 1
    for context, batch in batches.items():
        assert batch.inputs.shape[1] == context
        assert torch.equal(batch.inputs, batches[200].inputs[:, -context:])
        assert not variants[0][1].continues("test", 1, 100)
    ids, first = task.corpus.test.ids, batches[200]
    assert first.inputs[0].tolist() == ids[:200].tolist()
    assert first.targets[0, -1] == ids[200]


def test_a_test_text_that_is_too_short_for_all_contexts_has_no_variants(tmp_path):
    path = tmp_path / "short.txt"
    path.write_text("to be or not to be . " * 100, encoding="utf-8")
    assert list(Text(path=str(path), min_count=1, bptt=5).variants(60)) == []


def test_a_variant_is_no_open_ended_task_and_carries_nothing(task):
    variant = LastWords(task, 5, 60)
    assert not variant.open_ended
    assert not variant.carries_state
    assert task.open_ended
    assert task.carries_state


# -- the mark to beat ----------------------------------------------------------------------------------------


def test_baselines_are_those_of_models_counted_from_the_training_text(task):
    unigram, trigram = task.baselines
    train, test = (part.ids.astype(np.int64) for part in (task.corpus.train, task.corpus.test))
    counted = NGrams(np.empty((len(train), 0), dtype=np.int64), train, len(task.words))
    by_hand = -counted.log_probability(np.empty((len(test), 0), dtype=np.int64), test).mean()
    assert unigram.loss == pytest.approx(by_hand)
    assert trigram.loss < 0.5 * unigram.loss
    assert trigram.score == pytest.approx(math.exp(trigram.loss))


def test_it_is_solved_below_the_trigram_and_not_at_it(task):
    trigram = task.baselines[-1].loss
    assert task.solved({"loss": trigram - 0.01})
    assert not task.solved({"loss": trigram + 0.01})


def test_a_model_that_beats_the_trigram_is_a_solved_run_at_the_end_of_its_budget(file):
    result = finished(
        text_spec(
            file,
            hidden_size=32,
            max_steps=400,
            learning_rate=0.02,
            batch_size=10,
            validate_every=100,
            variant_sequences=50,
            seed=2,
        )
    )
    assert result.steps == 400
    assert result.outcome == "solved"
    losses = {row["context"]: row["loss"] for row in result.tables["variants"]}
    assert losses[2] > 1.5 * losses[10]


# -- what is refused -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("one two three four five", "fewer than three windows"),
        ("", "empty"),
        (b"caf\xe9 " * 50, "byte offset 3"),
    ],
)
def test_a_text_that_cannot_be_used_is_refused_before_anything_runs(tmp_path, content, said):
    path = tmp_path / "bad.txt"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(ConfigError, match=said):
        make_plan("task=text", f"task.path={path}", "task.min_count=1")


def test_a_missing_path_and_a_vocabulary_of_no_words_are_refused_together(tmp_path):
    with pytest.raises(ConfigError) as caught:
        make_plan("task=text", f"task.path={tmp_path}/none.txt")
    assert "none.txt" in str(caught.value)
    with pytest.raises(ConfigError, match=r"task\.vocabulary: 0 is not allowed"):
        make_plan("task=text", "task.vocabulary=0")


def test_rows_shorter_than_a_window_are_refused(file):
    with pytest.raises(ValueError, match=r"too few for 1500 rows of bptt=7 words each"):
        try_out(text_spec(file, batch_size=1500))


def test_a_text_that_changed_since_the_plan_is_not_trained_on(file, tmp_path):
    spec = text_spec(file)
    with Path(file).open("a", encoding="utf-8") as text:
        text.write(" and more")
    with pytest.raises(ValueError, match="has changed since the run was planned"):
        build(spec)


def test_another_text_is_another_run(file, tmp_path):
    (before,) = make_plan("task=text", f"task.path={file}").runs
    with Path(file).open("a", encoding="utf-8") as text:
        text.write(" and more")
    (after,) = make_plan("task=text", f"task.path={file}").runs
    assert before.settings == after.settings
    assert before.fingerprint != after.fingerprint
