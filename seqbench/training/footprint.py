"""The least memory that a run takes, so that what cannot fit is refused before it is trained.

A run is refused if one of these alone is more than this process may use: the weights with their gradients, known before
they are made; what a batch of training keeps for its way back; the states of a probe, in double precision; the inputs
and hidden units of every step of an evaluation; one loss for each of its sequences. It takes more than that, so a run
that is not refused may still be too large. On a card, what may be used is its memory; probes, and losses of an
evaluation, are on the CPU.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import torch

from seqbench.config import CPU, resources
from seqbench.models.base import Core, SequenceModel
from seqbench.models.reference import Reference
from seqbench.plan import RunSpec, seeding
from seqbench.tasks.base import EVALUATION_BATCH, Task
from seqbench.training.device import memory

#: Bytes of a number.
FLOAT, DOUBLE = 4, 8
#: Sequences of which is measured what is kept, and their steps: what longer ones keep beyond shorter ones.
MEASURED, SHORTER, LONGER = 2, 32, 64


class Part(NamedTuple):
    """What is held at once, in words and bytes, the setting that it grows with, and the device."""

    what: str
    needed: int
    setting: str
    device: str


def require_memory_for_weights(spec: RunSpec, make: Callable[[], object]) -> None:
    """Raises ValueError for a run whose weights this process has not the memory for; `make` makes its model."""
    model = _shape(make)
    if model is not None:
        grows = "model.hidden_size" if "hidden_size" in spec.model.settings else "the model"
        grows += " or its layers" if spec.model.stack.stated else ""
        weights = f"{model.num_parameters:,} weights and their gradients"
        _require(Part(weights, 2 * FLOAT * model.num_parameters, grows, spec.device))


def require_memory_for_batches(spec: RunSpec, task: Task, model: SequenceModel | Reference) -> None:
    """Raises ValueError, with what is too large, for a run whose batches this process has not the memory for."""
    for part in _batches(spec, task, model):
        _require(part)


def _require(part: Part) -> None:
    most = resources.memory() if part.device == CPU else memory(part.device)
    if most is not None and part.needed > most:
        where = "" if part.device == CPU else f" on {part.device}"
        told = f"{part.what} take {_gib(part.needed)} GiB at least, and there are {_gib(most)}{where}"
        raise ValueError(f"{told}: make {part.setting} smaller")


def _batches(spec: RunSpec, task: Task, model: SequenceModel | Reference) -> Iterator[Part]:
    longest = max(("gap", "bptt", "load", "distractors"), key=lambda knob: getattr(task, knob, 0))
    training, steps, a_step, kept = spec.training, task.length, FLOAT, 0

    def part(setting: str, sequences: int, a_step: int, device: str) -> Part:
        """What so many sequences at once take, with `a_step` bytes for each of their steps."""
        what = f"batches of {sequences:,} sequences of {steps:,} steps"
        return Part(what, sequences * steps * a_step, f"training.{setting} or task.{longest}", device)

    if isinstance(model, SequenceModel):
        a_step = FLOAT * (task.input_size + model.core.hidden_size)
        if training.max_steps and not training.freeze_core:
            kept = kept_a_step(model.core, task.input_size, training.truncate)
        yield part("probe_sequences", training.probe_sequences, DOUBLE * _states(model.core, task.input_size), CPU)
    yield part("batch_size", training.batch_size, max(a_step, kept), spec.device)
    if not task.carries_state:  # it is evaluated in windows of another length, and as a whole
        which = max(("validation_sequences", "test_sequences"), key=lambda name: getattr(training, name))
        tested = getattr(training, which)
        yield Part(f"the losses of {tested:,} sequences", FLOAT * tested, f"training.{which}", CPU)
        yield part(which, max(task.sizes("test", min(EVALUATION_BATCH, tested))), a_step, spec.device)


def kept_a_step(core: Core, width: int, truncate: int | None = None) -> int:
    """Bytes that training keeps for the way back, by step of a sequence: measured, because every fast path is its own.

    0 where sequences of another length than the task's are refused, and nothing is known.
    """
    try:
        longer, shorter = (_kept(core, width, steps, truncate) for steps in (LONGER, SHORTER))
    except ValueError:
        return 0
    return (longer - shorter) // (MEASURED * (LONGER - SHORTER))


def _kept(core: Core, width: int, steps: int, truncate: int | None) -> int:
    held = dict[int, torch.UntypedStorage]()

    def hold(tensor: torch.Tensor) -> torch.Tensor:
        """Keep its memory, which tensors may share, and count it once."""
        storage = tensor.untyped_storage()
        held[id(storage)] = storage
        return tensor

    inputs, hooks = torch.zeros(MEASURED, steps, width), torch.autograd.graph.saved_tensors_hooks
    with torch.enable_grad(), seeding.torch_seeded(0, "footprint"), hooks(hold, lambda tensor: tensor):
        _ = core(inputs) if truncate is None else core.unroll(inputs, core.initial_state(inputs), truncate)
    return sum(storage.nbytes() for storage in held.values())


def _states(core: Core, width: int) -> int:
    """Numbers of the states of a sequence at a step; of a core that states none, its inputs and outputs."""
    if not core.has_step:
        return width + core.hidden_size
    return sum(state.shape[-1] for state in core.initial_state(torch.empty(1, width)))


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
