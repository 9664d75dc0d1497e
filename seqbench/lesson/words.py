"""Names of losses and scores for somebody who meets them for the first time."""

from collections.abc import Mapping

_LOSSES: Mapping[str, str] = {
    "cross-entropy": "the negative natural logarithm of the probability that the network gave to what is right: 0 if "
    "it was sure of it, 0.69 if it gave it one half",
    "mean squared error": "the square of how far an answer is off, on average",
}
_SCORES: Mapping[str, str] = {"accuracy": "the share of answers that are right", "mse": "the mean squared error"}


def loss(name: str) -> str:
    """What a loss is, with its name: "cross-entropy, the ..."."""
    plain = name.partition(" (")[0]  # of a logarithm, the unit is told in brackets
    return f"{plain}, {_LOSSES[plain]}" if plain in _LOSSES else plain


def score(name: str) -> str:
    """The same of a score."""
    return f"{name}, {_SCORES[name]}" if name in _SCORES else name
