"""The next word, continuations and surprisal are those of the model that a run saved."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from builders import Opaque, load_core, load_task
from recording import MLFLOW_WARNINGS
from torch import nn
from torch.nn.functional import cross_entropy
from word_runs import STORY, one_pass

from seqbench.language.tokens import UNKNOWN, tokenise
from seqbench.models.base import SequenceModel
from seqbench.predict import sentence
from seqbench.predict.sentence import Sampling, complete, next_words, prompt, surprise, words_in

pytestmark = MLFLOW_WARNINGS


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
    with pytest.raises(ValueError, match=r"outputs of s. lstm gap=3 agreement, .* are not finite"):
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
