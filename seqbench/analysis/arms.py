"""One look per arm, the same in every figure of every report.

Colours are those of Okabe and Ito (2008), told apart by people with any kind of colour vision; marker and line style
repeat the distinction for print. Arms that are not listed take theirs from a reserve, chosen by their name.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Literal
from zlib import crc32

Dashes = tuple[float, ...]
SOLID: Dashes = ()
DASHED: Dashes = (5, 1.6)
DASH_DOT: Dashes = (6, 1.6, 1.4, 1.6)
DOTTED: Dashes = (1.4, 1.4)


@dataclass(frozen=True)
class Look:
    """How an arm is drawn; `dashes` as in matplotlib's `Line2D.set_dashes`, empty for a solid line."""

    colour: str
    marker: str
    dashes: Dashes

    @property
    def linestyle(self) -> Literal["-"] | tuple[float, Dashes]:
        """For matplotlib's `linestyle` argument."""
        return (0.0, self.dashes) if self.dashes else "-"


KNOWN: Mapping[str, Look] = {
    "rnn": Look("#D55E00", "s", DASHED),
    "rnn_orthogonal": Look("#E69F00", "D", DASHED),
    "irnn": Look("#CC79A7", "v", DASH_DOT),
    "gru": Look("#000000", "P", DASH_DOT),
    "lstm_default": Look("#56B4E9", "<", DOTTED),
    "lstm": Look("#0072B2", "o", SOLID),
    "lstm_chrono": Look("#009E73", "^", SOLID),
    "lstm_chrono_told": Look("#44AA99", "H", DASHED),
}

COUNTED: Mapping[str, Look] = {
    "ngram, n=2": Look("#A6A6A6", "8", DASH_DOT),
    "ngram, n=3": Look("#8C8C8C", "p", DASHED),
    "ngram": Look("#6E6E6E", "p", DOTTED),
    "ngram, n=4": Look("#6E6E6E", "H", DASH_DOT),
    "ngram, n=5": Look("#505050", "d", DASHED),
}
"""Models that count words are grey, darker the more words they see."""

RESERVE = tuple(
    Look(colour, marker, dashes)
    for dashes in (SOLID, DASHED, DASH_DOT, DOTTED)
    for colour, marker in (
        ("#882255", "X"), ("#332288", "h"), ("#999933", ">"), ("#6E6E6E", "p"), ("#8C510A", "d"), ("#AA4499", "*")
    )
)  # fmt: skip


_ARRANGED: ContextVar[Mapping[str, Look]] = ContextVar("arms as somebody arranged them", default={})  # noqa: B039


@contextmanager
def arranged(looks: Mapping[str, Look]) -> Iterator[None]:
    """For the duration, these arms come first, in this order, and look like this."""
    token = _ARRANGED.set(looks)
    try:
        yield
    finally:
        _ARRANGED.reset(token)


def arms_in_order(arms: Iterable[str]) -> list[str]:
    """Known arms from the simplest to the most elaborate, then the others by name, numbers in it by size."""
    known = [*_ARRANGED.get(), *COUNTED, *KNOWN]
    return sorted(set(arms), key=lambda arm: (known.index(arm) if arm in known else len(known), _by_size(arm), arm))


def _by_size(name: str) -> list[tuple[float, str]]:
    """Words and whole numbers in turn: "arm 2" before "arm 10"."""
    return [(float(part), "") if part.isdecimal() else (-1.0, part) for part in re.split(r"(\d+)", name)]


def looks(arms: Iterable[str]) -> dict[str, Look]:
    """The look of each arm, in the order of `arms_in_order`. Two arms share one only when the reserve is used up."""
    taken: dict[str, Look] = {}
    for arm in arms_in_order(arms):
        taken[arm] = (
            _ARRANGED.get().get(arm) or KNOWN.get(arm) or COUNTED.get(arm) or _from_reserve(arm, list(taken.values()))
        )
    return taken


def _from_reserve(arm: str, used: Sequence[Look]) -> Look:
    """The look that the name points to, or the next whose colour (or at least whose combination) is still free."""
    start = crc32(arm.encode())
    turns = [RESERVE[(start + turn) % len(RESERVE)] for turn in range(len(RESERVE))]
    colours = {look.colour for look in used}
    free = [look for look in turns if look not in used] or turns
    return next((look for look in free if look.colour not in colours), free[0])
