"""Two arms that are no networks in training: one looks back, one guesses. They bracket what a score means."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator

from jaxtyping import Float
from torch import Tensor, nn

from seqbench.config import Count, Positive
from seqbench.models.base import Model, SequenceModel
from seqbench.models.rnn import RNN
from seqbench.tasks.base import Batch, Task

Predictor = Callable[[Batch], Float[Tensor, "scored output"]]


class Reference(Model, ABC):
    """An arm that is not trained: it proposes predictors, one after the other, until one solves the task.

    Each proposal costs one step of the budget.
    """

    @abstractmethod
    def propose(self, task: Task) -> Iterator[Predictor]:
        """Predictors for this task; draws from torch's global generator, which the run has seeded."""


class Oracle(Reference):
    """The task's own rule, which may look back: proof that the task can be solved and is scored right."""

    def propose(self, task: Task) -> Iterator[Predictor]:
        yield task.oracle


class Guess(Reference):
    """Simple recurrent networks with all weights drawn from U(-scale, scale) (Hochreiter & Schmidhuber 1997, 5.1).

    A task that guessing solves within the budget says nothing about learning.
    """

    def __init__(self, *, hidden_size: Count = 8, scale: Positive = 10.0) -> None:
        self.hidden_size, self.scale = hidden_size, scale

    def propose(self, task: Task) -> Iterator[Predictor]:
        model = SequenceModel(RNN(task.input_size, hidden_size=self.hidden_size), task.output_size)
        while True:
            for parameter in model.parameters():
                nn.init.uniform_(parameter, -self.scale, self.scale)
            yield lambda batch: _outputs(model, batch)  # judged before the next is drawn


def _outputs(model: SequenceModel, batch: Batch) -> Float[Tensor, "scored output"]:
    outputs: Tensor = model(batch.inputs, batch.mask)
    return outputs
