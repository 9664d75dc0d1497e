"""A small generative grammar of English in which a verb agrees with a noun that stands exactly `gap` words before it.

What stands between the two tells nothing about the number of that noun, or an n-gram could exploit it: the automaton
that draws it does not know the number. Verbs of relative clauses are in the past tense, which shows no number;
determiners show none either; and with `attractors` nouns of the other number come as many of the same, in random order.
"""

import functools
from itertools import product
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int
from scipy.sparse import csr_array

from seqbench.language.automaton import Automaton
from seqbench.language.lexicon import LEXICON, PARTS
from seqbench.language.rules import FINAL, START, WORDS_PER_NOUN, ways

#: Words of each part of speech, and the id of the first.
SIZE = np.array([len(words) for words in LEXICON.values()])
FIRST = np.cumsum(SIZE) - SIZE
#: Of each word: 0 where it shows no number, 1 for singular, 2 for plural.
NUMBER = np.repeat([1 if "singular" in part else 2 if "plural" in part else 0 for part in PARTS], SIZE)
#: Of each word: itself in the other number.
OTHER_FORM = np.arange(len(NUMBER)) + np.array([0, 1, -1])[NUMBER] * np.repeat(SIZE, SIZE)
IS_NOUN = np.repeat([part.startswith("noun") for part in PARTS], SIZE)
#: States that the grammars of a task may have together, by the bound `most_states`.
MOST_STATES = 300_000


class Sentences(NamedTuple):
    """Sentences as word ids, each ended and padded by id 0, and where head noun and verb of the first clause stand."""

    words: Int[np.ndarray, "sentences time"]
    lengths: Int[np.ndarray, " sentences"]  # with the end
    heads: Int[np.ndarray, " sentences"]
    verbs: Int[np.ndarray, " sentences"]


class English:
    """Sentences with `gap` words, `attractors` nouns of the other number among them, between first head and verb.

    ValueError where the attractors, and as many nouns of the same number, do not fit into the gap.
    """

    def __init__(self, gap: int, attractors: int = 0) -> None:
        if gap < (least := shortest_gap(attractors)):
            raise ValueError(f"attractors={attractors} needs a gap of at least {least}, and gap={gap} is shorter")
        self.automaton = Automaton(START, FINAL, functools.partial(ways, gap=gap, attractors=attractors))
        states = self.automaton.states
        self._part = np.array([PARTS.index(state.part) for state in states])
        #: The clause with whose subject a word agrees; 0 for all that has a number of its own or none.
        self._agrees = np.array([state.clause if state.rule in ("head", "verb") else 0 for state in states])
        self._is_head = np.array([state.rule == "head" and state.clause == 1 for state in states])
        self._is_verb = np.array([state.rule == "verb" and state.clause == 1 for state in states])

    def sample(self, rng: np.random.Generator, size: int) -> Sentences:
        """Sentences drawn from `rng` and from nothing else; each number of the head is equally likely."""
        states = self.automaton.walk(rng, size)
        numbers = np.concatenate([np.zeros((size, 1), dtype=np.intp), rng.integers(2, size=(size, 2))], axis=1)
        parts = self._part[states] + numbers[np.arange(size)[:, None], self._agrees[states]]
        words = FIRST[parts] + (rng.random(states.shape) * SIZE[parts]).astype(np.intp)
        lengths = (states == self.automaton.final).argmax(1) + 1
        return Sentences(words, lengths, self._is_head[states].argmax(1), self._is_verb[states].argmax(1))

    @functools.cached_property
    def expected_length(self) -> float:
        """Expected words of a sentence, with its end."""
        return float(self.automaton.visits.sum()) - 1

    @functools.cached_property
    def entropy(self) -> float:
        """Expected nats of a sentence, the loss of a predictor that uses all that came before.

        The words so far determine the state, so this is the sum over states of what is drawn in each.
        """
        p = self.automaton.transitions
        branching = csr_array((-p.data * np.log(p.data), p.indices, p.indptr), shape=p.shape).sum(axis=1)
        of_a_word = np.log(SIZE[self._part])
        of_a_number = np.log(2) * np.array([state.rule == "head" for state in self.automaton.states])
        return float(self.automaton.visits @ (branching + of_a_word + of_a_number))

    @functools.cached_property
    def pairs(self) -> Float[np.ndarray, "parts parts"]:
        """How often, in a sentence, a word of each part of speech is expected right after one of each other."""
        arcs = self.automaton.transitions.tocoo()
        before, after = arcs.coords
        counts = np.zeros((len(PARTS), len(PARTS)))
        for numbers in product([0], [0, 1], [0, 1]):
            part = self._part + np.array(numbers)[self._agrees]
            np.add.at(counts, (part[before], part[after]), self.automaton.visits[before] * arcs.data / 4)
        return counts


def shortest_gap(attractors: int) -> int:
    """The shortest gap into which so many attractors fit, with as many nouns of the same number."""
    return max(1, 2 * WORDS_PER_NOUN * attractors)


def most_states(gaps: range, attractors: int) -> int:
    """A bound of the states that the grammars at these gaps have together, known without making them."""
    number, ends = len(gaps), gaps.start + gaps.stop - 1
    return 9 * (attractors + 1) ** 2 * (number * ends // 2 + 4 * number)


def is_made_soon(gaps: range, attractors: int) -> bool:
    """Whether the grammars at these gaps take less than a minute to make."""
    return most_states(gaps, attractors) <= MOST_STATES


def require_made_soon(gaps: range, attractors: int) -> None:
    """Raises ValueError unless they are."""
    if not is_made_soon(gaps, attractors):
        states = most_states(gaps, attractors)
        named = f"gap={gaps.stop - 1}" if len(gaps) == 1 else f"gaps from {gaps.start} to {gaps.stop - 1}"
        told = f"{named} with attractors={attractors} make a grammar of up to {states:,} states"
        raise ValueError(f"{told}, and {MOST_STATES:,} are the most")


def bigram_loss(pairs: Float[np.ndarray, "parts parts"]) -> float:
    """Nats per word of the best prediction from the last word alone: words of one part of speech are exchangeable."""
    seen = pairs > 0
    choices = pairs.sum(axis=1, keepdims=True) * SIZE
    return float((pairs[seen] * np.log(choices[seen] / pairs[seen])).sum() / pairs.sum())


@functools.lru_cache(maxsize=512)
def english(gap: int, attractors: int = 0) -> English:
    """The grammar at a gap, built once."""
    return English(gap, attractors)
