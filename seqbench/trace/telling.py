"""Which sequence a trace shows: one that a model without memory would get wrong.

Beside an answer near the best constant guess, a model that has learned nothing looks as if it had solved its task.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Shaped
from torch import Tensor

from seqbench.tasks.base import Task

LOOKED_AT = 100
"""Sequences of the test among which one is chosen."""


@dataclass(frozen=True)
class Telling:
    """A sequence of the test, and the constant answer that is best for those looked at: their mean, or the commonest.

    Of the sequences looked at, it is the one whose answer is farthest from that; a class is either it or not. The
    first of several.
    """

    index: int
    guess: float | int
    looked_at: int

    def words(self, guess: str) -> str:
        """The rule with its guess, as text, for a caption."""
        rule = (
            f"the one whose answer is farthest from their mean ({guess})"
            if isinstance(self.guess, float)
            else f"the first whose answer is not the commonest of them ({guess})"
        )
        return f"sequence {self.index} of its test, counted from 0: of the first {self.looked_at}, {rule}"


def telling(task: Task, seed: int, sequences: int) -> Telling:
    """The sequence to show of a test of so many."""
    batch = task.batch(seed, "test", 0, task.sizes("test", sequences)[0])
    answers = batch.targets[torch.arange(len(batch.targets)), task.probed(batch)][:LOOKED_AT]
    guess = _best_constant(answers)
    away = (answers - guess).abs() if isinstance(guess, float) else (answers != guess).int()
    return Telling(int(away.argmax()), guess, len(answers))


def _best_constant(answers: Shaped[Tensor, " sequences"]) -> float | int:
    """Least squared error for numbers, fewest errors for classes."""
    return answers.double().mean().item() if answers.is_floating_point() else int(answers.mode().values)
