"""What a core must be, tried on a few random numbers before anything is trained with it.

A core that looks ahead, mixes the sequences of a batch, or computes something else than the step that is followed back
would train without a word, and its result would mean nothing.
"""

import copy
from collections.abc import Callable, Iterator
from functools import partial

import torch
from jaxtyping import Float
from torch import Tensor

from seqbench.models.base import Core
from seqbench.plan import seeding
from seqbench.training.steps import ROWS, equal, left_alone
from seqbench.training.untouched import untouched

#: Steps of a trial: an odd number of them, so that a core that takes turns does not come out even.
STEPS = 23

Hidden = Float[Tensor, "batch time hidden"]
Inputs = Float[Tensor, "batch time input"]


def try_core(core: Core, width: int, steps: int) -> str:
    """What is found of a core, in a few words, that has passed `try_step`. Its task has so many `steps`.

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
    few -= few > 2 and few % 2 == 0
    try:
        core(torch.zeros(1, few, width, dtype=torch.float64))
    except ValueError:
        return steps
    return few


def _is_repeatable(core: Core, inputs: Inputs) -> None:
    hidden = left_alone(core, inputs)
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
        if not equal(_hidden(core, inputs)[:, :known], _hidden(core, other)[:, :known]):
            raise ValueError("it is not causal: its outputs change with later inputs")


def _keeps_sequences_apart(core: Core, inputs: Inputs) -> None:
    other = inputs.clone()
    other[0] += 1
    if not equal(_hidden(core, inputs)[1:], _hidden(core, other)[1:]):
        raise ValueError("the sequences of a batch touch one another: an output changes with another sequence")


def _carries_state(core: Core, inputs: Inputs) -> str:
    """Whether the state at the end of one part is all that the next part needs."""
    if not core.carries_state:
        return "carries no state"
    half = inputs.shape[1] // 2
    first, state = left_alone(core.run, inputs[:, :half], core.initial_state(inputs))
    second, _ = left_alone(core.run, inputs[:, half:], state)
    if not equal(torch.cat([first, second], 1), core(inputs)):
        raise ValueError("it does not carry its state: read in two parts, a sequence gives other outputs")
    return "carries state"


def _follows_its_step(core: Core, inputs: Inputs) -> str:
    """Whether what is trained is what gradients and traces describe."""
    if not core.has_step:
        _with_gradients(core, core, inputs)
        return "states no step"
    expected = _with_gradients(core, partial(_by_step, core), inputs)
    if not equal(expected[0], core(inputs)):
        raise ValueError("it is another model when it runs than its step says")
    paths = list(_fast_paths(core))
    for path in paths:  # what computes a gradient may be other code than what computes without one
        found = _with_gradients(core, path, inputs)
        if not all(equal(*both) for both in zip(found, expected, strict=True)):
            raise ValueError("it is another model when it learns than its step says")
    return "fast path equals step" if paths else "runs step by step"


def _fast_paths(core: Core) -> Iterator[Callable[[Inputs], Hidden]]:
    if type(core).forward is not Core.forward:
        yield core
    if type(core).run is not Core.run:
        yield lambda inputs: core.run(inputs, core.initial_state(inputs))[0]


def _with_gradients(core: Core, path: Callable[[Inputs], Hidden], inputs: Inputs) -> list[Tensor]:
    """The outputs, and the gradients of inputs and parameters of a fixed loss; what is not finite as a large number."""
    with torch.enable_grad():
        given = [inputs.clone().requires_grad_(), *(p for p in core.parameters() if p.requires_grad)]
        hidden = path(given[0])
        loss = (hidden * torch.arange(hidden.numel()).view_as(hidden).cos()).sum()
        found = torch.autograd.grad(loss, given, allow_unused=True) if loss.requires_grad else [None] * len(given)
    gradients = (torch.zeros_like(p) if g is None else g for g, p in zip(found, given, strict=True))
    return [part.detach().nan_to_num() for part in (hidden, *gradients)]


def _by_step(core: Core, inputs: Inputs) -> Hidden:
    return core.unroll(inputs, core.initial_state(inputs))[0]


def _hidden(core: Core, inputs: Inputs) -> Hidden:
    """The outputs, with the same random numbers each time."""
    with seeding.torch_seeded(0, "trial", "dropout"):
        hidden: Hidden = core(inputs)
        return hidden
