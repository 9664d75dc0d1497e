"""What every arm promises of long, carried and extreme sequences; a core from outside is held to the same."""

import pytest
import torch
from builders import component, cores, load_core, stepped
from torch import nn

from seqbench.models import linear
from seqbench.models.base import Core
from seqbench.plan import seeding

STEPS = 70


class Foreign(Core):
    """Somebody's leaky integrator with a fast path of its own: h_t = h_{t-1} / 2 + W x_t."""

    def __init__(self, input_size: int, *, hidden_size: int = 64) -> None:
        super().__init__()
        self.hidden_size, self.W = hidden_size, nn.Linear(input_size, hidden_size)

    def step(self, x_t, state):
        return (state[0] / 2 + self.W(x_t),)

    def run(self, inputs, state):
        (h,), hidden = state, []
        for written in self.W(inputs).unbind(1):
            h = h / 2 + written
            hidden.append(h)
        return torch.stack(hidden, 1), (h,)


every_core = pytest.mark.parametrize("arm", [*cores(), "foreign"])
every_stepped = pytest.mark.parametrize("arm", [*stepped(), "foreign"])


def core_of(arm, steps=STEPS, hidden_size=8):
    if arm == "foreign":
        return Foreign(3, hidden_size=hidden_size)
    return load_core(arm, hidden_size=hidden_size, steps=steps)


def inputs_of(dtype=torch.float64, steps=STEPS):
    with seeding.torch_seeded(7, "inputs"):
        return torch.randn(3, steps, 3, dtype=dtype)


def in_chunks(core, inputs, *lengths):
    """Outputs and last state, the state handed over from chunk to chunk."""
    state, hidden = core.initial_state(inputs), []
    for part in inputs.split(lengths, 1):
        outputs, state = core.run(part, state)
        hidden.append(outputs)
    return torch.cat(hidden, 1), state


def gradients(core, inputs, forward):
    inputs = inputs.clone().requires_grad_()
    outputs, state = forward(core, inputs)
    numbers = torch.cat([outputs.flatten(), *(s.flatten() for s in state[1:])])
    loss = (numbers * torch.linspace(-1, 1, len(numbers), dtype=numbers.dtype)).sum()
    return torch.autograd.grad(loss, [*core.parameters(), inputs])


@every_stepped
def test_carried_chunks_equal_the_whole_and_the_steps_and_so_do_their_gradients(arm):
    core, inputs = core_of(arm).double(), inputs_of()
    ways = (
        lambda core, x: core.run(x, core.initial_state(x)),
        lambda core, x: in_chunks(core, x, 1, 40, 2, 27),
        lambda core, x: core.unroll(x, core.initial_state(x)),
    )
    (whole, state), *others = [way(core, inputs) for way in ways]
    for outputs, last in others:
        torch.testing.assert_close(outputs, whole, rtol=1e-10, atol=1e-10)
        torch.testing.assert_close(last, state, rtol=1e-10, atol=1e-10)
    expected, *found = [gradients(core, inputs, way) for way in ways]
    for one in found:
        torch.testing.assert_close(one, expected, rtol=1e-10, atol=1e-10)


@every_stepped
def test_in_single_precision_the_fast_path_stays_within_a_millionth_a_step(arm):
    core, inputs = core_of(arm), inputs_of(torch.float32)
    steps = core.unroll(inputs, core.initial_state(inputs))[0]
    allowed = 1e-6 * torch.arange(1, STEPS + 1)[:, None] * steps.abs().max().clamp(min=1)
    assert ((core(inputs) - steps).abs() <= allowed).all()


@every_core
@torch.no_grad()
def test_ten_thousand_steps_of_nothing_and_inputs_of_ten_leave_it_finite(arm):
    assert core_of(arm, steps=10_000)(torch.zeros(1, 10_000, 3)).isfinite().all()
    for sign in (10.0, -10.0):
        assert core_of(arm)(torch.full((2, STEPS, 3), sign)).isfinite().all()


@every_core
@pytest.mark.parametrize("sign", [10.0, -10.0])
def test_inputs_of_ten_leave_its_gradients_finite(arm, sign):
    core = core_of(arm)
    torch.autograd.backward(core(torch.full((2, STEPS, 3), sign)).sum())
    assert all(p.grad is not None and p.grad.isfinite().all() for p in core.parameters())


def test_a_memory_too_large_for_once_is_scanned_in_parts(monkeypatch):
    core, inputs = core_of("mamba").double(), inputs_of()
    whole, state = core.run(inputs, core.initial_state(inputs))
    monkeypatch.setattr(linear, "AT_ONCE", 9 * 3 * 8 * component("model", "mamba").settings["state_size"])
    parts, last = core.run(inputs, core.initial_state(inputs))
    assert core.steps_at_once(inputs) == 9
    torch.testing.assert_close(parts, whole, rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(last, state, rtol=1e-12, atol=1e-12)
