"""Text to words and back.

At level "word" text is read in lower case. A word is, the first that fits:

- `<unk>`, which prepared corpora write for an unknown word;
- a number with inner points or commas: `3.14`, `1,000`;
- letters, digits and underscores, with apostrophes and hyphens between them: `don't`, `carry-over`, `__init__`;
- a run of one of the marks `* = - ~ . # ^ +`: an ellipsis or the underline of a heading is one word;
- any other mark by itself.

A blank line ends a paragraph and is the word `<end>`; other white space only divides. Writing systems with combining
marks are divided at the marks: read them at level "character", where every character is a word and nothing is changed.
"""

import re
from collections.abc import Iterable
from itertools import chain, pairwise
from typing import Literal

Level = Literal["word", "character"]

#: Ends a paragraph or a sentence, stands before the first word of a text, and pads.
END = "<end>"
#: Stands for every word that the vocabulary lacks.
UNKNOWN = "<unk>"
#: Raised whenever the same text would be divided differently.
TOKENS_VERSION = 1

_RUNS = "|".join(rf"\{mark}++" for mark in "*=-~.#^+")
_WORD = re.compile(rf"{UNKNOWN}|\d++(?:[.,]\d++)++|\w++(?:['’-]\w++)*+|{_RUNS}|[^\w\s]")
_PARAGRAPH_END = re.compile(r"(?<!\s)(?:[^\S\n]*+\n){2,}+")
_OPENING, _CLOSING = "([{", ",.;:!?)]}"


def tokenise(text: str, level: Level = "word") -> list[str]:
    """The words of a text or of a prompt, as the module's docstring defines them.

    >>> tokenise("Don't panic (yet)...\\n\\nIt cost 3.50!")
    ["don't", 'panic', '(', 'yet', ')', '...', '<end>', 'it', 'cost', '3.50', '!']
    """
    if level == "character":
        return list(text)
    first, *others = _PARAGRAPH_END.split(text.lower())
    words = _WORD.findall(first)
    for paragraph in others:
        words.append(END)
        words += _WORD.findall(paragraph)
    return words


def detokenise(words: Iterable[str], level: Level = "word") -> str:
    """Readable text that `tokenise` divides into the same words again.

    >>> print(detokenise(["it", "cost", "(", "only", ")", "3.50", "!", "<end>", "well", "..."]))
    it cost (only) 3.50!
    <BLANKLINE>
    well...
    """
    if level == "character":
        return "".join(words)
    words = list(words)
    spaces = (_space(left, right) for left, right in pairwise(words))
    written = ("\n\n" if word == END else word for word in words)
    return "".join(chain.from_iterable(zip(written, chain(spaces, [""]), strict=False)))


def _space(left: str, right: str) -> str:
    """What is written between two words; marks that would become one run are kept apart."""
    if END in (left, right):
        return ""
    attached = left[-1] in _OPENING or right[0] in _CLOSING
    return "" if attached and left[-1] != right[0] else " "
