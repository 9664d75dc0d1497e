"""A text divided into training, validation and test, as word ids.

The three parts are contiguous blocks of the whole text, documents in their order: the first 80 % of its characters, the
next 10 %, and the rest, each boundary moved on to the next beginning of a word. So a window of a hundred words lies
within one passage, however short the documents are; the price is that the test may speak of other things than the
training, as new text does. The vocabulary is made from the training part alone.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from jaxtyping import UInt

from seqbench.language import cache
from seqbench.language.reading import CHUNK, Text, read
from seqbench.language.tokens import TOKENS_VERSION, Level, tokenise
from seqbench.language.vocabulary import Vocabulary, check_limits, unknown_share

#: Where the training and the validation part end, as shares of the characters.
ENDS = (0.8, 0.9)
#: Raised whenever the same words would be divided or kept differently.
CORPUS_VERSION = 1
#: So many different words are counted at a time; beyond, the rarest are forgotten, or memory would have no bound.
MAX_COUNTED = 2_000_000
#: Characters after which a word is cut where it stands: nothing that is text has such words.
LONGEST_WORD = 2**20

_BEGINNING = re.compile(r"(?<=\s)\S")


@dataclass(frozen=True)
class Part:
    """One of the three blocks. `ids` are read-only and stay on disk: take a window, then `astype(np.int64)`.

    Bits per character: the summed loss of all its words in bits, the first predicted from `<end>`, over `characters`.
    These are the characters of the block as read, white space and upper case included.
    """

    ids: UInt[np.ndarray, " words"]
    characters: int

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def unknown(self) -> float:
        """The share of its words that the vocabulary lacks."""
        return unknown_share(self.ids)


@dataclass(frozen=True)
class Corpus:
    """A text as word ids. `fingerprint` identifies its content and how it is divided into words, not its name."""

    name: str
    fingerprint: str
    level: Level
    vocabulary: Vocabulary
    train: Part
    validation: Part
    test: Part

    def __len__(self) -> int:
        """Words in all."""
        return len(self.train) + len(self.validation) + len(self.test)


def open_corpus(
    path: str | None = None, *, level: Level = "word", size: int | None = 10_000, min_count: int = 2, chunk: int = CHUNK
) -> Corpus:
    """The corpus at `path` (see `reading.read`), encoded once and then taken from the cache by content and settings.

    The vocabulary is the `size` most frequent words of the training part that occur there `min_count` times or more. At
    a count of 1 no word of the training part is unknown, and a model cannot learn when to expect one.
    Raises ValueError for a text that cannot be read, a vocabulary that cannot be, or a text that changes meanwhile.
    """
    check_limits(size, min_count)
    text = read(path, chunk)
    fingerprint = _hash(text.sha256, level, TOKENS_VERSION)
    key = _hash(fingerprint, size, min_count, ENDS, CORPUS_VERSION)
    found = cache.kept(key, lambda: _encoding(text, level, size, min_count, chunk))
    words, characters = found.description["words"], found.description["characters"]
    blocks = np.split(found.ids, np.cumsum(words)[:-1])
    parts = [Part(ids, count) for ids, count in zip(blocks, characters, strict=True)]
    return Corpus(text.name, fingerprint, level, Vocabulary(tuple(found.description["vocabulary"])), *parts)


def _hash(*values: object) -> str:
    return hashlib.sha256(repr(values).encode()).hexdigest()


def _encoding(text: Text, level: Level, size: int | None, min_count: int, chunk: int) -> cache.Recipe:
    """Counts the training words; returns the encoded pieces of the whole text and their description."""
    counts: Counter[str] = Counter()
    for part, piece in divided(text.stream(chunk), text.characters):
        if part:
            break
        counts.update(tokenise(piece, level))
        forget_rarest(counts, MAX_COUNTED)
    if not counts:
        raise ValueError(f"path={text.name!r} holds no words; name a longer text")
    vocabulary = Vocabulary.most_frequent(counts, size, min_count)
    words, characters = [0, 0, 0], [0, 0, 0]

    def pieces() -> Iterator[np.ndarray]:
        """The ids of one piece of the text after the other, counting words and characters of each part."""
        for part, piece in divided(text.stream(chunk), text.characters):
            ids = vocabulary.encode(tokenise(piece, level))
            words[part] += len(ids)
            characters[part] += len(piece)
            yield ids
        if text.changed(chunk):
            raise ValueError(f"path={text.name!r} changed while it was read; try again")

    return pieces(), lambda: {"words": words, "characters": characters, "vocabulary": vocabulary.words}


def forget_rarest(counts: Counter[str], limit: int) -> None:
    """Where more than `limit` different words are counted, drop the rarest until half as many are left."""
    if len(counts) <= limit:
        return
    least = 1
    while len(counts) > limit // 2:
        for word in [word for word, count in counts.items() if count <= least]:
            del counts[word]
        least += 1


def divided(stream: Iterable[str], characters: int) -> Iterator[tuple[int, str]]:
    """The pieces of a text of so many characters, each with the number of the part it belongs to: 0, 1, 2.

    Pieces begin where a word begins.
    """
    ends, position = [int(share * characters) for share in ENDS], 0
    for piece in whole_words(stream):
        begin = 0
        for cut in (*_cuts(piece, position, ends), len(piece)):
            if cut > begin:
                yield sum(position + begin >= end for end in ends), piece[begin:cut]
            begin = cut
        position += len(piece)


def _cuts(piece: str, position: int, ends: list[int]) -> Iterator[int]:
    """Where in a piece, which begins at `position` of the text, a part ends."""
    for end in ends:
        if position < end <= position + len(piece):
            beginning = _BEGINNING.search(piece, end - position)
            yield beginning.start() if beginning else len(piece)


def whole_words(stream: Iterable[str]) -> Iterator[str]:
    """The same text in pieces that begin where a word begins, so that they can be tokenised one by one."""
    held = ""
    for chunk in stream:
        held += chunk
        ending = held.rsplit(maxsplit=1)  # the last word may go on in the next chunk, and so may the space after it
        cut = len(held.rstrip()) - len(ending[-1]) if len(ending) > 1 else 0
        if not cut and len(held) > LONGEST_WORD:
            cut = len(held)
        if cut:
            yield held[:cut]
            held = held[cut:]
    if held:
        yield held
