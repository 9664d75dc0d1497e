"""The contract of a core, over every arm in conf/model that is one, and what each says of its initialisation."""

import io
import math
from dataclasses import replace

import pytest
import torch
from builders import (
    bits,
    class_of,
    component,
    cores,
    kinds,
    load_core,
    load_task,
    make_spec,
    options,
    stepped,
    steps_of,
    variations,
)
from scipy import stats
from torch import nn

from seqbench.config import knobs, validate
from seqbench.models.base import Core, SequenceModel, encoder, initialise_recurrent
from seqbench.models.controls import Bag, Memoryless, Unshared, Window
from seqbench.models.gru import GRU
from seqbench.models.lstm import LSTM
from seqbench.models.rnn import RNN
from seqbench.plan import seeding
from seqbench.training.fit import build

ARMS = cores()
#: Square recurrent blocks of each kind of core: one for the candidate, and one for each gate.
BLOCKS = {RNN: 1, GRU: 3, LSTM: 4}
HAND_COUNTED = [arm for arm in ARMS if class_of("model", arm) in BLOCKS]
every_arm = pytest.mark.parametrize("arm", kinds(ARMS))
every_stepped = pytest.mark.parametrize("arm", kinds(stepped()))
every_option = pytest.mark.parametrize("arm", options("model"))
#: Controls that cannot see every earlier input, and for how many steps from its own on an output shows one.
REACH = {Memoryless: 1, Window: 10}
TOLERANCE = {torch.float32: 1e-5, torch.float64: 1e-13}


def random_inputs(batch=3, time=12, features=3, dtype=torch.float32):
    with seeding.torch_seeded(7, "inputs"):
        return torch.randn(batch, time, features, dtype=dtype)


def fitting_inputs(core):
    """Inputs of the length that a core is made for, if it is made for one."""
    return random_inputs(time=getattr(core, "length", 12))


def unrolled(core, inputs):
    return core.unroll(inputs, core.initial_state(inputs))[0]


def gradients(core, inputs, forward):
    """Gradient, with respect to all parameters and the inputs, of a sum over outputs with unequal weights."""
    inputs = inputs.clone().requires_grad_()
    outputs = forward(core, inputs)
    weights = torch.linspace(-1, 1, outputs.numel(), dtype=outputs.dtype).view_as(outputs)
    return torch.autograd.grad((outputs * weights).sum(), [*core.parameters(), inputs])


# -- every arm ---------------------------------------------------------------------------------------------


@every_option
def test_the_keys_of_the_file_are_exactly_the_knobs_of_the_class(arm):
    assert set(component("model", arm).settings) == set(knobs(class_of("model", arm)))


@every_option
def test_the_settings_of_the_file_pass_the_check_unchanged(arm):
    option = component("model", arm)
    assert validate(class_of("model", arm), option.settings) == (option.settings, [])


@every_arm
@pytest.mark.parametrize(("batch", "time"), [(1, 1), (3, 12)])
def test_outputs_have_one_hidden_vector_for_each_step(arm, batch, time):
    core = load_core(arm, input_size=5, hidden_size=16, steps=time)
    outputs = core(random_inputs(batch, time, 5))
    assert outputs.shape == (batch, time, 16)
    assert outputs.isfinite().all()


@every_stepped
def test_there_is_a_state_for_each_name_h_is_the_first_and_all_start_at_zero(arm):
    core = load_core(arm, hidden_size=9)
    state = core.initial_state(random_inputs(dtype=torch.float64)[:, 0])
    assert core.state_names[0] == "h"
    assert (
        len(state)
        == len(core.state_names)
        == len(core.step(random_inputs()[:, 0], core.initial_state(random_inputs()[:, 0])))
    )
    assert state[0].shape == (3, 9)
    for s in state:
        assert torch.equal(s, torch.zeros(3, s.shape[1], dtype=torch.float64))


@every_arm
@pytest.mark.parametrize("t", [0, 5, 11])
def test_an_input_changes_no_output_before_it_and_changes_those_from_it_on_that_the_core_can_reach(arm, t):
    core, inputs = load_core(arm, steps=12), random_inputs()
    end = t + REACH.get(type(core), 12)
    changed = inputs.clone()
    changed[:, t] += 1
    before, after = core(inputs), core(changed)
    assert torch.equal(before[:, :t], after[:, :t])
    assert (before[:, t:end] != after[:, t:end]).any(-1).all()
    assert torch.equal(before[:, end:], after[:, end:])


@every_arm
def test_sequences_of_a_batch_do_not_touch_each_other(arm):
    core, inputs = load_core(arm, steps=12).double(), random_inputs(dtype=torch.float64)
    alone = torch.cat([core(row[None]) for row in inputs])
    torch.testing.assert_close(core(inputs), alone, rtol=1e-12, atol=1e-14)


@every_stepped
@pytest.mark.parametrize("dtype", TOLERANCE, ids=str)
@pytest.mark.parametrize("time", [1, 60])
def test_the_fast_path_equals_the_unrolled_step(arm, dtype, time):
    core, inputs = load_core(arm, hidden_size=16, steps=time).to(dtype), random_inputs(time=time, dtype=dtype)
    tolerance = TOLERANCE[dtype]
    torch.testing.assert_close(core(inputs), unrolled(core, inputs), rtol=tolerance, atol=tolerance)


@every_stepped
def test_the_fast_path_has_the_gradient_of_the_unrolled_step(arm):
    core, inputs = load_core(arm, hidden_size=16, steps=12).double(), random_inputs(dtype=torch.float64)
    fast = gradients(core, inputs, lambda core, x: core(x))
    torch.testing.assert_close(fast, gradients(core, inputs, unrolled), rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize(
    ("task", "arm"), [*((task, "gru") for task in options("task")), *(("copy", arm) for arm in kinds(ARMS))]
)
def test_every_block_of_every_parameter_receives_a_gradient(arm, task):
    steps, task = steps_of(component("task", task, gap=5)), load_task(task, gap=5)
    core = load_core(arm, input_size=task.input_size, hidden_size=8, steps=steps)
    model = SequenceModel(core, task.output_size, encoder(task.words, task.input_size))
    batch = task.batch(0, "train", 0, 32)
    torch.autograd.backward(task.loss(model(batch.inputs, batch.mask), batch.targets[batch.mask]).mean())
    for name, parameter in model.named_parameters():
        rows = 8 if name.startswith("core") else len(parameter)
        for block in parameter.grad.split(rows):
            assert block.isfinite().all(), name
            assert block.any(), name


@every_arm
def test_saved_parameters_loaded_into_another_model_give_the_same_outputs(arm):
    core, other = load_core(arm, seed=0), load_core(arm, seed=1)
    inputs = fitting_inputs(core)
    with torch.no_grad():
        for parameter in core.parameters():
            parameter += 0.1
    file = io.BytesIO()
    torch.save(core.state_dict(), file)
    file.seek(0)
    other.load_state_dict(torch.load(file, weights_only=True), strict=True)
    assert torch.equal(core(inputs), other(inputs))


@every_arm
def test_the_same_seed_gives_the_same_bits_and_another_seed_others(arm):
    def parameters(seed):
        return [bits(parameter) for parameter in build(make_spec(model=arm, seed=seed))[1].parameters()]

    torch.manual_seed(99)
    expected = parameters(3)
    torch.manual_seed(100)
    assert parameters(3) == expected
    assert parameters(4) != expected


@every_arm
def test_all_arms_of_a_width_share_the_form_of_their_readout(arm):
    _, model = build(make_spec(task="adding", model=arm))
    assert {name: p.shape for name, p in model.readout.named_parameters()} == {"weight": (1, 8), "bias": (1,)}


@pytest.mark.parametrize("arm", HAND_COUNTED)
@pytest.mark.parametrize(("features", "hidden", "outputs"), [(2, 64, 1), (10, 5, 8)])
def test_the_number_of_parameters_is_that_of_the_formula(arm, features, hidden, outputs):
    blocks = BLOCKS[class_of("model", arm)]
    core = load_core(arm, input_size=features, hidden_size=hidden)
    in_core = blocks * (features * hidden + hidden * hidden + 2 * hidden)
    assert SequenceModel(core, outputs).num_parameters == in_core + hidden * outputs + outputs


@pytest.mark.parametrize(
    ("arm", "cls", "count"),
    [
        ("memoryless", Memoryless, 3 * 8 + 8),
        ("bag", Bag, 3 * 8 + 8 + 8 * 8 + 8),
        ("window", Window, 10 * 3 * 8 + 8 + 8 * 8 + 8),
        ("unshared", Unshared, 21 * (3 * 8 + 8 * 8 + 8)),
    ],
)
def test_the_number_of_parameters_of_a_control_by_hand(arm, cls, count):
    core = load_core(arm, hidden_size=8)
    assert type(core) is cls
    assert sum(parameter.numel() for parameter in core.parameters()) == count


@pytest.mark.parametrize("cls", dict.fromkeys(class_of("model", arm) for arm in ARMS), ids=lambda cls: cls.__name__)
def test_changing_a_knob_changes_the_outputs(cls):
    """Knobs that belong together may refuse to be changed alone, but not in every arm."""
    changed = set()
    for arm in (arm for arm in ARMS if class_of("model", arm) is cls):
        core = load_core(arm)
        outputs = core(fitting_inputs(core))
        for knob, change in variations("model", arm):
            try:
                other = load_core(arm, **change)
            except ValueError:
                continue
            others = other(fitting_inputs(other))
            assert others.shape != outputs.shape or not torch.equal(others, outputs), (arm, change)
            changed.add(knob)
    assert changed == set(knobs(cls))


def test_each_arm_differs_from_every_other():
    outputs = [bits(load_core(arm, steps=12)(random_inputs())) for arm in ARMS]
    assert len(set(outputs)) == len(ARMS)


# -- the wrapper -------------------------------------------------------------------------------------------


def test_the_readout_is_applied_at_the_scored_positions_in_their_order():
    model = SequenceModel(load_core("rnn"), 2)
    inputs, mask = random_inputs(), torch.zeros(3, 12, dtype=torch.bool)
    mask[0, 11] = mask[2, 3] = mask[2, 4] = True
    hidden = model.core(inputs)
    expected = model.readout(torch.stack([hidden[0, 11], hidden[2, 3], hidden[2, 4]]))
    torch.testing.assert_close(model(inputs, mask), expected)


def test_a_core_without_a_fast_path_is_its_step_unrolled():
    class Counter(Core):
        """h_t = h_{t-1} + x_t."""

        hidden_size = 3

        def step(self, x_t, state):
            return (state[0] + x_t,)

    inputs = random_inputs()
    torch.testing.assert_close(Counter()(inputs), inputs.cumsum(1))


# -- the equations -----------------------------------------------------------------------------------------


def scalar_step(arm, x, *state, **parameters):
    """The states after one step of a core of one unit and one input, every parameter set by hand."""
    core = load_core(arm, input_size=1, hidden_size=1).double()
    for name, parameter in core.layer.named_parameters():
        parameter.data = torch.tensor(parameters[name.removesuffix("_l0")]).double().view_as(parameter)
    after = core.step(torch.tensor([[x]]).double(), tuple(torch.tensor([[s]]).double() for s in state))
    return [s.item() for s in after]


def sigma(x):
    return 1 / (1 + math.exp(-x))


def test_a_step_of_the_rnn_by_hand():
    (h,) = scalar_step("rnn", 0.3, 0.4, weight_ih=[2.0], weight_hh=[0.5], bias_ih=[0.25], bias_hh=[-1.0])
    assert h == pytest.approx(math.tanh(2 * 0.3 + 0.25 + 0.5 * 0.4 - 1))


def test_a_step_of_the_irnn_by_hand():
    parameters = {"weight_ih": [2.0], "weight_hh": [1.5], "bias_ih": [0.25], "bias_hh": [0.0]}
    assert scalar_step("irnn", 0.3, 0.4, **parameters) == pytest.approx([1.45])
    assert scalar_step("irnn", -3.0, 0.4, **parameters) == [0]


def test_a_step_of_the_lstm_by_hand():
    h, c = scalar_step(
        "lstm",
        2.0,
        0.5,
        -1.0,
        weight_ih=[0.1, 0.2, 0.3, 0.4],
        weight_hh=[0.5, 0.6, 0.7, 0.8],
        bias_ih=[0.0, 1.0, 0.0, 0.0],
        bias_hh=[0.1, 0.0, 0.2, 0.3],
    )
    i, f, g, o = sigma(0.2 + 0.25 + 0.1), sigma(0.4 + 0.3 + 1), math.tanh(0.6 + 0.35 + 0.2), sigma(0.8 + 0.4 + 0.3)
    assert c == pytest.approx(-f + i * g)
    assert h == pytest.approx(o * math.tanh(-f + i * g))


def test_a_step_of_the_gru_by_hand():
    (h,) = scalar_step(
        "gru",
        2.0,
        0.5,
        weight_ih=[0.1, 0.2, 0.3],
        weight_hh=[0.5, 0.6, 0.7],
        bias_ih=[0.0, 1.0, 0.0],
        bias_hh=[0.1, 0.0, 0.2],
    )
    r, z = sigma(0.2 + 0.25 + 0.1), sigma(0.4 + 0.3 + 1)
    n = math.tanh(0.6 + r * (0.35 + 0.2))
    assert h == pytest.approx((1 - z) * n + z * 0.5)


# -- initialisation ----------------------------------------------------------------------------------------


def biases(core):
    """The whole bias of each gate of an LSTM, i, f, g and o: both of PyTorch's vectors together."""
    return (core.layer.bias_ih_l0 + core.layer.bias_hh_l0).detach().chunk(4)


@pytest.mark.parametrize(
    ("arm", "layer"), [("rnn", nn.RNN), ("gru", nn.GRU), ("lstm_default", nn.LSTM)], ids=["rnn", "gru", "lstm_default"]
)
def test_the_textbook_arms_are_initialised_as_pytorch_does(arm, layer):
    with seeding.torch_seeded(0, "init"):
        expected = layer(3, 64)
    core = load_core(arm, seed=0)
    assert {name: bits(p) for name, p in core.layer.named_parameters()} == {
        name: bits(p) for name, p in expected.named_parameters()
    }


def test_the_forget_bias_of_the_lstm_is_one_in_total_and_the_rest_is_pytorchs():
    core, untouched = load_core("lstm"), load_core("lstm_default")
    (i, f, g, o), (i_0, _, g_0, o_0) = biases(core), biases(untouched)
    assert (f == 1).all()
    assert torch.equal(torch.cat([i, g, o]), torch.cat([i_0, g_0, o_0]))
    assert torch.equal(core.layer.weight_ih_l0, untouched.layer.weight_ih_l0)
    assert torch.equal(core.layer.weight_hh_l0, untouched.layer.weight_hh_l0)


@pytest.mark.parametrize("value", [-2.0, 0.0, 3.5])
def test_the_forget_bias_is_the_number_asked_for(value):
    assert (biases(load_core("lstm", forget_bias=value))[1] == value).all()


def test_the_default_forget_bias_is_spread_around_zero():
    forget = biases(load_core("lstm_default", hidden_size=400))[1]
    assert forget.abs().max() <= 2 / 20
    assert abs(forget.mean().item()) < 0.01
    assert forget.std() > 0.02


@pytest.mark.parametrize("timescale", [10, 1000])
def test_chrono_draws_timescales_evenly_and_closes_the_input_gate_as_far_as_the_forget_gate_is_open(timescale):
    core = load_core("lstm_chrono", hidden_size=500, max_timescale=timescale)
    i, f, g, o = biases(core)
    assert torch.equal(i, -f)
    assert f.min() >= 0
    assert f.max() <= math.log(timescale - 1) + 1e-6
    assert stats.kstest(f.double().exp().numpy(), stats.uniform(1, timescale - 2).cdf).pvalue > 0.01
    untouched = biases(load_core("lstm_default", hidden_size=500))
    assert torch.equal(torch.cat([g, o]), torch.cat([untouched[2], untouched[3]]))


@pytest.mark.parametrize("timescale", [1, 2])
def test_chrono_for_the_shortest_timescales_leaves_both_gates_half_open(timescale):
    i, f, _, _ = biases(load_core("lstm_chrono", max_timescale=timescale))
    assert not i.any()
    assert not f.any()


def test_the_chrono_arm_reaches_as_far_as_the_gap_of_the_task():
    assert component("model", "lstm_chrono_told", task_gap=137).settings["max_timescale"] == 137
    assert 60 < biases(load_core("lstm_chrono_told", task_gap=137))[1].exp().max() <= 136.01


@pytest.mark.parametrize(("arm", "change"), [("lstm_chrono", {"max_timescale": None}), ("lstm", {"max_timescale": 9})])
def test_chrono_and_its_timescale_are_set_together_or_not_at_all(arm, change):
    with pytest.raises(ValueError, match="set both or neither"):
        load_core(arm, **change)


def test_the_irnn_starts_as_the_identity_without_biases():
    layer = load_core("irnn").layer
    assert torch.equal(layer.weight_hh_l0, torch.eye(64))
    assert not layer.bias_ih_l0.any()
    assert not layer.bias_hh_l0.any()
    assert layer.weight_ih_l0.any()


def test_the_orthogonal_rnn_keeps_lengths():
    W_hh = load_core("rnn_orthogonal").layer.weight_hh_l0.detach().double()
    torch.testing.assert_close(W_hh @ W_hh.T, torch.eye(64).double(), atol=1e-5, rtol=0)
    assert not torch.equal(W_hh, torch.eye(64).double())


@pytest.mark.parametrize("blocks", [1, 3, 4])
def test_each_square_block_of_a_recurrent_matrix_is_initialised_on_its_own(blocks):
    weight = torch.zeros(blocks * 5, 5)
    initialise_recurrent(weight, "identity")
    assert torch.equal(weight, torch.eye(5).repeat(blocks, 1))
    with seeding.torch_seeded(0, "init"):
        initialise_recurrent(weight, "orthogonal")
    for block in weight.split(5):
        torch.testing.assert_close(block @ block.T, torch.eye(5))
    assert len({bits(block) for block in weight.split(5)}) == blocks
    before = weight.clone()
    initialise_recurrent(weight, "uniform")
    assert torch.equal(weight, before)


def test_the_uniform_recurrent_matrix_fills_pytorchs_range():
    W_hh = load_core("rnn").layer.weight_hh_l0.detach()
    assert 0.12 < W_hh.abs().max() <= 1 / 8


def test_an_arm_of_a_spec_is_built_with_its_settings():
    spec = make_spec(model=replace(component("model", "rnn"), settings={"hidden_size": 3, "nonlinearity": "relu"}))
    core = build(spec)[1].core
    assert (core.hidden_size, core.nonlinearity) == (3, "relu")
