"""What a core must be, tried on a few random numbers before anything is trained with it.

A core that looks ahead, mixes the sequences of a batch, or computes something else than the step that is followed back
would train without a word, and its result would mean nothing.
"""

import copy

import torch
from jaxtyping import Float
from torch import Tensor

from seqbench.models.base import Core
from seqbench.plan import seeding
from seqbench.training.untouched import untouched

#: Sequences and steps of a trial.
ROWS, STEPS = 3, 24
#: How far two numbers in float64 may be apart, as a share of the largest.
TOLERANCE = 1e-6

Hidden = Float[Tensor, "batch time hidden"]
Inputs = Float[Tensor, "batch time input"]


def try_core(core: Core, width: int, steps: int) -> str:
    """What is found of a core, in a few words; `width` is that of its inputs, and its task has so many `steps`.

    Raises ValueError with what is wrong, and whatever the core raises.
    """
    core = copy.deepcopy(core).double()
    with torch.no_grad(), seeding.torch_seeded(0, "trial"):
        inputs = torch.randn(ROWS, _length(core, width, steps), width, dtype=torch.float64)
        with untouched("computing"):
            _is_repeatable(core.eval(), inputs)
        for training in (True, False):
            core.train(training)
            _is_causal(core, inputs)
            _keeps_sequences_apart(core, inputs)
        return ", ".join(["causal", _carries_state(core, inputs), _follows_its_step(core, inputs)])


def _length(core: Core, width: int, steps: int) -> int:
    """A few steps; for a core that takes sequences of one length alone, that of its task."""
    few = min(steps, STEPS)
    try:
        core(torch.zeros(1, few, width, dtype=torch.float64))
    except ValueError:
        return steps
    return few


def _is_repeatable(core: Core, inputs: Inputs) -> None:
    hidden = core(inputs)
    expected = (*inputs.shape[:2], core.hidden_size)
    if hidden.shape != expected:
        raise ValueError(f"its outputs have the shape {tuple(hidden.shape)} instead of {expected}")
    if not hidden.isfinite().all():
        raise ValueError("its outputs are not finite")
    if not torch.equal(hidden, core(inputs)):
        raise ValueError("the same inputs give other outputs the second time")


def _is_causal(core: Core, inputs: Inputs) -> None:
    for known in {inputs.shape[1] // 2, inputs.shape[1] - 1}:
        other = inputs.clone()
        other[:, known:] += 1
        if not _equal(_hidden(core, inputs)[:, :known], _hidden(core, other)[:, :known]):
            raise ValueError("it is not causal: its outputs change with later inputs")


def _keeps_sequences_apart(core: Core, inputs: Inputs) -> None:
    other = inputs.clone()
    other[0] += 1
    if not _equal(_hidden(core, inputs)[1:], _hidden(core, other)[1:]):
        raise ValueError("the sequences of a batch touch one another: an output changes with another sequence")


def _carries_state(core: Core, inputs: Inputs) -> str:
    """Whether the state at the end of one part is all that the next part needs."""
    if not core.carries_state:
        return "carries no state"
    half = inputs.shape[1] // 2
    first, state = core.run(inputs[:, :half], core.initial_state(inputs))
    second, _ = core.run(inputs[:, half:], state)
    if not _equal(torch.cat([first, second], 1), core(inputs)):
        raise ValueError("it does not carry its state: read in two parts, a sequence gives other outputs")
    return "carries state"


def _follows_its_step(core: Core, inputs: Inputs) -> str:
    """Whether what is trained is what gradients and traces describe."""
    if not core.has_step:
        return "states no step"
    if not _equal(core.unroll(inputs, core.initial_state(inputs))[0], core(inputs)):
        raise ValueError("it is another model when it runs than its step says")
    has_fast_path = type(core).forward is not Core.forward or type(core).run is not Core.run
    return "fast path equals step" if has_fast_path else "runs step by step"


def _hidden(core: Core, inputs: Inputs) -> Hidden:
    """The outputs, with the same random numbers each time."""
    with seeding.torch_seeded(0, "trial", "dropout"):
        hidden: Hidden = core(inputs)
        return hidden


def _equal(one: Hidden, other: Hidden) -> bool:
    largest = max(1.0, float(one.abs().max()), float(other.abs().max())) if one.numel() else 1.0
    return bool(((one - other).abs() <= TOLERANCE * largest).all())
