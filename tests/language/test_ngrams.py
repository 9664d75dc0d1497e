"""Interpolated Kneser-Ney, against values worked out by hand and the axioms of probability."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqbench.language.ngrams import NGrams, windows

A, B, C, BEGIN = 0, 1, 2, 3
general = settings(derandomize=True, max_examples=60, deadline=None)


def counted(text, order, vocabulary=3):
    """The model of one text."""
    words = np.array([text])
    contexts = windows(words, order - 1, vocabulary)  # after each word; what precedes the next is one earlier
    before = np.concatenate([np.full((1, 1, order - 1), vocabulary), contexts[:, :-1]], axis=1)
    return NGrams(before[0], words[0], vocabulary)


def test_the_unigram_model_by_hand():
    """a a a b b c: counts 3, 2, 1, so n1 = n2 = 1 and D = 1 / (1 + 2) = 1/3.

    Each count loses 1/3; the three thirds, 1 of 6, are spread over three words: 1/18 each.
    P(a) = (3 - 1/3)/6 + 1/18 = 9/18, P(b) = (5/3)/6 + 1/18 = 6/18, P(c) = (2/3)/6 + 1/18 = 3/18.
    """
    found = counted([A, A, A, B, B, C], 1).log_probabilities(np.zeros((1, 0), dtype=int))
    np.testing.assert_allclose(np.exp(found), [[9 / 18, 6 / 18, 3 / 18]])


def test_the_bigram_model_by_hand():
    """a b a b a a: pairs (begin a) 1, (a b) 2, (b a) 2, (a a) 1: n1 = 2, n2 = 2, D = 2 / (2 + 4) = 1/3.

    Unigrams count the words before: a follows begin, b and a: 3; b follows a: 1. n1 = 1, n2 = 0: D = 1/2.
    P1(a) = (3 - 1/2)/4 + (1/2)(2/4)(1/3) = 5/8 + 1/12 = 17/24, P1(b) = 1/8 + 1/12 = 5/24, P1(c) = 1/12 = 2/24.
    After a: c = 3, two words seen, so (1/3)(2/3) = 2/9 is left for the unigrams:
    P(a|a) = (1 - 1/3)/3 + (2/9)(17/24) = 2/9 (1 + 17/24) = 41/108,
    P(b|a) = (2 - 1/3)/3 + (2/9)(5/24) = 5/9 + 5/108 = 65/108, P(c|a) = (2/9)(2/24) = 2/108.
    After c, never seen: the unigrams. After begin: (1 - 1/3)/1 for a, 1/3 is left.
    """
    found = np.exp(counted([A, B, A, B, A, A], 2).log_probabilities(np.array([[A], [C], [BEGIN]])))
    np.testing.assert_allclose(found[0], np.array([41, 65, 2]) / 108)
    np.testing.assert_allclose(found[1], np.array([17, 5, 2]) / 24)
    np.testing.assert_allclose(found[2], [2 / 3 + 17 / 72, 5 / 72, 2 / 72])


def test_pairs_that_begin_a_text_count_as_often_as_they_do_below_the_highest_order():
    """Three texts "a", one "b", order 3: (begin begin a) occurs 3 times, (begin begin b) once.

    Nothing stands before (begin a), so its count is 3 again. Order 3: n2 = 0, so D = 1/2, and the same for order 2.
    Unigrams: a and b follow one different word each, n2 = 0: P1 = (1/2)/2 + (1/2)(2/2)/2 = 1/2 each.
    P2(a|begin) = (5/2)/4 + (1/2)(2/4)(1/2) = 3/4; P3(a|begin begin) = 5/8 + (1/4)(3/4) = 13/16.
    """
    model = NGrams(np.full((4, 2), 2), np.array([A, A, A, B]), 2)
    np.testing.assert_allclose(np.exp(model.log_probabilities(np.array([[2, 2]]))), [[13 / 16, 3 / 16]])


TEXTS = st.lists(st.integers(0, 4), min_size=1, max_size=60)


@general
@given(text=TEXTS, order=st.integers(1, 5), data=st.data())
def test_probabilities_are_positive_and_sum_to_one_after_any_context(text, order, data):
    model = counted(text, order, vocabulary=5)
    context = st.lists(st.integers(0, 5), min_size=order - 1, max_size=order - 1)
    drawn = data.draw(st.lists(context, min_size=1, max_size=8))
    contexts = np.array(drawn, dtype=int).reshape(len(drawn), order - 1)
    logs = model.log_probabilities(contexts)
    assert np.isfinite(logs).all()
    np.testing.assert_allclose(np.exp(logs).sum(1), 1)
    targets = np.arange(len(contexts)) % 5
    np.testing.assert_allclose(model.log_probability(contexts, targets), logs[np.arange(len(contexts)), targets])


@general
@given(text=TEXTS, order=st.integers(4, 5), word=st.integers(0, 4))
def test_what_stands_before_a_word_never_seen_does_not_matter(text, order, word):
    contexts = np.array([[before] * (order - 3) + [5, word] for before in range(7)])
    found = counted(text, order, vocabulary=6).log_probabilities(contexts)
    np.testing.assert_array_equal(found, found[:1].repeat(7, axis=0))


def test_a_periodic_text_is_predicted_by_the_order_that_sees_its_period():
    """a a b a a b ...: what follows "a" is uncertain, what follows two words is not."""
    text = [A, A, B] * 200
    short, long = counted(text, 2), counted(text, 3)
    assert short.log_probability(np.array([[A]]), np.array([B]))[0] == pytest.approx(math.log(0.5), abs=0.01)
    assert long.log_probability(np.array([[A, A]]), np.array([B]))[0] > -0.01


def test_windows_show_the_last_words_and_what_stands_before():
    words = np.array([[5, 6, 7]])
    assert windows(words, 2, 9).tolist() == [[[9, 5], [5, 6], [6, 7]]]
    assert windows(words, 2, np.array([[3, 4]])).tolist() == [[[4, 5], [5, 6], [6, 7]]]
    assert windows(words, 0, 9).shape == (1, 3, 0)


def test_a_large_vocabulary_overflows_nothing():
    """100,000 words in order 5: packed into one number, they would need 83 bits."""
    text = np.random.default_rng(0).integers(99_990, 100_000, size=3000)
    model = counted(text.tolist() * 2, 5, vocabulary=100_000)
    contexts = windows(text[None], 4, 100_000)[0, 10:-1]
    assert model.log_probability(contexts, text[11:]).mean() > -1.0
    np.testing.assert_allclose(np.exp(model.log_probabilities(contexts[:3])).sum(1), 1)
