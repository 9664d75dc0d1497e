"""Text to words and back: what a word is, and that nothing is lost on the way."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqbench.language.tokens import detokenise, tokenise

#: Dense in what could go wrong: marks that may run together, numbers, apostrophes, white space, letters that change
#: their length or form in lower case.
TRICKY = st.text(st.sampled_from("aB3_Σİ .,;:!?'’-=*~(){}[]<>unk\"\n\r\t\u0307\u2028"), max_size=40)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The keys are here.", ["the", "keys", "are", "here", "."]),
        ("don't carry-over", ["don't", "carry-over"]),
        ("'quoted' -- and-", ["'", "quoted", "'", "--", "and", "-"]),
        ("3.14, 1,000 and 2.", ["3.14", ",", "1,000", "and", "2", "."]),
        ("x.__init__(self)", ["x", ".", "__init__", "(", "self", ")"]),
        ("Heading\n=======", ["heading", "======="]),
        ("((a))", ["(", "(", "a", ")", ")"]),
        ("a <unk> b <end>", ["a", "<unk>", "b", "<", "end", ">"]),
        ("one\ntwo \n\t\n\n three\n", ["one", "two", "<end>", "three"]),
        ("one\r\n\r\ntwo", ["one", "<end>", "two"]),
        ("\n\n", ["<end>"]),
        (" ", []),
        ("", []),
    ],
)
def test_words_by_hand(text, words):
    assert tokenise(text) == words


def test_readable_again():
    text = 'He paid 3.50 (not 4), "more or less"... [sic]!\n\nThe end.'
    assert detokenise(tokenise(text)) == 'he paid 3.50 (not 4), " more or less "... [sic]!\n\nthe end.'


@given(st.one_of(TRICKY, st.text()))
def test_words_written_out_are_the_same_words(text):
    words = tokenise(text)
    assert tokenise(detokenise(words)) == words


@given(st.text())
def test_characters_change_nothing(text):
    assert detokenise(tokenise(text, "character"), "character") == text


@given(TRICKY)
def test_a_paragraph_ends_once(text):
    words = tokenise(text)
    assert ("<end>", "<end>") not in pairwise(words)


def test_white_space_without_end_takes_no_time():
    assert tokenise("a" + " " * 1_000_000 + "b") == ["a", "b"]  # minutes, if every space were tried as a beginning
