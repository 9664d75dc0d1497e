"""What n-gram models, counted from the training part of a text, lose on its test part: the mark to beat."""

import functools

import numpy as np

from seqbench.language.corpus import Part, open_corpus
from seqbench.language.ngrams import NGrams, windows
from seqbench.language.tokens import Level
from seqbench.language.vocabulary import END_ID

ORDERS = {"unigram": 1, "trigram (interpolated Kneser-Ney)": 3}


@functools.lru_cache(maxsize=8)
def ngram_losses(
    fingerprint: str, path: str | None, level: Level, size: int | None, min_count: int
) -> dict[str, float]:
    """Mean loss in nats per word by model, from worst to best. `fingerprint` is that of the corpus."""
    corpus = open_corpus(path, level=level, size=size, min_count=min_count)
    assert corpus.fingerprint == fingerprint
    return {name: _loss(order, len(corpus.vocabulary), corpus.train, corpus.test) for name, order in ORDERS.items()}


def _loss(order: int, vocabulary: int, train: Part, test: Part) -> float:
    model = NGrams(*_counted(train, order), vocabulary)
    return -float(model.log_probability(*_counted(test, order)).mean())


def _counted(part: Part, order: int) -> tuple[np.ndarray, np.ndarray]:
    """The context of each word, the first after the end of a sentence, and the word."""
    words = np.concatenate([np.array([END_ID], part.ids.dtype), part.ids])
    return windows(words[None, :-1], order - 1, END_ID)[0], words[1:]
