"""The copy task (Hochreiter & Schmidhuber 1997; this form after Arjovsky, Shah & Bengio 2016, section 4.1)."""

import math

import numpy as np
import torch
from jaxtyping import Bool, Float
from torch import Tensor

from seqbench.config import Count
from seqbench.events import Baseline
from seqbench.tasks.base import Batch, Criterion
from seqbench.tasks.classification import Classification, enough_right

#: Size of the alphabet of symbols to remember.
SYMBOLS = 8
BLANK, GO = SYMBOLS, SYMBOLS + 1


class Copy(Classification):
    """Show `load` symbols, wait, and repeat them in order from the go signal on.

    The go signal comes `gap` steps after the last symbol and is the first step at which an answer is due, so
    every symbol is needed exactly `gap + load - 1` steps after it was seen. Only the answers are scored.

    >>> batch = Copy(gap=4, load=3).batch(seed=0, stream="train", index=0, size=1)
    >>> print("".join("abcdefgh.!"[i] for i in batch.inputs[0].argmax(-1)))
    age...!..
    >>> print("".join("abcdefgh"[y] if asked else "-" for y, asked in zip(batch.targets[0], batch.mask[0])))
    ------age
    """

    def __init__(self, *, gap: Count, load: Count = 1, min_gap: Count | None = None) -> None:
        super().__init__(gap, load, min_gap)
        self.input_size, self.output_size = SYMBOLS + 2, SYMBOLS

    @property
    def evidence_lag(self) -> int:
        return self.gap + self.load - 1

    @property
    def baselines(self) -> tuple[Baseline, ...]:
        """With k of the `load` symbols known, the others are guessed: one in eight."""
        names = ["no memory", *(f"{k} of {self.load} symbols remembered" for k in range(1, self.load))]
        unknown = [1 - k / self.load for k in range(self.load)]
        return tuple(
            Baseline(name, share * math.log(SYMBOLS), 1 - share + share / SYMBOLS)
            for name, share in zip(names, unknown, strict=True)
        )

    @property
    def distinct_sequences(self) -> int | None:
        gaps = self.gap - (self.gap if self.min_gap is None else self.min_gap) + 1
        return gaps * int(SYMBOLS**self.load)

    @property
    def criterion(self) -> Criterion:
        return enough_right("{} of the symbols repeated correctly")

    def sample(self, rng: np.random.Generator, size: int) -> Batch:
        """Inputs one-hot over the symbols, the blank and the go signal."""
        symbols = torch.from_numpy(rng.integers(SYMBOLS, size=(size, self.load)))
        recall = self.evidence_lag
        shown = torch.full((size, recall + self.load), BLANK)
        shown[:, : self.load] = symbols
        shown[:, recall] = GO
        targets = torch.zeros_like(shown)
        targets[:, recall:] = symbols
        mask = torch.zeros_like(shown, dtype=torch.bool)
        mask[:, recall:] = True
        inputs = torch.nn.functional.one_hot(shown, self.input_size).float()
        return Batch(inputs, targets, mask, torch.full((size,), shown.shape[1]))

    def evidence(self, batch: Batch) -> Bool[Tensor, "batch time"]:
        return batch.inputs[..., :SYMBOLS].sum(-1) > 0

    def oracle(self, batch: Batch) -> Float[Tensor, "scored 8"]:
        seen = batch.inputs[:, : self.load, :SYMBOLS]
        return (seen * 100).flatten(0, 1)
