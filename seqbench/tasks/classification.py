"""Tasks whose answers are classes: cross-entropy, accuracy, and how many answers may be wrong."""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from seqbench.tasks.base import Criterion, Task

#: The share of answers that may be wrong in a task that counts as solved.
ALLOWED = 0.01


class Classification(Task):
    """Solved when all of the asked positions are right but for `ALLOWED` of them."""

    loss_name = "cross-entropy (nats)"
    score_name = "accuracy"

    def loss(
        self, outputs: Float[Tensor, "scored classes"], targets: Int[Tensor, " scored"]
    ) -> Float[Tensor, " scored"]:
        return classification_loss(outputs, targets)

    def score(
        self,
        outputs: Float[Tensor, "scored classes"],
        targets: Int[Tensor, " scored"],
        scored: Int[Tensor, " batch"],
    ) -> dict[str, float]:
        return accuracy_scores(outputs, targets, scored)


def classification_loss(
    outputs: Float[Tensor, "scored classes"], targets: Int[Tensor, " scored"]
) -> Float[Tensor, " scored"]:
    """Cross-entropy in nats of each scored position."""
    return torch.nn.functional.cross_entropy(outputs, targets, reduction="none")


def accuracy_scores(
    outputs: Float[Tensor, "scored classes"],
    targets: Int[Tensor, " scored"],
    scored: Int[Tensor, " batch"],
) -> dict[str, float]:
    """Share of scored positions that are right, and of sequences that are right at every scored position."""
    right = outputs.argmax(-1) == targets
    sequence = torch.repeat_interleave(torch.arange(len(scored)), scored)
    wrong = torch.zeros(len(scored), dtype=torch.long).index_add_(0, sequence, (~right).long())
    return {
        "accuracy": right.double().mean().item(),
        "sequence_accuracy": (wrong == 0).double().mean().item(),
    }


def enough_right(words: str) -> Criterion:
    """Solved when all are right but for `ALLOWED` of them; `words` have a place for the share, "{} of the symbols"."""
    return Criterion("accuracy", 1.0, ALLOWED, words.format(f"at least {100 * (1 - ALLOWED):.0f} %"))
