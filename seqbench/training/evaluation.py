"""Scores of a model on a stream of sequences that it does not train on."""

from collections.abc import Iterable

import torch
from jaxtyping import Bool, Int
from torch import Tensor

from seqbench.events import Level
from seqbench.models.prediction import Predict
from seqbench.tasks.base import EVALUATION_BATCH, Task


class Evaluation:
    """Losses and asked outputs of a predictor on `sequences` of a stream; another `index` is another block of it.

    At most so many are `together` in a batch, if that is less than the task has there.
    """

    @torch.inference_mode()
    def __init__(
        self,
        task: Task,
        predict: Predict,
        seed: int,
        stream: str,
        index: int,
        sequences: int,
        together: int = EVALUATION_BATCH,
    ) -> None:
        self.task, self.stream = task, stream
        sizes = [min(together, size - i) for size in task.sizes(stream, sequences) for i in range(0, size, together)]
        parts = [self._of(predict, seed, index * len(sizes) + i, n) for i, n in enumerate(sizes)]
        self.all_losses, self.losses, self.outputs, self.targets, self.trained, self.scored = (
            torch.cat(part) for part in zip(*parts, strict=True)
        )

    def _of(self, predict: Predict, seed: int, number: int, size: int) -> tuple[Tensor, ...]:
        """Of one batch, on the CPU; only what was asked keeps its outputs, which are large."""
        batch = self.task.batch(seed, self.stream, number, size)
        asked = self.task.asked(batch)
        outputs, targets = predict(batch, self.task.continues(self.stream, number, size)), batch.targets[batch.mask]
        losses, kept = self.task.loss(outputs, targets.to(outputs.device)).cpu(), asked[batch.mask]
        return losses, losses[kept], outputs[kept].cpu(), targets[kept], batch.mask.sum(1), asked.sum(1)

    def scores(self) -> dict[str, float]:
        """Mean loss over all positions that have one, also in other units, and the task's scores where it asks."""
        asked = torch.ones_like(self.targets, dtype=torch.bool)
        loss = self.all_losses.mean().item()
        units = self.task.in_other_units(loss, self.stream)
        return {**self._scores(asked, self.scored), "loss": loss, **units}

    def tested(self) -> dict[str, float]:
        """The scores, with the standard error of the loss."""
        return {**self.scores(), "loss_error": self._error_of_loss()}

    def solved(self) -> bool:
        """Whether the scores meet the task's criterion."""
        return self.task.solved(self.scores())

    def level(self) -> Level:
        """Where it lies among the baselines: by its loss, or by the score that decides if less is asked than trained.

        The standard error of a mean loss counts a sequence once, whatever its length (of a ratio; Cochran 1977, section
        6.4); that of a share is the binomial one, each sequence being asked once.
        """
        scores, decides = self.scores(), self.task.criterion
        asked, trained = int(self.scored.sum()), int(self.trained.sum())
        if decides.score != "loss" and asked < trained:
            share = scores[decides.score]
            error = (share * (1 - share) / len(self.scored)) ** 0.5
            return Level(decides.score, share, error, decides.best)
        return Level("loss", scores["loss"], self._error_of_loss())

    def _error_of_loss(self) -> float:
        losses, number = self.all_losses.double(), len(self.trained)
        sequence = torch.repeat_interleave(torch.arange(number), self.trained)
        apart = torch.zeros(number).double().index_add_(0, sequence, losses - losses.mean())
        return float((number / max(1, number - 1) * (apart**2).sum()).sqrt() / len(losses))

    def scores_by_slot(self) -> list[dict[str, float]]:
        """The same for the first, second, ... asked position of every sequence; empty where there is just one."""
        slot = torch.cat([torch.arange(int(n)) for n in self.scored])
        count = int(self.scored.max())
        return [self._scores(slot == k, (self.scored > k).long()) for k in range(count)] if count > 1 else []

    def _scores(self, chosen: Bool[Tensor, " scored"], per_sequence: Int[Tensor, " batch"]) -> dict[str, float]:
        outputs, targets = self.outputs[chosen], self.targets[chosen]
        return {"loss": self.losses[chosen].mean().item(), **self.task.score(outputs, targets, per_sequence)}


Table = list[dict[str, float]]


def tables(test: Evaluation, predict: Predict, seed: int, sequences: int) -> dict[str, Table]:
    """What a test shows beside its scores, by name, as rows: "slots" by position, "variants" by what sets them apart.

    A variant is tested on `sequences` sequences.
    """
    return {"slots": test.scores_by_slot(), "variants": list(_variants(test.task, predict, seed, sequences))}


def _variants(task: Task, predict: Predict, seed: int, sequences: int) -> Iterable[dict[str, float]]:
    for apart, variant in task.variants(sequences):
        yield {**apart, **Evaluation(variant, predict, seed, "test", 0, sequences).scores()}
