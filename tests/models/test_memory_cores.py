"""sLSTM, mLSTM and the delta family against their equations as published, attention and TCN against what they see."""

import math

import pytest
import torch
from builders import load_core

from seqbench.models import chunks, slstm_loop
from seqbench.models.attention import turned
from seqbench.models.heads import by_head
from seqbench.plan import seeding


def drawn(*shape, name="inputs"):
    with seeding.torch_seeded(5, name):
        return torch.randn(*shape, dtype=torch.float64)


def shaken(arm, **knobs):
    """A core with three inputs, eight units and all of its parameters away from where they begin."""
    core = load_core(arm, hidden_size=8, **knobs).double()
    with torch.no_grad():
        for number, parameter in enumerate(core.parameters()):
            parameter += 0.3 * drawn(*parameter.shape, name=str(number))
    return core


@pytest.mark.parametrize(
    ("arm", "count"),
    [
        ("slstm", 4 * 8 * (3 + 1) + 4 * 8 * 8 // 4),
        ("mlstm", 4 * 8 * (3 + 1) + 2 * 4 * (3 + 1)),
        ("linear_attention", 3 * 8 * 3),
        ("retnet", 3 * 8 * 3),
        ("deltanet", 3 * 8 * 3 + 4 * 3),
        ("gated_deltanet", 3 * 8 * 3 + 4 * 3 + 4 * (3 + 1) + 4),
        ("attention", 3 * 8 * (3 + 1) + 8 * (8 + 1)),
        ("tcn", (8 * (3 * 3 + 1) + 8 * (3 * 8 + 1) + 8 * (3 + 1)) + 5 * 2 * 8 * (3 * 8 + 1)),
    ],
)
def test_the_number_of_parameters_by_hand(arm, count):
    """Three inputs, eight units, four heads, six levels."""
    assert sum(parameter.numel() for parameter in load_core(arm, hidden_size=8).parameters()) == count


# -- the equations as published ----------------------------------------------------------------------------


@pytest.mark.parametrize("scale", [1.0, 40.0])
def test_the_slstm_is_that_of_the_paper_with_cell_and_normaliser_without_a_stabiliser(scale):
    """Also where its gates are too large for single precision: float64 holds them as they are."""
    core, inputs = shaken("slstm"), scale * drawn(2, 9, 3)
    h = c = n = torch.zeros(2, 8, dtype=torch.float64)
    for t, (x_t, shown) in enumerate(zip(inputs.unbind(1), core(inputs).unbind(1), strict=True)):
        through = torch.block_diag(*core.W_hh) @ h.T
        i, f, z, o = (x_t @ core.W.T + core.b + through.T).view(2, 4, 4, 2).unbind(2)
        i, f, z, o = (gate.reshape(2, 8) for gate in (i.exp(), f.sigmoid(), z.tanh(), o.sigmoid()))
        c, n = f * c + i * z, f * n + i
        h = o * c / n
        torch.testing.assert_close(shown, h, rtol=1e-9, atol=1e-12, msg=str(t))


def test_the_loop_of_the_slstm_in_logarithms_equals_that_without(monkeypatch):
    core, inputs = shaken("slstm"), drawn(2, 9, 3)
    expected = core(inputs)
    monkeypatch.setattr(slstm_loop, "LARGE", 0.0)
    torch.testing.assert_close(core(inputs), expected, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("scale", [1.0, 60.0])
def test_the_mlstm_is_that_of_the_paper_without_a_stabiliser(scale):
    """Also where an input gate is so large that the stabiliser is needed."""
    core, inputs = shaken("mlstm"), scale * drawn(2, 9, 3)
    C, n = torch.zeros(2, 4, 2, 2, dtype=torch.float64), torch.zeros(2, 4, 2, dtype=torch.float64)
    for x_t, shown in zip(inputs.unbind(1), core(inputs).unbind(1), strict=True):
        q, k, v, o = core.W_qkvo(x_t).chunk(4, -1)
        q, k, v = by_head(q, 4), by_head(k, 4) / math.sqrt(2), by_head(v, 4)
        i, f = core.w_if(x_t).chunk(2, -1)
        i, f = i.exp()[..., None], f.sigmoid()[..., None]
        C, n = f[..., None] * C + i[..., None] * torch.einsum("bhv,bhk->bhvk", v, k), f * n + i * k
        read = torch.einsum("bhvk,bhk->bhv", C, q) / (n * q).sum(-1, keepdim=True).abs().clamp(min=1)
        torch.testing.assert_close(shown, o.sigmoid() * read.flatten(1), rtol=1e-8, atol=1e-11)
    assert (core.run(inputs, core.initial_state(inputs))[1][2].max() > 0) == (scale > 1)


@pytest.mark.parametrize("arm", ["linear_attention", "retnet", "deltanet", "gated_deltanet"])
@pytest.mark.parametrize("negative_eigenvalues", [False, True])
def test_the_delta_family_is_that_of_the_papers(arm, negative_eigenvalues):
    """S <- S alpha (I - beta k k') + beta v k', written with matrices: values in rows, keys in columns."""
    delta, gate = "delta" in arm, {"retnet": "fixed", "gated_deltanet": "learned"}.get(arm, "none")
    if negative_eigenvalues and not delta:
        pytest.skip("it erases nothing")
    core, inputs = shaken(arm, negative_eigenvalues=negative_eigenvalues), drawn(2, 40, 3)
    S = torch.zeros(2, 4, 2, 2, dtype=torch.float64)
    for x_t, shown in zip(inputs.unbind(1), core(inputs).unbind(1), strict=True):
        q, k, v = (by_head(u, 4) for u in torch.nn.functional.silu(x_t @ core.W_qkv.weight.T).chunk(3, -1))
        q, k = (u / (u.square().sum(-1, keepdim=True) + 1e-6).sqrt() for u in (q, k))
        beta = (1 + negative_eigenvalues) * (x_t @ core.w_beta.weight.T).sigmoid() if delta else torch.zeros(2, 4)
        alpha = torch.ones(2, 4).double() - (torch.tensor([1 / 32, 1 / 64, 1 / 128, 1 / 256]) if gate == "fixed" else 0)
        if gate == "learned":
            alpha = (-core.gate.a.exp() * (1 + core.gate.w(x_t).exp()).log()).exp()
        erased = torch.eye(2) - beta[..., None, None] * k[..., None] * k[..., None, :]
        written = (beta if delta else torch.ones(2, 4))[..., None, None] * v[..., None] * k[..., None, :]
        S = S @ (alpha[..., None, None] * erased) + written
        torch.testing.assert_close(shown, (S @ q[..., None]).flatten(1), rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("arm", ["mlstm", "gated_deltanet"])
def test_sequences_of_more_chunks_than_are_computed_together_equal_their_steps(arm):
    core, inputs = shaken(arm), drawn(2, 2 * chunks.AT_ONCE + 3, 3)
    hidden, state = core.unroll(inputs, core.initial_state(inputs))
    found, last = core.run(inputs, core.initial_state(inputs))
    torch.testing.assert_close(found, hidden, rtol=1e-10, atol=1e-10)
    torch.testing.assert_close(last, state, rtol=1e-10, atol=1e-10)


def test_the_delta_rule_replaces_what_stands_at_a_key_and_linear_attention_adds_to_it():
    """The same input twice, written with strength one: the key reads its value, or twice that."""
    inputs = drawn(1, 1, 3).expand(1, 2, 3)
    for arm, times in (("deltanet", 1), ("linear_attention", 2)):
        core = load_core(arm, hidden_size=8, heads=1).double()
        core.W_qkv.weight.data[:8] = core.W_qkv.weight.data[8:16]  # queries are keys
        core._beta = lambda x: torch.ones(*x.shape[:-1], 1, dtype=x.dtype)
        value = torch.nn.functional.silu(inputs[0, 0] @ core.W_qkv.weight[16:].T)
        torch.testing.assert_close(core(inputs)[0, 1], times * value, rtol=1e-4, atol=1e-5)


# -- initialisation ----------------------------------------------------------------------------------------


def test_forget_biases_are_spread_from_three_to_six():
    assert load_core("mlstm").w_if.bias[4:].tolist() == [3, 4, 5, 6]
    by_unit = load_core("slstm").b.view(4, 4, 16)[:, 1]
    assert torch.equal(by_unit, torch.linspace(3, 6, 16).expand(4, 16))
    power_law = load_core("slstm", forget_bias="power_law").b.view(4, 4, 16)[0, 1]
    assert (power_law[0].item(), power_law[-1].item()) == (5, -7)
    assert 0.1 < -1 / math.log(1 / (1 + math.exp(-power_law.median().item()))) < 0.25  # of a step


def test_chrono_biases_are_logarithms_of_steps_up_to_the_longest():
    mlstm, slstm = load_core("mlstm_chrono", hidden_size=512, heads=256), load_core("slstm_chrono", hidden_size=512)
    b_i, b_f = mlstm.w_if.bias.chunk(2)
    assert torch.equal(b_i, -b_f)
    gate = load_core("gated_deltanet_chrono", hidden_size=512, heads=256).gate
    for biases in (b_f, slstm.b.view(4, 4, 128)[:, 1], -gate.w.bias):
        steps = biases.exp()
        assert 1 <= steps.min() < 10
        assert 380 < steps.max() < 399.1
    log_alpha = gate(torch.zeros(1, 3))  # so that alpha is the gate sigma(log u) of an LSTM
    torch.testing.assert_close(log_alpha[0], torch.nn.functional.logsigmoid(-gate.w.bias))


@pytest.mark.parametrize(
    ("arm", "change", "reason"),
    [
        ("slstm", {"heads": 5}, "5 heads do not divide 64 hidden units"),
        ("mlstm", {"heads": 128}, "128 heads do not divide 64 hidden units"),
        ("mlstm", {"forget_bias": "chrono"}, "max_timescale belongs to forget_bias=chrono: set both or neither"),
        ("retnet", {"negative_eigenvalues": True}, "negative_eigenvalues belongs to delta"),
        ("deltanet", {"max_timescale": 9}, "max_timescale belongs to gate=learned, and gate is none"),
        ("attention", {"hidden_size": 12}, "rotary positions turn pairs of units, and 3 units a head are odd"),
    ],
)
def test_knobs_that_do_not_go_together_are_refused_in_a_line(arm, change, reason):
    with pytest.raises(ValueError, match=f"^{reason}[^\\n]*$"):
        load_core(arm, **{"heads": 4} | change)


# -- not recurrent -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kernel_size", "levels", "sees"), [(3, 2, 13), (2, 3, 15), (1, 4, 1)])
def test_a_tcn_sees_its_receptive_field_and_nothing_older(kernel_size, levels, sees):
    core = load_core("tcn", kernel_size=kernel_size, levels=levels).double()
    inputs = drawn(1, 20, 3).requires_grad_()
    (gradient,) = torch.autograd.grad(core(inputs)[:, -1].sum(), inputs)
    assert core.receptive_field == sees
    assert gradient.any(-1)[0].tolist() == [t >= 20 - sees for t in range(20)]


def test_attention_without_positions_knows_no_order_and_with_rotary_ones_it_does():
    inputs = drawn(1, 9, 3)
    other = torch.cat([inputs[:, [3, 0, 2, 1, 7, 6, 5, 4]], inputs[:, 8:]], 1)
    unordered, rotary = load_core("attention_unordered").double(), load_core("attention").double()
    torch.testing.assert_close(unordered(other)[:, -1], unordered(inputs)[:, -1], rtol=1e-12, atol=1e-13)
    assert not torch.allclose(rotary(other)[:, -1], rotary(inputs)[:, -1])


def test_rotary_positions_turn_neighbours_and_products_depend_on_the_distance_alone():
    q, k = drawn(1, 1, 1, 4, name="q").expand(1, 1, 9, 4), drawn(1, 1, 1, 4, name="k").expand(1, 1, 9, 4)
    products = (turned(q) @ turned(k).mT)[0, 0]
    for distance in range(-8, 9):
        along = products.diagonal(distance)
        torch.testing.assert_close(along, along[:1].expand_as(along))
    one = turned(torch.tensor([1.0, 0.0, 1.0, 0.0]).expand(1, 1, 2, 4))[0, 0, 1]
    assert one.tolist() == pytest.approx([math.cos(1), math.sin(1), math.cos(0.01), math.sin(0.01)])
