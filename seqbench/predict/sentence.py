"""What a language model makes of a text: the next word, a continuation, the surprisal of every word."""

import itertools
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from seqbench.language.corpus import whole_words
from seqbench.language.tokens import END, tokenise
from seqbench.language.vocabulary import END_ID
from seqbench.models.base import State
from seqbench.plan import seeding
from seqbench.record.saved import LanguageModel

#: Words that are read at a time; the state goes on.
WINDOW = 200


class Reader:
    """A model in the midst of a text, which it goes on reading from call to call.

    Where it was trained on single sentences, `<end>` is the beginning of a new one, read from the initial state on.
    """

    def __init__(self, language: LanguageModel) -> None:
        self.language = language
        self._begin()

    def _begin(self) -> None:
        self.state: State | None = None
        self.past: list[int] = []

    @torch.inference_mode()
    def read(self, ids: Sequence[int]) -> Float[np.ndarray, "read words"]:
        """The log-probability (nats) of every word after each of these, of which there is at least one.

        Raises ValueError if the model cannot read on, or its outputs are not finite.
        """
        log_probabilities = (
            torch.cat([self._read(part) for part in self._sentences(list(ids))]).double().log_softmax(-1)
        )
        if not log_probabilities.isfinite().all():
            raise ValueError(f"the outputs of {self.language.title} are not finite")
        return log_probabilities.numpy()

    def _sentences(self, ids: list[int]) -> Iterator[list[int]]:
        """Each beginning with its `<end>`, but the one that is being read."""
        starts = [] if self.language.carries_state else [i for i, id in enumerate(ids) if id == END_ID and i > 0]
        for begin, end in itertools.pairwise([0, *starts, len(ids)]):
            yield ids[begin:end]

    def _read(self, ids: list[int]) -> Float[Tensor, "read words"]:
        if ids[0] == END_ID and not self.language.carries_state:
            self._begin()
        model = self.language.model
        if model.core.carries_state:
            words = torch.tensor([ids])
            outputs, self.state = model.go_on(words, torch.ones_like(words, dtype=torch.bool), self.state)
            return outputs
        self.past += ids  # without a state to go on from, all is read again
        words = torch.tensor([self.past])
        read: Tensor = model(words, torch.arange(len(self.past))[None] >= len(self.past) - len(ids))
        return read


# -- words -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Prompt:
    """The beginning of a sentence. `ids` lack unknown words if the vocabulary has no place for them."""

    words: list[str]
    unknown: list[str]
    ids: list[int]


def prompt(language: LanguageModel, text: str) -> Prompt:
    """What was typed, in words. Raises ValueError if it has none, or none that the model knows."""
    words = _words(language, text.strip() if language.level == "word" else text)
    if not words:
        raise ValueError("the prompt is empty; type the beginning of a sentence, in quotation marks")
    ids = [language.ids.get(word, language.unknown_id) for word in words]
    if set(ids) <= {None, language.unknown_id}:
        raise ValueError(f"no word of the prompt is in the vocabulary of {language.title}: {listed(words)}")
    unknown = [word for word in dict.fromkeys(words) if word not in language.ids]
    return Prompt(words, unknown, [id for id in ids if id is not None])


def listed(words: Iterable[str], most: int = 20) -> str:
    """Words in quotation marks, each once."""
    different = list(dict.fromkeys(words))
    more = f" and {len(different) - most} more" if len(different) > most else ""
    return ", ".join(map(repr, different[:most])) + more


def words_in(language: LanguageModel, stream: Iterable[str]) -> Iterator[str]:
    """The words of a text that is read in a stream, from the first sentence on."""
    words = (word for piece in whole_words(stream) for word in _words(language, piece))
    return itertools.dropwhile(lambda word: word == END, words)


def _words(language: LanguageModel, text: str) -> list[str]:
    """Divided as in training. To a model of single sentences, each line is one."""
    if language.level == "word" and not language.carries_state:
        text = text.replace("\n", "\n\n")
    return tokenise(text, language.level)


# -- what comes next ---------------------------------------------------------------------------------------


def next_words(language: LanguageModel, ids: Sequence[int]) -> Float[np.ndarray, " words"]:
    """The probability of every word after the beginning of a sentence."""
    probabilities: np.ndarray = np.exp(Reader(language).read([END_ID, *ids])[-1])
    return probabilities


@dataclass(frozen=True)
class Sampling:
    """How words are drawn: at temperature 0 the most probable, else from the `top_k` most probable (None: from all).

    Temperatures below 1 favour the probable words: p_i ~ p_i^(1/temperature).
    """

    temperature: float = 1.0
    top_k: int | None = None
    seed: int = 0


def complete(language: LanguageModel, ids: Sequence[int], most: int, how: Sampling) -> Iterator[str]:
    """Words drawn one after the other until the sentence ends, `most` at most; never `<unk>`."""
    rng = seeding.generator(how.seed, "complete")
    reader, unread = Reader(language), [END_ID, *ids]
    for _ in range(most):
        id = _drawn(reader.read(unread)[-1], language.unknown_id, how, rng)
        if id == END_ID:
            return
        yield language.words[id]
        unread = [id]


def _drawn(log_p: Float[np.ndarray, " words"], unknown_id: int | None, how: Sampling, rng: np.random.Generator) -> int:
    if unknown_id is not None:
        log_p[unknown_id] = -np.inf
    candidates = np.argsort(-log_p, kind="stable")[: how.top_k]
    if how.temperature == 0:
        return int(candidates[0])
    with np.errstate(over="ignore"):  # next to 0, all but the most probable become impossible
        weights = np.exp((log_p[candidates] - log_p[candidates[0]]) / how.temperature)
    return int(rng.choice(candidates, p=weights / weights.sum()))


# -- surprise ----------------------------------------------------------------------------------------------


class Judged(NamedTuple):
    """A word with its surprisal in bits, -log2 p(word | all before): of `<unk>` if it is not known, else None."""

    word: str
    known: bool
    bits: float | None


def surprise(language: LanguageModel, words: Iterable[str]) -> Iterator[Judged]:
    """Every word of a text, the first predicted from `<end>`. The state is carried from window to window."""
    reader, before, rest = Reader(language), END_ID, iter(words)
    while window := list(itertools.islice(rest, WINDOW)):
        ids = [language.ids.get(word, language.unknown_id) for word in window]
        read = [id for id in ids if id is not None]
        bits = iter(())
        if read:
            log_p = reader.read([before, *read[:-1]])
            bits = iter((-log_p[np.arange(len(read)), read] / math.log(2)).tolist())
            before = read[-1]
        for word, id in zip(window, ids, strict=True):
            yield Judged(word, word in language.ids, None if id is None else next(bits))
