"""How many of the words before it a model needs to predict the next: one number from its loss by length of context."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

TOLERANCE = 0.01


def effective_context(
    contexts: Sequence[float], losses: Sequence[float] | Floats, tolerance: float = TOLERANCE
) -> float:
    """The fewest words from which on no longer context lowers the loss by more than `tolerance` of the lowest.

    `losses[i]` was measured with the last `contexts[i]` words alone, contexts ascending. Between two of them it is
    interpolated linearly in the logarithm of the context. The first context where that is enough; infinite where the
    loss still falls by more than the tolerance at the last doubling: the longest context is needed, and perhaps more.
    A loss that rises again with still longer contexts, which the model does not profit from, changes nothing.

    Khandelwal, He, Qi and Jurafsky (2018), "Sharp nearby, fuzzy far away", ACL 2018, define it so with
    perplexity: pass that in place of the loss. Raises ValueError unless the values are finite, positive and two or
    more.
    """
    words, values = _checked(contexts, losses)
    best = int(values.argmin())
    enough = (1 + tolerance) * values[best]
    half = np.interp(np.log(words[-1] / 2), np.log(words), values)
    if best == len(words) - 1 and half > enough:
        return math.inf
    short = np.flatnonzero(values[:best] > enough)
    return float(words[0]) if not short.size else _crossing(words, values, int(short[-1]), float(enough))


def effective_context_interval(
    contexts: Sequence[float],
    losses: Floats,
    *,
    rng: np.random.Generator,
    tolerance: float = TOLERANCE,
    resamples: int = 1000,
    confidence: float = 0.95,
) -> tuple[float, float]:
    """Bootstrap interval of that of the mean curve: seeds are drawn with replacement from the rows of `losses`.

    Percentile interval (Efron and Tibshirani 1993, An Introduction to the Bootstrap, chapter 13), whose ends may be
    infinite. Of few seeds it is too narrow, and of one it has no width.
    """
    drawn = rng.integers(len(losses), size=(resamples, len(losses)))
    found = np.sort([effective_context(contexts, losses[seeds].mean(axis=0), tolerance) for seeds in drawn])
    tail = int(resamples * (1 - confidence) / 2)
    return float(found[tail]), float(found[resamples - 1 - tail])


def _checked(contexts: Sequence[float], losses: Sequence[float] | Floats) -> tuple[Floats, Floats]:
    words, values = np.asarray(contexts, dtype=float), np.asarray(losses, dtype=float)
    if words.shape != values.shape or words.ndim != 1 or len(words) < 2:
        raise ValueError(f"two or more contexts with a loss each are needed, got {words.shape} and {values.shape}")
    if not (np.diff(words) > 0).all() or words[0] <= 0:
        raise ValueError(f"contexts must be positive and ascending, got {words}")
    if not (np.isfinite(values) & (values > 0)).all():
        raise ValueError(f"losses must be finite and positive, got {values}")
    return words, values


def _crossing(words: Floats, values: Floats, last_short: int, enough: float) -> float:
    """Where the loss falls to `enough` between a context that is too short and the next."""
    low, high = last_short, last_short + 1
    part = (values[low] - enough) / (values[low] - values[high])
    return float(words[low] * (words[high] / words[low]) ** part)
