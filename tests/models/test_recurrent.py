"""The closed forms of the simple network and the GRU, against PyTorch's layers."""

import pytest
import torch
from torch import nn

from seqbench.models import recurrent

RNN, RELU, GRU = (nn.RNN, {}), (nn.RNN, {"nonlinearity": "relu"}), (nn.GRU, {})
TOLERANCE = {torch.float32: 1e-6, torch.float64: 1e-10}

every_layer = pytest.mark.parametrize("kind", [RNN, RELU, GRU], ids=["tanh", "relu", "gru"])


def layer_of(kind, dtype=torch.float64, *, inputs=3, hidden=8):
    torch.manual_seed(0)
    cls, settings = kind
    return cls(inputs, hidden, batch_first=True, dtype=dtype, **settings)


def sequences(batch=4, time=20, *, inputs=3, hidden=8, dtype=torch.float64):
    """Inputs that are not contiguous, and a state to begin from; both want a gradient."""
    x = torch.randn(batch, inputs, time, dtype=dtype).transpose(1, 2)
    return x.requires_grad_(), torch.randn(batch, hidden, dtype=dtype, requires_grad=True)


def by_layer(layer, x, h_0):
    hidden, (h,) = layer(x, h_0[None])
    return hidden, h


def results(run, layer, x, h_0):
    """Outputs, the last state, and every gradient of a weighted sum of both."""
    hidden, h = run(layer, x, h_0)
    return hidden, h, *torch.autograd.grad([hidden, h], [x, h_0, *layer.parameters()], [weights(hidden), weights(h)])


def weights(outputs):
    return torch.randn(outputs.shape, generator=torch.Generator().manual_seed(0)).to(outputs)


@every_layer
@pytest.mark.parametrize("dtype", TOLERANCE, ids=str)
@pytest.mark.parametrize(("batch", "time"), [(1, 1), (4, 60)])
def test_outputs_last_state_and_all_gradients_are_those_of_the_layer(kind, dtype, batch, time):
    layer = layer_of(kind, dtype)
    x, h_0 = sequences(batch, time, dtype=dtype)
    for ours, theirs in zip(*(results(run, layer, x, h_0) for run in (recurrent.scan, by_layer)), strict=True):
        assert ours.shape == theirs.shape
        assert (ours - theirs).abs().max() <= TOLERANCE[dtype] * max(1, theirs.abs().max())


@every_layer
def test_gradients_are_those_of_finite_differences(kind):
    layer, (x, h_0) = layer_of(kind, inputs=2, hidden=3), sequences(2, 3, inputs=2, hidden=3)

    def run(*arguments):
        if isinstance(layer, nn.GRU):
            return recurrent.GRUScan.apply(*arguments)
        return recurrent.RNNScan.apply(*arguments, layer.nonlinearity == "tanh")

    by_time = x.detach().transpose(0, 1).contiguous().requires_grad_()
    assert torch.autograd.gradcheck(run, (by_time, h_0, *layer.parameters()))


def test_a_gradient_that_overflows_does_so_as_in_the_layer():
    layer, (x, h_0) = layer_of(RELU, torch.float32), sequences(time=100, dtype=torch.float32)
    layer.weight_hh_l0.data *= 20
    ours, theirs = (results(run, layer, x, h_0)[2:] for run in (recurrent.scan, by_layer))
    assert not theirs[0].isfinite().all()
    for one, other in zip(ours, theirs, strict=True):
        assert torch.equal(one.isfinite(), other.isfinite())
        assert torch.equal(one.isnan(), other.isnan())


@every_layer
def test_a_second_derivative_is_refused(kind):
    layer, (x, h_0) = layer_of(kind), sequences()
    with pytest.raises(RuntimeError, match=r"no second derivative .* Core.unroll"):
        torch.autograd.grad(recurrent.scan(layer, x, h_0)[0].sum(), x, create_graph=True)


@every_layer
def test_a_frozen_layer_passes_the_gradient_on_and_computes_none_of_its_own(kind, monkeypatch):
    layer, (x, h_0) = layer_of(kind), sequences()
    of_inputs, of_h_0, *_ = results(recurrent.scan, layer, x, h_0)[2:]
    layer.requires_grad_(False)
    monkeypatch.setattr(torch.Tensor, "sum", lambda *_: pytest.fail("a gradient of a bias"))
    hidden, h = recurrent.scan(layer, x, h_0)
    found = torch.autograd.grad([hidden, h], [x, h_0], [weights(hidden), weights(h)])
    assert torch.equal(found[0], of_inputs)
    assert torch.equal(found[1], of_h_0)


@pytest.mark.parametrize(
    ("kind", "recorded", "least"), [(RNN, True, 10), (RELU, True, 10), (GRU, True, 10), (RNN, False, 50)]
)
def test_the_closed_form_is_taken_from_so_many_steps_on(kind, recorded, least):
    layer = layer_of(kind)
    assert [recurrent.scan_is_faster(layer, time, recorded) for time in (least - 1, least)] == [False, True]


def test_a_gru_that_records_no_gradient_is_left_to_its_layer():
    assert not recurrent.scan_is_faster(layer_of(GRU), 10_000, recorded=False)


@every_layer
@pytest.mark.parametrize("device", ["cpu", "meta"])
def test_the_closed_form_is_for_gradients_on_a_cpu(kind, device, monkeypatch):
    layer, scan, scanned = layer_of(kind).to(device), recurrent.scan, []
    monkeypatch.setattr(recurrent, "scan", lambda *given: scanned.append(device) or scan(*given))
    x, h_0 = torch.zeros(4, 20, 3, device=device).double(), torch.zeros(4, 8, device=device).double()
    recurrent.run(layer, x, h_0)
    with torch.no_grad():
        recurrent.run(layer, x, h_0)
    recurrent.run(layer.requires_grad_(False), x, h_0)
    assert scanned == (["cpu"] if device == "cpu" else [])
