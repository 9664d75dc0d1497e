"""Where things stand in a sequence, and how a batch is put together of them; for all sequences of it at once."""

import numpy as np
import torch
from jaxtyping import Bool, Float, Int, Shaped
from torch import Tensor

from seqbench.tasks.base import Batch


def strewn(rng: np.random.Generator, size: int, pieces: int, others: int) -> Bool[np.ndarray, "size places"]:
    """Marks so many places, drawn without repeats among them and others; the last place is always marked."""
    marks = np.zeros((size, pieces + others), dtype=bool)
    marks[:, -1] = True
    drawn = shuffled(rng, size, pieces + others - 1)[:, : pieces - 1]
    np.put_along_axis(marks, drawn, True, axis=1)
    return marks


def shuffled(rng: np.random.Generator, size: int, number: int) -> Int[np.ndarray, "size number"]:
    """The first whole numbers in an order of its own for each sequence."""
    return rng.random((size, number), dtype=np.float32).argsort(1)


def one_hot(tokens: Int[Tensor, "*places"], width: int) -> Float[Tensor, "*places width"]:
    """Vectors with a one at the place of the token; a third of the time of `torch.nn.functional.one_hot`."""
    return torch.zeros(*tokens.shape, width).scatter_(-1, tokens[..., None], 1.0)


def due_at_end(inputs: Float[Tensor, "size time features"], answers: Shaped[Tensor, "size answers"]) -> Batch:
    """The batch in which these answers are due at the last steps, one at each, and nothing before."""
    (size, time), number = inputs.shape[:2], answers.shape[1]
    targets = torch.zeros(size, time, dtype=answers.dtype)
    targets[:, -number:] = answers
    mask = torch.zeros(size, time, dtype=torch.bool)
    mask[:, -number:] = True
    return Batch(inputs, targets, mask, torch.full((size,), time))


def ends(mask: Bool[Tensor, "batch time"], lengths: Int[Tensor, " batch"], number: int) -> Bool[Tensor, "batch time"]:
    """Of the marked positions, those among the last so many of their sequences."""
    return mask & (torch.arange(mask.shape[1]) >= lengths[:, None] - number)


def first(mask: Bool[Tensor, "batch time"]) -> Bool[Tensor, "batch time"]:
    """Of the marked positions, the first of each sequence."""
    return mask & (mask.cumsum(1) == 1)


def before(mask: Bool[Tensor, "batch time"]) -> Bool[Tensor, "batch time"]:
    """All positions before the first that is marked."""
    return mask.cumsum(1) == 0


def last_of_each(marks: Bool[Tensor, "batch time kinds"]) -> Bool[Tensor, "batch time kinds"]:
    """Of the marks of each kind, the last of each sequence."""
    return marks & (marks.flip(1).cumsum(1).flip(1) == 1)
