"""Flip-flops (Liu et al. 2023): a bit is written, others are to be ignored, and what was written last is read."""

import math

import numpy as np
import torch
from jaxtyping import Bool, Float
from torch import Tensor

from seqbench.config import Count
from seqbench.events import Baseline
from seqbench.tasks.base import Batch, Criterion
from seqbench.tasks.classification import enough_right
from seqbench.tasks.layout import due_at_end, first, last_of_each, one_hot, shuffled, strewn
from seqbench.tasks.spaced import Distractors, Filler, LossOn, Spaced, ranked

#: Instructions, after which the input has a channel and a bit.
WRITE, IGNORE, READ = range(3)


class FlipFlop(Spaced):
    """Each of `load` channels is written `writes` times; after the gap one is read: which bit was written there last?

    The last instruction to write stands `gap` steps before the first to read. All other steps are to be ignored; they
    show a channel and a bit like the others, or nothing. `loss_on=all` reads all channels, one after the other; the
    first of them decides.

    >>> task = FlipFlop(gap=4, load=2, writes=2, distractors=2)
    >>> batch = task.batch(seed=0, stream="train", index=0, size=1)
    >>> instruction, channel, bit = batch.inputs[0].split([3, 2, 1], -1)
    >>> print(" ".join("wir"[i] for i in instruction.argmax(-1)))
    i i w w w w i i i r
    >>> print(" ".join(f"{i:d}" for i in channel.argmax(-1)))
    1 1 0 0 1 1 0 1 0 1
    >>> print(" ".join(f"{i:.0f}" for i in bit[:, 0]))
    0 1 0 0 1 0 0 0 1 0
    >>> print(" ".join(f"{y:d}" if asked else "-" for y, asked in zip(batch.targets[0], batch.mask[0])))
    - - - - - - - - - 0

    Published (Liu et al. 2023): `load=1`; 256 instructions, each with its bit, of which 80 % are ignored, 10 % write
    and 10 % read; tested with 98 % and with 10 % ignored as well. There they come in any order, the gap is what it
    happens to be, and instruction and bit are two words.
    """

    def __init__(
        self,
        *,
        gap: Count,
        load: Count = 2,
        writes: Count = 2,
        distractors: Distractors = 0,
        filler: Filler = "random",
        loss_on: LossOn = "asked",
        min_gap: Count | None = None,
    ) -> None:
        super().__init__(gap, load, distractors, min_gap)
        self.writes, self.filler, self.answers = writes, filler, load if loss_on == "all" else 1
        self.input_size, self.output_size = 3 + load + 1, 2

    @property
    def length(self) -> int:
        return self.load * self.writes + self.distractors + self.gap - 1 + self.answers

    @property
    def baselines(self) -> tuple[Baseline, ...]:
        """Of a channel that is not known, either bit; of its bits without their order, one that is drawn of them."""
        K, found = self.load, [Baseline("no memory", math.log(2), 0.5)]
        if K > 1:
            found.append(Baseline("the last bit written, not its channel", _entropy((K + 1) / K / 2), (K + 1) / K / 2))
        for k in range(1, K):
            other = 1 - k / K
            found.append(Baseline(f"the last {k} of {K} channels remembered", other * math.log(2), 1 - other / 2))
        if self.writes > 1:
            found.append(self._unordered())
        return ranked(found)

    def _unordered(self) -> Baseline:
        ones = range(self.writes + 1)
        chances = [math.comb(self.writes, n) / 2**self.writes for n in ones]
        loss = sum(p * _entropy(n / self.writes) for p, n in zip(chances, ones, strict=True))
        right = sum(p * max(n, self.writes - n) / self.writes for p, n in zip(chances, ones, strict=True))
        return Baseline("which bits were written, not which one last", loss, right)

    @property
    def criterion(self) -> Criterion:
        return enough_right("{} of the bits read correctly")

    def sample(self, rng: np.random.Generator, size: int) -> Batch:
        pieces = self.load * self.writes
        placed = strewn(rng, size, pieces, self.distractors)
        shape = size, self.length
        instruction = np.full(shape, IGNORE)
        instruction[:, : placed.shape[1]][placed] = WRITE
        instruction[:, -self.answers :] = READ
        channel, bit = rng.integers(self.load, size=shape), rng.integers(2, size=shape)
        written, asked = shuffled(rng, size, pieces) % self.load, shuffled(rng, size, self.load)[:, : self.answers]
        channel[instruction == WRITE], channel[:, -self.answers :] = written.ravel(), asked
        latest = pieces - 1 - (written[:, ::-1, None] == asked[:, None]).argmax(1)
        bits = bit[instruction == WRITE].reshape(size, pieces)
        answers = torch.from_numpy(np.take_along_axis(bits, latest, 1))
        return due_at_end(self._inputs(*map(torch.from_numpy, (instruction, channel, bit))), answers)

    def _inputs(self, instruction: Tensor, channel: Tensor, bit: Tensor) -> Float[Tensor, "size time features"]:
        """A bit that is to be read is not shown, nor, with blanks, anything that is to be ignored."""
        inputs = torch.zeros(*instruction.shape, self.input_size)
        inputs[..., -1] = bit * (instruction != READ)
        inputs.scatter_(-1, 3 + channel[..., None], 1.0)
        if self.filler == "blank":
            inputs[instruction == IGNORE] = 0
        return inputs.scatter_(-1, instruction[..., None], 1.0)

    def asked(self, batch: Batch) -> Bool[Tensor, "batch time"]:
        return first(batch.mask)

    def evidence(self, batch: Batch) -> Bool[Tensor, "batch time"]:
        return self._latest(batch).any(-1)

    def _latest(self, batch: Batch) -> Bool[Tensor, "batch time channels"]:
        """The last time that each channel is written."""
        return last_of_each((batch.inputs[..., WRITE, None] > 0) & (batch.inputs[..., 3:-1] > 0))

    def oracle(self, batch: Batch) -> Float[Tensor, "scored 2"]:
        rows, steps = batch.mask.nonzero(as_tuple=True)
        channels = batch.inputs[rows, steps, 3:-1].argmax(-1)
        written = self._latest(batch).int().argmax(1)[rows, channels]
        return one_hot(batch.inputs[rows, written, -1].long(), 2) * 100


def _entropy(p: float) -> float:
    """Of a bit that is one with this chance, in nats."""
    return -sum(q * math.log(q) for q in (p, 1 - p) if q)
