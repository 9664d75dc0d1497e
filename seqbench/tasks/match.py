"""Delayed match to sample (Fuster & Alexander 1971): is it the stimulus that was seen before?"""

import math
from typing import Annotated

import numpy as np
import torch
from annotated_types import Ge
from jaxtyping import Bool, Float
from torch import Tensor

from seqbench.config import Count
from seqbench.events import Baseline
from seqbench.tasks.base import Batch, Criterion
from seqbench.tasks.classification import enough_right
from seqbench.tasks.layout import due_at_end, one_hot, shuffled
from seqbench.tasks.spaced import Distractors, Filler, Spaced

#: Stimuli that are never the sample.
OTHERS = 4


class Match(Spaced):
    """A sample, one of `load` stimuli, then a delay of `gap` steps, then a test: 1 if it is the sample, else 0.

    In the delay stand `distractors` more of the stimuli, at places drawn at random, which do not count. All its other
    steps show blanks, or one of four stimuli that are never the sample. Half of the tests are the sample, the others
    any other stimulus.

    >>> task = Match(gap=6, load=8, distractors=2)
    >>> batch = task.batch(seed=0, stream="train", index=0, size=1)
    >>> print("".join("ABCDEFGH.wxyz"[i] for i in batch.inputs[0].argmax(-1)))
    DAE...E
    >>> print("".join(f"{y:d}" if asked else "-" for y, asked in zip(batch.targets[0], batch.mask[0])))
    ------0

    Published (Miller, Erickson & Desimone 1996) with other stimuli between sample and match, after each of which an
    answer is due; here the test is the last step, and it alone asks.
    """

    def __init__(
        self,
        *,
        gap: Count,
        load: Annotated[int, Ge(2)] = 8,
        distractors: Distractors = 0,
        filler: Filler = "blank",
        min_gap: Count | None = None,
    ) -> None:
        super().__init__(gap, load, distractors, min_gap)
        shortest = gap if min_gap is None else min_gap
        if distractors >= shortest:
            raise ValueError(f"distractors={distractors} is too much for gap={shortest}: at most gap - 1 fit")
        self.filler = filler
        self.input_size, self.output_size = load + 1 + OTHERS, 2

    @property
    def evidence_lag(self) -> int:
        return self.gap

    @property
    def baselines(self) -> tuple[Baseline, ...]:
        """Without their order, a test that was seen c times among sample and distractors may be either."""
        none = Baseline("no memory", math.log(2), 0.5)
        if not self.distractors:
            return (none,)
        loss, right = 0.0, 0.0
        for c in range(self.distractors + 2):
            same, other = self._seen(c - 1) / 2, self._seen(c) / 2
            loss -= sum(p * math.log(p / (same + other)) for p in (same, other) if p)
            right += max(same, other)
        return none, Baseline("which stimuli, not their order", loss, right)

    def _seen(self, times: int) -> float:
        """The chance that so many of the distractors are the test."""
        d, p = self.distractors, 1 / self.load
        return math.comb(d, times) * p**times * (1 - p) ** (d - times) if times >= 0 else 0.0

    @property
    def criterion(self) -> Criterion:
        return enough_right("{} of the tests judged correctly")

    def sample(self, rng: np.random.Generator, size: int) -> Batch:
        shown = np.full((size, self.length), self.load)
        if self.filler == "random":
            shown += 1 + rng.integers(OTHERS, size=shown.shape)
        within = 1 + shuffled(rng, size, self.gap - 1)[:, : self.distractors]
        np.put_along_axis(shown, within, rng.integers(self.load, size=within.shape), axis=1)
        seen, same = rng.integers(self.load, size=size), rng.integers(2, size=size)
        shown[:, 0] = seen
        shown[:, -1] = np.where(same, seen, (seen + rng.integers(1, self.load, size=size)) % self.load)
        return due_at_end(one_hot(torch.from_numpy(shown), self.input_size), torch.from_numpy(same[:, None]))

    def evidence(self, batch: Batch) -> Bool[Tensor, "batch time"]:
        return (torch.arange(batch.mask.shape[1]) == 0).expand_as(batch.mask)

    def oracle(self, batch: Batch) -> Float[Tensor, "scored 2"]:
        same = (batch.inputs[:, 0] == batch.inputs[batch.mask]).all(-1)
        return one_hot(same.long(), 2) * 100
