"""The contract of a stack, over every arm and both kinds of block, and its equations written out once more."""

from dataclasses import replace

import pytest
import torch
from builders import (
    Opaque,
    bits,
    class_of,
    component,
    cores,
    curves_by_state,
    fixed_to,
    kinds,
    load_task,
    make_spec,
    stepped,
)
from torch import nn

from seqbench.config import Layers, knobs, load_class
from seqbench.events import Saved, Timescales, of_layer
from seqbench.gradients.flow import gradient_by_lag
from seqbench.gradients.norms import parameter_blocks
from seqbench.models.base import Core, SequenceModel
from seqbench.models.blocks import EPSILON
from seqbench.models.lstm import LSTM
from seqbench.models.rnn import RNN
from seqbench.models.stack import Stack
from seqbench.plan import RunSpec, seeding
from seqbench.training.build import build, try_out
from seqbench.training.fit import fit

TIME = 11
PLAIN = Layers(layers=2)
RESIDUAL = Layers(layers=2, block="residual", feed_forward=2, convolution=4)
BARE_RESIDUAL = Layers(layers=1, block="residual")
every_arm = pytest.mark.parametrize("arm", kinds(cores()))
every_stepped_arm = pytest.mark.parametrize("arm", kinds(stepped()))
every_block = pytest.mark.parametrize("layers", [PLAIN, RESIDUAL], ids=["plain", "residual"])


def stack_of(arm, layers, input_size=3, dropout=0.0, **overrides):
    """A stack of five units in float64, with numbers of its own in every parameter; of six, where there are heads."""
    size = {"hidden_size": 6, "heads": 3} if "heads" in knobs(class_of("model", arm)) else {"hidden_size": 5}
    option = component("model", arm, **fixed_to(arm, TIME), **{**size, **overrides})
    made = load_class(option.target, Core)
    with seeding.torch_seeded(0, "init"):
        core = Stack(input_size, lambda width: made(width, **option.settings), layers, dropout).double()
        for parameter in core.parameters():
            parameter.data += 0.1 * torch.randn_like(parameter)
    return core


def drawn(*shape):
    with seeding.torch_seeded(7, "inputs"):
        return torch.randn(*shape, dtype=torch.float64)


def measured(model, task, batch):
    return curves_by_state(gradient_by_lag(model, task, batch))


def gradients(core, outputs, inputs):
    weights = torch.linspace(-1, 1, outputs.numel(), dtype=outputs.dtype).view_as(outputs)
    return torch.autograd.grad((outputs * weights).sum(), [*core.parameters(), inputs])


# -- the contract ------------------------------------------------------------------------------------------


@every_stepped_arm
@every_block
def test_the_fast_paths_equal_the_unrolled_step_and_have_its_gradient(arm, layers):
    core, inputs = stack_of(arm, layers), drawn(3, TIME, 3).requires_grad_()
    unrolled, last = core.unroll(inputs, core.initial_state(inputs))
    whole, after = core.run(inputs, core.initial_state(inputs))
    expected = gradients(core, unrolled, inputs)
    for fast in (core(inputs), whole):
        torch.testing.assert_close(fast, unrolled, rtol=1e-10, atol=1e-12)
        torch.testing.assert_close(gradients(core, fast, inputs), expected, rtol=1e-9, atol=1e-11)
    torch.testing.assert_close(after, last, rtol=1e-10, atol=1e-12)
    assert len(last) == len(core.state_names) == len(set(core.state_names))


@every_stepped_arm
@every_block
@torch.no_grad()
def test_followed_layer_by_layer_it_has_the_states_and_gates_of_its_steps(arm, layers):
    core, inputs = stack_of(arm, layers), drawn(3, TIME, 3)
    states = core.states_along(inputs)
    torch.testing.assert_close(states, Core.states_along(core, inputs), rtol=1e-10, atol=1e-12)
    expected = Core.gates_along(core, inputs, states)
    torch.testing.assert_close(core.gates_along(inputs, states), expected, rtol=1e-10, atol=1e-12)


@every_stepped_arm
@every_block
def test_read_in_parts_with_the_state_carried_it_is_the_whole_and_so_is_its_gradient(arm, layers):
    core, inputs = stack_of(arm, layers), drawn(3, TIME, 3).requires_grad_()
    parts, state = [], core.initial_state(inputs)
    for part in inputs.split([1, 2, 5, 3], 1):
        hidden, state = core.run(part, state)
        parts.append(hidden)
    read = torch.cat(parts, 1)
    torch.testing.assert_close(read, core(inputs), rtol=1e-10, atol=1e-12)
    torch.testing.assert_close(
        gradients(core, read, inputs), gradients(core, core(inputs), inputs), rtol=1e-9, atol=1e-11
    )


@every_arm
@every_block
def test_it_looks_neither_ahead_nor_at_other_sequences(arm, layers):
    core, inputs = stack_of(arm, layers), drawn(3, TIME, 3)
    later, other = inputs.clone(), inputs.clone()
    later[:, 5:] += 1
    other[0] += 1
    outputs = core(inputs)
    assert torch.equal(core(later)[:, :5], outputs[:, :5])
    assert not torch.equal(core(later)[:, 5], outputs[:, 5])
    torch.testing.assert_close(core(other)[1:], outputs[1:], rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize(("arm", "squares"), [("rnn", 1), ("gru", 3), ("lstm", 4)])
def test_the_number_of_parameters_is_that_of_the_formula(arm, squares):
    """Of a core with H units and D inputs: the recurrent matrices, those of the input, and two biases."""
    D, H = 3, 5

    def of_core(width):
        return squares * (width * H + H * H + 2 * H)

    feed_forward, convolution = H + (2 * H * H + 2 * H) + (2 * H * H + H), 4 * H + H
    counts = {
        Layers(layers=3): of_core(D) + 2 * of_core(H),
        BARE_RESIDUAL: (D * H + H) + (H + of_core(H)) + H,
        RESIDUAL: (D * H + H) + 2 * (H + convolution + of_core(H) + feed_forward) + H,
    }
    for layers, count in counts.items():
        assert sum(parameter.numel() for parameter in stack_of(arm, layers).parameters()) == count


def test_a_stack_of_cores_without_a_step_is_one():
    core = Stack(3, lambda width: Opaque(width, hidden_size=5), PLAIN)
    assert not core.has_step
    assert not core.carries_state
    assert core(torch.zeros(2, 7, 3)).shape == (2, 7, 5)
    task = load_task("adding", gap=3)
    core = Stack(task.input_size, lambda width: Opaque(width, hidden_size=5), PLAIN)
    assert list(measured(SequenceModel(core, 1), task, task.batch(0, "probe", 0, 2))) == ["inputs"]


# -- the equations -----------------------------------------------------------------------------------------


def test_a_plain_stack_of_lstms_is_that_of_pytorch():
    core, pytorchs = stack_of("lstm", Layers(layers=3)), nn.LSTM(3, 5, num_layers=3, batch_first=True).double()
    for n, block in enumerate(core.blocks):
        for name, parameter in block.core.layer.named_parameters():
            getattr(pytorchs, name.replace("_l0", f"_l{n}")).data = parameter.data
    inputs = drawn(2, TIME, 3)
    hidden, (h, c) = pytorchs(inputs)
    outputs, state = core.run(inputs, core.initial_state(inputs))
    torch.testing.assert_close(outputs, hidden, rtol=1e-12, atol=1e-14)
    named = dict(zip(core.state_names, state, strict=True))
    for n in range(3):
        torch.testing.assert_close(named[f"h layer {n + 1}"], h[n], rtol=1e-12, atol=1e-14)
        torch.testing.assert_close(named[f"c layer {n + 1}"], c[n], rtol=1e-12, atol=1e-14)


def rms_norm(x, gain):
    return gain * x / ((x**2).mean(-1, keepdim=True) + EPSILON) ** 0.5


def by_hand(core, inputs, layers, nudge=None):
    """The output at each step, as the docstring has it; with `nudge`, its zeros are added to the states of layers."""
    of_layers = [block.core.initial_state(inputs[:, 0]) for block in core.blocks]
    normed = [[torch.zeros(len(inputs), 5).double()] * 3 for _ in core.blocks]
    for t, u in enumerate(inputs.unbind(1)):
        x = u if layers.block == "plain" else u @ core.into.weight.T + core.into.bias
        for n, block in enumerate(core.blocks):
            read = x
            if layers.block == "residual":
                normed[n].append(rms_norm(x, block.norm.weight))
                kernel, bias = block.convolution.weight, block.convolution.bias
                read = nn.functional.silu(sum(kernel[:, k] * normed[n][t + k] for k in range(4)) + bias)
            after = block.core.step(read, of_layers[n])
            h, of_layers[n] = after[0], after
            if nudge:
                names = [f"{name} layer {n + 1}" for name in block.core.state_names]
                of_layers[n] = tuple(s + nudge[name][t] for name, s in zip(names, after, strict=True))
            if layers.block == "residual":
                norm, widen, _, narrow = block.feed_forward
                z = x + h
                x = z + narrow(nn.functional.gelu(widen(rms_norm(z, norm.weight))))
            else:
                x = h
        yield x if layers.block == "plain" else rms_norm(x, core.out.weight)


@every_block
def test_a_stack_is_what_its_equations_say(layers):
    core, inputs = stack_of("gru", layers), drawn(2, TIME, 3)
    torch.testing.assert_close(core(inputs), torch.stack(list(by_hand(core, inputs, layers)), 1), rtol=1e-10, atol=0)


def test_numbers_that_differ_in_size_alone_are_told_apart_behind_a_norm():
    core = stack_of("rnn", BARE_RESIDUAL, input_size=1)
    small, large = core(torch.full((1, 1, 1), 0.1).double()), core(torch.full((1, 1, 1), 0.9).double())
    assert (small - large).abs().max() > 0.01


# -- the gradient by lag -----------------------------------------------------------------------------------


@every_block
@pytest.mark.parametrize("arm", ["lstm", "gru"])
def test_the_gradient_of_each_layer_is_that_of_the_whole_network_unrolled(arm, layers):
    task = load_task("adding", gap=4)
    model = SequenceModel(stack_of(arm, layers, input_size=2), 1).double()
    probed = task.batch(3, "probe", 0, 4)
    time = int(probed.lengths[0])
    names = [name for name in model.core.state_names[1:] if of_layer(name)[0] != "convolution"]
    nudge = {name: torch.zeros(time, 4, 5, dtype=torch.double, requires_grad=True) for name in names}
    outputs = torch.stack(list(by_hand(model.core, probed.inputs.double(), layers, nudge)))
    where, rows = probed.mask.int().argmax(1), torch.arange(4)
    loss = task.loss(model.readout(outputs[where, rows]), probed.targets[rows, where].double()).sum()
    *found, of_output = torch.autograd.grad(loss, [*nudge.values(), outputs])
    by_lag = where - torch.arange(time)[:, None]
    norms = {name: g.norm(dim=-1)[by_lag, rows].T for name, g in zip(nudge, found, strict=True)}
    whole = of_output[where, rows].norm(dim=-1)[:, None]
    curves = measured(model, task, probed)
    for name in names:
        torch.testing.assert_close(curves[name], (norms[name] / whole).log10(), rtol=0, atol=1e-9)
    hidden = sum(norms[name] ** 2 for name in names if of_layer(name)[0] == "h")[:, 1:]
    torch.testing.assert_close(curves["h"][:, 1:], (hidden.sqrt() / whole).log10(), rtol=0, atol=1e-9)
    assert curves["h"][:, 0].abs().max() < 1e-15


def test_the_gates_of_each_layer_are_those_of_its_core_on_what_it_reads():
    core, inputs = stack_of("lstm", PLAIN), drawn(2, 2, 3)
    state = core.step(inputs[:, 0], core.initial_state(inputs))
    lower, upper = (block.core for block in core.blocks)
    h, _ = lower.step(inputs[:, 1], state[1:3])
    found = core.gates(inputs[:, 1], state)
    for n, expected in ((1, lower.gates(inputs[:, 1], state[1:3])), (2, upper.gates(h, state[3:5]))):
        for name, gate in expected.items():
            torch.testing.assert_close(found[f"{name} layer {n}"], gate)
    vectors = drawn(2, 5)
    assert core.keep_gate == "forget layer 2"
    torch.testing.assert_close(core.direct(inputs[:, 1], state, vectors), vectors * found["forget layer 2"])


def test_the_time_constants_of_each_layer_are_recorded():
    spec = make_spec(model=replace(component("model", "lstm", hidden_size=4), stack=PLAIN), max_steps=0)
    told = [event for event in fit(spec) if isinstance(event, Timescales)]
    assert [(event.stage, event.layer, len(event.values)) for event in told] == [("init", 1, 4), ("init", 2, 4)]
    task, model = build(spec)
    core = model.double().core
    inputs = task.batch(0, "probe", 0, 3).inputs.double()  # none of which is padded
    lower, state = core.blocks[0].core, core.blocks[0].core.initial_state(inputs)
    gates = []
    for x_t in inputs.unbind(1):
        gates.append(lower.gates(x_t, state)["forget"])
        state = lower.step(x_t, state)
    mean = torch.stack(gates).mean((0, 1))
    assert told[0].values == pytest.approx((-1 / mean.log()).sort().values.tolist())


# -- in a run ----------------------------------------------------------------------------------------------


def stacked(arm, layers=PLAIN, **training):
    return make_spec(model=replace(component("model", arm, hidden_size=4), stack=layers), **training)


def test_one_plain_layer_is_the_core_alone_bit_for_bit():
    core = build(stacked("lstm", Layers(layers=1, block="plain")))[1].core
    assert type(core) is LSTM
    with seeding.torch_seeded(0, "init", *make_spec().place):
        expected = LSTM(10, hidden_size=4).state_dict()
    assert {name: bits(value) for name, value in core.state_dict().items()} == {
        name: bits(value) for name, value in expected.items()
    }


def test_the_lowest_plain_layer_begins_as_the_core_alone_does():
    one, two = (build(stacked("rnn", layers))[1].core for layers in (Layers(), PLAIN))
    assert torch.equal(one.layer.weight_hh_l0, two.blocks[0].core.layer.weight_hh_l0)
    assert not torch.equal(one.layer.weight_hh_l0, two.blocks[1].core.layer.weight_hh_l0)


@every_block
def test_a_saved_stack_comes_back_from_its_spec_and_its_numbers(layers):
    from safetensors.torch import load

    spec = stacked("gru", layers, dropout=0.2, truncate=3, task="copy")
    assert try_out(spec) == "causal, carries state, fast path equals step"
    events = list(fit(spec))
    (saved,) = (event for event in events if isinstance(event, Saved))
    _, model = build(RunSpec.from_json(spec.to_json()))
    model.load_state_dict(load(saved.content), strict=True)
    assert {name for name, _ in model.core.named_parameters() if "weight_hh" in name} == {
        f"blocks.{n}.core.layer.weight_hh_l0" for n in (0, 1)
    }
    assert len(parameter_blocks(model)["recurrent"]) == 2


def test_dropout_is_between_the_layers_of_plain_cores_and_on_the_branches_of_residual_blocks():
    seen = {}
    for layers in (PLAIN, replace(BARE_RESIDUAL, layers=2)):
        core = stack_of("rnn", layers, dropout=0.5)
        for n, block in enumerate(core.blocks):
            block.core.register_forward_pre_hook(lambda _, x, n=n, kind=layers.block: seen.update({(kind, n): x[0]}))
            block.dropout.register_forward_hook(
                lambda _, x, y, n=n, kind=layers.block: seen.update({(kind, "d", n): y})
            )
        core(drawn(8, TIME, 3))
    assert torch.equal(seen["plain", 0], drawn(8, TIME, 3))
    for dropped in (seen["plain", 1], seen["residual", "d", 0], seen["residual", "d", 1]):
        assert 0.4 < (dropped == 0).double().mean() < 0.6
    assert (seen["residual", 1] != 0).all()


@every_block
def test_no_gradient_crosses_where_it_is_truncated(layers):
    core, inputs = stack_of("lstm", layers), drawn(2, 8, 3).requires_grad_()
    hidden, _ = core.unroll(inputs, core.initial_state(inputs), truncate=3)
    (found,) = torch.autograd.grad(hidden[:, -1].sum(), inputs)
    assert found.any(-1).any(0).tolist() == [False] * 5 + [True] * 3


def test_a_reference_has_nothing_to_put_in_layers():
    for arm in ("oracle", "guess"):
        with pytest.raises(ValueError, match="it is not trained, so there is nothing to put in layers"):
            build(make_spec(model=replace(component("model", arm), stack=PLAIN)))


def test_a_residual_stack_is_as_wide_as_its_cores_whatever_they_read():
    core = Stack(70, lambda width: RNN(width, hidden_size=6), RESIDUAL)
    assert core.hidden_size == 6
    assert [block.core.layer.input_size for block in core.blocks] == [6, 6]
