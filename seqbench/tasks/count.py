"""Counting languages (Gers & Schmidhuber 2001): after some opening symbols, as many that close them, then the end."""

import math
from typing import Annotated, Literal

import numpy as np
import torch
from annotated_types import Ge
from jaxtyping import Bool, Float, Int
from torch import Tensor

from seqbench.config import Count as Number
from seqbench.events import Baseline
from seqbench.tasks.base import Batch, Criterion
from seqbench.tasks.classification import ALLOWED
from seqbench.tasks.layout import before, one_hot
from seqbench.tasks.spaced import Distractors, Spaced

A, B, C, NEUTRAL = range(4)


class Count(Spaced):
    """n symbols a, from 1 to `load`, then the gap, then n symbols b: at each b, does another b come, or the end?

    anbn is a string of a and b, anbncn has as many symbols c after them. In dyck1, a and b are an opening and a closing
    bracket, and `distractors` pairs of brackets are opened and closed before the last a; in the other languages they
    are neutral symbols. Short strings begin later, so that the first b is always the same step, `gap` steps after the
    last a: who counts steps does not count a. The answer is 0 for the same symbol again, and 1 for the next one or the
    end.

    >>> task = Count(gap=3, load=4, distractors=1, language="dyck1")
    >>> batch = task.batch(seed=0, stream="train", index=0, size=1)
    >>> print("".join("()c."[i] for i in batch.inputs[0].argmax(-1)))
    ..(()(..))
    >>> print("".join(f"{y:d}" if asked else "-" for y, asked in zip(batch.targets[0], batch.mask[0])))
    --------01

    Published (Gers & Schmidhuber 2001): `gap=1 load=10 distractors=0`, trained on which symbols may come next at every
    step, with a start symbol. There an a may be followed by an a or a b, which is always the same answer and is left
    out here.
    """

    score_name = "sequence_accuracy"

    def __init__(
        self,
        *,
        gap: Number,
        load: Annotated[int, Ge(2)] = 5,
        distractors: Distractors = 0,
        language: Literal["anbn", "anbncn", "dyck1"] = "anbn",
        min_gap: Number | None = None,
    ) -> None:
        super().__init__(gap, load, distractors, min_gap)
        self.language, self.closing = language, 2 if language == "anbncn" else 1
        self.input_size, self.output_size = 4, 2

    @property
    def evidence_lag(self) -> int:
        return self.gap

    @property
    def length(self) -> int:
        return self._places + self.gap - 1 + self.closing * self.load

    @property
    def _places(self) -> int:
        """Up to the last a: as many as the longest string has, and those of distractors."""
        return self.load + self.distractors * (2 if self.language == "dyck1" else 1)

    @property
    def baselines(self) -> tuple[Baseline, ...]:
        """One closing symbol in (load + 1) / 2 is the last; with those so far counted, any n from there on may be it.

        At the end of c^n, what the b have shown is known as well.
        """
        last = 2 / (self.load + 1)
        unsure = -sum(p * math.log(p) for p in (last, 1 - last) if p)
        counted = last * math.log(self.load) / self.closing
        return (
            Baseline("no memory", unsure, (last >= 0.5) / self.load),
            Baseline("the b counted, not the a", counted, 1 / self.load),
        )

    @property
    def criterion(self) -> Criterion:
        return Criterion("sequence_accuracy", 1.0, ALLOWED, f"{1 - ALLOWED:.0%} of the strings right to their end")

    def sample(self, rng: np.random.Generator, size: int) -> Batch:
        n = rng.integers(1, self.load + 1, size=(size, 1))
        opening = self._opening(rng, n)
        begins = opening.shape[1] + self.gap - 1
        lengths = begins + self.closing * n
        time = np.arange(lengths.max())
        shown = np.full((size, len(time)), NEUTRAL)
        shown[:, : opening.shape[1]] = opening
        mask = (time >= begins) & (time < lengths)
        shown[mask] = np.where(time < begins + n, B, C)[mask]
        targets = mask & ((time - begins) % n == n - 1)
        inputs = one_hot(torch.from_numpy(shown), self.input_size) * torch.from_numpy(time < lengths)[..., None]
        return Batch(inputs, *map(torch.from_numpy, (targets.astype(np.int64), mask, lengths[:, 0])))

    def _opening(self, rng: np.random.Generator, n: Int[np.ndarray, "size 1"]) -> Int[np.ndarray, "size places"]:
        """What comes up to the last a; before the rest of a short string stand neutral symbols."""
        pairs = self.distractors if self.language == "dyck1" else 0
        place, outside = np.arange(self._places), self.load - n
        order = rng.random((len(n), len(place)), dtype=np.float32)
        order[place < outside] = 2  # after the others
        if not pairs:
            order[:, -1] = -1  # the last is always an a
        opens = order.argsort(1).argsort(1) < n + pairs
        if not pairs:
            return np.where(opens, A, NEUTRAL)
        return np.where(place < outside, NEUTRAL, np.where(_balanced(opens, outside), A, B))

    def evidence(self, batch: Batch) -> Bool[Tensor, "batch time"]:
        """The a that no b closes before the gap: from there on there are always as many open."""
        opens, closes = (batch.inputs[..., symbol] * before(batch.mask) for symbol in (A, B))
        depth = (opens - closes).cumsum(1)
        return (opens > 0) & (depth.flip(1).cummin(1).values.flip(1) == depth)

    def oracle(self, batch: Batch) -> Float[Tensor, "scored 2"]:
        n = self.evidence(batch).sum(1, keepdim=True)
        return one_hot((batch.mask.cumsum(1) % n == 0)[batch.mask].long(), 2) * 100


def _balanced(opens: Bool[np.ndarray, "size places"], outside: Int[np.ndarray, "size 1"]) -> np.ndarray:
    """Of brackets in any order, more of them opening, the one rotation that closes none before it is opened.

    It begins after the last place of the lowest depth, and one later, so that its last bracket is one that stays open
    (the cycle lemma of Dvoretzky & Motzkin 1947). The first places are `outside`.
    """
    place, number = np.arange(opens.shape[1]), opens.shape[1] - outside
    steps = np.where(place < outside, 0, np.where(opens, 1, -1))
    earlier = np.where(place < outside, opens.shape[1], steps.cumsum(1) - steps)
    lowest = opens.shape[1] - 1 - earlier[:, ::-1].argmin(1)
    turned = outside + (lowest[:, None] + 1 + place - 2 * outside) % number
    return np.take_along_axis(opens, turned, axis=1)
