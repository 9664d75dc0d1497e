"""A core that is not trained: `training.freeze_core`."""

import copy
from dataclasses import replace

import pytest
import torch
from builders import bits, component, cores, kinds, load_task, make_spec, options, story
from builders import finished as verdict

from seqbench.events import BOUNDS, DIRECT, END, GRADIENT, INIT, GradientByLag, Metrics, Timescales
from seqbench.gradients.flow import gradient_by_lag
from seqbench.gradients.norms import gradient_norm
from seqbench.training.fit import Run, build

every_core = pytest.mark.parametrize("arm", kinds(cores()))
TASKS = [("copy", arm) for arm in kinds(cores())] + [("text", arm) for arm in ("rnn", "lstm")]


def trained(spec):
    """The model of a run as it began, its state in training afterwards, and what was told."""
    task, model = build(spec)
    before, run = copy.deepcopy(model), Run(spec, task, model)
    return before, run, [*run.probe(INIT), *run.train(), *run.probe(END)]


@pytest.mark.parametrize(("task", "arm"), TASKS)
def test_the_readout_alone_is_trained_and_all_else_stays_to_the_bit(task, arm):
    before, run, _ = trained(make_spec(task, arm, freeze_core=True))
    after = run.model.state_dict()
    changed = {name for name, was in before.state_dict().items() if bits(was) != bits(after[name])}
    assert changed == {"readout.weight", "readout.bias"}


@every_core
def test_nothing_is_computed_backwards_through_the_core(arm):
    _, run, _ = trained(make_spec("copy", arm, freeze_core=True))
    assert all(parameter.grad is None for parameter in run.model.core.parameters())
    batch = run.task.batch(0, "train", 1, 4)
    assert not run.model.core(run.model.encoder(batch.inputs)).requires_grad


def _rests_on_the_core(event, stage):
    """Theory and time constants, whatever the readout is."""
    theory = isinstance(event, GradientByLag) and event.state in (*BOUNDS, *DIRECT)
    return (theory or isinstance(event, Timescales)) and event.stage == stage


def _anywhen(event):
    return replace(event, stage="", **({"step": 0} if isinstance(event, GradientByLag) else {}))


@every_core
def test_the_gradient_through_time_ends_as_it_began_up_to_the_readout(arm):
    """All that rests on the core alone is the same; with the first readout put back, so is the gradient."""
    before, run, told = trained(make_spec("copy", arm, gap=5, freeze_core=True))
    by_stage = {stage: [repr(_anywhen(e)) for e in told if _rests_on_the_core(e, stage)] for stage in (INIT, END)}
    assert by_stage[INIT] == by_stage[END]
    batch = run.task.batch(0, "probe", 0, 3)
    run.model.readout = before.readout
    for was, now in zip(*(gradient_by_lag(m, run.task, batch) for m in (before, run.model)), strict=True):
        assert was.log10.tobytes() == now.log10.tobytes()


@every_core
def test_it_learns_what_logistic_regression_on_the_states_would(arm):
    """The first step of gradient descent, by hand: the states are a fixed input of the readout."""
    spec = make_spec("copy", arm, freeze_core=True, optimizer="SGD", learning_rate=0.1, clip_norm=None, max_steps=1)
    before, run, _ = trained(spec)
    batch = run.task.batch(0, "train", 1, 4)
    with torch.no_grad():
        states = before.core(batch.inputs)[batch.mask]
        error = before.readout(states).softmax(-1)
        error[torch.arange(len(error)), batch.targets[batch.mask]] -= 1
        expected = before.readout.weight - 0.1 * error.T @ states / len(states)
    torch.testing.assert_close(run.model.readout.weight.detach(), expected)


def test_norms_are_told_of_the_readout_alone():
    _, run, told = trained(make_spec("copy", "lstm", freeze_core=True, record_every=1, max_steps=1))
    (norms,) = [e.values for e in told if isinstance(e, Metrics) and f"{GRADIENT}norm" in e.values]
    whole = gradient_norm(list(run.model.readout.parameters())).item()
    assert {name: value for name, value in norms.items() if name.startswith(GRADIENT)} == {
        f"{GRADIENT}norm": whole,
        f"{GRADIENT}readout": whole,
    }


@pytest.mark.parametrize("arm", sorted(set(options("model")) - set(cores())))
def test_an_arm_that_is_not_trained_ignores_it_like_every_setting_of_training_a_network(arm):
    task = "agreement" if arm == "ngram" else "copy"
    assert story(make_spec(task, arm, freeze_core=True)) == story(make_spec(task, arm))


def test_the_number_of_parameters_is_that_of_the_whole_model():
    spec = make_spec("copy", "rnn", freeze_core=True)
    assert build(spec)[1].num_parameters == build(make_spec("copy", "rnn"))[1].num_parameters
    _, run, _ = trained(spec)
    assert run.model.num_parameters == build(spec)[1].num_parameters


@pytest.mark.parametrize(
    ("arm", "outcome"), [("rnn_orthogonal", "solved"), ("irnn", "solved"), ("memoryless", "unsolved")]
)
def test_dynamics_that_were_there_from_the_start_solve_copy_at_gap_20_by_their_readout_alone(arm, outcome):
    settings = {"max_steps": 2000, "batch_size": 32, "validate_every": 50, "validation_sequences": 256}
    spec = make_spec(
        "copy", component("model", arm), gap=20, freeze_core=True, test_sequences=2000, probe_sequences=1, **settings
    )
    assert verdict(spec).outcome == outcome


def test_a_task_over_words_keeps_its_embedding():
    assert load_task("text").words is not None
    before, run, _ = trained(make_spec("text", "gru", freeze_core=True))
    assert bits(before.encoder.weight) == bits(run.model.encoder.weight)
