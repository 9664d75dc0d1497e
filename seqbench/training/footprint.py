"""The least memory that a run takes, so that what cannot fit is refused before it is made.

A run is refused if one of these alone is more than this process may use: the weights with their gradients; one number
for each input and each hidden unit of every step of the largest batch; one loss for each sequence of an evaluation. It
takes more than that, so a run that is not refused may still be too large. On a card, what may be used is its memory;
losses of an evaluation are kept on the CPU.
"""

from collections.abc import Callable, Iterator

import torch

from seqbench.config import CPU, resources
from seqbench.models.base import SequenceModel
from seqbench.plan import RunSpec
from seqbench.tasks.base import EVALUATION_BATCH, Task
from seqbench.training.device import memory

#: Bytes of a number.
FLOAT = 4


def require_memory(spec: RunSpec, task: Task, make: Callable[[], object]) -> None:
    """Raises ValueError, with what is too large, for a run that this process has not the memory for.

    `make` makes its model.
    """
    for what, needed, setting, device in _parts(spec, task, _shape(make)):
        most = resources.memory() if device == CPU else memory(device)
        if most is not None and needed > most:
            told = f"{what} take {_gib(needed)} GiB at least, and there are {_gib(most)}"
            raise ValueError(f"{told}{'' if device == CPU else f' on {device}'}: make {setting} smaller")


def _parts(spec: RunSpec, task: Task, model: SequenceModel | None) -> Iterator[tuple[str, int, str, str]]:
    """What is held at once, in words and bytes, the setting that it grows with, and the device."""
    training, steps, width = spec.training, task.evidence_lag + 1, 1
    sizes = {"training.batch_size": training.batch_size}
    if model is not None:
        grows = "model.hidden_size" if "hidden_size" in spec.model.settings else "the model"
        grows += " or its layers" if spec.model.stack.stated else ""
        weights = f"{model.num_parameters:,} weights and their gradients"
        yield weights, 2 * FLOAT * model.num_parameters, grows, spec.device
        width = task.input_size + model.core.hidden_size
        sizes["training.probe_sequences"] = training.probe_sequences
    if not task.carries_state:  # it is evaluated in windows of another length, and as a whole
        which = max(("validation_sequences", "test_sequences"), key=lambda name: getattr(training, name))
        tested = getattr(training, which)
        yield f"the losses of {tested:,} sequences", FLOAT * tested, f"training.{which}", CPU
        sizes[f"training.{which}"] = max(task.sizes("test", min(EVALUATION_BATCH, tested)))
    setting, largest = max(sizes.items(), key=lambda item: item[1])
    batches = f"batches of {largest:,} sequences of {steps:,} steps"
    yield batches, FLOAT * largest * steps * width, f"{setting} or task.gap", spec.device


def _shape(make: Callable[[], object]) -> SequenceModel | None:
    """The network without memory for its numbers; None where there is none, or it cannot be made like this."""
    try:
        with torch.device("meta"):
            made = make()
    except Exception as error:  # whatever the constructors of other people do with numbers that are not there
        if "overflow" in str(error):
            raise ValueError("its weights are more than any memory has room for") from error
        return None
    return made if isinstance(made, SequenceModel) else None


def _gib(number: int) -> str:
    return f"{number / 2**30:,.1f}"
