"""The copy task (Hochreiter & Schmidhuber 1997; this form after Arjovsky, Shah & Bengio 2016, section 4.1)."""

import math
from collections.abc import Iterable

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from seqbench.config import Count
from seqbench.events import Baseline
from seqbench.tasks.base import Batch, Criterion
from seqbench.tasks.classification import Classification, enough_right
from seqbench.tasks.layout import due_at_end, ends, one_hot
from seqbench.tasks.spaced import LossOn

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

    Published (Arjovsky, Shah & Bengio 2016): `load=10 loss_on=all`, which trains on saying blank at all other steps.
    """

    later = frozenset({"loss_on"})

    def __init__(self, *, gap: Count, load: Count = 1, loss_on: LossOn = "asked", min_gap: Count | None = None) -> None:
        super().__init__(gap, load, min_gap)
        self.loss_on = loss_on
        self.input_size, self.output_size = SYMBOLS + 2, SYMBOLS + (loss_on == "all")

    @property
    def evidence_lag(self) -> int:
        return self.gap + self.load - 1

    @property
    def length(self) -> int:
        return self.evidence_lag + self.load

    @property
    def baselines(self) -> tuple[Baseline, ...]:
        found = list(self.plateaus())
        if self.loss_on == "asked":
            return tuple(found)
        share = self.load / (2 * self.load + self.empty_steps)
        silent = [Baseline(b.name, b.loss * share, b.score) for b in found]
        silent[0] = Baseline("where the answers are due, no symbol", silent[0].loss, silent[0].score)
        none = self._no_memory_of_the_place()
        return none, *(baseline for baseline in silent if baseline.loss < none.loss)

    def plateaus(self) -> Iterable[Baseline]:
        """Of the answers alone: with k of the `load` symbols known, the others are guessed, one in eight."""
        for k in range(self.load):
            share = 1 - k / self.load
            name = f"{k} of {self.load} symbols remembered" if k else "no memory"
            yield Baseline(name, share * math.log(SYMBOLS), 1 - share + share / SYMBOLS)

    @property
    def empty_steps(self) -> float:
        """Steps that show no symbol and ask for none; of a range of gaps, their mean."""
        return (self.gap + (self.min_gap or self.gap)) / 2 - 1

    @property
    def blank_steps(self) -> float:
        """Those of them that show a blank, as the later answers do."""
        return self.empty_steps

    def _no_memory_of_the_place(self) -> Baseline:
        """At the go signal one of eight; at a blank it may be that nothing is due, or any symbol."""
        blanks = self.load - 1 + self.blank_steps
        due = (self.load - 1) / blanks if blanks else 0.0
        unsure = -sum(p * math.log(p) for p in (due, 1 - due) if p)
        loss = math.log(SYMBOLS) + blanks * (unsure + due * math.log(SYMBOLS))
        said = 1 + (self.load - 1) * (due / SYMBOLS > 1 - due)
        return Baseline("no memory", loss / (2 * self.load + self.empty_steps), said / self.load / SYMBOLS)

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
        shown = torch.full((size, self.length), BLANK)
        shown[:, : self.load] = symbols
        return self.repeating(shown, symbols)

    def repeating(self, shown: Int[Tensor, "size time"], symbols: Int[Tensor, "size load"]) -> Batch:
        """The batch in which these symbols are due at the last steps, from the go signal on."""
        shown[:, -self.load] = GO
        batch = due_at_end(one_hot(shown, self.input_size), symbols)
        if self.loss_on == "asked":
            return batch
        targets = torch.where(batch.mask, batch.targets, BLANK)
        return batch._replace(targets=targets, mask=torch.ones_like(batch.mask))

    def asked(self, batch: Batch) -> Bool[Tensor, "batch time"]:
        return batch.mask if self.loss_on == "asked" else ends(batch.mask, batch.lengths, self.load)

    def evidence(self, batch: Batch) -> Bool[Tensor, "batch time"]:
        return batch.inputs[..., :SYMBOLS].sum(-1) > 0

    def oracle(self, batch: Batch) -> Float[Tensor, "scored classes"]:
        outputs = torch.zeros(*batch.mask.shape, SYMBOLS + 1)
        outputs[..., BLANK] = 100
        outputs[self.asked(batch)] = 100 * batch.inputs[..., : SYMBOLS + 1][self.evidence(batch)]
        return outputs[batch.mask][:, : self.output_size]
