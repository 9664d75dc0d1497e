"""A batch that begins in the state in which the last one ended: `training.initial_state=passed`."""

import copy

import pytest
import torch
from builders import make_spec, story

from seqbench.events import TRAIN_LOSS, Metrics
from seqbench.training.build import build
from seqbench.training.fit import Run

PASSED = {"initial_state": "passed", "record_every": 1, "validate_every": 1000, "max_steps": 3}


@pytest.mark.parametrize("arm", ["rnn", "lstm", "bag"])
def test_each_batch_goes_on_from_the_last_state_through_which_no_gradient_flows(arm):
    """Step by step beside it: the state after a batch, with the parameters of that step, begins the next one."""
    spec = make_spec("copy", arm, optimizer="SGD", learning_rate=0.1, clip_norm=None, **PASSED)
    task, model = build(spec)
    beside = copy.deepcopy(model)
    told = [event.values[TRAIN_LOSS] for event in Run(spec, task, model).train() if isinstance(event, Metrics)]
    state, losses = beside.core.initial_state(torch.zeros(4, 1)), []
    for step in (1, 2, 3):
        batch = task.batch(0, "train", step, 4)
        hidden, last = beside.core.unroll(batch.inputs, tuple(s.detach() for s in state))
        loss = task.loss(beside.readout(hidden[batch.mask]), batch.targets[batch.mask]).mean()
        parameters = list(beside.parameters())
        gradients = torch.autograd.grad(loss, parameters)
        with torch.no_grad():
            for parameter, gradient in zip(parameters, gradients, strict=True):
                parameter -= 0.1 * gradient
        state, losses = last, [*losses, loss.item()]
    assert told == pytest.approx(losses, rel=1e-5)


def test_the_first_batch_and_every_test_begin_at_zero():
    one = {"max_steps": 1, "record_every": 1, "validate_every": 1}
    assert story(make_spec("copy", "gru", initial_state="passed", **one)) == story(make_spec("copy", "gru", **one))


def test_sequences_of_several_gaps_pass_their_state_too():
    events = story(make_spec("copy", "gru", gap=4, curriculum={"start": 1, "factor": 2.0}, **PASSED))
    assert "outcome='unsolved'" in events[-1]


def test_a_core_that_carries_no_state_cannot():
    with pytest.raises(ValueError, match=r"initial_state=passed needs a core that states its step.*Attention does"):
        build(make_spec("copy", "attention", initial_state="passed"))
