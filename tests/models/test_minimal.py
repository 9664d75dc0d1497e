"""The minimal cores in closed form, forward and backward, against their own steps."""

import weakref
from contextlib import nullcontext

import pytest
import torch

from seqbench.models import linear, minimal
from seqbench.models.candidates import CANDIDATES
from seqbench.models.mingru import MinGRU
from seqbench.models.minlstm import MinLSTM
from seqbench.plan import seeding

every_core = pytest.mark.parametrize("cls", [MinGRU, MinLSTM])


def case(cls, candidate="positive"):
    """A core, inputs and a state in double precision, all of which want a gradient."""
    with seeding.torch_seeded(0, "minimal"):
        core, inputs, h_0 = (
            cls(3, hidden_size=4, candidate=candidate).double(),
            torch.randn(2, 12, 3),
            torch.randn(2, 4),
        )
    return core, inputs.double().requires_grad_(), h_0.double().requires_grad_()


def results(way, core, inputs, h_0):
    """Outputs, the last state, and every gradient of a weighted sum of both."""
    hidden, (h,) = way(inputs, (h_0,))
    weights = torch.linspace(-1, 2, hidden.numel(), dtype=hidden.dtype).view_as(hidden)
    loss = (hidden * weights).sum() + (h * weights[:, 0]).sum()
    return hidden, h, *torch.autograd.grad(loss, [inputs, h_0, *core.parameters()])


@every_core
@pytest.mark.parametrize("candidate", CANDIDATES)
@pytest.mark.parametrize("steps", [1, 5, 12])
def test_outputs_and_all_gradients_are_those_of_the_steps(cls, candidate, steps, monkeypatch):
    """In parts of so many steps, whose last one may be shorter."""
    monkeypatch.setattr(linear, "AT_ONCE", 2 * 2 * 4 * steps)
    core, *given = case(cls, candidate)
    found, expected = results(core.run, core, *given), results(core.unroll, core, *given)
    torch.testing.assert_close(found, expected, rtol=1e-12, atol=1e-12)


@every_core
@pytest.mark.parametrize("closed", [-35.0, -45.0, -800.0])
def test_gates_that_are_closed_have_the_gradients_of_the_steps_too(cls, closed):
    """However closed: exp(-800) is zero in double precision."""
    core, *given = case(cls)
    with torch.no_grad():
        core.W.bias[:-4] += closed
    found, expected = results(core.run, core, *given), results(core.unroll, core, *given)
    assert all(one.isfinite().all() for one in found)
    torch.testing.assert_close(found, expected, rtol=1e-10, atol=1e-10)


@every_core
@pytest.mark.parametrize("recorded", [True, False])
def test_gates_of_earlier_parts_are_kept_for_a_gradient_alone(cls, recorded, monkeypatch):
    monkeypatch.setattr(linear, "AT_ONCE", 2 * 2 * 4)
    core, inputs, h_0 = case(cls)
    made, alive, squash = [], [], core.squash

    def watched(*rows):
        alive.append(sum(gate() is not None for gate in made))
        gates = squash(*rows)
        made.extend(map(weakref.ref, gates))
        return gates

    monkeypatch.setattr(core, "squash", watched)
    with torch.set_grad_enabled(recorded):
        core.run(inputs, (h_0,))
    assert alive[-1] == len(made) // 12 * (11 if recorded else 1)


@every_core
def test_a_second_derivative_is_refused(cls):
    core, inputs, h_0 = case(cls)
    with pytest.raises(RuntimeError, match=r"no second derivative .* Core.unroll"):
        torch.autograd.grad(core.run(inputs, (h_0,))[0].sum(), inputs, create_graph=True)


@every_core
@pytest.mark.parametrize("device", ["cpu", "meta"])
def test_the_closed_form_is_for_a_cpu(cls, device, monkeypatch):
    core, inputs, h_0 = case(cls)
    monkeypatch.setattr(minimal, "closed_form", lambda *given: pytest.fail("in closed form"))
    with pytest.raises(pytest.fail.Exception, match="in closed form") if device == "cpu" else nullcontext():
        core.to(device).run(inputs.to(device), (h_0.to(device),))
