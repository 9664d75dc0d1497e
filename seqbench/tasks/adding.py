"""The adding problem (Hochreiter & Schmidhuber 1997, section 5.4): sum the marked values, asked at the last step."""

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from seqbench.config import Count
from seqbench.events import Baseline
from seqbench.tasks.at_end import AskedAtEnd, Placement
from seqbench.tasks.base import Batch, Criterion
from seqbench.tasks.spaced import LossOn

#: The mean squared error up to which the task counts as solved.
ALLOWED = 0.01


class Adding(AskedAtEnd):
    """`load` of the values carry a marker; their sum is the target at the last step.

    The first marked value lies `gap` to `gap + 9` steps before the last step, the others anywhere between the two
    (neither there nor at the last step). Values are uniform on [0, 1], so each adds a variance of 1/12.

    With `placement=halves` the first lies anywhere in the first half of the `gap + 10` steps, the others in the second;
    with `placement=early` all lie in the first half.

    >>> batch = Adding(gap=4, load=2).batch(seed=1, stream="train", index=0, size=1)
    >>> for row in batch.inputs[0].T: print(" ".join(f"{x:3.1f}" for x in row.tolist()))
    0.7 0.4 0.7 0.7 0.3 0.8 0.3 0.2 0.5 0.1 0.4 0.5 0.5 0.2
    0.0 0.0 0.0 0.0 0.0 0.0 0.0 0.0 0.0 1.0 0.0 0.0 1.0 0.0
    >>> print(" ".join(f"{y:3.1f}" if asked else " - " for y, asked in zip(batch.targets[0], batch.mask[0])))
     -   -   -   -   -   -   -   -   -   -   -   -   -  0.7

    Published (Arjovsky, Shah & Bengio 2016): `placement=halves`, of T steps `gap` = T - 10. There the second marked
    value may be the last, which asks. (Hochreiter & Schmidhuber 1997): `placement=early`; there the first lies within
    the first ten steps, and lengths vary. `loss_on=all`, the sum so far at each step, is not in either.
    """

    loss_name = "mean squared error"
    score_name = "mse"

    later = frozenset({"placement", "loss_on"})

    def __init__(
        self,
        *,
        gap: Count,
        load: Count = 2,
        placement: Placement = "gap",
        loss_on: LossOn = "asked",
        min_gap: Count | None = None,
    ) -> None:
        super().__init__(gap, load, min_gap, placement, loss_on)
        self.input_size, self.output_size = 2, 1

    @property
    def baselines(self) -> tuple[Baseline, ...]:
        """A value that is not known adds 1/12; a number of values that is not known, a quarter of its variance."""
        names = ["no memory", *(f"{k} of {self.load} values remembered" for k in range(1, self.load))]
        errors = [(self.load - k) / 12 for k in range(self.load)]
        if self.loss_on == "asked":
            return tuple(Baseline(name, mse, mse) for name, mse in zip(names, errors, strict=True))
        names[0] = "how many values were marked, not which"
        losses, none = map(self._with_the_first, range(self.load)), self._no_memory()
        return none, *(known for known in map(Baseline, names, losses, errors) if known.loss < none.loss)

    def _with_the_first(self, k: int) -> float:
        """The mean loss of all steps where the first k values are known, and of later ones that, and the one shown."""
        unknown = np.maximum(np.arange(self.load + 1) - k, 0)
        waits = self.waits
        return float((waits @ unknown + unknown[:-1].sum()) / 12 / (waits.sum() + self.load))

    def _no_memory(self) -> Baseline:
        """A step without a mark may be before the first one, or the last; a marked one is any of the marked.

        The error that decides is that of the best constant, for which a model may err more at the other steps.
        """
        waits = self.waits
        error, of_marked = (_variance(chances) for chances in (waits / waits.sum(), np.full(self.load, 1 / self.load)))
        loss = (waits.sum() * error + self.load * of_marked) / (waits.sum() + self.load)
        return Baseline("no memory", float(loss), self.load / 12)

    @property
    def criterion(self) -> Criterion:
        return Criterion("mse", 0.0, ALLOWED, f"mean squared error of {ALLOWED} or less")

    def sample(self, rng: np.random.Generator, size: int) -> Batch:
        values = rng.random((size, self.length), dtype=np.float32)
        markers = self.place_evidence(rng, size).astype(np.float32)
        inputs = torch.from_numpy(np.stack([values, markers], axis=-1))
        marked = values * markers
        answers = marked.sum(axis=1) if self.loss_on == "asked" else marked.cumsum(axis=1)
        return self.asking(inputs, torch.from_numpy(answers))

    def loss(self, outputs: Float[Tensor, "scored 1"], targets: Float[Tensor, " scored"]) -> Float[Tensor, " scored"]:
        return (outputs[:, 0] - targets) ** 2

    def score(
        self,
        outputs: Float[Tensor, "scored 1"],
        targets: Float[Tensor, " scored"],
        scored: Int[Tensor, " batch"],
    ) -> dict[str, float]:
        """The mean squared error, and the share of sequences within 0.04 of the sum."""
        errors = (outputs[:, 0] - targets).abs().double()
        return {"mse": (errors**2).mean().item(), "within_0.04": (errors <= 0.04).double().mean().item()}

    def evidence(self, batch: Batch) -> Bool[Tensor, "batch time"]:
        return batch.inputs[..., 1] > 0

    def oracle(self, batch: Batch) -> Float[Tensor, "scored 1"]:
        return (batch.inputs[..., 0] * batch.inputs[..., 1]).cumsum(1)[batch.mask][:, None]


def _variance(chances: Float[np.ndarray, " numbers"]) -> float:
    """Of a sum of values, of which there are none, one, two, ... with these chances."""
    number = np.arange(len(chances))
    mean = number @ chances
    return float(mean / 12 + (number**2 @ chances - mean**2) / 4)
