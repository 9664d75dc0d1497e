"""Two arms that are no networks in training: one looks back, one guesses. They bracket what a score means."""

from abc import ABC, abstractmethod
from collections.abc import Iterator

from torch import nn

from seqbench.config import Count, Positive
from seqbench.models import families
from seqbench.models.base import Model, SequenceModel, encoder
from seqbench.models.prediction import Predict, predictor
from seqbench.models.rnn import RNN
from seqbench.tasks.base import Batch, Task


class Reference(Model, ABC):
    """An arm that is not trained: it proposes predictors, one after the other, until one solves the task.

    Each proposal costs one step of the budget.
    """

    family = families.REFERENCE

    def check(self, task: Task) -> None:
        """Raises ValueError for a task that is not for this arm."""
        return

    @abstractmethod
    def propose(self, task: Task, training_batches: Iterator[Batch]) -> Iterator[Predict]:
        """Predictors for this task; draws from torch's global generator, which the run has seeded.

        `training_batches` are those that a network would be trained on, as many as the budget has steps.
        """


class Oracle(Reference):
    """The task's own rule, which may look back: proof that the task can be solved and is scored right."""

    def propose(self, task: Task, training_batches: Iterator[Batch]) -> Iterator[Predict]:
        yield lambda batch, carried: task.oracle(batch)


class Guess(Reference):
    """Simple recurrent networks with all weights drawn from U(-scale, scale) (Hochreiter & Schmidhuber 1997, 5.1).

    A task that guessing solves within the budget says nothing about learning.
    """

    def __init__(self, *, hidden_size: Count = 8, scale: Positive = 10.0) -> None:
        self.hidden_size, self.scale = hidden_size, scale

    def propose(self, task: Task, training_batches: Iterator[Batch]) -> Iterator[Predict]:
        core = RNN(task.input_size, hidden_size=self.hidden_size)
        model = SequenceModel(core, task.output_size, encoder(task.words, task.input_size))
        while True:
            for parameter in model.parameters():
                nn.init.uniform_(parameter, -self.scale, self.scale)
            yield predictor(model, task)  # judged before the next is drawn
