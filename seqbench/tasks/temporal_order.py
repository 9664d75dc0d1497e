"""Temporal order (Hochreiter & Schmidhuber 1997, section 5.6): in which order did the relevant symbols come?"""

import math

import numpy as np
import torch
from jaxtyping import Bool, Float
from torch import Tensor

from seqbench.config import Count
from seqbench.events import Baseline
from seqbench.tasks.at_end import AskedAtEnd
from seqbench.tasks.base import Batch, Criterion
from seqbench.tasks.classification import Classification, enough_right

#: Symbols that mean nothing, and then the two that do: X and Y.
DISTRACTORS = 4
X = DISTRACTORS


class TemporalOrder(AskedAtEnd, Classification):
    """Among distractors stand `load` relevant symbols, each X or Y; the class, asked at the last step, is their order.

    The first relevant symbol lies `gap` to `gap + 9` steps before the last step, the others anywhere between the two.
    There are 2**load classes: with load 2, XX, XY, YX and YY.

    >>> batch = TemporalOrder(gap=4, load=2).batch(seed=0, stream="train", index=0, size=1)
    >>> print("".join("abcdXY"[i] for i in batch.inputs[0].argmax(-1)))
    cdbcYXdcdcaaad
    >>> print("".join(f"{y:d}" if asked else "-" for y, asked in zip(batch.targets[0], batch.mask[0])))
    -------------2
    """

    def __init__(self, *, gap: Count, load: Count = 2, min_gap: Count | None = None) -> None:
        super().__init__(gap, load, min_gap)
        self.input_size, self.output_size = DISTRACTORS + 2, 2**load

    @property
    def baselines(self) -> tuple[Baseline, ...]:
        """The last k symbols known leave 2**(load - k) classes; all symbols without their order, those of one count."""
        names = ["no memory", *(f"the last {k} of {self.load} symbols remembered" for k in range(1, self.load))]
        last = [Baseline(name, (self.load - k) * math.log(2), 2.0 ** (k - self.load)) for k, name in enumerate(names)]
        orders = [math.comb(self.load, count) for count in range(self.load + 1)]
        loss = sum(n * math.log(n) for n in orders) / self.output_size
        unordered = Baseline("all symbols remembered, not their order", loss, len(orders) / self.output_size)
        return tuple(sorted([*last, *([unordered] if self.load > 1 else [])], key=lambda b: -b.loss))

    @property
    def criterion(self) -> Criterion:
        return enough_right("{} of the sequences classified correctly")

    def sample(self, rng: np.random.Generator, size: int) -> Batch:
        relevant = self.place_evidence(rng, size)
        shown = rng.integers(DISTRACTORS, size=relevant.shape)
        symbols = rng.integers(2, size=(size, self.load))
        shown[relevant] = X + symbols.ravel()
        inputs = torch.nn.functional.one_hot(torch.from_numpy(shown), self.input_size).float()
        return self.asking(inputs, torch.from_numpy(symbols @ self._place_values))

    @property
    def _place_values(self) -> np.ndarray:
        """The class of an order is its symbols, X for 0 and Y for 1, read as a binary number."""
        return 2 ** np.arange(self.load - 1, -1, -1)

    def evidence(self, batch: Batch) -> Bool[Tensor, "batch time"]:
        return batch.inputs[..., X:].sum(-1) > 0

    def oracle(self, batch: Batch) -> Float[Tensor, "scored classes"]:
        is_y = batch.inputs[..., X + 1][self.evidence(batch)].view(-1, self.load)
        classes = (is_y.long() * torch.from_numpy(self._place_values)).sum(1)
        return torch.nn.functional.one_hot(classes, self.output_size) * 100.0
