"""Theory beside the measurement: bounds that no model crosses, and direct paths and timescales worked out by hand."""

import math

import numpy as np
import pytest
import torch
from builders import load_core, load_task
from hypothesis import given, settings
from hypothesis import strategies as st

from seqbench.gradients.flow import Flow
from seqbench.models.base import Core, SequenceModel
from seqbench.models.gru import GRU
from seqbench.models.lstm import LSTM
from seqbench.models.rnn import RNN
from seqbench.plan import seeding
from seqbench.tasks.base import Batch

#: Rounding of float64 over a long product, in log10.
ROUNDING = 1e-8
TASK = load_task("adding")


def batch_of(inputs, probe=None):
    """Adding-like sequences asked at the step `probe`, the last by default."""
    size, time = inputs.shape[:2]
    mask = torch.zeros(size, time, dtype=torch.bool)
    mask[torch.arange(size), torch.full((size,), time - 1) if probe is None else torch.tensor(probe)] = True
    return Batch(inputs, torch.full((size, time), 3.0), mask, torch.full((size,), time))


def flow_of(core, inputs, probe=None):
    with seeding.torch_seeded(1, "readout"):
        return Flow(SequenceModel(core, 1), TASK, batch_of(inputs, probe))


def curves(flow):
    return {curve.state: curve.log10 for curve in flow.curves()}


def set_by_hand(core, **parameters):
    for name, values in parameters.items():
        parameter = getattr(core.layer, f"{name}_l0")
        parameter.data = torch.tensor(values).view_as(parameter)
    return core.double()


def bits_of_noise(seed, *shape):
    with seeding.torch_seeded(seed, "noise"):
        return torch.randn(*shape, dtype=torch.float64)


# -- bounds ------------------------------------------------------------------------------------------------

random_rnns = given(
    seed=st.integers(0, 2**20),
    hidden=st.integers(1, 9),
    time=st.integers(1, 60),
    gain=st.floats(0.05, 4),
    scale=st.floats(0, 5),
    nonlinearity=st.sampled_from(["tanh", "relu"]),
)
general = settings(derandomize=True, max_examples=30, deadline=None)


def random_rnn(seed, hidden, gain, nonlinearity):
    with seeding.torch_seeded(seed, "init"):
        core = RNN(2, hidden_size=hidden, nonlinearity=nonlinearity).double()
        core.layer.weight_hh_l0.data.normal_(0, gain / math.sqrt(hidden))
    return core


@random_rnns
@general
def test_the_measured_gradient_crosses_no_bound(seed, hidden, time, gain, scale, nonlinearity):
    core = random_rnn(seed, hidden, gain, nonlinearity)
    found = curves(flow_of(core, scale * bits_of_noise(seed, 3, time, 2)))
    measured = np.nan_to_num(
        found["h"], nan=-np.inf, neginf=-np.inf
    )  # no gradient at all: every unit of the ReLU is off
    assert not np.isnan(found["path"]).any()
    assert (measured <= found["path"] + ROUNDING).all()
    assert (found["path"] <= found["sigma_max"] + ROUNDING).all()


@random_rnns
@general
def test_the_norm_of_the_jacobian_crosses_no_bound(seed, hidden, time, gain, scale, nonlinearity):
    """dh_T/dh_t by automatic differentiation of the unrolled steps, from every t."""
    core, inputs = random_rnn(seed, hidden, gain, nonlinearity), scale * bits_of_noise(seed, 1, min(time, 12), 2)
    flow = flow_of(core, inputs)
    bound = curves(flow)["path"][0]

    def last_from(t, h):
        for x_t in inputs[:, t + 1 :].unbind(1):
            (h,) = core.step(x_t, (h[None],))
            h = h[0]
        return h

    for lag in range(inputs.shape[1]):
        t = inputs.shape[1] - 1 - lag
        jacobian = torch.autograd.functional.jacobian(lambda h, t=t: last_from(t, h), flow.states[t + 1][0][0])
        norm = torch.linalg.matrix_norm(jacobian, 2).item()
        assert norm <= 10 ** bound[lag] * (1 + ROUNDING) + 1e-300


def test_the_bounds_are_reached_by_a_network_of_one_unit():
    """There the Jacobian is a number: the product of w (1 - h_k^2) over the steps after t."""
    core = set_by_hand(RNN(1, hidden_size=1), weight_ih=[0.5], weight_hh=[1.5], bias_ih=[0.1], bias_hh=[0.0])
    h, slopes = 0.0, []
    for x in (0.3, -0.2, 0.9, 0.4):
        h = math.tanh(0.5 * x + 0.1 + 1.5 * h)
        slopes.append(1.5 * (1 - h**2))
    expected = np.log10([1, slopes[3], slopes[3] * slopes[2], slopes[3] * slopes[2] * slopes[1]])
    found = curves(flow_of(core, torch.tensor([[[0.3], [-0.2], [0.9], [0.4]]])))
    np.testing.assert_allclose(found["h"][0], expected, atol=1e-6)
    np.testing.assert_allclose(found["path"][0], expected, atol=1e-6)
    np.testing.assert_allclose(found["sigma_max"][0], np.arange(4) * math.log10(1.5), atol=1e-6)


def test_where_every_unit_is_on_the_gradient_of_a_rotation_keeps_its_length_and_so_do_the_bounds():
    core = RNN(1, hidden_size=3, nonlinearity="relu", recurrent_init="identity").double()
    core.layer.weight_ih_l0.data.fill_(1.0)
    core.layer.weight_hh_l0.data = torch.eye(3).double().roll(1, 0)
    found = curves(flow_of(core, torch.ones(2, 8, 1)))
    for curve in found.values():
        np.testing.assert_allclose(curve, np.zeros((2, 8)), atol=1e-12)


def test_a_step_at_which_every_unit_is_off_cuts_the_path_before_it_and_not_after_it():
    """The third of five inputs switches the only unit off: dh_T/dh_t is zero for t up to 1, and 1 from there on."""
    core = RNN(1, hidden_size=1, nonlinearity="relu", recurrent_init="identity").double()
    core.layer.weight_ih_l0.data.fill_(1.0)
    found = curves(flow_of(core, torch.tensor([[[1.0], [1.0], [-9.0], [1.0], [1.0]]])))
    expected = [[0, 0, 0, -np.inf, -np.inf]]
    np.testing.assert_array_equal(found["path"], expected)
    np.testing.assert_array_equal(found["h"], expected)
    np.testing.assert_array_equal(found["sigma_max"], np.zeros((1, 5)))


# -- the direct path ---------------------------------------------------------------------------------------


def sigma(x):
    return 1 / (1 + math.exp(-x))


def test_the_direct_path_of_an_lstm_of_one_unit_is_the_product_of_its_forget_gates_by_hand():
    """Without a recurrent matrix the gates depend on the input alone, and the direct path is the only one for c."""
    parameters = {"weight_hh": [0.0] * 4, "bias_ih": [0.0, 1.0, 0.0, 0.0], "bias_hh": [0.0] * 4}
    core = set_by_hand(LSTM(1, hidden_size=1), weight_ih=[0.3, 0.5, 0.7, 0.9], **parameters)
    inputs = [0.2, -1.0, 2.0, 0.5]
    f = [sigma(0.5 * x + 1) for x in inputs]
    expected = np.log10([1, f[3], f[3] * f[2], f[3] * f[2] * f[1]])
    found = curves(flow_of(core, torch.tensor(inputs).view(1, 4, 1)))
    np.testing.assert_allclose(found["direct_mean"][0], expected, atol=1e-6)
    np.testing.assert_allclose(found["direct_best"][0], expected, atol=1e-6)
    np.testing.assert_allclose(found["c"][0, 2:] - found["c"][0, 1], expected[2:] - expected[1], atol=1e-6)
    assert set(found) == {"h", "c", "direct_mean", "direct_best"}


def test_the_mean_and_the_best_unit_of_the_direct_path_by_hand():
    """Forget gates 0.9 and 0.5 throughout: (0.9^k + 0.5^k) / 2, and 0.9^k."""
    core = LSTM(1, hidden_size=2).double()
    for parameter in core.parameters():
        parameter.data.zero_()
    core.layer.bias_ih_l0.data[2:4] = torch.tensor([math.log(0.9 / 0.1), 0.0])
    found = curves(flow_of(core, torch.zeros(1, 6, 1)))
    k = np.arange(6)
    np.testing.assert_allclose(found["direct_mean"][0], np.log10((0.9**k + 0.5**k) / 2), atol=1e-12)
    np.testing.assert_allclose(found["direct_best"][0], k * math.log10(0.9), atol=1e-12)


def test_the_direct_path_of_a_gru_is_the_product_of_its_update_gates_by_hand():
    parameters = {"weight_hh": [0.0] * 3, "bias_ih": [0.0, -1.0, 0.0], "bias_hh": [0.0] * 3}
    core = set_by_hand(GRU(1, hidden_size=1), weight_ih=[0.3, 0.5, 0.7], **parameters)
    z = [sigma(0.5 * x - 1) for x in (0.2, -1.0, 2.0)]
    found = curves(flow_of(core, torch.tensor([0.2, -1.0, 2.0]).view(1, 3, 1)))
    expected = np.log10([1, z[2], z[2] * z[1]])
    np.testing.assert_allclose(found["direct_mean"][0], expected, atol=1e-6)
    np.testing.assert_allclose(found["h"][0], expected, atol=1e-6)


def test_a_direct_path_of_2000_steps_does_not_underflow():
    core = LSTM(1, hidden_size=2, forget_bias=-3.0)
    for parameter in (core.layer.weight_ih_l0, core.layer.weight_hh_l0):
        parameter.data.zero_()
    found = curves(flow_of(core, torch.zeros(1, 2001, 1)))
    assert found["direct_best"][0, 2000] == pytest.approx(2000 * math.log10(sigma(-3)), rel=1e-6)
    assert found["direct_mean"][0, 2000] == pytest.approx(found["direct_best"][0, 2000], rel=1e-6)


def test_theory_starts_at_the_probed_step_of_each_sequence():
    core, inputs = load_core("rnn", input_size=2, hidden_size=5), bits_of_noise(0, 2, 9, 2).float()
    together = curves(flow_of(core, inputs, probe=[8, 4]))
    for row, probe in enumerate((8, 4)):
        alone = curves(flow_of(core, inputs[row : row + 1], probe=[probe]))
        for name in ("path", "sigma_max"):
            np.testing.assert_allclose(together[name][row, : probe + 1], alone[name][0], atol=1e-12)
            assert np.isnan(together[name][row, probe + 1 :]).all()


@pytest.mark.parametrize("arm", ["memoryless", "bag", "window"])
def test_a_core_that_states_no_bounds_and_no_gates_has_no_theory(arm):
    assert flow_of(load_core(arm, input_size=2), torch.ones(1, 5, 2)).theory() == []


def test_pytorchs_initialisation_loses_a_factor_of_the_root_of_three_at_each_step():
    """docs/theory.md: entries of variance 1 / (3 H) shorten a vector so in the root mean square, at states of 0."""
    lags, losses = 20, []
    for seed in range(3):
        with seeding.torch_seeded(seed, "core"):
            core = RNN(1, hidden_size=256)
        core.layer.bias_ih_l0.data.zero_()
        core.layer.bias_hh_l0.data.zero_()
        losses.append(curves(flow_of(core, torch.zeros(1, lags + 1, 1)))["h"][0, lags] / lags)
    assert np.mean(losses) == pytest.approx(-math.log10(3) / 2, abs=0.01)


# -- timescales --------------------------------------------------------------------------------------------


def test_timescales_by_hand():
    """Forget gates of 1/2 and e^(-1/10) throughout: 1 / ln 2 and 10 steps, the shorter first."""
    core = LSTM(1, hidden_size=2)
    for parameter in core.parameters():
        parameter.data.zero_()
    slow = math.exp(-1 / 10)
    core.layer.bias_ih_l0.data[2:4] = torch.tensor([math.log(slow / (1 - slow)), 0.0])
    assert flow_of(core, torch.zeros(3, 4, 1)).timescales()[None].tolist() == pytest.approx(
        [1 / math.log(2), 10], rel=1e-5
    )


def test_a_unit_that_forgets_nothing_has_an_infinite_timescale():
    core = LSTM(1, hidden_size=1)
    for parameter in core.parameters():
        parameter.data.zero_()
    core.layer.bias_ih_l0.data[1] = 1000.0
    assert flow_of(core, torch.zeros(1, 4, 1)).timescales()[None].tolist() == [math.inf]


def test_the_timescale_is_that_of_the_gates_mean_over_steps_and_sequences():
    parameters = {"weight_hh": [0.0] * 3, "bias_ih": [0.0] * 3, "bias_hh": [0.0] * 3}
    core = set_by_hand(GRU(1, hidden_size=1), weight_ih=[0.0, 1.0, 0.0], **parameters)
    mean = (sigma(0) + sigma(1) + sigma(2) + sigma(3)) / 4
    found = flow_of(core, torch.tensor([[0.0, 1.0], [2.0, 3.0]])[..., None]).timescales()[None]
    assert found.tolist() == pytest.approx([-1 / math.log(mean)], rel=1e-6)


def test_padding_does_not_count_in_the_timescales():
    """A sequence of four steps and one of one step, padded: five gates, not eight."""
    parameters = {"weight_hh": [0.0] * 3, "bias_ih": [0.0] * 3, "bias_hh": [0.0] * 3}
    core = set_by_hand(GRU(1, hidden_size=1), weight_ih=[0.0, 1.0, 0.0], **parameters)
    flow = flow_of(core, torch.tensor([[-2.0, -1.0, 1.0, 2.0], [3.0, 0.0, 0.0, 0.0]])[..., None])
    flow.batch = flow.batch._replace(lengths=torch.tensor([4, 1]))
    mean = (sigma(-2) + sigma(-1) + sigma(1) + sigma(2) + sigma(3)) / 5
    assert flow.timescales()[None].tolist() == pytest.approx([-1 / math.log(mean)], rel=1e-6)


def test_chrono_initialisation_starts_with_timescales_up_to_the_one_asked_for():
    core = load_core("lstm_chrono", input_size=2, hidden_size=200, max_timescale=1000)
    found = flow_of(core, torch.zeros(1, 5, 2)).timescales()[None]
    assert 800 < found[-1] < 1200
    assert 400 < found.median() < 600


# -- where the direct path is exact ------------------------------------------------------------------------


class Mixed(Core):
    """h_t = c_t ** 2, c_t = A_t c_{t-1} + x_t, A_t a rotation by the input and a shrinking: no product of gates."""

    state_names = ("h", "c")
    exact_direct = True
    hidden_size = 2

    def _shrunk(self, x_t, vectors, sign):
        cos, sin = torch.cos(x_t[:, :1]), sign * torch.sin(x_t[:, :1])
        one, other = vectors.chunk(2, -1)
        return 0.3 * torch.cat([cos * one - sin * other, sin * one + cos * other], -1)

    def step(self, x_t, state):
        c = self._shrunk(x_t, state[1], 1) + x_t
        return c**2, c

    def direct(self, x_t, state, vectors):
        return self._shrunk(x_t, vectors, -1)


def test_what_a_core_says_of_its_direct_path_is_carried_back_from_where_the_memory_is_first_reached():
    found = curves(flow_of(Mixed(), bits_of_noise(0, 3, 2001, 2), probe=[2000, 7, 0]))
    assert found["exact"].shape == (3, 2001)
    assert (found["exact"][:, 0] == -np.inf).all()  # the loss reaches the memory by the next step alone
    np.testing.assert_allclose(found["exact"][:2, 1:], found["c"][:2, 1:], atol=1e-10)
    assert found["exact"][0, 2000] == pytest.approx(found["exact"][0, 1] + 1999 * math.log10(0.3))


def test_a_direct_path_that_is_not_the_jacobian_gives_another_curve_and_one_that_is_not_declared_gives_none():
    class Wrong(Mixed):
        def direct(self, x_t, state, vectors):
            return 0.9 * super().direct(x_t, state, vectors)

    found = curves(flow_of(Wrong(), bits_of_noise(0, 1, 12, 2)))
    np.testing.assert_allclose(found["exact"][0, 1:] - found["c"][0, 1:], np.arange(11) * math.log10(0.9), atol=1e-10)
    assert "exact" not in curves(flow_of(load_core("gru", input_size=2), torch.ones(1, 5, 2)))


def test_a_gate_narrower_than_the_memory_is_for_as_many_neighbours_each():
    class Paired(Core):
        keep_gate = "keep"
        hidden_size = 4

        def gates(self, x_t, state):
            return {"keep": torch.tensor([[0.5, 0.25]]).expand(len(x_t), 2)}

        def step(self, x_t, state):
            return state

    core = Paired()
    assert core.direct(torch.zeros(1, 2), (torch.zeros(1, 4),), torch.ones(1, 4)).tolist() == [[0.5, 0.5, 0.25, 0.25]]
