"""The gradient by lag is exact, against four independent ways to find it, and its norms are what they say."""

import copy
import math

import numpy as np
import pytest
import torch
from builders import bits, class_of, component, cores, curves_by_state, kinds, load_core, load_task, stepped, steps_of
from torch import nn

from seqbench.gradients.curve import LagCurve
from seqbench.gradients.flow import Flow, gradient_by_lag
from seqbench.gradients.norms import BLOCKS, gradient_norm, parameter_blocks
from seqbench.models import families
from seqbench.models.base import Core, SequenceModel
from seqbench.plan import seeding
from seqbench.tasks.base import Batch

every_arm = pytest.mark.parametrize("arm", kinds(cores()))
every_stepped = pytest.mark.parametrize("arm", kinds(stepped()))
#: Arms without weights from state to state.
NO_RECURRENCE = {"memoryless", "bag", "window", "mingru", "mingru_chrono", "minlstm", "minlstm_chrono"} | {
    arm
    for arm in cores()
    if class_of("model", arm).family in (families.MATRIX, families.ATTENTION, families.CONVOLUTION)
}


class Linear(Core):
    """h_t = W h_{t-1} + U x_t."""

    def __init__(self, W, input_size=2):
        super().__init__()
        self.hidden_size = len(W)
        self.W_hh = nn.Parameter(W)
        self.U = nn.Parameter(torch.ones(len(W), input_size, dtype=W.dtype))

    def step(self, x_t, state):
        return (state[0] @ self.W_hh.T + x_t @ self.U.T,)


def drawn(*shape):
    with seeding.torch_seeded(0, "matrix"):
        return torch.randn(*shape, dtype=torch.float64)


def make_model(core, task):
    with seeding.torch_seeded(1, "readout"):
        return SequenceModel(core, task.output_size).double()


def arm_on(arm, task_name, **knobs):
    """A small model of an arm, one batch of a task, and the task."""
    task = load_task(task_name, **knobs)
    steps = steps_of(component("task", task_name, **knobs))
    core = load_core(arm, input_size=task.input_size, hidden_size=8, steps=steps)
    return make_model(core, task), task, task.batch(3, "probe", 0, 4)


def linear_on_adding(W, gap=20, size=4):
    task = load_task("adding", gap=gap)
    return make_model(Linear(W), task), task, task.batch(3, "probe", 0, size)


def doubled(batch):
    targets = batch.targets.double() if batch.targets.is_floating_point() else batch.targets
    return batch._replace(inputs=batch.inputs.double(), targets=targets)


def loss_at_probe(model, task, batch, nudge, where):
    """Loss of each sequence at its first scored step alone, with `nudge[name][t]` added to the states after step t."""
    state, losses = model.core.initial_state(batch.inputs[:, 0]), []
    for t, x_t in enumerate(batch.inputs.unbind(1)):
        state = model.core.step(x_t, state)
        state = tuple(s + nudge[name][t] for name, s in zip(model.core.state_names, state, strict=True))
        losses.append(task.loss(model.readout(state[0]), batch.targets[:, t]))
    return torch.stack(losses)[where, torch.arange(len(where))]


def no_nudge(model, batch):
    time, state = batch.mask.shape[1], model.core.initial_state(batch.inputs[:, 0].double())
    return {name: torch.stack([s] * time) for name, s in zip(model.core.state_names, state, strict=True)}


def whole_way_back(core, gradients):
    """The gradient of "h" is that of all that is told with it."""
    return gradients | {"h": torch.cat([gradients[name] for name in core.hidden_states], -1)}


def by_lag(gradients, where):
    """log10 of the norms of `{state: [time, batch, hidden]}` by lag before `where`, relative to that of h at lag 0."""
    rows = torch.arange(len(where))
    time = where[:, None] - torch.arange(int(where.max()) + 1)
    norms = {name: g.norm(dim=-1).T.gather(1, time.clamp(min=0)) for name, g in gradients.items()}
    whole = norms["h"][rows, 0][:, None]
    return {name: (n / whole).log10().masked_fill(time < 0, torch.nan) for name, n in norms.items()}


def measured(model, task, batch):
    return curves_by_state(gradient_by_lag(model, task, batch))


def assert_same(found, expected, tolerance):
    assert found.keys() == expected.keys()
    for name in found:
        torch.testing.assert_close(found[name], expected[name], rtol=0, atol=tolerance, equal_nan=True)


# -- exactness ---------------------------------------------------------------------------------------------


@every_stepped
@pytest.mark.parametrize(("task_name", "knobs"), [("adding", {"gap": 4}), ("copy", {"gap": 4, "load": 2})])
def test_it_is_the_gradient_of_zeros_added_to_every_state(arm, task_name, knobs):
    model, task, batch = arm_on(arm, task_name, **knobs)
    nudge = {name: zeros.requires_grad_() for name, zeros in no_nudge(model, batch).items()}
    where = batch.mask.int().argmax(1)
    loss = loss_at_probe(model, task, doubled(batch), nudge, where).sum()
    gradients = dict(zip(nudge, torch.autograd.grad(loss, list(nudge.values()), materialize_grads=True), strict=True))
    for name in model.core.state_names[1:]:  # what reaches the loss through h_T is dL/dh_T
        assert not gradients[name][where, torch.arange(4)].any()
    assert_same(measured(model, task, batch), by_lag(whole_way_back(model.core, gradients), where), 1e-9)


@every_stepped
@pytest.mark.parametrize(("task_name", "knobs"), [("adding", {"gap": 1}), ("copy", {"gap": 4, "load": 2})])
def test_it_is_what_finite_differences_of_the_loss_say(arm, task_name, knobs):
    """All of them at once: a copy of the batch for each step and unit."""
    model, task, batch = arm_on(arm, task_name, **knobs)
    where, gradients = batch.mask.int().argmax(1), no_nudge(model, batch)
    for name, zeros in gradients.items():
        time, rows, units = zeros.shape
        many = Batch(*(x.repeat(time * units, *[1] * (x.ndim - 1)) for x in doubled(batch)))
        t, unit, sides = torch.arange(time)[:, None], torch.arange(units), []
        for nudged in (1e-5, -1e-5):
            nudge = no_nudge(model, many)
            nudge[name].view(time, time, units, rows, units)[t, t, unit, :, unit] = nudged
            with torch.no_grad():
                sides.append(loss_at_probe(model, task, many, nudge, where.repeat(time * units)))
        gradients[name] = ((sides[0] - sides[1]) / 2e-5).view(time, units, rows).mT
    assert_same(measured(model, task, batch), by_lag(whole_way_back(model.core, gradients), where), 1e-4)


def test_for_a_linear_recurrence_it_is_the_power_of_its_matrix():
    W = drawn(6, 6) / 3
    model, task, batch = linear_on_adding(W)
    g = model.readout.weight[0].detach()  # dL/dh_T is a multiple of it
    expected = [(torch.linalg.matrix_power(W.T, k) @ g).norm().log10() - g.norm().log10() for k in range(30)]
    assert_same(measured(model, task, batch), {"h": torch.stack(expected).expand(4, -1)}, 1e-9)


@pytest.mark.parametrize("factor", [0.5, 3.0])
def test_no_lag_underflows_or_overflows(factor):
    """0.5^2000 = 10^-602 and 3^2000 = 10^954 are far outside what a double can hold."""
    rotation = torch.linalg.qr(drawn(4, 4))[0]
    model, task, batch = linear_on_adding(factor * rotation, gap=2000, size=2)
    still = batch._replace(inputs=torch.zeros_like(batch.inputs))
    expected = torch.arange(2010).double() * math.log10(factor)
    found = measured(model, task, still)["h"]
    torch.testing.assert_close(found, expected.expand(2, -1), rtol=1e-9, atol=1e-9)


def test_at_lag_2000_it_is_the_closed_form_of_a_symmetric_matrix():
    """|W^k g|^2 = sum of lambda_i^2k (v_i g)^2: the slow direction wins, whatever the rescaling along the way."""
    eigenvalues, V = torch.tensor([0.9, 0.6, 0.2]).double(), torch.linalg.qr(drawn(3, 3))[0]
    model, task, batch = linear_on_adding(V @ eigenvalues.diag() @ V.T, gap=2000, size=1)
    g = model.readout.weight[0].detach()
    lags = torch.arange(2010).double()[:, None]
    terms = 2 * lags * eigenvalues.log() + 2 * (V.T @ g).abs().log()
    expected = torch.logsumexp(terms, 1) / (2 * math.log(10)) - g.norm().log10()
    found = measured(model, task, batch)["h"][0]
    assert expected[2000] < -90
    torch.testing.assert_close(found, expected, rtol=1e-9, atol=1e-9)


def test_where_no_later_step_reads_the_output_the_hidden_state_stands_for_the_memory():
    """Else an LRU would seem to have no gradient at all beyond lag 0."""
    model, task, batch = arm_on("lru", "adding", gap=4)
    found = measured(model, task, batch)
    torch.testing.assert_close(found["h"][:, 1:], found["memory"][:, 1:], rtol=0, atol=1e-12)
    assert found["h"].isfinite().all()


# -- what it depends on ------------------------------------------------------------------------------------


def patchwork(size=3, time=9):
    """Adding-like sequences first scored at steps 8, 4 and 0, the second of them scored again later."""
    inputs = drawn(size, time, 2).float()
    mask = torch.zeros(size, time, dtype=torch.bool)
    mask[0, 8] = mask[1, 4] = mask[1, 7] = mask[2, 0] = True
    return Batch(inputs, torch.ones(size, time), mask, torch.full((size,), time))


@every_arm
def test_each_sequence_is_probed_at_its_own_first_scored_step(arm):
    task, batch = load_task("adding"), patchwork()
    model = make_model(load_core(arm, input_size=2, hidden_size=8, steps=9), task)
    together = measured(model, task, batch)
    for row, probe in enumerate([8, 4, 0]):
        alone = measured(model, task, Batch(*(part[row : row + 1] for part in batch)))
        for name in together:
            torch.testing.assert_close(together[name][row, : probe + 1], alone[name][0], rtol=0, atol=1e-12)
            assert together[name][row, probe + 1 :].isnan().all()


@every_arm
def test_the_loss_at_other_positions_and_what_comes_later_change_nothing(arm):
    model, task, batch = arm_on(arm, "copy", gap=4, load=3)
    first = 4 + 3 - 1
    targets, inputs = batch.targets.clone(), batch.inputs.clone()
    targets[:, first + 1 :] = (targets[:, first + 1 :] + 3) % 8
    inputs[:, first + 1 :] += 1
    mask = batch.mask.clone()
    mask[:, first + 1 :] = False
    expected = measured(model, task, batch)
    for other in (batch._replace(targets=targets), batch._replace(inputs=inputs), batch._replace(mask=mask)):
        found = measured(model, task, other)
        assert all(torch.equal(found[name].nan_to_num(), expected[name].nan_to_num()) for name in expected)


def test_the_target_at_the_probed_position_counts():
    model, task, batch = arm_on("lstm", "copy", gap=4)
    other = batch._replace(targets=(batch.targets + 3) % 8)
    assert not torch.equal(measured(model, task, other)["h"], measured(model, task, batch)["h"])


@every_stepped
def test_lag_zero_is_zero_for_h_and_nothing_for_other_states(arm):
    model, task, batch = arm_on(arm, "adding", gap=4)
    found = measured(model, task, batch)
    assert list(found) == list(model.core.state_names)
    assert (found["h"][:, 0].abs() < 1e-15).all()
    for name in model.core.state_names[1:]:
        assert (found[name][:, 0] == -torch.inf).all()
    if "c" in found:
        assert found["c"][:, 1:].isfinite().all()


def test_it_is_measured_in_float64_on_a_copy_and_leaves_the_model_as_it_was():
    task = load_task("adding", gap=100)
    model = SequenceModel(load_core("rnn", input_size=2), 1)
    before = copy.deepcopy(model.state_dict())
    found = measured(model, task, task.batch(0, "probe", 0, 2))["h"]
    assert found.dtype == torch.float64
    assert found[:, 100].max() < math.log10(torch.finfo(torch.float32).tiny) / 2
    assert found.isfinite().all()
    assert all(bits(value) == bits(before[name]) for name, value in model.state_dict().items())
    assert all(parameter.grad is None for parameter in model.parameters())


# -- exactly zero ------------------------------------------------------------------------------------------


def test_a_gradient_that_is_exactly_zero_has_no_logarithm_and_no_mean():
    model, task, batch = linear_on_adding(torch.zeros(3, 3).double(), gap=4)
    (curve,) = gradient_by_lag(model, task, batch)
    assert (curve.log10[:, 1:] == -np.inf).all()
    mean, spread = curve.mean_and_spread()
    assert (mean[0], spread[0]) == (0, 0)
    assert np.isnan(mean[1:]).all()
    assert np.isnan(spread[1:]).all()


@every_arm
def test_a_loss_without_any_gradient_has_no_curve_and_is_no_error(arm):
    model, task, batch = arm_on(arm, "adding", gap=4)
    nn.init.zeros_(model.readout.weight)
    for curve in gradient_by_lag(model, task, batch):
        assert not np.isfinite(curve.log10).any()
        assert np.isnan(curve.mean_and_spread()).all()


@pytest.mark.parametrize("value", [torch.nan, torch.inf, 1e30])
@every_arm
def test_a_model_that_has_diverged_is_probed_without_an_error(arm, value):
    model, task, batch = arm_on(arm, "adding", gap=4)
    for parameter in model.parameters():
        nn.init.constant_(parameter, value)
    flow = Flow(model, task, batch)
    for curve in flow.curves():
        curve.mean_and_spread()
    if model.core.keep_gate:
        gates = model.core.gates(flow.inputs[:, 0], flow.states[0])
        assert flow.timescales()[None].shape == gates[model.core.keep_gate].shape[1:]


def test_mean_and_spread_by_hand():
    log10 = np.array([[0.0, -1.0, -np.inf, -np.inf], [0.0, -3.0, -4.0, np.nan]])
    mean, spread = LagCurve("h", log10).mean_and_spread()
    assert mean[:3] == (0.0, -2.0, -4.0)
    assert spread[:3] == (0.0, 1.0, 0.0)
    assert math.isnan(mean[3])
    assert math.isnan(spread[3])


def test_gradients_of_exactly_zero_are_counted_by_lag_and_those_that_are_not_known_are_not():
    log10 = np.array([[0.0, -np.inf, -np.inf, np.nan], [0.0, -3.0, np.nan, np.nan], [0.0, -1.0, np.inf, np.nan]])
    zero = LagCurve("h", log10).zero_share()
    assert zero[:3] == (0.0, pytest.approx(1 / 3), 1.0)
    assert math.isnan(zero[3])


# -- norms -------------------------------------------------------------------------------------------------


@every_arm
def test_the_blocks_share_out_all_parameters(arm):
    model, _, _ = arm_on(arm, "adding", gap=4)
    blocks = parameter_blocks(model)
    assert tuple(blocks) == BLOCKS
    ids = [id(parameter) for block in blocks.values() for parameter in block]
    assert sorted(ids) == sorted(id(parameter) for parameter in model.parameters())
    assert {name for name, block in blocks.items() if not block} == ({"recurrent"} if arm in NO_RECURRENCE else set())


@pytest.mark.parametrize("arm", ["rnn", "gru", "lstm"])
def test_the_recurrent_block_is_the_matrix_between_hidden_states_and_biases_belong_to_the_input(arm):
    model, _, _ = arm_on(arm, "adding", gap=4)
    blocks, layer = parameter_blocks(model), model.core.layer
    assert [id(p) for p in blocks["recurrent"]] == [id(layer.weight_hh_l0)]
    assert {id(p) for p in blocks["input"]} == {id(layer.weight_ih_l0), id(layer.bias_ih_l0), id(layer.bias_hh_l0)}
    assert {id(p) for p in blocks["readout"]} == {id(model.readout.weight), id(model.readout.bias)}


def test_a_matrix_named_as_in_the_papers_is_recurrent_too():
    model, _, _ = linear_on_adding(torch.eye(3).double())
    assert [id(p) for p in parameter_blocks(model)["recurrent"]] == [id(model.core.W_hh)]


def test_the_norm_of_gradients_by_hand():
    one, two, without = (nn.Parameter(torch.zeros(shape)) for shape in (2, (1, 2), 1))
    one.grad, two.grad = torch.tensor([1.0, 2.0]), torch.tensor([[4.0, 10.0]])
    assert gradient_norm([one, two, without]).item() == 11
    assert gradient_norm([one]).item() == pytest.approx(math.sqrt(5))
    assert gradient_norm([without]).item() == 0
    assert gradient_norm([]).item() == 0


# -- what is not finite ------------------------------------------------------------------------------------


@pytest.mark.parametrize("W_hh", [1e200, -1e300])
def test_a_gradient_that_overflows_is_reported_by_its_first_lag_and_sample_and_the_others_go_on(W_hh):
    """h_t = h_{t-1} / 2, but at step 6 of sequence 1 and step 2 of sequence 3 it is multiplied by a huge weight."""

    class Switched(Linear):
        def step(self, x_t, state):
            return (torch.where(x_t[:, 1:2] > 0, state[0] * W_hh, state[0] * 0.5),)

    task = load_task("copy", gap=8)
    batch = task.batch(3, "probe", 0, 4)
    inputs = torch.zeros(4, batch.inputs.shape[1], task.input_size)
    inputs[1, 6, 1] = inputs[3, 2, 1] = 1  # the question is asked at step 8
    model = make_model(Switched(torch.eye(3).double(), task.input_size), task)
    flow = Flow(model, task, batch._replace(inputs=inputs))
    assert flow.probe.tolist() == [8] * 4
    (curve,) = flow.gradients()
    assert curve.not_finite == ((3, 1), (7, 3))
    assert np.isfinite(curve.log10[[0, 2]]).all()
    assert np.isfinite(curve.log10[1, :3]).all()
    assert np.isfinite(curve.log10[3, :7]).all()
    mean, _ = curve.mean_and_spread()
    np.testing.assert_allclose(mean, -np.arange(9) * math.log10(2), atol=1e-12)


def test_weights_that_are_not_numbers_are_reported_at_every_sample_from_lag_0():
    task = load_task("copy", gap=3)
    model = make_model(load_core("rnn", task.input_size, hidden_size=5), task)
    nn.init.constant_(model.core.layer.weight_hh_l0, torch.nan)
    curves = {curve.state: curve for curve in Flow(model, task, task.batch(3, "probe", 0, 4)).curves()}
    assert curves["h"].not_finite == tuple((0, sample) for sample in range(4))


def test_a_gradient_of_zero_and_the_time_before_a_sequence_are_finite():
    task = load_task("copy", gap=9, min_gap=2)
    model = make_model(load_core("memoryless", task.input_size, hidden_size=5), task)
    for curve in Flow(model, task, task.batch(3, "probe", 0, 8)).gradients():
        assert not np.isfinite(curve.log10).all()
        assert curve.not_finite == ()
