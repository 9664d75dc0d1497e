"""From a model to a predictor: a function from batch to outputs that carries the state where a batch goes on."""

from collections.abc import Callable

from jaxtyping import Float
from torch import Tensor

from seqbench.models.base import SequenceModel, State
from seqbench.tasks.base import Batch, Task

#: Outputs at the positions with a loss; the second argument says whether the batch goes on where the last one ended.
Predict = Callable[[Batch, bool], Float[Tensor, "scored output"]]


def predictor(model: SequenceModel, task: Task) -> Predict:
    """The model as it stands when it is asked, without dropout."""
    state: State | None = None

    def predict(batch: Batch, carried: bool) -> Float[Tensor, "scored output"]:
        """As `Predict`; the state is kept from call to call."""
        nonlocal state
        model.eval()
        batch = batch.to(model.device)
        if not task.carries_state:
            outputs: Tensor = model(batch.inputs, batch.mask)
            return outputs
        outputs, state = model.go_on(batch.inputs, batch.mask, state if carried else None)
        return outputs

    return predict
