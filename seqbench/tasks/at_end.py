"""Tasks that are asked at the last step: where their evidence stands, and how a batch of them is put together."""

import numpy as np
import torch
from jaxtyping import Bool, Float, Shaped
from torch import Tensor

from seqbench.tasks.base import Batch, Task

#: The first evidence falls in this many first steps, so that its place is not the same in every sequence.
EVIDENCE_STEPS = 10


class AskedAtEnd(Task):
    """`load` pieces of evidence; the first lies `gap` to `gap + 9` steps before the last step, which asks for all.

    The others lie anywhere between the two. Where the gap is shorter than the load, the first lies at least `load`
    steps before the end: the others need the room.
    """

    def __init__(self, gap: int, load: int, min_gap: int | None = None) -> None:
        super().__init__(gap, load, min_gap)
        shortest = gap if min_gap is None else min_gap
        if load >= shortest + EVIDENCE_STEPS:
            raise ValueError(f"load={load} is too much for gap={shortest}: at most gap + {EVIDENCE_STEPS - 1} fit")

    @property
    def length(self) -> int:
        """Steps of a sequence."""
        return EVIDENCE_STEPS + self.gap

    @property
    def evidence_lag(self) -> int:
        return max(self.gap, self.load)

    def place_evidence(self, rng: np.random.Generator, size: int) -> Bool[np.ndarray, "size length"]:
        """Marks the steps of the evidence: the first early, the rest drawn without repeats after it, none last."""
        first = rng.integers(min(EVIDENCE_STEPS, self.length - self.load), size=(size, 1))
        order = rng.random((size, self.length), dtype=np.float32)
        steps = np.arange(self.length)
        order[(steps <= first) | (steps == self.length - 1)] = 2  # never drawn
        marks = np.zeros((size, self.length), dtype=bool)
        np.put_along_axis(marks, first, True, axis=1)
        np.put_along_axis(marks, np.argsort(order, axis=1)[:, : self.load - 1], True, axis=1)
        return marks

    def asking(self, inputs: Float[Tensor, "size time features"], answers: Shaped[Tensor, " size"]) -> Batch:
        """The batch in which these answers are due at the last step."""
        size, time = inputs.shape[:2]
        targets = torch.zeros(size, time, dtype=answers.dtype)
        targets[:, -1] = answers
        mask = torch.zeros(size, time, dtype=torch.bool)
        mask[:, -1] = True
        return Batch(inputs, targets, mask, torch.full((size,), time))
