"""Temporal order (Hochreiter & Schmidhuber 1997, section 5.6): in which order did the relevant symbols come?"""

import math
from collections.abc import Iterable

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from seqbench.config import Count
from seqbench.events import Baseline
from seqbench.tasks.at_end import AskedAtEnd
from seqbench.tasks.base import Batch, Criterion
from seqbench.tasks.classification import Classification, enough_right
from seqbench.tasks.spaced import LossOn, ranked

#: Symbols that mean nothing, and then the two that do: X and Y.
DISTRACTORS = 4
X = DISTRACTORS
UNORDERED = "all symbols remembered, not their order"


class TemporalOrder(AskedAtEnd, Classification):
    """Among distractors stand `load` relevant symbols, each X or Y; the class, asked at the last step, is their order.

    The first relevant symbol lies `gap` to `gap + 9` steps before the last step, the others anywhere between the two.
    There are 2**load classes: with load 2, XX, XY, YX and YY.

    >>> batch = TemporalOrder(gap=4, load=2).batch(seed=0, stream="train", index=0, size=1)
    >>> print("".join("abcdXY"[i] for i in batch.inputs[0].argmax(-1)))
    cdbcYXdcdcaaad
    >>> print("".join(f"{y:d}" if asked else "-" for y, asked in zip(batch.targets[0], batch.mask[0])))
    -------------2

    With `loss_on=all`, due at each step is the order of the symbols so far, none of them as well: 2**(load + 1) - 1
    classes.
    """

    later = frozenset({"loss_on"})

    def __init__(self, *, gap: Count, load: Count = 2, loss_on: LossOn = "asked", min_gap: Count | None = None) -> None:
        super().__init__(gap, load, min_gap, loss_on=loss_on)
        self.input_size, self.output_size = DISTRACTORS + 2, 2**load if loss_on == "asked" else 2 ** (load + 1) - 1

    @property
    def baselines(self) -> tuple[Baseline, ...]:
        """The last k symbols known leave 2**(load - k) classes; all symbols without their order, those of one count."""
        if self.loss_on == "all":
            none = self._no_memory()
            return none, *(known for known in ranked(self._of_all_steps()) if known.loss < none.loss)
        names = ["no memory", *(f"the last {k} of {self.load} symbols remembered" for k in range(1, self.load))]
        last = [Baseline(name, (self.load - k) * math.log(2), 2.0 ** (k - self.load)) for k, name in enumerate(names)]
        unordered = Baseline(UNORDERED, _loss_of_order(self.load), (self.load + 1) / self.output_size)
        return tuple(sorted([*last, *([unordered] if self.load > 1 else [])], key=lambda b: -b.loss))

    def _of_all_steps(self) -> Iterable[Baseline]:
        """Of a model that knows how many symbols came, and at a step that shows one, which it is."""
        number, at_the_end = np.arange(self.load + 1), 2.0**-self.load
        for k in range(self.load):
            name = f"the last {k} of {self.load} symbols remembered" if k else "how many symbols came, not which"
            waiting, shown = (np.maximum(number - known, 0) * math.log(2) for known in (k, max(k, 1)))
            yield Baseline(name, self._mean(waiting, shown[1:]), at_the_end * 2**k)
        if self.load > 1:
            orders = np.array([_loss_of_order(n) for n in range(self.load + 1)])
            yield Baseline(UNORDERED, self._mean(orders, orders[:-1]), at_the_end * (self.load + 1))

    def _mean(self, waiting: Float[np.ndarray, " numbers"], shown: Float[np.ndarray, " load"]) -> float:
        """Of losses after 0, 1, ... symbols at steps that show a distractor, and at the first, second, ... symbol."""
        return float((self.waits @ waiting + shown.sum()) / (self.waits.sum() + self.load))

    def _no_memory(self) -> Baseline:
        """At a distractor any number of symbols may have come; at a symbol, any number before it."""
        number, came = np.arange(self.load + 1), self.waits / self.waits.sum()
        unsure = -sum(p * math.log(p) for p in came if p)
        waiting = np.full(self.load + 1, unsure + number @ came * math.log(2))
        shown = np.full(self.load, math.log(self.load) + (self.load - 1) / 2 * math.log(2))
        said = (came / 2**number).argmax() == self.load
        return Baseline("no memory", self._mean(waiting, shown), said * 2.0**-self.load)

    @property
    def criterion(self) -> Criterion:
        return enough_right("{} of the sequences classified correctly")

    def sample(self, rng: np.random.Generator, size: int) -> Batch:
        relevant = self.place_evidence(rng, size)
        shown = rng.integers(DISTRACTORS, size=relevant.shape)
        symbols = rng.integers(2, size=(size, self.load))
        shown[relevant] = X + symbols.ravel()
        inputs = torch.nn.functional.one_hot(torch.from_numpy(shown), self.input_size).float()
        orders = symbols @ self._place_values
        if self.loss_on == "asked":
            return self.asking(inputs, torch.from_numpy(orders))
        return self.asking(inputs, torch.from_numpy(self._so_far(orders[:, None], relevant)))

    @property
    def _place_values(self) -> np.ndarray:
        """The class of an order is its symbols, X for 0 and Y for 1, read as a binary number."""
        return 2 ** np.arange(self.load - 1, -1, -1)

    def _so_far(
        self, orders: Int[np.ndarray, "size 1"], relevant: Bool[np.ndarray, "size time"]
    ) -> Int[np.ndarray, "size time"]:
        """With a one before them, orders of all lengths are different numbers, from 1 on; classes begin at 0."""
        classes: Int[np.ndarray, "size time"] = ((2**self.load + orders) >> (self.load - relevant.cumsum(1))) - 1
        return classes

    def evidence(self, batch: Batch) -> Bool[Tensor, "batch time"]:
        return batch.inputs[..., X:].sum(-1) > 0

    def oracle(self, batch: Batch) -> Float[Tensor, "scored classes"]:
        relevant = self.evidence(batch)
        is_y = batch.inputs[..., X + 1][relevant].view(-1, self.load)
        classes = (is_y.long() * torch.from_numpy(self._place_values)).sum(1)
        if self.loss_on == "all":
            classes = torch.from_numpy(self._so_far(classes[:, None].numpy(), relevant.numpy()))[batch.mask]
        return torch.nn.functional.one_hot(classes, self.output_size) * 100.0


def _loss_of_order(number: int) -> float:
    """Mean nats of the order of so many symbols, each X or Y, where it is known how often each came."""
    orders = [math.comb(number, count) for count in range(number + 1)]
    return sum(n * math.log(n) for n in orders) / 2.0**number
