"""Each control lacks exactly the one thing that it is there to lack; training can be made to lack some too."""

import numpy as np
import pytest
import torch
from builders import bits, component, finished, load_core, load_task, make_spec, stepped
from safetensors.torch import load

from seqbench.events import Metrics, Saved
from seqbench.gradients.flow import Flow
from seqbench.models.base import SequenceModel
from seqbench.plan import seeding
from seqbench.training.fit import Run, build, fit


def noise(time=12, batch=3, features=3):
    with seeding.torch_seeded(5, "noise"):
        return torch.randn(batch, time, features, dtype=torch.float64)


def last_output(core, inputs):
    return core(inputs)[:, -1]


def test_memoryless_has_no_gradient_beyond_lag_zero():
    task = load_task("adding", gap=5)
    model = SequenceModel(load_core("memoryless", input_size=2), 1)
    (curve,) = Flow(model, task, task.batch(0, "probe", 0, 4)).curves()
    assert (curve.log10[:, 0] == 0).all()
    assert (curve.log10[:, 1:] == -np.inf).all()


def test_memoryless_sees_the_current_step_alone():
    core, inputs = load_core("memoryless").double(), noise()
    changed = torch.cat([inputs[:, :-1] + 1, inputs[:, -1:]], 1)
    assert torch.equal(last_output(core, changed), last_output(core, inputs))


def test_bag_does_not_know_the_order_of_its_inputs_and_knows_each_of_them():
    core, inputs = load_core("bag").double(), noise()
    for order in ([*range(11, -1, -1)], [3, 1, 0, 2, *range(4, 12)]):
        torch.testing.assert_close(
            last_output(core, inputs[:, order]), last_output(core, inputs), rtol=1e-12, atol=1e-13
        )
    assert not torch.allclose(last_output(core, inputs + torch.eye(12, 3).double()), last_output(core, inputs))


@pytest.mark.parametrize("window", [1, 4, 12, 20])
def test_window_sees_its_last_steps_and_nothing_older(window):
    core, inputs = load_core("window", window=window).double(), noise(time=16).requires_grad_()
    (gradient,) = torch.autograd.grad(last_output(core, inputs).sum(), inputs)
    assert gradient.any(-1).any(0).tolist() == [t >= 16 - window for t in range(16)]


@pytest.mark.parametrize("steps", [1, 20, 22, 40])
def test_unshared_refuses_sequences_of_another_length(steps):
    with pytest.raises(ValueError, match=f"matrices for 21 steps and no other number, and the sequences have {steps}"):
        load_core("unshared")(noise(steps).float())


def test_unshared_refuses_one_step_too_many():
    core = load_core("unshared", steps=3)
    state = core.initial_state(noise().float()[:, 0])
    for _ in range(3):
        state = core.step(noise().float()[:, 0], state)
    with pytest.raises(ValueError, match="for 3 steps and no other number, and the sequences have at least 4"):
        core.step(noise().float()[:, 0], state)


def test_unshared_has_matrices_of_its_own_for_each_step():
    core = load_core("unshared", steps=4)
    torch.autograd.backward(core(noise(4).float())[:, 2].sum())
    for parameter in (core.W_ih, core.b):
        assert parameter.grad.flatten(1).any(1).tolist() == [True, True, True, False]
    assert core.W_hh.grad.flatten(1).any(1).tolist() == [False, True, True, False]  # the first state is zero
    assert len({bits(matrix) for matrix in core.W_hh}) == 4


# -- controls of training ----------------------------------------------------------------------------------


@pytest.mark.parametrize("arm", stepped())
@pytest.mark.parametrize("truncate", [1, 3, 5, 12, 50])
def test_truncation_cuts_the_gradient_of_older_inputs_and_leaves_that_of_the_others(arm, truncate):
    core, inputs = load_core(arm, steps=12).double(), noise().requires_grad_()
    whole, cut = core(inputs), core.unroll(inputs, core.initial_state(inputs), truncate)[0]
    torch.testing.assert_close(cut, whole, rtol=1e-12, atol=1e-13)
    (full,) = torch.autograd.grad(whole[:, -1].sum(), inputs)
    (found,) = torch.autograd.grad(cut[:, -1].sum(), inputs)
    older = max(12 - truncate, 0)
    assert not found[:, :older].any()
    torch.testing.assert_close(found[:, older:], full[:, older:], rtol=1e-9, atol=1e-12)


def first_batch(spec, monkeypatch):
    """Inputs, and targets of the loss, of the first training step."""
    run, seen = Run(spec, *build(spec)), {}
    forward, loss = type(run.model).forward, run.task.loss
    monkeypatch.setattr(type(run.model), "forward", lambda m, x, *a: (seen.update(inputs=x), forward(m, x, *a))[1])
    monkeypatch.setattr(run.task, "loss", lambda o, t: (seen.update(targets=t), loss(o, t))[1])
    run.step = 1
    run._backward()
    monkeypatch.undo()
    return seen


@pytest.mark.parametrize("name", ["adding", "copy", "temporal_order"])
@pytest.mark.parametrize("min_gap", [None, 2])
def test_shuffled_targets_are_the_same_targets_elsewhere(name, min_gap, monkeypatch):
    task = component("task", name, gap=6, load=2, min_gap=min_gap)
    model = component("model", "rnn", hidden_size=8)
    straight = first_batch(make_spec(task, model, batch_size=16), monkeypatch)
    shuffled = first_batch(make_spec(task, model, batch_size=16, shuffle_targets=True), monkeypatch)
    assert torch.equal(shuffled["inputs"], straight["inputs"])
    assert not torch.equal(shuffled["targets"], straight["targets"])
    assert torch.equal(shuffled["targets"].sort().values, straight["targets"].sort().values)


# -- references --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["adding", "copy", "temporal_order"])
@pytest.mark.parametrize("load", [1, 2, 3])
def test_the_oracle_solves_every_task_in_one_step(name, load):
    started, run = fit(make_spec(component("task", name, gap=10, load=load), "oracle"))
    assert started.num_parameters == 0
    assert (run.outcome, run.steps, run.steps_to_solve, run.label) == ("solved", 1, 1, "solved")


def test_guessing_fails_a_task_that_needs_memory_within_its_budget():
    run = finished(make_spec("adding", "guess", gap=20, max_steps=20))
    assert (run.outcome, run.steps, run.steps_to_solve) == ("unsolved", 20, None)
    assert run.label in ("memoryless", "partial")


def test_guessing_depends_on_the_seed_alone():
    spec = make_spec("temporal_order", "guess")
    assert finished(spec).test == finished(spec).test
    assert finished(make_spec("temporal_order", "guess", seed=1)).test != finished(spec).test


# -- saved models ------------------------------------------------------------------------------------------


def test_the_saved_model_is_that_of_the_lowest_validation_loss():
    spec = make_spec("adding", "lstm", max_steps=12)
    events = list(fit(spec))
    losses = {
        e.step: e.values["validation/loss"] for e in events if isinstance(e, Metrics) and "validation/loss" in e.values
    }
    (saved,) = (e for e in events if isinstance(e, Saved))
    assert saved.step == min(losses, key=losses.get)
    task, model = build(spec)
    model.load_state_dict(load(saved.content), strict=True)
    batch = task.batch(spec.seed, "validation", 0, spec.training.validation_sequences)
    loss = task.loss(model(batch.inputs, batch.mask), batch.targets[batch.mask]).mean().item()
    assert loss == pytest.approx(losses[saved.step], rel=1e-6)


def test_a_model_is_left_out_if_so_wished():
    assert not any(isinstance(event, Saved) for event in fit(make_spec(save_model=False)))
