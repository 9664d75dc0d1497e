"""The Jacobian of h_T is exact, against three ways to find it, and never above what theory allows."""

import math

import pytest
import torch
from builders import load_core
from torch import nn

from seqbench.gradients.flow import unroll
from seqbench.gradients.jacobian import log_norm_by_directions, log_singular_values
from seqbench.models.base import Core
from seqbench.models.lru import LRU
from seqbench.plan import seeding

ARMS = [
    "rnn",
    "rnn_orthogonal",
    "irnn",
    "gru",
    "lstm",
    "lstm_default",
    "lstm_chrono",
    "unshared",
    "bag",
    "lru",
    "mamba",
]


class Linear(Core):
    """h_t = W h_{t-1}, whatever comes in."""

    def __init__(self, W):
        super().__init__()
        self.hidden_size, self.W = len(W), nn.Parameter(W)

    def step(self, x_t, state):
        return (state[0] @ self.W.T,)


class Breaking(Linear):
    """As linear, but an input above 10 takes the gradient's finiteness away."""

    def step(self, x_t, state):
        (h,) = super().step(x_t, state)
        return (h * torch.where(x_t[:, :1] > 10, math.inf, 1.0),)


def drawn(*shape, seed=0):
    with seeding.torch_seeded(seed, "jacobian"):
        return torch.randn(*shape, dtype=torch.float64)


def small(arm, time=9):
    knobs = {"length": time} if arm == "unshared" else {}
    return load_core(arm, hidden_size=5, **knobs).double(), drawn(2, time, 3)


def jacobian_of_unrolled(core, inputs, states, t):
    """dh_T/ds_t of one sample by PyTorch, s what is told as the hidden state, the other states after step t held."""
    held = dict(zip(core.state_names, (s.detach() for s in states[t]), strict=True))

    def last(*told):
        followed = {name: s[None] for name, s in zip(core.hidden_states, told, strict=True)}
        state = tuple((held | followed).values())
        for x_t in inputs[:, t:].unbind(1):
            state = core.step(x_t, state)
        return state[0][0]

    told = tuple(held[name][0] for name in core.hidden_states)
    return torch.cat(torch.autograd.functional.jacobian(last, told), -1)


# -- exactness ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("arm", ARMS)
def test_the_spectrum_is_that_of_the_jacobian_of_the_unrolled_steps(arm):
    core, inputs = small(arm)
    found = log_singular_values(core, inputs)
    assert found.log10.shape == (2, 10, 5)
    assert found.not_finite == ()
    for sample in range(2):
        x = inputs[sample : sample + 1]
        states = unroll(core, x)
        for lag in range(10):
            expected = torch.linalg.svdvals(jacobian_of_unrolled(core, x, states, 9 - lag)).detach()
            values = 10 ** found.log10[sample, lag]
            torch.testing.assert_close(values.nan_to_num(), expected, rtol=1e-9, atol=1e-13 * float(expected[0]))


def test_at_lag_zero_it_is_the_identity():
    core, inputs = small("lstm")
    assert not log_singular_values(core, inputs).log10[:, 0].any()


@pytest.mark.parametrize("scale", [0.05, 0.3, 2.0])
def test_for_a_linear_recurrence_they_are_the_singular_values_of_the_power(scale):
    W = scale * drawn(6, 6)
    found = log_singular_values(Linear(W), drawn(1, 12, 2)).log10[0]
    for lag in range(13):
        expected = torch.linalg.svdvals(torch.linalg.matrix_power(W, lag))
        kept = found[lag].isfinite()
        assert kept[0]
        torch.testing.assert_close(10 ** found[lag][kept], expected[kept], rtol=1e-9, atol=1e-14 * float(expected[0]))


def test_for_a_linear_recurrent_unit_they_are_the_powers_of_the_absolute_values_of_its_modes():
    """No later step reads h. Each unit reads one number of the memory, so that only diag(lambda)^k is left."""
    core = LRU(1, hidden_size=4, state_size=2).double()
    kept = torch.tensor([0.9, 0.5]).double()
    core.W_hh["log_nu"].data = (-kept.log()).log()
    core.C.data = torch.eye(4).double().view(2, 2, 4).mT.contiguous()  # Re(C) for two units, Im(C) for the others
    lags = torch.arange(13).double()[:, None]
    expected = lags * kept.log10().repeat_interleave(2)
    torch.testing.assert_close(log_singular_values(core, drawn(1, 12, 1)).log10[0], expected, rtol=1e-9, atol=1e-9)


def test_states_that_are_given_are_those_it_is_taken_at():
    core, inputs = small("gru")
    states = unroll(core, inputs)
    assert torch.equal(log_singular_values(core, inputs, states).log10, log_singular_values(core, inputs).log10)
    elsewhere = [tuple(s + 1 for s in state) for state in states]
    assert not torch.equal(log_singular_values(core, inputs, elsewhere).log10, log_singular_values(core, inputs).log10)


# -- what theory allows ------------------------------------------------------------------------------------


@pytest.mark.parametrize("arm", ["rnn", "rnn_orthogonal", "irnn"])
@pytest.mark.parametrize("gain", [0.5, 1.0, 3.0])
@pytest.mark.parametrize("time", [3, 40])
def test_no_singular_value_lies_above_the_bounds_of_the_steps(arm, gain, time):
    core, inputs = load_core(arm, hidden_size=7).double(), drawn(3, time, 3)
    core.layer.weight_hh_l0.data *= gain
    states = unroll(core, inputs)
    largest = log_singular_values(core, inputs, states).log10[..., 0].nan_to_num(neginf=-1e9)
    assert (largest[:, 1] > -10).any()
    for name in core.step_bounds(states[1]):
        steps = torch.stack([core.step_bounds(state)[name] for state in reversed(states[1:])], 1).detach()
        bound = torch.cat([torch.zeros(3, 1), steps.log10().cumsum(1)], 1)
        assert (largest <= bound + 1e-9).all(), name


# -- long lags ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("factor", [0.5, 3.0])
def test_2000_steps_neither_underflow_nor_overflow(factor):
    """0.5^2000 = 10^-602 and 3^2000 = 10^954 are far outside what a double can hold."""
    core = Linear(factor * torch.linalg.qr(drawn(4, 4))[0])
    inputs, expected = torch.zeros(1, 2000, 1).double(), torch.arange(2001).double() * math.log10(factor)
    states = [(torch.zeros(1, 4).double(),)] * 2001
    spectrum = log_singular_values(core, inputs, states)
    torch.testing.assert_close(spectrum.log10[0], expected[:, None].expand(-1, 4), rtol=1e-9, atol=1e-9)
    found = log_norm_by_directions(core, inputs, states, directions=3)
    torch.testing.assert_close(found.rms[0], expected, rtol=1e-9, atol=1e-9)
    assert (spectrum.not_finite, found.not_finite) == ((), ())


@pytest.mark.parametrize("arm", ["rnn", "lstm_default"])
def test_a_network_is_followed_over_2000_steps(arm):
    core, inputs = load_core(arm, hidden_size=4).double(), drawn(1, 2000, 3)
    largest = log_singular_values(core, inputs).log10[0, :, 0]
    assert largest.isfinite().all()
    assert largest[2000] < -320  # what a double cannot hold


def test_what_float64_cannot_resolve_beside_the_largest_is_not_a_number():
    core = Linear(torch.tensor([1.0, 0.1]).diag().double())
    found = log_singular_values(core, torch.zeros(1, 30, 1).double())
    assert found.not_finite == ()
    assert found.log10[0, :, 0].abs().max() < 1e-12
    torch.testing.assert_close(found.log10[0, :15, 1], -torch.arange(15).double())
    assert found.log10[0, 17:, 1].isnan().all()


def test_a_jacobian_that_is_zero_has_no_logarithm_and_is_no_fault():
    core = Linear(torch.zeros(3, 3).double())
    inputs = torch.zeros(1, 4, 1).double()
    spectrum, found = log_singular_values(core, inputs), log_norm_by_directions(core, inputs)
    assert (spectrum.log10[0, 1:] == -torch.inf).all()
    assert (found.rms[0, 1:] == -torch.inf).all()
    assert (spectrum.not_finite, found.not_finite) == ((), ())


# -- not finite --------------------------------------------------------------------------------------------


def test_a_step_that_is_not_finite_is_named_by_lag_and_sample_and_the_others_go_on():
    inputs = torch.zeros(3, 8, 1).double()
    inputs[1, 5] = 11  # step 6 of 8: the Jacobian back to the state before it, at lag 3
    core = Breaking(drawn(4, 4))
    states = [(torch.ones(3, 4).double(),)] * 9
    sound = log_singular_values(Linear(core.W.data), inputs, states).log10
    spectrum, found = log_singular_values(core, inputs, states), log_norm_by_directions(core, inputs, states)
    assert spectrum.not_finite == found.not_finite == ((3, 1),)
    for log10 in (spectrum.log10[..., 0], found.rms):
        assert log10[1, :3].isfinite().all()
        assert log10[1, 3:].isnan().all()
        assert log10[[0, 2]].isfinite().all()
    assert torch.equal(spectrum.log10[[0, 2]], sound[[0, 2]])


# -- random directions -------------------------------------------------------------------------------------


@pytest.mark.parametrize("arm", ["rnn", "gru", "lstm"])
def test_random_directions_agree_with_the_spectrum_within_their_sampling_error(arm):
    """For u even on the sphere of n dimensions, Var(u M u) = 2 / (n (n + 2)) (tr M^2 - (tr M)^2 / n)."""
    core, inputs = load_core(arm, hidden_size=8).double(), drawn(2, 12, 3)
    squares = (10 ** (2 * log_singular_values(core, inputs).log10)).nan_to_num()
    n, k = 8, 2000
    variance = 2 / (n * (n + 2)) * ((squares**2).sum(-1) - squares.sum(-1) ** 2 / n)
    allowed = 4 * (variance.clamp(min=0) / k).sqrt() + 1e-12
    found = 10 ** (2 * log_norm_by_directions(core, inputs, directions=k).rms)
    assert ((found - squares.mean(-1)).abs() <= allowed).all()
    assert (found[:, 0] - 1).abs().max() < 1e-12


def test_the_spread_of_directions_is_that_of_their_logarithms():
    core, inputs = Linear(torch.tensor([1.0, 1e-3]).diag().double()), torch.zeros(1, 1, 1).double()
    found = log_norm_by_directions(core, inputs, directions=500, seed=1)
    rows = torch.randn(500, 2, dtype=torch.double, generator=torch.Generator().manual_seed(1))
    norms = (rows / rows.norm(dim=-1, keepdim=True) * torch.tensor([1.0, 1e-3])).norm(dim=-1).log10()
    assert found.spread[0, 1] == pytest.approx(norms.std(correction=0).item())
    assert found.spread[0, 0] == pytest.approx(0, abs=1e-12)


def test_directions_follow_from_the_seed_alone():
    core, inputs = small("lstm")
    expected = log_norm_by_directions(core, inputs, seed=3)
    torch.manual_seed(1)
    assert torch.equal(log_norm_by_directions(core, inputs, seed=3).rms, expected.rms)
    assert not torch.equal(log_norm_by_directions(core, inputs, seed=4).rms, expected.rms)
