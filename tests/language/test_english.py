"""The grammar of `task=agreement`, read by a parser of its own and counted by a reading of its own."""

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lark import Lark
from lark.exceptions import UnexpectedInput

from seqbench.language import english as grammars
from seqbench.language.automaton import Automaton
from seqbench.language.english import MOST_STATES, OTHER_FORM, bigram_loss, english, most_states, shortest_gap
from seqbench.language.lexicon import LEXICON, WORDS
from seqbench.tasks.agreement import Agreement

general = settings(derandomize=True, max_examples=40, deadline=None)
SIZES = st.tuples(st.integers(0, 3), st.integers(0, 30)).map(lambda pair: (shortest_gap(pair[0]) + pair[1], pair[0]))
SEEDS = st.integers(0, 2**40)

#: English as a linguist would write it down, with agreement in the rules; nothing here knows of gaps.
GRAMMAR = """
start: OPENING? clause (CONJUNCTION clause)?
clause: singular verb_singular rest? | plural verb_plural rest?
singular: DETERMINER ADJECTIVE* NOUN_SINGULAR modifier* adverbs?
plural: DETERMINER ADJECTIVE* NOUN_PLURAL modifier* adverbs?
verb_singular: INTRANSITIVE_SINGULAR | TRANSITIVE_SINGULAR noun_phrase
verb_plural: INTRANSITIVE_PLURAL | TRANSITIVE_PLURAL noun_phrase
noun_phrase: DETERMINER ADJECTIVE* (NOUN_SINGULAR | NOUN_PLURAL)
modifier: prepositional | relative
prepositional: PREPOSITION noun_phrase
relative: "that" past ("and" past)*
past: PAST adverbs? prepositional*
rest: prepositional | adverbs
adverbs: DEGREE? ADVERB
%ignore " "
"""
KINDS = [part for part in LEXICON if part not in ("end", "that", "and")]
TERMINALS = "".join(f"{part.upper().replace(' ', '_')}: /({'|'.join(LEXICON[part])})(?= |$)/\n" for part in KINDS)


@pytest.fixture(scope="module")
def parser():
    return Lark(GRAMMAR + TERMINALS, parser="earley")


def texts(gap, attractors, seed, size):
    """Sentences as lists of words, without their end."""
    sentences = english(gap, attractors).sample(np.random.default_rng(seed), size)
    return [[WORDS[i] for i in row[: n - 1]] for row, n in zip(sentences.words, sentences.lengths, strict=True)]


def is_a(word, *parts):
    return any(word in LEXICON[part] for part in parts)


def number(word):
    return "singular" if any(word in LEXICON[part] for part in LEXICON if "singular" in part) else "plural"


def span(text):
    """Places of the first noun and of the first verb in the present tense, found by part of speech."""
    head = next(i for i, word in enumerate(text) if is_a(word, "noun singular", "noun plural"))
    verbs = [part for part in LEXICON if "transitive" in part]
    return head, next(i for i, word in enumerate(text) if is_a(word, *verbs))


# -- the language -------------------------------------------------------------------------------------------


@general
@given(size=SIZES, seed=SEEDS)
def test_every_sentence_is_grammatical(parser, size, seed):
    for text in texts(*size, seed, 2):
        parser.parse(" ".join(text))


@general
@given(size=SIZES, seed=SEEDS)
def test_a_verb_in_the_wrong_number_is_not(parser, size, seed):
    (text,) = texts(*size, seed, 1)
    _, verb = span(text)
    text[verb] = WORDS[OTHER_FORM[WORDS.index(text[verb])]]
    with pytest.raises(UnexpectedInput):
        parser.parse(" ".join(text))


@general
@given(size=SIZES, seed=SEEDS)
def test_gap_and_attractors_are_exact(size, seed):
    gap, attractors = size
    for text in texts(gap, attractors, seed, 20):
        head, verb = span(text)
        between = [number(word) for word in text[head + 1 : verb] if is_a(word, "noun singular", "noun plural")]
        assert verb - head - 1 == gap
        assert number(text[verb]) == number(text[head])
        assert sum(found != number(text[head]) for found in between) == attractors
        assert len(between) == 2 * attractors


@general
@given(size=SIZES, seed=SEEDS)
def test_positions_lengths_and_padding_are_as_stated(size, seed):
    found = english(*size).sample(np.random.default_rng(seed), 10)
    for words, length, head, verb in zip(*found, strict=True):
        assert span([WORDS[i] for i in words]) == (head, verb)
        assert words[: length - 1].all()
        assert not words[length - 1 :].any()


def test_a_word_has_one_part_of_speech():
    assert len(set(WORDS)) == len(WORDS) == 306
    assert WORDS[0] == "<end>"


def test_the_other_form_of_a_word_is_that_of_the_other_number():
    other = {WORDS[i]: WORDS[j] for i, j in enumerate(OTHER_FORM)}
    pairs = [("mouse", "mice"), ("carries", "carry"), ("sings", "sing")]
    assert all((other[one], other[two]) == (two, one) for one, two in pairs)
    assert other["that"] == "that"


def test_attractors_that_do_not_fit_are_refused_with_the_least_gap():
    with pytest.raises(ValueError, match="attractors=2 needs a gap of at least 12, and gap=11 is shorter"):
        english(11, 2)


def test_the_same_generator_draws_the_same_sentences():
    assert texts(7, 1, 5, 30) == texts(7, 1, 5, 30) != texts(7, 1, 6, 30)


# -- its statistics -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("gap", "attractors"), [(1, 0), (12, 2)])
def test_numbers_are_balanced_and_every_lemma_is_seen_in_both_forms(gap, attractors):
    sentences = [(text, *span(text)) for text in texts(gap, attractors, 0, 10_000)]
    numbers = Counter(number(text[head]) for text, head, _ in sentences)
    assert abs(numbers["plural"] - 5000) < 200  # four standard deviations
    assert len({text[verb] for text, _, verb in sentences}) == 60
    assert len({text[head] for text, head, _ in sentences}) == 120


@pytest.mark.parametrize(("gap", "attractors"), [(3, 0), (7, 1), (12, 2)])
def test_what_stands_before_and_between_says_nothing_of_the_heads_number(gap, attractors):
    """Counts of every word before the head, and of every word at every place in the gap, for either number."""
    counts = {"singular": Counter(), "plural": Counter()}
    for text in texts(gap, attractors, 1, 20_000):
        head, verb = span(text)
        seen = [("before", word) for word in text[:head]] + list(enumerate(text[head + 1 : verb]))
        counts[number(text[head])].update(seen)
    table = np.array([[counts[kind][key] for kind in counts] for key in counts["singular"] | counts["plural"]])
    table = table[table.sum(1) >= 20]
    z = (table[:, 0] - table[:, 1]) / np.sqrt(table.sum(1))
    assert len(z) > 50
    assert abs((z**2).mean() - 1) < 5 * math.sqrt(2 / len(z))  # of a chi-square with a degree of freedom each
    assert abs(z).max() < 5


def test_attractors_come_in_any_order_and_anywhere_in_the_gap():
    orders, places = Counter(), Counter()
    for text in texts(30, 1, 2, 4000):
        head, verb = span(text)
        nouns = [i for i in range(head + 1, verb) if is_a(text[i], "noun singular", "noun plural")]
        orders[number(text[nouns[0]]) == number(text[head])] += 1
        places.update((i - head - 1) // 10 for i in nouns)
    assert abs(orders[True] - 2000) < 130
    assert min(places[third] for third in range(3)) > 1600


def test_sentences_vary_in_length():
    lengths = Counter(len(text) - 10 for text in texts(10, 0, 3, 2000))
    assert min(lengths) <= 4
    assert max(lengths) >= 18
    assert len(lengths) >= 15


@pytest.mark.parametrize(("gap", "attractors"), [(1, 0), (6, 1), (14, 2)])
def test_the_expected_length_and_pairs_are_those_of_sentences(gap, attractors):
    grammar = english(gap, attractors)
    sample = grammar.sample(np.random.default_rng(4), 20_000)
    assert sample.lengths.mean() == pytest.approx(grammar.expected_length, rel=0.005)
    part_of = np.repeat(np.arange(len(LEXICON)), [len(words) for words in LEXICON.values()])
    parts = np.pad(part_of[sample.words], ((0, 0), (1, 0)))
    inside = np.arange(parts.shape[1] - 1) < sample.lengths[:, None]
    pairs = np.zeros_like(grammar.pairs)
    np.add.at(pairs, (parts[:, :-1][inside], parts[:, 1:][inside]), 1 / 20_000)
    np.testing.assert_allclose(pairs, grammar.pairs, atol=0.02)


def test_the_bigram_loss_by_hand():
    """After an end comes an opening (8 words) or a determiner (7), after either an end: ln 2 and half of ln 8 and ln 7.

    Two words to a sentence; the end that follows is certain.
    """
    parts = list(LEXICON)
    end, opening, determiner = (parts.index(part) for part in ("end", "opening", "determiner"))
    pairs = np.zeros((len(parts), len(parts)))
    pairs[end, opening] = pairs[end, determiner] = 0.5
    pairs[opening, end] = pairs[determiner, end] = 0.5
    assert bigram_loss(pairs) == pytest.approx((math.log(2) + (math.log(8) + math.log(7)) / 2) / 2)


@pytest.mark.parametrize(("gap", "attractors"), [(2, 0), (13, 2)])
def test_the_entropy_is_the_mean_surprisal_of_walks(gap, attractors):
    """-log P of sampled walks, state by state, with the words and the numbers that are drawn in each."""
    grammar = english(gap, attractors)
    automaton = grammar.automaton
    walks = automaton.walk(np.random.default_rng(5), 4000)
    walks = np.concatenate([np.zeros((4000, 1), dtype=int), walks], axis=1)
    table = automaton.transitions.toarray()
    table[automaton.final, automaton.final] = 1
    drawn = [math.log(len(LEXICON[s.part])) + math.log(2) * (s.rule == "head") for s in automaton.states]
    surprisal = -np.log(table[walks[:, :-1], walks[:, 1:]]).sum(1) + np.array(drawn)[walks].sum(1)
    assert surprisal.mean() == pytest.approx(grammar.entropy, abs=5 * surprisal.std() / math.sqrt(4000))


def test_a_walk_takes_the_way_whose_share_of_the_chances_its_draw_falls_into():
    """From the start a quarter of the draws lead to the end at once; both walks have ended after two steps."""
    ways = {"start": [(1, "end"), (3, "on")], "on": [(1, "end")], "end": []}
    automaton, draws = Automaton("start", "end", ways.__getitem__), np.random.default_rng(0).random((2, 400))
    straight = draws[0] < 1 / 4
    assert 60 < straight.sum() < 140
    walks = automaton.walk(np.random.default_rng(0), 400)
    on, end = automaton.states.index("on"), automaton.final
    assert np.array_equal(walks, np.where(straight[:, None], [end, end], [on, end]))


def test_walks_end_with_the_last_of_their_batch():
    """Of three draws the first two are below a quarter, which is one step to the end."""
    ways = {"start": [(1, "end"), (3, "on")], "on": [(1, "end")], "end": []}
    automaton = Automaton("start", "end", ways.__getitem__)
    assert (np.random.default_rng(3).random(3) < 1 / 4).tolist() == [True, True, False]
    assert [automaton.walk(np.random.default_rng(3), size).shape for size in (2, 3)] == [(2, 1), (3, 2)]


def test_a_way_without_weight_is_not_followed():
    """Behind those of the grammar lie a hundred times as many states as it has."""
    ways = {"start": [(1, "end"), (0, "nowhere")], "end": []}
    assert Automaton("start", "end", ways.__getitem__).states == ["start", "end"]


@pytest.mark.parametrize(("gap", "attractors"), [(5, 0), (18, 3)])
def test_words_determine_the_state(gap, attractors):
    """No two ways out of a state emit the same part of speech: so the entropy is the sum over states."""
    automaton = english(gap, attractors).automaton
    for row in range(len(automaton.states)):
        ways = automaton.transitions[[row]].indices
        parts = [automaton.states[way].part for way in ways]
        assert len(set(parts)) == len(parts)


@pytest.mark.parametrize(("gap", "attractors"), [(1, 0), (200, 0), (6, 1), (100, 1), (12, 2), (60, 2), (60, 5)])
def test_the_bound_of_states_holds_and_is_near_for_long_gaps(gap, attractors):
    states = len(english(gap, attractors).automaton.states)
    bound = most_states(range(gap, gap + 1), attractors)
    assert states <= bound
    if gap >= 100:
        assert bound < 3 * states


def test_the_bound_of_several_gaps_is_the_sum_of_theirs():
    assert most_states(range(3, 8), 2) == sum(most_states(range(gap, gap + 1), 2) for gap in range(3, 8))


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        (
            {"gap": 10**18},
            "gap=1000000000000000000 with attractors=0 make a grammar of up to 9,000,000,000,000,000,036",
        ),
        ({"gap": 10**4, "attractors": 10}, "gap=10000 with attractors=10 make a grammar of up to 10,894,356 states"),
        ({"gap": 1000, "min_gap": 1}, "gaps from 1 to 1000 with attractors=0 make a grammar of up to 4,540,500 states"),
    ],
)
def test_a_grammar_that_would_take_minutes_is_refused_before_it_is_made(settings, told):
    with pytest.raises(ValueError, match=f"^{told}.*, and {MOST_STATES:,} are the most$"):
        Agreement(**settings)


def test_a_run_is_tested_on_the_variants_whose_grammars_can_be_made(monkeypatch):
    monkeypatch.setattr(grammars, "MOST_STATES", 5000)
    told = [scores for scores, _ in Agreement(gap=20).variants(1)]
    assert {"gap": 20, "attractors": 3} in told  # 3,456 by the bound
    assert {"gap": 60, "attractors": 1} in told  # 2,304
    assert {"gap": 40, "attractors": 3} not in told  # 6,336
