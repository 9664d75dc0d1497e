"""Tasks that are asked at the last step: where their evidence stands, and how a batch of them is put together."""

from typing import Literal

import numpy as np
from jaxtyping import Bool, Float, Shaped
from torch import Tensor

from seqbench.tasks.base import Batch, Task
from seqbench.tasks.layout import due_at_end, ends
from seqbench.tasks.spaced import LossOn

#: The first evidence falls in this many first steps, so that its place is not the same in every sequence.
EVIDENCE_STEPS = 10

Placement = Literal["gap", "halves", "early"]


class AskedAtEnd(Task):
    """`load` pieces of evidence; the first lies `gap` to `gap + 9` steps before the last step, which asks for all.

    The others lie anywhere between the two. Where the gap is shorter than the load, the first lies at least `load`
    steps before the end: the others need the room. Another `placement` than "gap" draws the first from the first half
    of the steps, and the others from the second (halves) or from the first as well, after it (early).

    With `loss_on=all` every step has a loss: due is the answer so far. The last step decides alone.
    """

    def __init__(
        self,
        gap: int,
        load: int,
        min_gap: int | None = None,
        placement: Placement = "gap",
        loss_on: LossOn = "asked",
    ) -> None:
        super().__init__(gap, load, min_gap)
        self.placement, self.loss_on = placement, loss_on
        shortest = self if min_gap is None else self._with_gap(min_gap)
        room = len(shortest.others) + 1
        if load > room:
            raise ValueError(f"load={load} is too much for gap={shortest.gap}: at most {self._most(room)} fit")

    def _most(self, room: int) -> str:
        return f"gap + {EVIDENCE_STEPS - 1}" if self.placement == "gap" else str(room)

    @property
    def length(self) -> int:
        return EVIDENCE_STEPS + self.gap

    @property
    def others(self) -> range:
        """Steps at which evidence may stand that is not the first."""
        half = self.length // 2
        return {"gap": range(1, self.length - 1), "halves": range(half, self.length - 1), "early": range(1, half)}[
            self.placement
        ]

    @property
    def firsts(self) -> int:
        """So many of the first steps may be that of the first evidence; the others need the room after them."""
        if self.placement == "halves":
            return self.length // 2
        within = EVIDENCE_STEPS if self.placement == "gap" else self.length
        return min(within, self.others.stop - self.load + 1)

    @property
    def evidence_lag(self) -> int:
        return self.length - self.firsts

    def place_evidence(self, rng: np.random.Generator, size: int) -> Bool[np.ndarray, "size length"]:
        """Marks the steps of the evidence: the first early, the rest drawn without repeats after it, none last."""
        first = rng.integers(self.firsts, size=(size, 1))
        order = rng.random((size, self.length), dtype=np.float32)
        steps = np.arange(self.length)
        order[(steps <= first) | (steps < self.others.start) | (steps >= self.others.stop)] = 2  # never drawn
        marks = np.zeros((size, self.length), dtype=bool)
        np.put_along_axis(marks, first, True, axis=1)
        np.put_along_axis(marks, np.argsort(order, axis=1)[:, : self.load - 1], True, axis=1)
        return marks

    @property
    def waits(self) -> Float[np.ndarray, " numbers"]:
        """Expected steps of a sequence that show no evidence, by how much evidence came before: 0, 1, ... pieces."""
        gaps = range(self.gap if self.min_gap is None else self.min_gap, self.gap + 1)
        found: Float[np.ndarray, " numbers"] = np.mean([self._with_gap(gap)._waits() for gap in gaps], axis=0)
        return found

    def _waits(self) -> Float[np.ndarray, " numbers"]:
        """Places drawn without repeats leave, between and around them, equally many on average."""
        first = (self.firsts - 1) / 2
        begin = max(first + 1, self.others.start)
        waits = np.full(self.load + 1, (self.others.stop - begin - (self.load - 1)) / self.load)
        waits[0] = first
        waits[1] += begin - first - 1
        waits[-1] += self.length - self.others.stop
        return waits

    def asking(self, inputs: Float[Tensor, "size time features"], answers: Shaped[Tensor, "size *answers"]) -> Batch:
        """The batch in which these answers are due: one at the last step, or one at each."""
        return due_at_end(inputs, answers.reshape(len(answers), -1))

    def asked(self, batch: Batch) -> Bool[Tensor, "batch time"]:
        return batch.mask if self.loss_on == "asked" else ends(batch.mask, batch.lengths, 1)
