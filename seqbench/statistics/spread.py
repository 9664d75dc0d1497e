"""How well states keep apart what they remember: the spread within groups over the distance between them.

Sequences are grouped by what must be remembered. Chung, Choi and Kim (2026), arXiv:2605.07755: what was remembered can
be read as long as the spread within its groups is small beside the distance between them.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

States = Float[np.ndarray, "sequences width"]
Groups = Int[np.ndarray, " sequences"]

#: The share of answers that may be wrong: a factor beyond which there are more is critical.
ALLOWED = 0.01
#: The factors that deviations are tried with, eight to an octave.
FACTORS = 2.0 ** (np.arange(-4 * 8, 16 * 8 + 1) / 8)


class Spread(NamedTuple):
    """Distances between states, in the units of the states."""

    within: float
    """W: the mean distance of a sequence's state to the mean of its group; the mean of the groups."""
    between: float
    """B: the least distance between the means of two groups."""

    @property
    def ratio(self) -> float:
        """W/B; infinite where two groups have the same mean."""
        return self.within / self.between if self.between else math.inf


def spread(states: States, groups: Groups) -> Spread:
    """Of the groups that have two sequences or more. Raises ValueError unless there are two of them."""
    counts = np.bincount(groups)
    kept = counts[groups] > 1
    means, number = _means(states[kept], groups[kept])
    if len(means) < 2:
        raise ValueError("a spread needs two groups of two sequences or more")
    apart = np.linalg.norm(states[kept] - means[number], axis=1)
    within = np.bincount(number, apart) / np.bincount(number)
    pairs = np.linalg.norm(means[:, None] - means, axis=-1)[np.triu_indices(len(means), 1)]
    return Spread(float(within.mean()), float(pairs.min()))


def critical_factor(states: States, groups: Groups, errors: Callable[[States], float]) -> float:
    """The least of `FACTORS` by which to multiply deviations from the group's mean for the readout to err too often.

    `errors` gives the share of wrong answers that it reads from states in the order of these, too often is more than
    `ALLOWED`. 0 where it errs on the means themselves, infinite where it never does.
    """
    means, number = _means(states, groups)
    centres = means[number]
    for factor in (0.0, *FACTORS):
        if errors(centres + factor * (states - centres)) > ALLOWED:
            return float(factor)
    return math.inf


def moved(before: States, of_before: Groups, after: States, of_after: Groups) -> float:
    """The mean distance that the means of groups have moved; of those that occur in both."""
    (first, _), (second, _) = _means(before, of_before), _means(after, of_after)
    of_first, of_second = np.unique(of_before), np.unique(of_after)
    both = np.intersect1d(of_first, of_second)
    steps = second[np.searchsorted(of_second, both)] - first[np.searchsorted(of_first, both)]
    return float(np.linalg.norm(steps, axis=1).mean())


def _means(states: States, groups: Groups) -> tuple[Float[np.ndarray, "groups width"], Groups]:
    """The mean of each group that occurs, and the place of each sequence's own among them."""
    _, number, counts = np.unique(groups, return_inverse=True, return_counts=True)
    sums = np.zeros((len(counts), states.shape[1]))
    np.add.at(sums, number, states)
    return sums / counts[:, None], number
