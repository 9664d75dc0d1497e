"""The word problem of a finite group: the product of its factors (Barrington 1989; Merrill, Petty & Sabharwal 2024)."""

import math
from typing import Literal

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from seqbench.config import Count
from seqbench.events import Baseline
from seqbench.tasks.base import Batch, Criterion
from seqbench.tasks.classification import enough_right
from seqbench.tasks.groups import order, product_table
from seqbench.tasks.layout import due_at_end, ends, one_hot, strewn
from seqbench.tasks.spaced import Distractors, LossOn, Spaced

Name = Literal["Z2", "Z3", "Z4", "Z5", "Z6", "Z7", "Z8", "Z10", "Z12", "Z60", "S3", "S4", "A5", "S5"]

#: What a model may know of a permutation beside nothing and all, with the number of permutations that are alike then.
QUOTIENTS = {
    "S3": (("the sign only", 3),),
    "S4": (("the sign only", 12), ("how the three pairings of four are permuted only", 4)),
    "S5": (("the sign only", 60),),
    "A5": (),
}


class Group(Spaced):
    """`load` random elements of a finite group are shown; asked at the last step is their product, in that order.

    Z2 is parity, Zm addition modulo m (2 to 8, 10, 12, 60), Sn all permutations of n things (3 to 5) and A5 the even
    ones of five. Blanks change nothing: `distractors` of them stand before or between the factors, and the last
    factor `gap` steps before the question. Without one of the factors nothing is known, whatever the group: there is
    no credit for a part of them.

    >>> task = Group(gap=3, load=3, distractors=2, group="Z3")
    >>> batch = task.batch(seed=0, stream="train", index=0, size=1)
    >>> print("".join("012."[i] for i in batch.inputs[0].argmax(-1)))
    ..221...
    >>> print("".join(f"{y:d}" if asked else "-" for y, asked in zip(batch.targets[0], batch.mask[0])))
    -------2

    Published (Merrill, Petty & Sabharwal 2024): `loss_on=all gap=1 distractors=0`, the product so far at each step.
    Unlike there, the question comes at a blank after the last factor, and the first factor, which is its own product,
    has no loss. Identities may be factors; blanks are shown as something else.
    """

    def __init__(
        self,
        *,
        gap: Count,
        load: Count = 2,
        distractors: Distractors = 0,
        group: Name = "Z2",
        loss_on: LossOn = "asked",
        min_gap: Count | None = None,
    ) -> None:
        super().__init__(gap, load, distractors, min_gap)
        self.group, self.loss_on, self.output_size = group, loss_on, order(group)
        self.input_size = self.output_size + 1

    @property
    def length(self) -> int:
        return self.load + self.distractors + self.gap

    @property
    def baselines(self) -> tuple[Baseline, ...]:
        """A quotient that is known leaves the elements that are alike in it."""
        alike = [("no memory", self.output_size), *self._quotients()]
        return tuple(Baseline(name, math.log(number), 1 / number) for name, number in alike)

    def _quotients(self) -> tuple[tuple[str, int], ...]:
        if self.group in QUOTIENTS:
            return QUOTIENTS[self.group]
        m = self.output_size
        return tuple((f"the sum modulo {d} only", m // d) for d in range(2, m) if m % d == 0)

    @property
    def criterion(self) -> Criterion:
        return enough_right("{} of the products right")

    def sample(self, rng: np.random.Generator, size: int) -> Batch:
        factors = rng.integers(self.output_size, size=(size, self.load))
        placed = strewn(rng, size, self.load, self.distractors)
        shown = np.full((size, self.length), self.output_size)
        shown[:, : placed.shape[1]][placed] = factors.ravel()
        inputs = one_hot(torch.from_numpy(shown), self.input_size)
        if self.loss_on == "asked":
            return due_at_end(inputs, torch.from_numpy(self._products(factors)[:, -1:]))
        number = (shown < self.output_size).cumsum(1)
        targets = np.take_along_axis(self._products(factors), np.maximum(number - 1, 0), axis=1)
        later = torch.from_numpy(number - (shown < self.output_size) > 0)
        return Batch(inputs, torch.from_numpy(targets) * later, later, torch.full((size,), shown.shape[1]))

    def _products(self, factors: Int[np.ndarray, "size factors"]) -> Int[np.ndarray, "size factors"]:
        """Of the first, the first two, ... factors."""
        products, table = factors.copy(), product_table(self.group)
        for k in range(1, factors.shape[1]):
            products[:, k] = table[products[:, k - 1], factors[:, k]]
        return products

    def asked(self, batch: Batch) -> Bool[Tensor, "batch time"]:
        return ends(batch.mask, batch.lengths, 1)

    def evidence(self, batch: Batch) -> Bool[Tensor, "batch time"]:
        return batch.inputs[..., :-1].sum(-1) > 0

    def oracle(self, batch: Batch) -> Float[Tensor, "scored elements"]:
        """The first element is the one that changes nothing, which is what a blank does."""
        shown = batch.inputs[..., :-1].argmax(-1).numpy()
        return one_hot(torch.from_numpy(self._products(shown))[batch.mask], self.output_size) * 100
