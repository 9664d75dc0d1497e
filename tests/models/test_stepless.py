"""A core that states no step is trained and followed all the same, through the gradient of its inputs."""

from dataclasses import replace

import pytest
import torch
from builders import SHORT, Opaque, load_core, load_task
from torch import nn

from seqbench.config import Component, load_class
from seqbench.events import Finished, GradientByLag, Started, Timescales
from seqbench.gradients import flow as gradients
from seqbench.models.base import Core, SequenceModel
from seqbench.plan import RunSpec
from seqbench.training.build import build
from seqbench.training.fit import fit


def spec_of(**training):
    opaque = Component("opaque", "builders.Opaque", {"hidden_size": 6})
    task = Component("adding", "seqbench.tasks.adding.Adding", {"gap": 4, "load": 2, "min_gap": None})
    return RunSpec(task, opaque, replace(SHORT, **training), 0)


def test_its_curve_is_the_gradient_of_the_loss_at_the_first_scored_step_with_respect_to_the_inputs():
    task = load_task("copy", gap=6, load=2)
    torch.manual_seed(0)
    model = SequenceModel(Opaque(task.input_size), task.output_size).double()
    batch = task.batch(0, "probe", 0, 3)
    inputs = batch.inputs.double().requires_grad_()
    hidden, _ = model.core.layer(inputs)
    loss = nn.functional.cross_entropy(model.readout(hidden[:, 7]), batch.targets[:, 7], reduction="sum")
    (g,) = torch.autograd.grad(loss, inputs)
    norms = g.norm(dim=-1)[:, :8].flip(1)
    expected = (norms / norms[:, :1]).log10()
    (curve,) = gradients.Flow(model, task, batch).curves()
    assert curve.state == "inputs"
    torch.testing.assert_close(torch.from_numpy(curve.log10), expected, rtol=0, atol=1e-10)
    assert not curve.log10[:, 0].any()


def test_sequences_of_different_lengths_are_each_probed_at_their_own_question():
    task = load_task("copy", gap=6, min_gap=2)
    model = SequenceModel(Opaque(task.input_size), task.output_size)
    batch = task.batch(0, "probe", 0, 8)
    (curve,) = gradients.gradient_by_lag(model, task, batch)
    for row, question in enumerate(batch.mask.int().argmax(1).tolist()):
        known = torch.from_numpy(curve.log10[row]).isfinite().tolist()
        assert known == [lag <= question for lag in range(len(known))]


def test_a_whole_run_of_it_records_that_curve_and_no_other():
    events = list(fit(spec_of(probe_every=3)))
    assert isinstance(events[0], Started)
    assert isinstance(events[-1], Finished)
    assert [(e.state, e.stage) for e in events if isinstance(e, GradientByLag)] == [
        ("inputs", stage) for stage in ("init", "step_3", "end")
    ]
    assert not any(isinstance(e, Timescales) for e in events)


def test_it_cannot_be_truncated_and_that_is_said_when_it_is_built():
    with pytest.raises(ValueError, match=r"training\.truncate needs a core that states its step, and Opaque does not"):
        build(spec_of(truncate=3))


def test_a_core_with_a_step_is_followed_by_its_states_alone():
    core = load_core("lstm")
    assert core.has_step
    assert not Opaque(3).has_step
    task = load_task("adding", gap=4)
    flow = gradients.Flow(SequenceModel(load_core("lstm", 2), 1), task, task.batch(0, "probe", 0, 2))
    assert [curve.state for curve in flow.gradients()] == ["h", "c"]


def test_a_core_that_states_neither_is_refused_with_the_reason():
    class Empty(Core):
        pass

    with pytest.raises(TypeError, match="Empty states neither `step` nor `forward`"):
        Empty()


def test_the_contract_itself_is_no_core():
    with pytest.raises(TypeError, match="states neither"):
        load_class("seqbench.models.base.Core", Core)()


def test_a_step_that_is_not_there_says_so():
    with pytest.raises(NotImplementedError, match="Opaque states no step"):
        Opaque(3).step(torch.zeros(1, 3), (torch.zeros(1, 6),))
