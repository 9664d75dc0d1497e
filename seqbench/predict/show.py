"""Predictions as a person reads them in a terminal."""

from collections.abc import Iterable, Sequence

import numpy as np
from jaxtyping import Float
from rich.bar import Bar
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from seqbench.language.tokens import END, UNKNOWN, detokenise
from seqbench.predict.sentence import Judged, Prompt, listed
from seqbench.record.saved import LanguageModel

#: Columns of a bar, and of the words before it.
BAR, WORD = 40, 24
#: Columns of a bar for each bit of surprisal.
COLUMNS_PER_BIT = 2
SAID_OF = {END: f"{END} (of the sentence)", UNKNOWN: f"{UNKNOWN} (another word)"}


def show_run(language: LanguageModel) -> None:
    """Which model speaks."""
    known = "" if language.perplexity is None else f", test perplexity {language.perplexity:.4g}"
    print(f"{language.title}{known}")


def show_unknown(language: LanguageModel, prompt: Prompt) -> None:
    """The words of a prompt that the model does not know, if there are any."""
    if prompt.unknown:
        print(f"not in the vocabulary: {listed(prompt.unknown)}, {_fate(language)}")


def show_next(language: LanguageModel, probabilities: Float[np.ndarray, " words"], top: int) -> None:
    """The most probable words with their probabilities; the longest bar is that of the first."""
    best = np.argsort(-probabilities, kind="stable")[:top]
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column(f"next {language.level}", overflow="fold")
    table.add_column("probability", justify="right", no_wrap=True)
    table.add_column("", width=BAR)
    for id in best:
        word, p = language.words[id], float(probabilities[id])
        table.add_row(Text(SAID_OF.get(word) or shown(word)), _percent(p), Bar(probabilities[best[0]], 0, p, width=BAR))
    others = len(probabilities) - len(best)
    if others:
        left = max(0.0, 1 - float(probabilities[best].sum()))
        table.add_row(Text(f"{others:,} others", style="dim"), Text(_percent(left), style="dim"))
    Console(highlight=False).print(table)


def show_text(language: LanguageModel, prompt: Prompt, continuation: Sequence[str]) -> None:
    """The sentence as one would write it, what the model added in bold."""
    given = _harmless(detokenise(prompt.words, language.level))
    whole = _harmless(detokenise([*prompt.words, *continuation], language.level))
    text = Text(whole)
    text.stylize("bold", len(given))
    Console(highlight=False).print(text)


def show_surprise(language: LanguageModel, judged: Iterable[Judged]) -> None:
    """A line for each word as soon as it is read, then the mean. Raises ValueError if there is nothing to average."""
    words = unknown = counted = 0
    total = 0.0
    print(f"{language.level:{WORD}} {'bits':>6}")
    for word, known, bits in judged:
        words, unknown = words + 1, unknown + (not known)
        if bits is not None:
            counted, total = counted + 1, total + bits
        print(_line(word, known, bits))
    if not counted:
        raise ValueError("the text has no word that is in the vocabulary" if words else "the text has no words")
    mean = total / counted
    print(f"\n{counted:,} {language.level}s, {mean:.3f} bits each on average: perplexity {2 ** min(mean, 1000):,.4g}")
    if unknown:
        print(f"{unknown:,} of {words:,} not in the vocabulary, {_fate(language)}")


def _line(word: str, known: bool, bits: float | None) -> str:
    name = shown(word) if known or bits is None else f"{shown(word)} ({UNKNOWN})"
    start = name + " " * (WORD - cell_len(name))
    if bits is None:
        return f"{start}      -  not in the vocabulary"
    return f"{start} {bits:6.2f}  {'█' * min(BAR, round(COLUMNS_PER_BIT * bits))}".rstrip()


def shown(word: str) -> str:
    """The word, or its code where it would be invisible or do something to the terminal."""
    return word if word.isprintable() and not word.isspace() else repr(word)


def _harmless(text: str) -> str:
    return "".join(c if c.isprintable() or c == "\n" else repr(c)[1:-1] for c in text)


def _fate(language: LanguageModel) -> str:
    return "left out" if language.unknown_id is None else f"read as {UNKNOWN}"


def _percent(share: float) -> str:
    return f"{100 * share:.2f} %"
