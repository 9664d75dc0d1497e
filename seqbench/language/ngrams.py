"""Interpolated Kneser-Ney n-gram models of any order (Kneser & Ney 1995; Chen & Goodman 1999, section 2.7)."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Integer
from scipy.sparse import csr_array


class Level(NamedTuple):
    """What the contexts of one length say, a row for each; the last row is of those never seen."""

    discounted: csr_array  # [contexts + 1, vocabulary]: max(c - D, 0) / sum c
    left: Float[np.ndarray, " rows"]  # what the discount leaves to the shorter context


class NGrams:
    """P(word | the `order - 1` words before it), from counts.

    P_k(w | u) = max(c(uw) - D, 0) / c(u) + D N(u) / c(u) P_{k-1}(w | u without its first word),
    where N(u) is the number of different words seen after u, and D = n1 / (n1 + 2 n2) of each order (1/2 where there is
    no n-gram that occurs once, or none that occurs twice). Below the highest order c counts the different words seen
    before uw; where uw begins a text, there is none, and c is how often it does. P_0 is uniform: every word has a
    probability. Order 1 is the unigram model by the same rule. After a context never seen, the shorter one decides.
    """

    def __init__(
        self,
        contexts: Integer[np.ndarray, "positions context"],
        targets: Integer[np.ndarray, " positions"],
        vocabulary: int,
    ) -> None:
        """`contexts` as `windows` gives them; their width is the order less one."""
        self.order, self.vocabulary = contexts.shape[1] + 1, vocabulary
        self._keys, row = self._index(contexts)
        ngrams, counts = np.unique(row * vocabulary + targets, return_counts=True)
        del row  # of a long text, hundreds of megabytes
        levels = [_level(ngrams, counts, vocabulary)]
        for keys, shorter_keys in zip(self._keys[:0:-1], self._keys[-2::-1], strict=True):
            ngrams, counts = self._continuations(keys, shorter_keys, ngrams, counts)
            levels.append(_level(ngrams, counts, vocabulary))
        self._levels = levels[::-1]

    def _index(self, contexts: np.ndarray) -> tuple[list[np.ndarray], np.ndarray]:
        """The contexts of each length, and at each position the row of the longest; a longer one goes further back.

        A context is known by the row of the one shorter by a word, times vocabulary + 1, plus the word before it.
        """
        keys, row = [np.zeros(1, dtype=np.int64)], np.zeros(len(contexts), dtype=np.int64)
        for words in contexts.T[::-1]:
            found, row = _numbered(row * (self.vocabulary + 1) + words)
            keys.append(found)
        return keys, row

    def _rows(self, contexts: np.ndarray) -> list[np.ndarray]:
        """At each position the row of the context of each length; one past the last where it was never seen."""
        rows = [np.zeros(len(contexts), dtype=np.int64)]
        for words, keys in zip(contexts.T[::-1], self._keys[1:], strict=True):
            sought = rows[-1] * (self.vocabulary + 1) + words
            place = np.searchsorted(keys, sought)
            rows.append(np.where(keys.take(place, mode="clip") == sought, place, len(keys)))
        return rows

    def _continuations(
        self, keys: np.ndarray, shorter_keys: np.ndarray, ngrams: np.ndarray, counts: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """The n-grams without their first word, with their counts."""
        shorter = keys[ngrams // self.vocabulary] // (self.vocabulary + 1)
        at_the_beginning = shorter_keys[shorter] % (self.vocabulary + 1) == self.vocabulary
        found, which = _numbered(shorter * self.vocabulary + ngrams % self.vocabulary)
        return found, np.bincount(which, np.where(at_the_beginning, counts, 1.0)).astype(np.int64)

    def log_probabilities(
        self, contexts: Integer[np.ndarray, "contexts context"]
    ) -> Float[np.ndarray, "contexts vocabulary"]:
        """The whole distribution after each context, in nats; a context is padded by the marker `vocabulary`."""
        p = np.full((len(contexts), self.vocabulary), 1 / self.vocabulary)
        for level, row in zip(self._levels, self._rows(contexts), strict=True):
            p *= level.left[row][:, None]
            p += level.discounted[row].toarray()
        logs: np.ndarray = np.log(p)
        return logs

    def log_probability(
        self, contexts: Integer[np.ndarray, "positions context"], targets: Integer[np.ndarray, " positions"]
    ) -> Float[np.ndarray, " positions"]:
        """That of each target alone, in nats."""
        p = np.full(len(targets), 1 / self.vocabulary)
        for level, row in zip(self._levels, self._rows(contexts), strict=True):
            p = p * level.left[row] + np.asarray(level.discounted[row, targets]).ravel()
        logs: np.ndarray = np.log(p)
        return logs


def windows(
    words: Integer[np.ndarray, "rows time"], width: int, before: Integer[np.ndarray, "rows width"] | int
) -> Integer[np.ndarray, "rows time width"]:
    """The last `width` words at each position; in front of the first stand the words `before`, or that one marker.

    A view that takes no memory beyond that of the words, and cannot be written to.
    """
    front = np.broadcast_to(np.asarray(before, words.dtype), (len(words), width))
    padded = np.concatenate([front, words], axis=1)
    found: np.ndarray = np.lib.stride_tricks.sliding_window_view(padded, width, axis=1)[:, 1:]
    return found


def _numbered(keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The different keys in ascending order, and the place of each key among them.

    As `numpy.unique` with its inverse, in half the memory. Without the inverse it hashes, and that takes ten times as
    long as sorting.
    """
    ordered = np.sort(keys)
    found = ordered[np.append(ordered[1:] != ordered[:-1], True)[: len(keys)]]
    del ordered
    return found, np.searchsorted(found, keys)


def _level(ngrams: np.ndarray, counts: np.ndarray, vocabulary: int) -> Level:
    """From sorted n-grams, each the row of its context times the vocabulary plus its last word, and their counts."""
    row, target = np.divmod(ngrams, vocabulary)
    once, twice = (np.count_nonzero(counts == times) for times in (1, 2))
    discount = once / (once + 2 * twice) if once and twice else 0.5
    types, total = np.bincount(row), np.bincount(row, counts)
    shares = np.maximum(counts - discount, 0) / total[row]
    starts = np.concatenate([[0], np.cumsum(types), [len(ngrams)]])
    discounted = csr_array((shares, target, starts), shape=(len(types) + 1, vocabulary))
    return Level(discounted, np.append(discount * types / total, 1.0))
