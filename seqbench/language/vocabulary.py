"""The words a model knows, and their ids."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated

import numpy as np
from annotated_types import Ge, Le
from jaxtyping import Integer, UInt

from seqbench.language.tokens import END, UNKNOWN

END_ID, UNKNOWN_ID = 0, 1
#: Most words that a vocabulary may hold beside `<end>` and `<unk>`.
MAX_SIZE = 500_000
#: The knob of a task that sets the size.
Size = Annotated[int, Ge(1), Le(MAX_SIZE)]


@dataclass(frozen=True)
class Vocabulary:
    """Words in the order of their ids: `<end>` is 0, `<unk>` is 1.

    Raises ValueError if these two do not come first or a word stands twice.
    """

    words: tuple[str, ...]

    def __post_init__(self) -> None:
        if self.words[:2] != (END, UNKNOWN):
            raise ValueError(f"a vocabulary begins with {END!r} and {UNKNOWN!r}, not with {self.words[:2]}")
        if len(self.ids) < len(self.words):
            repeated = next(word for id, word in enumerate(self.words) if self.ids[word] != id)
            raise ValueError(f"the word {repeated!r} stands twice in the vocabulary")

    @classmethod
    def most_frequent(cls, counts: Mapping[str, int], size: int | None = None, min_count: int = 1) -> "Vocabulary":
        """The words counted `min_count` times or more, of these the `size` most frequent.

        More frequent words have lower ids; ties are in order of code points. `<end>` and `<unk>` come on top of `size`.
        Raises ValueError if `size` is not 1 to `MAX_SIZE`, if `min_count` is less than 1, or if no word is left.
        """
        check_limits(size, min_count)
        common = [(-count, word) for word, count in counts.items() if count >= min_count and word not in (END, UNKNOWN)]
        if not common:
            raise ValueError(f"min_count={min_count}: no word occurs that often; lower it or take a longer text")
        if size is None and len(common) > MAX_SIZE:
            allowed = f"at most {MAX_SIZE:,} are allowed"
            raise ValueError(f"min_count={min_count} leaves {len(common):,} words; {allowed}: raise it, or set a size")
        return cls((END, UNKNOWN, *(word for _, word in sorted(common)[:size])))

    @cached_property
    def ids(self) -> dict[str, int]:
        """The id of each word."""
        return {word: id for id, word in enumerate(self.words)}

    @property
    def dtype(self) -> np.dtype[np.unsignedinteger]:
        """The smallest of uint16 and uint32 that holds every id, little-endian on every machine."""
        return np.dtype("<u2" if len(self.words) <= 2**16 else "<u4")

    def __len__(self) -> int:
        return len(self.words)

    def encode(self, words: Iterable[str]) -> UInt[np.ndarray, " words"]:
        """Their ids; `UNKNOWN_ID` for every word that is not in the vocabulary."""
        get = self.ids.get
        return np.fromiter((get(word, UNKNOWN_ID) for word in words), dtype=self.dtype)

    def decode(self, ids: Iterable[int] | Integer[np.ndarray, " words"]) -> list[str]:
        """Their words. Raises ValueError for a number that is no id."""
        ids = [int(id) for id in ids]
        for id in ids:
            if not 0 <= id < len(self.words):
                raise ValueError(f"id {id} is not in the vocabulary; its ids are 0 to {len(self.words) - 1}")
        return [self.words[id] for id in ids]

    def unknown(self, words: Iterable[str]) -> list[str]:
        """Those words that are not in the vocabulary, each once, in order of appearance; `<unk>` itself is in it."""
        return [word for word in dict.fromkeys(words) if word not in self.ids]

    def to_json(self) -> str:
        """The words as a JSON list, in the order of their ids."""
        return json.dumps(self.words, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> "Vocabulary":
        """The inverse of `to_json`. Raises ValueError for anything else."""
        words = json.loads(text)
        if not (isinstance(words, list) and all(isinstance(word, str) for word in words)):
            raise ValueError("a vocabulary is a JSON list of words")
        return cls(tuple(words))


def unknown_share(ids: UInt[np.ndarray, " words"]) -> float:
    """The share of words that the vocabulary lacks, 0 for no words."""
    return float(np.count_nonzero(ids == UNKNOWN_ID) / max(len(ids), 1))


def check_limits(size: int | None, min_count: int) -> None:
    """Raise ValueError for a size or a minimum count that no vocabulary can have."""
    if size is not None and not 1 <= size <= MAX_SIZE:
        raise ValueError(f"size={size} is not allowed; a vocabulary has 1 to {MAX_SIZE:,} words")
    if min_count < 1:
        raise ValueError(f"min_count={min_count} is not allowed; it should be 1 or more")
