"""Which colour, marker and line every arm has: families apart by hue, the arms of one by shade, marker and line.

The colours of the first arms are those of Okabe and Ito (2008), told apart by people with any kind of colour vision;
later ones were chosen beside them. Marker and line repeat the distinction for print.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from seqbench.models import families
from seqbench.models.families import ATTENTION, CLASSICAL, CONVOLUTION, GATED, LINEAR, MATRIX, REFERENCE

Dashes = tuple[float, ...]
SOLID: Dashes = ()
DASHED: Dashes = (5, 1.6)
DASH_DOT: Dashes = (6, 1.6, 1.4, 1.6)
DOTTED: Dashes = (1.4, 1.4)
LONG: Dashes = (9, 2)


@dataclass(frozen=True)
class Look:
    """How an arm is drawn; `dashes` as in matplotlib's `Line2D.set_dashes`, empty for a solid line."""

    colour: str
    marker: str
    dashes: Dashes
    family: str = families.OWN

    @property
    def linestyle(self) -> Literal["-"] | tuple[float, Dashes]:
        """For matplotlib's `linestyle` argument."""
        return (0.0, self.dashes) if self.dashes else "-"


COUNTED: Mapping[str, Look] = {
    "ngram, n=2": Look("#A6A6A6", "8", DASH_DOT, REFERENCE),
    "ngram, n=3": Look("#8C8C8C", "p", DASHED, REFERENCE),
    "ngram": Look("#6E6E6E", "p", DOTTED, REFERENCE),
    "ngram, n=4": Look("#6E6E6E", "H", DASH_DOT, REFERENCE),
    "ngram, n=5": Look("#505050", "d", DASHED, REFERENCE),
}
"""Models that count words are grey, darker the more words they see."""

KNOWN: Mapping[str, Look] = {
    "rnn": Look("#D55E00", "s", DASHED, CLASSICAL),
    "rnn_orthogonal": Look("#E69F00", "D", DASHED, CLASSICAL),
    "irnn": Look("#CC79A7", "v", DASH_DOT, CLASSICAL),
    "gru": Look("#000000", "P", DASH_DOT, GATED),
    "lstm_default": Look("#56B4E9", "<", DOTTED, GATED),
    "lstm": Look("#0072B2", "o", SOLID, GATED),
    "lstm_chrono": Look("#009E73", "^", SOLID, GATED),
    "lstm_chrono_told": Look("#44AA99", "H", DASHED, GATED),
    "mingru": Look("#332288", "h", LONG, GATED),
    "mingru_chrono": Look("#7570B3", "X", LONG, GATED),
    "minlstm": Look("#117733", ">", LONG, GATED),
    "minlstm_chrono": Look("#66A61E", "d", LONG, GATED),
    "slstm": Look("#2F4B63", "p", LONG, GATED),
    "slstm_chrono": Look("#7A93AC", "*", LONG, GATED),
    "lru": Look("#882255", "s", SOLID, LINEAR),
    "lru_s4d": Look("#D1468C", "D", DASHED, LINEAR),
    "mamba": Look("#6A1B9A", "o", DOTTED, LINEAR),
    "mlstm": Look("#5E6B12", "^", SOLID, MATRIX),
    "mlstm_chrono": Look("#A3B550", "v", DASHED, MATRIX),
    "linear_attention": Look("#C8A415", "<", DASHED, MATRIX),
    "retnet": Look("#999933", ">", DASH_DOT, MATRIX),
    "deltanet": Look("#8C510A", "s", DOTTED, MATRIX),
    "gated_deltanet": Look("#543005", "o", LONG, MATRIX),
    "gated_deltanet_chrono": Look("#BF812D", "D", LONG, MATRIX),
    "attention": Look("#A50F15", "*", SOLID, ATTENTION),
    "attention_unordered": Look("#EF6548", "X", DASHED, ATTENTION),
    "tcn": Look("#4D6A87", "P", SOLID, CONVOLUTION),
}
"""From the simplest to the most elaborate, family by family."""


def _reserve(family: str, *shades: tuple[str, str]) -> tuple[Look, ...]:
    return tuple(
        Look(colour, marker, dashes, family)
        for dashes in (SOLID, DASHED, DASH_DOT, DOTTED)
        for colour, marker in shades
    )


RESERVE = _reserve(
    families.OWN, ("#882255", "X"), ("#332288", "h"), ("#999933", ">"), ("#6E6E6E", "p"), ("#8C510A", "d"),
    ("#AA4499", "*"),
)  # fmt: skip
"""For arms of any other family, chosen by their name."""

RESERVES: Mapping[str, tuple[Look, ...]] = {
    CLASSICAL: _reserve(CLASSICAL, ("#A63603", "X"), ("#FDAE6B", "h"), ("#B5576B", "*"), ("#8C2D04", "d")),
    GATED: _reserve(GATED, ("#08519C", "X"), ("#238B45", "*"), ("#41B6C4", "8"), ("#54278F", "P"), ("#74A9CF", "s")),
    LINEAR: _reserve(LINEAR, ("#AA4499", "X"), ("#4A1486", "h"), ("#C994C7", "*"), ("#980043", "d")),
    MATRIX: _reserve(MATRIX, ("#B8860B", "X"), ("#7A7A1E", "h"), ("#BF812D", "*"), ("#3D2B00", "d")),
}
"""For arms that are not listed, of a family that has many."""
