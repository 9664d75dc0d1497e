"""What `agreement` says of itself: what is asked, what the baselines are worth, and what n-grams can see."""

import math

import numpy as np
import pytest
import torch
from builders import component, finished, load_task, make_spec

from seqbench.language.english import NUMBER, OTHER_FORM
from seqbench.models.ngram import NGram
from seqbench.training.evaluation import Evaluation


def counted(task, n, sentences=20_000):
    """Test scores of an n-gram model counted from so many sentences."""
    batches = (task.batch(0, "train", index, 1000) for index in range(sentences // 1000))
    return Evaluation(task, next(NGram(n=n).propose(task, batches)), 0, "test", 0, 3000).scores()


@pytest.mark.parametrize(("gap", "attractors"), [(1, 0), (7, 1), (12, 2)])
def test_the_verb_is_asked_gap_steps_after_its_head_noun_was_seen(gap, attractors):
    task = load_task("agreement", gap=gap, attractors=attractors)
    batch = task.batch(0, "train", 0, 200)
    asked, evidence = task.asked(batch), task.evidence(batch)
    assert (asked.sum(1) == 1).all()
    assert (evidence.sum(1) == 1).all()
    assert (asked.int().argmax(1) - evidence.int().argmax(1) == gap).all()
    assert task.evidence_lag == gap
    numbers = torch.from_numpy(NUMBER)
    assert torch.equal(numbers[batch.targets[asked]], numbers[batch.inputs[evidence]])


def test_every_word_has_a_loss_and_is_the_input_of_the_next_step():
    inputs, targets, mask, lengths = load_task("agreement", gap=5).batch(0, "train", 0, 50)
    assert torch.equal(mask.sum(1), lengths)
    assert torch.equal(inputs[:, 1:], targets[:, :-1])
    assert not inputs[:, 0].any()
    assert not targets.gather(1, lengths[:, None] - 1).any()


def test_the_right_form_must_be_more_probable_than_the_wrong_one_and_a_tie_is_half():
    task = load_task("agreement")
    sings = task.words.index("sings")
    outputs = torch.zeros(4, len(task.words))
    outputs[0, sings], outputs[1, OTHER_FORM[sings]], outputs[2, sings] = 1.0, 1.0, -1.0
    outputs[:, 0] = 9.0  # another word may be more probable than both
    scores = task.score(outputs, torch.full((4,), sings), torch.ones(4, dtype=torch.long))
    assert scores == {"accuracy": (1 + 0 + 0 + 0.5) / 4}


@pytest.mark.parametrize("n", [2, 3, 4, 5])
@pytest.mark.parametrize(("gap", "attractors"), [(5, 0), (6, 1)])
def test_an_ngram_is_at_chance_where_the_gap_is_its_order_or_more(n, gap, attractors):
    scores = counted(load_task("agreement", gap=gap, attractors=attractors), n)
    assert abs(scores["accuracy"] - 0.5) < 4 * 0.5 / math.sqrt(3000)


@pytest.mark.parametrize(("gap", "n", "sees"), [(1, 2, False), (1, 3, True), (1, 5, True), (2, 3, False), (2, 4, True)])
def test_an_ngram_sees_the_head_noun_from_order_gap_plus_two_on(gap, n, sees):
    """The context of the verb is `n - 1` words: the gap and the head noun are `gap + 1` of them."""
    accuracy = counted(load_task("agreement", gap=gap), n, 60_000)["accuracy"]
    assert accuracy > (0.65 if gap == 1 else 0.53) if sees else abs(accuracy - 0.5) < 0.035


@pytest.mark.parametrize("knobs", [{"gap": 4}, {"gap": 12, "attractors": 2}, {"gap": 9, "min_gap": 3}])
def test_without_memory_is_what_a_bigram_model_of_many_sentences_scores(knobs):
    task = load_task("agreement", **knobs)
    scores, stated = counted(task, 2, 100_000), task.baselines[0]
    assert (stated.name, stated.score) == ("no memory", 0.5)
    assert scores["loss"] == pytest.approx(stated.loss, rel=0.01)
    assert scores["accuracy"] == pytest.approx(0.5, abs=0.035)


def test_a_range_of_gaps_has_no_closed_form_beyond_the_first_baseline():
    assert len(load_task("agreement", gap=9).baselines) == 2
    assert len(load_task("agreement", gap=9, min_gap=3).baselines) == 1


def test_attractors_must_fit_the_shortest_gap():
    with pytest.raises(ValueError, match="attractors=1 needs a gap of at least 6, and gap=5 is shorter"):
        load_task("agreement", gap=20, min_gap=5, attractors=1)


def test_it_is_tested_on_longer_gaps_with_any_attractors_that_fit():
    variants = [tuple(apart.values()) for apart, _ in load_task("agreement", gap=8).variants(100)]
    by_attractors = [[gap for gap, attractors in variants if attractors == number] for number in range(4)]
    assert by_attractors == [[8, 12, 16, 24], [8, 12, 16, 24], [12, 16, 24], [24]]
    for apart, task in load_task("agreement", gap=8, min_gap=6).variants(100):
        assert (task.gap, task.attractors, task.min_gap) == (apart["gap"], apart["attractors"], None)


def test_a_run_of_ngrams_counts_the_batches_of_its_budget():
    spec = make_spec(component("task", "agreement", gap=1), component("model", "ngram"), max_steps=40, batch_size=50)
    run, more = finished(spec), finished(make_spec(spec.task, spec.model, max_steps=400, batch_size=50))
    assert (run.outcome, run.steps) == ("unsolved", 1)
    assert more.test["loss"] < run.test["loss"]
    assert np.isfinite(run.test["perplexity"])


def test_ngrams_are_refused_tasks_without_words():
    with pytest.raises(ValueError, match="an n-gram model counts words"):
        finished(make_spec("copy", "ngram"))
