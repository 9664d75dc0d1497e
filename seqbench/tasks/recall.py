"""Associative recall (Graves, Wayne & Danihelka 2014; Ba et al. 2016; Arora et al. 2023): the value of a key."""

import math

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from seqbench.config import Count
from seqbench.events import Baseline
from seqbench.tasks.base import Batch, Criterion
from seqbench.tasks.classification import enough_right
from seqbench.tasks.layout import before, due_at_end, first, last_of_each, one_hot, shuffled, strewn
from seqbench.tasks.spaced import Distractors, Filler, LossOn, Spaced, ranked

#: Keys, values, and words that are neither.
KEYS, VALUES, OTHERS = 16, 16, 4
BLANK = KEYS + VALUES


class Recall(Spaced):
    """`load` pairs of a key and its value are shown; after the gap one of the keys comes back, and its value is due.

    A value stands in the step after its key, the last one `gap` steps before the question. No key has two values, but
    for `updates` keys that are shown with another value before: the later one counts. No two pairs have one value.
    `loss_on=all` asks for all keys, one after the other; the first of them decides.

    >>> task = Recall(gap=3, load=3, distractors=2, updates=1)
    >>> batch = task.batch(seed=0, stream="train", index=0, size=1)
    >>> letters = "abcdefghijklmnopABCDEFGHIJKLMNOP."
    >>> print("".join(letters[i] for i in batch.inputs[0].argmax(-1)))
    pEiL.mO.pH..p
    >>> print("".join(letters[16 + y] if asked else "-" for y, asked in zip(batch.targets[0], batch.mask[0])))
    ------------H

    Published (Ba et al. 2016): `load=4 gap=3`, a key that is asked for once. (Arora et al. 2023): `loss_on=all` with 4,
    8, 16 or 64 pairs in 64, 128, 256 or 512 words of a vocabulary of 8192. There the pairs come first, then each key
    once, at places drawn by a power law that favours early ones (exponent .01 - 1), with blanks between.
    """

    def __init__(
        self,
        *,
        gap: Count,
        load: Count = 2,
        distractors: Distractors = 0,
        updates: Distractors = 0,
        filler: Filler = "blank",
        loss_on: LossOn = "asked",
        min_gap: Count | None = None,
    ) -> None:
        super().__init__(gap, load, distractors, min_gap)
        if load + updates > VALUES:
            told = f"load={load} with updates={updates}"
            raise ValueError(f"{told} is too much: there are {VALUES} values, and no two pairs have the same")
        if updates > load:
            raise ValueError(f"updates={updates} is too much for load={load}: a key is updated once at most")
        self.updates, self.filler, self.answers = updates, filler, load if loss_on == "all" else 1
        self.input_size, self.output_size = KEYS + VALUES + 1 + OTHERS, VALUES

    @property
    def evidence_lag(self) -> int:
        return self.gap + 2 * (self.load - 1)

    @property
    def length(self) -> int:
        return 2 * (self.load + self.updates) + self.distractors + self.gap - 1 + self.answers

    @property
    def baselines(self) -> tuple[Baseline, ...]:
        """Knowing k of the pairs, one guesses the value of another key among those that are left."""
        shown, K = self.load + self.updates, self.load
        found = [Baseline("no memory", math.log(VALUES), 1 / VALUES)]
        for k in range(1, K):
            other, left = 1 - k / K, VALUES - k
            found.append(Baseline(f"{k} of {K} pairs remembered", other * math.log(left), k / K + other / left))
        if 1 < shown < VALUES:
            found.append(Baseline("which values, not their keys", math.log(shown), 1 / shown))
        if self.updates:
            share = self.updates / K
            found.append(Baseline("all pairs, not which came last", share * math.log(2), 1 - share / 2))
        return ranked(found)

    @property
    def criterion(self) -> Criterion:
        return enough_right("the right value of {} of the keys")

    def sample(self, rng: np.random.Generator, size: int) -> Batch:
        pairs = self.load + self.updates
        keys, values = (shuffled(rng, size, number)[:, :of] for number, of in ((KEYS, self.load), (VALUES, pairs)))
        whose = np.r_[: self.load, : self.updates][shuffled(rng, size, pairs)]
        shown = self._fill(rng, size)
        placed = strewn(rng, size, pairs, self.distractors)
        at = ((1 + placed).cumsum(1) - 2)[placed].reshape(size, pairs)
        np.put_along_axis(shown, at, np.take_along_axis(keys, whose, 1), axis=1)
        np.put_along_axis(shown, at + 1, KEYS + values, axis=1)
        asked = shuffled(rng, size, self.load)[:, : self.answers]
        shown[:, -self.answers :] = np.take_along_axis(keys, asked, 1)
        latest = pairs - 1 - (whose[:, ::-1, None] == asked[:, None]).argmax(1)
        answers = torch.from_numpy(np.take_along_axis(values, latest, 1))
        return due_at_end(one_hot(torch.from_numpy(shown), self.input_size), answers)

    def _fill(self, rng: np.random.Generator, size: int) -> Int[np.ndarray, "size time"]:
        if self.filler == "blank":
            return np.full((size, self.length), BLANK)
        return BLANK + 1 + rng.integers(OTHERS, size=(size, self.length))

    def asked(self, batch: Batch) -> Bool[Tensor, "batch time"]:
        return first(batch.mask)

    def evidence(self, batch: Batch) -> Bool[Tensor, "batch time"]:
        """The values that count: those after the last time that each key is shown before the question."""
        return self._latest(batch).any(-1).roll(1, 1)

    def _latest(self, batch: Batch) -> Bool[Tensor, "batch time keys"]:
        return last_of_each((batch.inputs[..., :KEYS] > 0) & before(batch.mask)[..., None])

    def oracle(self, batch: Batch) -> Float[Tensor, "scored values"]:
        """Of each key that is asked for, what stood after it."""
        rows, steps = batch.mask.nonzero(as_tuple=True)
        keys = batch.inputs[rows, steps, :KEYS].argmax(-1)
        seen = self._latest(batch).int().argmax(1)[rows, keys]
        return batch.inputs[rows, seen + 1, KEYS:BLANK] * 100
