"""Selective copying (Jing et al. 2019; Gu & Dao 2023): repeat the symbols, not what stands between them."""

import functools
import math
from collections.abc import Iterable

import numpy as np
import torch

from seqbench.config import Count
from seqbench.events import Baseline
from seqbench.tasks.base import Batch
from seqbench.tasks.copy import BLANK, GO, SYMBOLS, Copy
from seqbench.tasks.layout import strewn
from seqbench.tasks.spaced import Distractors, Filler, LossOn, ranked

#: Symbols that are not to be repeated.
OTHERS = 4


class SelectiveCopy(Copy):
    """Show `load` symbols with `distractors` among them, wait, and repeat the symbols in order from the go signal on.

    The go signal comes `gap` steps after the last symbol, with the first answer. All other steps show blanks, or one
    of four symbols that are not to be repeated.

    >>> task = SelectiveCopy(gap=3, load=3, distractors=4, filler="random")
    >>> batch = task.batch(seed=0, stream="train", index=0, size=1)
    >>> print("".join("abcdefgh.!wxyz"[i] for i in batch.inputs[0].argmax(-1)))
    hyxxazgyx!..
    >>> print("".join("abcdefgh"[y] if asked else "-" for y, asked in zip(batch.targets[0], batch.mask[0])))
    ---------hag

    Published (Gu & Dao 2023): `load=16 distractors=4080 gap=1`. There the alphabet has 16 symbols, here 8.
    """

    later = frozenset[str]()

    def __init__(
        self,
        *,
        gap: Count,
        load: Count = 2,
        distractors: Distractors = 0,
        filler: Filler = "blank",
        loss_on: LossOn = "asked",
        min_gap: Count | None = None,
    ) -> None:
        super().__init__(gap=gap, load=load, loss_on=loss_on, min_gap=min_gap)
        self.distractors, self.filler = distractors, filler
        self.input_size += OTHERS

    def plateaus(self) -> Iterable[Baseline]:
        """The last k known; or how often each symbol came, of which each answer is then drawn."""
        for k, known in enumerate(super().plateaus()):
            name = f"the last {k} of {self.load} symbols remembered" if k else known.name
            yield Baseline(name, known.loss, known.score)
        if self.load > 1:
            yield Baseline("which symbols, not their order", _loss_of_counts(self.load), _most_frequent(self.load))

    @property
    def baselines(self) -> tuple[Baseline, ...]:
        return ranked(super().baselines)

    @property
    def length(self) -> int:
        return super().length + self.distractors

    @property
    def empty_steps(self) -> float:
        return super().empty_steps + self.distractors

    @property
    def blank_steps(self) -> float:
        return self.empty_steps if self.filler == "blank" else 0

    @property
    def distinct_sequences(self) -> int | None:
        return None if self.distractors or self.filler == "random" else super().distinct_sequences

    def sample(self, rng: np.random.Generator, size: int) -> Batch:
        symbols = rng.integers(SYMBOLS, size=(size, self.load))
        placed = strewn(rng, size, self.load, self.distractors)
        shown = np.full((size, self.length), BLANK)
        if self.filler == "random":
            empty = shown[:, : -self.load]
            empty[:] = GO + 1 + rng.integers(OTHERS, size=empty.shape)
        shown[:, : placed.shape[1]][placed] = symbols.ravel()
        return self.repeating(torch.from_numpy(shown), torch.from_numpy(symbols))


def _loss_of_counts(load: int) -> float:
    """The mean entropy of the shares of eight symbols among so many that are drawn independently."""
    total = 0.0
    for count in range(1, load + 1):
        chance = math.comb(load, count) * (SYMBOLS - 1) ** (load - count) / SYMBOLS**load
        total -= SYMBOLS * chance * count / load * math.log(count / load)
    return total


@functools.cache
def _most_frequent(load: int) -> float:
    """The mean share of the most frequent of them: counts are Poisson numbers that happen to have this sum."""
    mean = load / SYMBOLS
    weights = np.exp([k * math.log(mean) - mean - math.lgamma(k + 1) for k in range(load + 1)])
    of_all = math.exp(load * math.log(load) - load - math.lgamma(load + 1))
    return sum(1 - _none_above(weights[: most + 1], load) / of_all for most in range(load)) / load


def _none_above(weights: np.ndarray, load: int) -> float:
    """The chance that eight such numbers have this sum, and none is larger than there are weights."""
    powers = np.ones(1)
    for _ in range(SYMBOLS):
        powers = np.convolve(powers, weights)[: load + 1]
    return float(powers[load]) if len(powers) > load else 0.0
