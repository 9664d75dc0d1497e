"""Next-word prediction on real text, read from end to end in windows (Mikolov et al. 2010)."""

import functools
import math
from collections.abc import Iterable

import numpy as np
import torch
from jaxtyping import Bool, Float, Int, Integer
from torch import Tensor

from seqbench.config import Count, Scalar
from seqbench.events import Baseline
from seqbench.language import reading
from seqbench.language.corpus import Part, open_corpus
from seqbench.language.counting import ngram_losses
from seqbench.language.tokens import Level
from seqbench.language.vocabulary import END_ID, Size
from seqbench.plan.seeding import generator
from seqbench.tasks.base import EVALUATION_BATCH, Batch, Criterion, Task
from seqbench.tasks.next_word import NextWord

#: Rows into which a part is cut for an evaluation, and words of each that are read at a time.
ROWS, WINDOW = 10, 100
#: So many last words of a context are left to a trained model, to find how many it uses.
CONTEXTS = (1, 2, 5, 10, 20, 50, 100, 200)


class Text(NextWord):
    """Real text: `path` as in `seqbench.language.reading.read`, by default the reference that comes with Python.

    Backpropagation through `bptt` words; the state goes on from window to window (truncated backpropagation through
    time, Williams & Peng 1990). In each epoch the text is a circle that is cut at a random place into `batch_size`
    rows. There is no gap to set: which context counts is measured, on `variants` that leave the last words alone.

    Raises ValueError where the text cannot be read, or is shorter than three windows.
    """

    gap = 0
    score_name = "perplexity"
    open_ended = True
    carries_state = True

    def __init__(
        self,
        *,
        path: str | None = None,
        level: Level = "word",
        vocabulary: Size | None = 10_000,
        min_count: Count = 3,
        bptt: Count = 35,
        embedding: Count = 128,
    ) -> None:
        self.corpus = open_corpus(path, level=level, size=vocabulary, min_count=min_count)
        self.bptt, self.source = bptt, (path, level, vocabulary, min_count)
        if len(self.corpus) < 3 * bptt:
            raise ValueError(f"the text has {len(self.corpus):,} words, fewer than three windows of bptt={bptt}")
        if min(map(len, (self.corpus.train, self.corpus.validation, self.corpus.test))) == 0:
            raise ValueError(f"the text has {len(self.corpus):,} words, too few for training, validation and test")
        super().__init__(self.corpus.vocabulary.words, embedding, self.gap)

    @classmethod
    def data(cls, *, path: str | None = None, **settings: Scalar) -> str:
        return reading.read(path).sha256

    # -- what it means to predict well -------------------------------------------------------------------------

    @property
    def evidence_lag(self) -> int:
        return self.bptt - 1

    @functools.cached_property
    def baselines(self) -> tuple[Baseline, ...]:
        """Counted from the training text, scored on the test text."""
        losses = ngram_losses(self.corpus.fingerprint, *self.source)
        return tuple(Baseline(name, loss, math.exp(loss)) for name, loss in losses.items())

    @property
    def criterion(self) -> Criterion:
        words = "test perplexity below that of the interpolated Kneser-Ney trigram model of the same training text"
        return Criterion("loss", 0.0, self.baselines[-1].loss, words)

    def score(
        self, outputs: Float[Tensor, "scored words"], targets: Int[Tensor, " scored"], scored: Int[Tensor, " batch"]
    ) -> dict[str, float]:
        return {}  # the loss says it all

    def in_other_units(self, loss: float, stream: str) -> dict[str, float]:
        part = self._part(stream)
        bits = loss / math.log(2) * len(part) / part.characters
        return {**super().in_other_units(loss, stream), "bits_per_character": bits}

    def about(self) -> dict[str, Scalar]:
        """Which text, how long its parts are, and the share of words that are not in the vocabulary."""
        corpus = self.corpus
        parts = {"training": corpus.train, "validation": corpus.validation, "test": corpus.test}
        return {
            "text": corpus.name,
            "fingerprint": corpus.fingerprint[:16],
            "vocabulary": len(self.words),
            **{f"{name} words": len(part) for name, part in parts.items()},
            "unknown in training": round(corpus.train.unknown, 4),
            "unknown in test": round(corpus.test.unknown, 4),
        }

    # -- batches -----------------------------------------------------------------------------------------------

    def batch(self, seed: int, stream: str, index: int, size: int) -> Batch:
        """Window `index` of the stream; training counts from 1 and cuts each epoch anew."""
        if stream in ("validation", "test"):
            return self._evaluated(self._part(stream), index, size)
        if stream == "train":
            epoch, window = divmod(index - 1, self._windows(size))
            return self._trained(generator(seed, "Text", epoch), window, size)
        return self.sample(generator(seed, "Text", stream, index), size)

    def sample(self, rng: np.random.Generator, size: int) -> Batch:
        """Windows from anywhere in the training text."""
        starts = rng.integers(len(self.corpus.train), size=size)
        return _batch(self._circle(starts[:, None] + np.arange(self.bptt + 1)))

    def sizes(self, stream: str, sequences: int) -> list[int]:
        """The whole part for validation and test, however many sequences are asked for."""
        if stream == "train":
            return super().sizes(stream, sequences)
        rows = min(ROWS, len(self._part(stream)))
        return [rows] * math.ceil(_row_length(self._part(stream), rows) / WINDOW)

    def continues(self, stream: str, index: int, size: int) -> bool:
        return (index if stream != "train" else (index - 1) % self._windows(size)) > 0

    def asked(self, batch: Batch) -> Bool[Tensor, "batch time"]:
        """None: no position decides more than another."""
        return torch.zeros_like(batch.mask)

    def probed(self, batch: Batch) -> Int[Tensor, " batch"]:
        """The last word, which has most of the window before it."""
        return batch.lengths - 1

    def oracle(self, batch: Batch) -> Float[Tensor, "scored words"]:
        """Knows the text by heart."""
        return 100 * torch.nn.functional.one_hot(batch.targets[batch.mask], len(self.words)).float()

    def variants(self, sequences: int) -> Iterable[tuple[dict[str, float], Task]]:
        """The test with the last 1, 2, 5, ... words of the context alone, if the test text is long enough for all."""
        if len(self.corpus.test) > CONTEXTS[-1]:
            for context in CONTEXTS:
                yield {"context": context}, LastWords(self, context, sequences)

    def _part(self, stream: str) -> Part:
        parts = {"validation": self.corpus.validation, "test": self.corpus.test}
        return parts.get(stream, self.corpus.train)

    def _windows(self, size: int) -> int:
        """Windows of an epoch in rows of which there are so many."""
        whole = len(self.corpus.train) // size // self.bptt
        if whole == 0:
            words = f"{len(self.corpus.train):,} words"
            raise ValueError(f"the training text has {words}: too few for {size} rows of bptt={self.bptt} words each")
        return whole

    def _trained(self, rng: np.random.Generator, window: int, size: int) -> Batch:
        rows = int(rng.integers(len(self.corpus.train))) + np.arange(size) * (len(self.corpus.train) // size)
        return _batch(self._circle(rows[:, None] + window * self.bptt + np.arange(self.bptt + 1)))

    def _circle(self, places: Int[np.ndarray, "rows time"]) -> Int[np.ndarray, "rows time"]:
        return np.take(self.corpus.train.ids, places, mode="wrap").astype(np.int64)

    def _evaluated(self, part: Part, index: int, size: int) -> Batch:
        """Window `index` of the part in `size` rows, each word predicted once; `<end>` stands before the first."""
        length = _row_length(part, size)
        times = np.arange(index * WINDOW, min((index + 1) * WINDOW, length))
        places = np.arange(size)[:, None] * length + times
        inputs, targets = (_words_at(part, places + shift) for shift in (-1, 0))
        mask = torch.from_numpy(places < len(part))
        return Batch(inputs, targets, mask, mask.sum(1))


class LastWords(Text):
    """The test of a text where a model sees the last `context` words before the one it predicts, and nothing before.

    The `sequences` words to predict, or as many as there are, are spread evenly over the test text and are the same for
    every context.
    """

    open_ended = False
    carries_state = False

    def __init__(self, text: Text, context: int, sequences: int) -> None:
        vars(self).update(vars(text))
        self.context, self.total = context, min(sequences, len(self.corpus.test) - CONTEXTS[-1])

    def sizes(self, stream: str, sequences: int) -> list[int]:
        return Task.sizes(self, stream, min(sequences, self.total))

    def continues(self, stream: str, index: int, size: int) -> bool:
        return False

    def batch(self, seed: int, stream: str, index: int, size: int) -> Batch:
        """Contexts from number `index` times `EVALUATION_BATCH` on; after the last comes the first."""
        places = np.linspace(CONTEXTS[-1], len(self.corpus.test) - 1, self.total).astype(int)
        ends = places[(index * EVALUATION_BATCH + np.arange(size)) % self.total, None]
        inputs = _words_at(self.corpus.test, ends - self.context + np.arange(self.context))
        mask = torch.zeros_like(inputs, dtype=torch.bool)
        mask[:, -1] = True
        targets = torch.zeros_like(inputs)
        targets[:, -1] = _words_at(self.corpus.test, ends)[:, 0]
        return Batch(inputs, targets, mask, torch.full((size,), self.context))


def _batch(words: Int[np.ndarray, "rows time"]) -> Batch:
    """Each word predicts the next; the last is only predicted."""
    text = torch.from_numpy(words)
    mask = torch.ones_like(text[:, 1:], dtype=torch.bool)
    return Batch(text[:, :-1], text[:, 1:], mask, mask.sum(1))


def _row_length(part: Part, rows: int) -> int:
    return math.ceil(len(part) / rows)


def _words_at(part: Part, places: Integer[np.ndarray, "rows time"]) -> Int[Tensor, "rows time"]:
    """The end of a sentence where there is no such place."""
    inside = (places >= 0) & (places < len(part))
    return torch.from_numpy(np.where(inside, np.take(part.ids, places, mode="clip"), END_ID).astype(np.int64))
