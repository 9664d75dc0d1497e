"""Pictures of digits as sequences (Le, Jaitly & Hinton 2015), of 8 by 8 pixels: those that scikit-learn comes with."""

import copy
import functools
import hashlib
from typing import Annotated, Literal, NamedTuple

import numpy as np
import torch
from annotated_types import Ge
from jaxtyping import Bool, Float, Int
from torch import Tensor

from seqbench.config import Count, Scalar
from seqbench.events import Baseline
from seqbench.plan.seeding import generator
from seqbench.tasks.base import Batch, Criterion
from seqbench.tasks.classification import Classification
from seqbench.tasks.layout import due_at_end, ends, one_hot

SIDE, SHADES, CLASSES = 8, 17, 10
#: The share of digits that may be named wrongly in a task that counts as solved: pictures do differ.
ALLOWED = 0.1
LACKING = "it needs scikit-learn, which is not installed: pip install 'seqbench[digits]'"


class Part(NamedTuple):
    """Some of the pictures, their pixels as shades from 0 to 16, with the digits that they show."""

    shades: Int[np.ndarray, "pictures 64"]
    digits: Int[np.ndarray, " pictures"]


class Digits(Classification):
    """A digit is shown row by row or pixel by pixel; asked at the last step, `gap` steps after the last, is which.

    In between are blanks, noise that is drawn anew for each sequence, or noise that is the same in all (fixed), which
    is a filler like blanks. Two thirds of the 1797 pictures are trained on, and a sixth tested. With a `permutation`
    the pixels, or the rows, are shown in an order that this number draws.

    >>> batch = Digits(gap=2).batch(seed=0, stream="train", index=0, size=1)
    >>> for row in batch.inputs[0]: print("|" + "".join(" .-+#"[int(4 * shade)] for shade in row) + "|")
    |   -+   |
    |  .##-  |
    |  +##-  |
    | .++.   |
    |  ...   |
    |  - -   |
    |  .-+   |
    |   .+.  |
    |        |
    |        |
    >>> print("".join(f"{y:d}" if asked else "-" for y, asked in zip(batch.targets[0], batch.mask[0])))
    ---------8

    Published with pictures of 28 by 28 pixels, by `order=pixels`, also permuted (Le, Jaitly & Hinton 2015), and with
    rows and noise after them (Chang et al. 2019): `filler=random`.
    """

    def __init__(
        self,
        *,
        gap: Count,
        order: Literal["rows", "pixels"] = "rows",
        permutation: Annotated[int, Ge(0)] | None = None,
        filler: Literal["blank", "random", "fixed"] = "blank",
        min_gap: Count | None = None,
    ) -> None:
        super().__init__(gap, min_gap=min_gap)
        self.filler, self.part = filler, parts()["train"]
        self.input_size, self.output_size = (1 if order == "pixels" else SIDE), CLASSES
        self.shown = SIDE**2 // self.input_size
        self.order = np.arange(self.shown)
        if permutation is not None:
            self.order = generator(permutation, "permutation").permutation(self.shown)

    @classmethod
    def data(cls, **settings: Scalar) -> str:
        whole = [array for part in parts().values() for array in part]
        return hashlib.sha256(b"".join(np.ascontiguousarray(array).tobytes() for array in whole)).hexdigest()

    @property
    def evidence_lag(self) -> int:
        return self.shown - 1 + self.gap

    @property
    def baselines(self) -> tuple[Baseline, ...]:
        """Counted from the pictures that are trained on, scored on those of the test."""
        return counted()

    @property
    def criterion(self) -> Criterion:
        return Criterion("accuracy", 1.0, ALLOWED, f"at least {1 - ALLOWED:.0%} of the digits named")

    def sizes(self, stream: str, sequences: int) -> list[int]:
        """Of a part that is not trained on, each picture once at most."""
        few = len(parts()[stream].digits) if stream in ("validation", "test") else sequences
        return super().sizes(stream, min(sequences, few))

    def batch(self, seed: int, stream: str, index: int, size: int) -> Batch:
        task = copy.copy(self)
        task.part = parts().get(stream, self.part)
        return super(Digits, task).batch(seed, stream, index, size)

    def sample(self, rng: np.random.Generator, size: int) -> Batch:
        number = len(self.part.digits)
        chosen = rng.choice(number, size, replace=size > number)
        pixels = (self.part.shades[chosen] / np.float32(SHADES - 1)).reshape(size, self.shown, self.input_size)
        inputs = np.concatenate([pixels[:, self.order], self._after(rng, size)], axis=1, dtype=np.float32)
        return due_at_end(torch.from_numpy(inputs), torch.from_numpy(self.part.digits[chosen, None]))

    def _after(self, rng: np.random.Generator, size: int) -> Float[np.ndarray, "size gap features"]:
        shape = self.gap, self.input_size
        if self.filler == "random":
            return rng.random((size, *shape), dtype=np.float32)
        fixed = generator(0, "noise").random(shape, dtype=np.float32) if self.filler == "fixed" else np.zeros(shape)
        return np.broadcast_to(fixed, (size, *shape))

    def asked(self, batch: Batch) -> Bool[Tensor, "batch time"]:
        return ends(batch.mask, batch.lengths, 1)

    def evidence(self, batch: Batch) -> Bool[Tensor, "batch time"]:
        return (torch.arange(batch.mask.shape[1]) < self.shown).expand_as(batch.mask)

    def oracle(self, batch: Batch) -> Float[Tensor, "scored digits"]:
        """Knows all pictures by heart."""
        shades = np.concatenate([part.shades for part in parts().values()])
        known = shades.reshape(-1, self.shown, self.input_size)[:, self.order].reshape(-1, SIDE**2)
        apart = torch.cdist(batch.inputs[:, : self.shown].flatten(1) * (SHADES - 1), torch.from_numpy(known).float())
        digits = torch.from_numpy(np.concatenate([part.digits for part in parts().values()]))
        return one_hot(digits[apart.argmin(1)], CLASSES) * 100


@functools.cache
def parts() -> dict[str, Part]:
    """Pictures to train on, to validate and to test, with the same shares of each digit. Raises ValueError."""
    try:
        from sklearn.datasets import load_digits
    except ImportError as error:
        raise ValueError(LACKING) from error
    pictures, digits = load_digits(return_X_y=True)
    order = generator(0, "Digits").permutation(len(digits))
    order = order[digits[order].argsort(kind="stable")]
    sixth = np.arange(len(order)) % 6
    which = {"train": sixth < 4, "validation": sixth == 4, "test": sixth == 5}
    return {
        name: Part(pictures[order[rows]].astype(int), digits[order[rows]].astype(int)) for name, rows in which.items()
    }


@functools.cache
def counted() -> tuple[Baseline, ...]:
    """How frequent each digit is; and which shades a picture has, by linear discriminant analysis (Fisher 1936)."""
    train, test = parts()["train"], parts()["test"]
    frequent = np.bincount(train.digits) / len(train.digits)
    outputs = np.log(np.broadcast_to(frequent, (len(test.digits), CLASSES)))
    return _scored("no memory", outputs, test), _scored("how often each shade came", _by_shades(train, test), test)


def _by_shades(train: Part, test: Part) -> Float[np.ndarray, "pictures digits"]:
    """The log density of how often each shade came in a picture: normal, with one covariance for all digits."""
    known, new = ((part.shades[..., None] == np.arange(SHADES)).sum(1).astype(float) for part in (train, test))
    centres = np.stack([known[train.digits == digit].mean(0) for digit in range(CLASSES)])
    precision = np.linalg.pinv(np.cov(known - centres[train.digits], rowvar=False), rcond=1e-9)
    apart = new[:, None] - centres
    found: Float[np.ndarray, "pictures digits"] = -((apart @ precision) * apart).sum(-1) / 2
    return found


def _scored(name: str, outputs: Float[np.ndarray, "pictures digits"], test: Part) -> Baseline:
    losses = torch.nn.functional.cross_entropy(torch.from_numpy(outputs), torch.from_numpy(test.digits))
    right = (outputs.argmax(1) == test.digits).mean()
    return Baseline(name, losses.item(), float(right))
