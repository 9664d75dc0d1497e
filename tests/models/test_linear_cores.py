"""The cores that are linear in their memory: their equations by hand, and with which time constants they start."""

import math

import numpy as np
import pytest
import torch
from builders import class_of, cores, load_core
from scipy import stats

from seqbench.models.candidates import positive
from seqbench.models.linear import LinearCore
from seqbench.models.lru import LRU
from seqbench.models.mamba import Mamba
from seqbench.models.mingru import MinGRU
from seqbench.models.minlstm import MinLSTM
from seqbench.plan import seeding

every_arm = pytest.mark.parametrize("arm", [arm for arm in cores() if issubclass(class_of("model", arm), LinearCore)])


def sigma(x):
    return 1 / (1 + math.exp(-x))


def step(core, x, *state, **parameters):
    """The states after a step from these, with these parameters, in double precision."""
    core.double()
    for name, parameter in core.named_parameters():
        parameter.data = torch.tensor(parameters[name.replace(".", "_")]).double().view_as(parameter)
    after = core.step(torch.tensor([[x]]).double(), tuple(torch.tensor([s]).double() for s in state))
    return [s[0].tolist() for s in after]


# -- the equations by hand ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("candidate", "n"), [("positive", 0.9 + 0.5), ("identity", 0.9), ("tanh", math.tanh(0.9))])
def test_a_step_of_the_mingru(candidate, n):
    core = MinGRU(1, hidden_size=1, candidate=candidate)
    ((h,),) = step(core, 2.0, [0.3], W_weight=[0.5, 0.4], W_bias=[-0.25, 0.1])
    z = sigma(0.5 * 2 - 0.25)
    assert h == pytest.approx((1 - z) * 0.3 + z * n)


def test_what_is_written_is_above_zero_and_continuous():
    assert positive(torch.tensor([-3.0, 0.0, 2.0])).tolist() == pytest.approx([sigma(-3), 0.5, 2.5])


def test_a_step_of_the_minlstm():
    ((h,),) = step(MinLSTM(1, hidden_size=1), 2.0, [0.3], W_weight=[0.5, -0.2, -0.4], W_bias=[-0.25, 0.3, 0.1])
    f, i, n = sigma(0.5 * 2 - 0.25), sigma(-0.2 * 2 + 0.3), sigma(-0.4 * 2 + 0.1)
    assert h == pytest.approx((f * 0.3 + i * n) / (f + i))


def test_the_gates_of_the_minlstm_share_out_what_is_kept_however_closed_both_are():
    core = MinLSTM(1, hidden_size=1)
    core.W.bias.data = torch.tensor([-200.0, -201.0, 0.0])
    gates = core.gates(torch.zeros(1, 1), (torch.zeros(1, 1),))
    assert gates["forget"].item() == pytest.approx(sigma(1))
    assert gates["input"].item() == pytest.approx(sigma(-1))


def test_a_step_of_the_lru():
    """One mode, two units: complex numbers by hand."""
    h, memory = step(
        LRU(1, hidden_size=2, state_size=1), 2.0, [0.0, 0.0], [0.3, -0.7],
        W_hh_log_nu=[-1.0], W_hh_log_theta=[0.5], log_gamma=[-0.2],
        B=[0.4, -0.6], C=[1.0, 2.0, -0.5, 0.25], D=[0.1, -0.2],
    )  # fmt: skip
    kept = np.exp(-np.exp(-1.0) + 1j * np.exp(0.5))
    m = kept * (0.3 - 0.7j) + math.exp(-0.2) * (0.4 - 0.6j) * 2
    assert memory == pytest.approx([m.real, m.imag])
    assert h == pytest.approx([((1 - 0.5j) * m).real + 0.2, ((2 + 0.25j) * m).real - 0.4])


def test_a_step_of_mamba():
    """One unit with a memory of two numbers, which forget by -1 and -2 a unit of time."""
    (h,), memory = step(
        Mamba(1, hidden_size=1, state_size=2), 2.0, [0.0], [0.3, -0.7],
        W_u_weight=[0.5], W_rBC_weight=[0.3, 0.4, -0.6, 0.8, 0.9], W_Delta_weight=[0.7], W_Delta_bias=[-0.1],
        log_W_hh=[0.0, math.log(2)], D=[1.5],
    )  # fmt: skip
    u = 1.0 * sigma(1.0)
    delta = math.log(1 + math.exp(0.7 * 0.3 * u - 0.1))
    m = [math.exp(-delta) * 0.3 + delta * 0.4 * u * u, math.exp(-2 * delta) * -0.7 - delta * 0.6 * u * u]
    assert memory == pytest.approx(m)
    assert h == pytest.approx(0.8 * u * m[0] + 0.9 * u * m[1] + 1.5 * u)


# -- sizes -------------------------------------------------------------------------------------------------

#: Parameters by inputs D and units H: with 10 inputs and 64 units those of docs/cores.md.
COUNTS = {
    MinGRU: (lambda D, H: 2 * (D * H + H), 1_408),
    MinLSTM: (lambda D, H: 3 * (D * H + H), 2_112),
    LRU: (lambda D, H: 3 * H + 2 * D * H + 2 * H * H + D * H, 10_304),
    Mamba: (lambda D, H: D * H + H * (-(-H // 16) + 32) + -(-H // 16) * H + H + 16 * H + H, 4_352),
}


@every_arm
def test_the_number_of_parameters_is_that_of_the_formula(arm):
    formula, published = COUNTS[class_of("model", arm)]
    for D, H in ((10, 64), (3, 17)):
        assert sum(p.numel() for p in load_core(arm, D, hidden_size=H).parameters()) == formula(D, H)
    assert formula(10, 64) == published


# -- initialisation ----------------------------------------------------------------------------------------


def time_constants(arm, **knobs):
    """10, 50 and 90 % of the units of an arm as it is first seen, by 10 random inputs a step, over several seeds."""
    found = []
    for seed in range(8):
        core = load_core(arm, 10, seed=seed, **knobs)
        with seeding.torch_seeded(0, "inputs"), torch.no_grad():
            inputs = torch.randn(50, 10)
            keep = core.gates(inputs, core.initial_state(inputs))[core.keep_gate].mean(0)
        slowest = keep.view(core.hidden_size, -1)[:, 0]
        found.append(-1 / slowest.log())
    return torch.cat(found).quantile(torch.tensor([0.1, 0.5, 0.9])).tolist()


@pytest.mark.parametrize(
    ("arm", "published"),
    [
        ("mingru", [1.2, 1.44, 1.7]),
        ("minlstm", [1.2, 1.44, 1.7]),
        ("lru", [11, 20, 96]),
        ("lru_s4d", [32, 199, 1260]),
        ("mamba", [16, 100, 630]),
    ],
)
def test_the_time_constants_of_docs_cores(arm, published):
    """Of Mamba, those of the slowest number of each unit. Drawn at random: within 15 %."""
    assert time_constants(arm) == pytest.approx(published, rel=0.15)


@pytest.mark.parametrize("arm", ["mingru_chrono", "minlstm_chrono"])
def test_chrono_starts_with_the_time_constants_that_an_lstm_has(arm):
    """1 / ln(1 + 1 / u) for u from U[1, T - 1], at inputs of zero."""
    core = load_core(arm, 3, hidden_size=2000, max_timescale=500)
    keep = core.gates(torch.zeros(1, 3), (torch.zeros(1, 2000),))[core.keep_gate][0].double()
    u = keep / (1 - keep)
    assert stats.kstest(u.detach().numpy(), stats.uniform(1, 498).cdf).pvalue > 0.01


def test_a_bias_asked_for_is_the_whole_bias_and_the_others_are_pytorchs():
    mingru, minlstm = (load_core("mingru", keep_bias=2.0), load_core("minlstm", forget_bias=2.0))
    assert (mingru.W.bias[:64] == -2).all()
    assert (minlstm.W.bias[:64] == 2).all()
    assert torch.equal(mingru.W.bias[64:], load_core("mingru").W.bias[64:])
    assert torch.equal(minlstm.W.bias[64:], load_core("minlstm").W.bias[64:])


@pytest.mark.parametrize("arm", ["mingru_chrono", "minlstm_chrono"])
def test_chrono_and_its_timescale_are_set_together_or_not_at_all(arm):
    with pytest.raises(ValueError, match=r"max_timescale belongs to \w+_bias=chrono: set both or neither"):
        load_core(arm, max_timescale=None)


def test_the_ring_is_filled_evenly_by_area_and_gamma_is_such_that_white_noise_keeps_its_size():
    core = load_core("lru", 3, hidden_size=1, state_size=20_000)
    kept = core.eigenvalues().detach()
    assert stats.kstest(kept.abs().double().numpy() ** 2, stats.uniform(0.81, 0.998001 - 0.81).cdf).pvalue > 1e-4
    assert stats.kstest(kept.angle().double().numpy(), stats.uniform(-math.pi, 2 * math.pi).cdf).pvalue > 1e-4
    torch.testing.assert_close(core.log_gamma.exp() ** 2, 1 - kept.abs() ** 2, rtol=1e-4, atol=1e-6)


def test_the_modes_of_s4d_turn_by_whole_multiples_of_twice_pi_while_they_forget():
    """A_n = -1 / 2 + i pi n: the phase of a step over its decay is 2 pi n; and n = 0 does not turn."""
    core = load_core("lru_s4d").double()
    decay, phase = core.W_hh["log_nu"].exp(), core.W_hh["log_theta"].exp()
    torch.testing.assert_close(phase[1:] / decay[1:], 2 * math.pi * torch.arange(1, 64).double(), rtol=1e-5, atol=0)
    assert phase[0].item() == pytest.approx(1e-6)
