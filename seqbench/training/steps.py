"""What a core states of one step, tried before anything is trained: probes and traces rely on each of these."""

import copy
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import torch
from jaxtyping import Float
from torch import Tensor

from seqbench.gradients.flow import pull_back
from seqbench.models.base import Core, State
from seqbench.models.stack import Stack
from seqbench.plan import seeding
from seqbench.wording import plural

#: Sequences of a trial, and the steps that are taken one by one: a way around the memory takes two of them.
ROWS, STEPS = 3, 3
#: How far two numbers in float64 may be apart, as a share of the largest.
TOLERANCE = 1e-6

Answer = TypeVar("Answer")


def try_step(core: Core, width: int, steps: int) -> None:
    """Raises ValueError with what is wrong with a core's step, or with what is said of it; and what the core raises.

    `width` is that of its inputs, and its task has so many `steps`. Of a stack, the top core: all are made alike.
    """
    core, width = (core.layers[-1].block.core, core.hidden_size) if isinstance(core, Stack) else (core, width)
    if not core.has_step:
        return
    core = copy.deepcopy(core).double().eval()
    with torch.no_grad(), seeding.torch_seeded(0, "trial"):
        inputs = torch.randn(ROWS, min(steps, STEPS), width, dtype=torch.float64)
        states = _states(core, inputs)
        for x_t, before, after in zip(inputs.unbind(1), states, states[1:], strict=False):
            _require_gates(core, before, left_alone(core.gates, x_t, before))
            _require_named("step_bounds", core.step_bounds(after), (ROWS,))
        if core.exact_direct:
            _require_exact(core, inputs, states)


def left_alone(call: Callable[..., Answer], inputs: Tensor, state: State | None = None) -> Answer:
    """What a call gives. Raises ValueError if it changes what it is given."""
    given: dict[str, State] = {"inputs": (inputs,), "states": state or ()}
    before = {what: [one.clone() for one in tensors] for what, tensors in given.items()}
    answer = call(inputs) if state is None else call(inputs, state)
    for what, tensors in given.items():
        if not all(torch.allclose(*both, 0, 0, equal_nan=True) for both in zip(tensors, before[what], strict=True)):
            raise ValueError(f"it changes the {what} that it is given, in place: make new tensors")
    return answer


def equal(one: Tensor, other: Tensor) -> bool:
    """But for rounding."""
    largest = max(1.0, float(one.abs().max()), float(other.abs().max())) if one.numel() else 1.0
    return bool(((one - other).abs() <= TOLERANCE * largest).all())


def _states(core: Core, inputs: Float[Tensor, "batch time input"]) -> list[State]:
    """Those before the first step and after each."""
    unknown = [name for name in core.hidden_states if name not in core.state_names]
    if unknown:
        raise ValueError(f"hidden_states has {unknown[0]!r}, and state_names has {', '.join(core.state_names)}")
    states = [core.initial_state(inputs)]
    _require_states(core, "initial_state gives", states[0], [core.hidden_size, *[None] * (len(core.state_names) - 1)])
    for x_t in inputs.unbind(1):
        states.append(left_alone(core.step, x_t, states[-1]))
        _require_states(core, "its step gives", states[-1], [one.shape[-1] for one in states[0]])
    return states


def _require_states(core: Core, gives: str, states: Any, widths: list[int | None]) -> None:
    """They are those of `state_names`, in the type of the inputs, so that gradients flow, and as wide as at first."""
    if not isinstance(states, tuple | list):
        raise ValueError(f"{gives} a {type(states).__name__} instead of a tuple of states")
    if len(states) != len(core.state_names):
        raise ValueError(f"{gives} {plural(len(states), 'state')}, and state_names has {', '.join(core.state_names)}")
    for name, state, width in zip(core.state_names, states, widths, strict=True):
        _require_tensor(f"{gives} {name}", state, (ROWS, width))
        if state.dtype != torch.float64:
            raise ValueError(f"{gives} {name} in {state.dtype} for inputs in {torch.float64}: keep to their type")


def _require_gates(core: Core, before: State, gates: Any) -> None:
    """The keep gate is one of them, and each of its values is for as many numbers of the last state."""
    _require_named("gates", gates, (ROWS, None))
    if core.keep_gate is None:
        return
    if core.keep_gate not in gates:
        raise ValueError(f"keep_gate is {core.keep_gate!r}, and gates gives {', '.join(gates) or 'none'}")
    values, numbers = gates[core.keep_gate].shape[-1], before[-1].shape[-1]
    if not values or numbers % values:
        told = f"{plural(values, 'value')} for {plural(numbers, 'number')} of {core.state_names[-1]}"
        raise ValueError(f"the gate {core.keep_gate} has {told}: set one for each, or for as many neighbours each")


def _require_named(method: str, given: Any, shape: tuple[int | None, ...]) -> None:
    if not isinstance(given, Mapping):
        raise ValueError(f"{method} gives a {type(given).__name__} instead of a dict")
    for name, value in given.items():
        _require_tensor(f"{method} gives {name}", value, shape)


def _require_tensor(gives: str, value: Any, shape: tuple[int | None, ...]) -> None:
    """None is any length."""
    if not isinstance(value, Tensor):
        raise ValueError(f"{gives} as {type(value).__name__} instead of a tensor")
    if not value.is_floating_point():
        raise ValueError(f"{gives} in {value.dtype}, through which no gradient flows")
    if len(value.shape) != len(shape) or any(b not in (None, a) for a, b in zip(value.shape, shape, strict=True)):
        wanted = ", ".join("any" if length is None else str(length) for length in shape)
        raise ValueError(f"{gives} with the shape {tuple(value.shape)} instead of ({wanted})")


def _require_exact(core: Core, inputs: Float[Tensor, "batch time input"], states: list[State]) -> None:
    """Carried back through all states, a gradient of the memory is what the direct path alone makes of it."""
    if core.keep_gate is None and type(core).direct is Core.direct:
        raise ValueError("exact_direct is set, and neither keep_gate nor direct says what the direct path is")
    direct = torch.randn_like(states[-1][-1])
    vectors = (*map(torch.zeros_like, states[-1][:-1]), direct)
    for t in range(inputs.shape[1] - 1, -1, -1):
        direct = core.direct(inputs[:, t], states[t], direct)
        with torch.enable_grad():
            vectors = pull_back(core, inputs[:, t], states[t], vectors)
        if direct.shape != vectors[-1].shape or not equal(direct.nan_to_num(), vectors[-1].nan_to_num()):
            raise ValueError("exact_direct is set, and its direct path is not the Jacobian of its last state")
