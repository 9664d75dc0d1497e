"""Scores of a model on a stream of sequences that it does not train on."""

from collections.abc import Callable

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from seqbench.tasks.base import Batch, Task

#: Sequences evaluated at a time: large enough for efficient matrix products, small enough for the cache.
EVALUATION_BATCH = 500


Predict = Callable[[Batch], Float[Tensor, "scored output"]]


class Evaluation:
    """Outputs of a predictor on `sequences` of a stream; another `index` is another block of the stream."""

    @torch.inference_mode()
    def __init__(self, task: Task, predict: Predict, seed: int, stream: str, index: int, sequences: int) -> None:
        self.task = task
        sizes = [min(EVALUATION_BATCH, sequences - i) for i in range(0, sequences, EVALUATION_BATCH)]
        batches = (task.batch(seed, stream, index * len(sizes) + i, n) for i, n in enumerate(sizes))
        parts = [(predict(b), b.targets[b.mask], b.mask.sum(1)) for b in batches]
        self.outputs, self.targets, self.scored = (torch.cat(part) for part in zip(*parts, strict=True))

    def scores(self) -> dict[str, float]:
        """Mean loss and the task's scores over all scored positions."""
        return self._scores(torch.ones_like(self.targets, dtype=torch.bool), self.scored)

    def solved(self) -> bool:
        """Whether the scores meet the task's criterion."""
        return self.task.solved(self.scores())

    def scores_by_slot(self) -> list[dict[str, float]]:
        """The same for the first, second, ... scored position of every sequence; empty where there is just one."""
        slot = torch.cat([torch.arange(int(n)) for n in self.scored])
        count = int(self.scored.max())
        return [self._scores(slot == k, (self.scored > k).long()) for k in range(count)] if count > 1 else []

    def _scores(self, chosen: Bool[Tensor, " scored"], per_sequence: Int[Tensor, " batch"]) -> dict[str, float]:
        outputs, targets = self.outputs[chosen], self.targets[chosen]
        loss = self.task.loss(outputs, targets).mean().item()
        return {"loss": loss, **self.task.score(outputs, targets, per_sequence)}
