"""Tasks over words: at each position the next word is predicted (Elman 1990, section "discovering word classes")."""

import math

from jaxtyping import Float, Int
from torch import Tensor

from seqbench.tasks.base import Task
from seqbench.tasks.classification import classification_loss


class NextWord(Task):
    """Inputs are places in `words`, targets the next of them; a subclass says where the words come from.

    Each word is shown to the core as a vector of `embedding` numbers, learned with the rest. Word 0 ends a sentence
    and fills the padding.
    """

    loss_name = "cross-entropy (nats per word)"

    words: tuple[str, ...]

    def __init__(self, words: tuple[str, ...], embedding: int, gap: int, min_gap: int | None = None) -> None:
        super().__init__(gap, min_gap=min_gap)
        self.words, self.input_size, self.output_size = words, embedding, len(words)

    def loss(self, outputs: Float[Tensor, "scored words"], targets: Int[Tensor, " scored"]) -> Float[Tensor, " scored"]:
        return classification_loss(outputs, targets)

    def in_other_units(self, loss: float, stream: str) -> dict[str, float]:
        """Perplexity: the number of equally probable words that would be as hard to predict."""
        return {"perplexity": math.exp(min(loss, 700.0))}  # the largest that a float holds
