"""Which words are known, under which ids."""

import json
from collections import Counter
from typing import Annotated

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqbench.config import validate
from seqbench.language.vocabulary import MAX_SIZE, Size, Vocabulary, unknown_share

COUNTS = {"the": 5, "b": 2, "a": 2, "once": 1, "<end>": 9, "<unk>": 9}


def test_by_size_and_ties_in_order():
    assert Vocabulary.most_frequent(COUNTS, size=2).words == ("<end>", "<unk>", "the", "a")


def test_by_minimum_count():
    assert Vocabulary.most_frequent(COUNTS, min_count=2).words == ("<end>", "<unk>", "the", "a", "b")


def test_there_and_back():
    known = Vocabulary.most_frequent(COUNTS, min_count=2)
    ids = known.encode(["the", "cat", "<end>", "b", "<unk>"])
    assert ids.tolist() == [2, 1, 0, 4, 1]
    assert known.decode(ids) == ["the", "<unk>", "<end>", "b", "<unk>"]
    assert unknown_share(ids) == 2 / 5
    assert unknown_share(ids[:0]) == 0


def test_unknown_words_are_named_once_and_in_order():
    known = Vocabulary.most_frequent(COUNTS)
    assert known.unknown(["the", "dog", "a", "cat", "dog", "<end>"]) == ["dog", "cat"]


@pytest.mark.parametrize(("others", "dtype"), [(2**16 - 2, np.uint16), (2**16 - 1, np.uint32)])
def test_ids_are_as_short_as_they_can_be(others, dtype):
    known = Vocabulary(("<end>", "<unk>", *map(str, range(others))))
    assert known.encode([str(others - 1)]).tolist() == [others + 1]
    assert known.dtype == dtype


@given(st.dictionaries(st.text(), st.integers(1, 3), min_size=1))
def test_json_there_and_back(counts):
    known = Vocabulary.most_frequent({"x": 1, **counts})
    assert Vocabulary.from_json(known.to_json()) == known


@given(st.lists(st.sampled_from("abcdefgh"), min_size=1), st.integers(1, 9))
def test_no_unknown_word_is_more_frequent_than_a_known_one(words, size):
    counts = Counter(words)
    known = Vocabulary.most_frequent(counts, size)
    assert len(known) == 2 + min(size, len(counts))
    left = [counts[word] for word in counts if word in known.unknown(words)]
    assert max(left, default=0) <= min(counts[word] for word in known.words[2:])


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"size": 0}, "size=0 is not allowed; a vocabulary has 1 to 500,000 words"),
        ({"size": MAX_SIZE + 1}, "size=500001 is not allowed"),
        ({"min_count": 0}, "min_count=0 is not allowed; it should be 1 or more"),
        ({"min_count": 6}, "min_count=6: no word occurs that often"),
    ],
)
def test_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        Vocabulary.most_frequent(COUNTS, **settings)


def test_too_many_words_are_refused_not_cut(monkeypatch):
    monkeypatch.setattr("seqbench.language.vocabulary.MAX_SIZE", 3)
    with pytest.raises(ValueError, match=r"min_count=1 leaves 4 words; at most 3 are allowed: raise it, or set a size"):
        Vocabulary.most_frequent(COUNTS)


class Knob:
    def __init__(self, *, size: Annotated[Size, "as a task declares it"] = 10) -> None:
        self.size = size


@pytest.mark.parametrize("size", [0, MAX_SIZE + 1])
def test_the_knob_refuses_the_same(size):
    _, (fault,) = validate(Knob, {"size": size}, "task.")
    assert str(fault).startswith(f"task.size: {size} is not allowed")


@pytest.mark.parametrize(
    "text", ['{"the": 2}', "[1, 2]", '["<end>", "the"]', json.dumps(["<end>", "<unk>", "a", "a"]), "["]
)
def test_json_that_is_no_vocabulary(text):
    with pytest.raises(ValueError):
        Vocabulary.from_json(text)


@pytest.mark.parametrize("id", [-1, 6])
def test_a_number_that_is_no_id(id):
    with pytest.raises(ValueError, match=f"id {id} is not in the vocabulary; its ids are 0 to 5"):
        Vocabulary.most_frequent(COUNTS).decode([id])
