"""An arm that counts: an n-gram model of the batches that a network would be trained on."""

from collections.abc import Iterator

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from seqbench.config import Count
from seqbench.language.ngrams import NGrams, windows
from seqbench.models.prediction import Predict
from seqbench.models.reference import Reference
from seqbench.tasks.base import Batch, Task


class NGram(Reference):
    """Interpolated Kneser-Ney of order `n`: it sees the last `n - 1` words (see `seqbench.language.ngrams`)."""

    def __init__(self, *, n: Count = 3) -> None:
        self.n = n

    def check(self, task: Task) -> None:
        if task.words is None:
            raise ValueError("an n-gram model counts words, and the inputs of this task are none")

    def propose(self, task: Task, training_batches: Iterator[Batch]) -> Iterator[Predict]:
        counted = [(self._contexts(b, task.output_size), b.targets[b.mask].numpy()) for b in training_batches]
        contexts, targets = (np.concatenate(part) for part in zip(*counted, strict=True))
        model = NGrams(contexts, targets, task.output_size)
        yield lambda batch, carried: self._predict(model, batch)

    def _contexts(self, batch: Batch, begin: int) -> Int[np.ndarray, "scored context"]:
        """The words that are seen at each scored position; none from before the batch."""
        found: np.ndarray = windows(batch.inputs.numpy(), self.n - 1, begin)[batch.mask.numpy()]
        return found

    def _predict(self, model: NGrams, batch: Batch) -> Float[Tensor, "scored words"]:
        """Log probabilities, which are logits of themselves."""
        contexts, places = np.unique(self._contexts(batch, model.vocabulary), axis=0, return_inverse=True)
        return torch.from_numpy(model.log_probabilities(contexts)[places.ravel()]).float()
