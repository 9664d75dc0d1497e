"""Where a core declares its direct path exact, the measured gradient by lag is that of theory, to rounding."""

import math

import numpy as np
import pytest
import torch
from builders import class_of, cores, load_core, load_task, make_spec

from seqbench.events import Exactness
from seqbench.gradients.flow import Flow
from seqbench.gradients.theory import apart
from seqbench.models.base import SequenceModel
from seqbench.plan import seeding
from seqbench.training.fit import fit

EXACT = [arm for arm in cores() if class_of("model", arm).exact_direct]
#: log10; float64 has 16 digits, of which a product over 2,000 steps loses a few.
ROUNDING = 1e-10


def model_of(arm, task, hidden_size=8):
    with seeding.torch_seeded(2, "model"):
        core = load_core(arm, input_size=task.input_size, hidden_size=hidden_size)
        return SequenceModel(core, task.output_size)


def train(model, task, steps=5):
    optimizer = torch.optim.Adam(model.parameters(), 0.05)
    for step in range(steps):
        batch = task.batch(0, "train", step, 8)
        loss = task.loss(model(batch.inputs, batch.mask), batch.targets[batch.mask]).mean()
        optimizer.zero_grad()
        torch.autograd.backward(loss)
        optimizer.step()


@torch.no_grad()
def shake(model):
    for parameter in model.parameters():
        parameter += torch.randn_like(parameter)


def assert_exact(model, task, sequences=3):
    """The memory's curve and the exact one, which begin at lag 0 or 1 and have a value wherever the other has one."""
    flow = Flow(model, task, task.batch(3, "probe", 0, sequences))
    found = {curve.state: curve.log10 for curve in flow.curves()}
    states = model.core.state_names
    measured, exact = found[states[-1]], found["exact"]
    begin = int(len(states) > 1)
    counted = ~np.isnan(measured)
    counted[:, :begin] = False
    assert np.isfinite(measured[counted]).all()
    np.testing.assert_allclose(exact[counted], measured[counted], rtol=0, atol=ROUNDING)
    assert np.array_equal(np.isneginf(exact), np.isneginf(measured))
    assert flow.apart() == pytest.approx(np.abs(exact[counted] - measured[counted]).max())
    return measured


@pytest.mark.parametrize("arm", EXACT)
@pytest.mark.parametrize(("task", "knobs"), [("adding", {"gap": 20}), ("copy", {"gap": 20, "min_gap": 3, "load": 2})])
def test_measured_is_exact_at_initialisation_after_training_and_at_any_weights(arm, task, knobs):
    task = load_task(task, **knobs)
    model = model_of(arm, task)
    for change in (lambda: None, lambda: train(model, task), lambda: shake(model)):
        change()
        assert_exact(model, task)


def test_measured_is_exact_over_two_thousand_steps_and_far_below_what_a_number_can_be():
    """The gates of a minLSTM keep about one half a step, so that about 2^-2000 is left: 10^-602."""
    task = load_task("adding", gap=2000)
    measured = assert_exact(model_of("minlstm", task, hidden_size=3), task, sequences=1)
    assert measured.shape[1] > 2000
    assert measured[0, -1] < math.log10(2.2e-308)


def test_how_far_two_curves_are_apart_by_hand():
    """The last step comes after the probed one; where both are zero they agree, where one is they are far apart."""
    inf, nan = torch.inf, torch.nan
    measured = torch.tensor([[-3.0, -2.0, -inf, nan, 0.0], [-1.0, -1.0, -1.0, -1.0, -1.0]])
    exact = torch.tensor([[-3.5, -2.25, -inf, 0.0, 9.0], [-1.0, -1.0, -1.0, -1.0, -1.0]])
    probe = torch.tensor([3, 4])
    assert apart(measured, exact, probe) == 0.5
    exact[0, 1] = -inf
    assert apart(measured, exact, probe) == 308
    assert math.isnan(apart(torch.full((1, 2), nan), torch.zeros(1, 2), torch.tensor([1])))


def test_a_run_tells_how_exact_theory_was_before_and_after_training():
    told = [event for event in fit(make_spec("adding", "mingru", gap=5)) if isinstance(event, Exactness)]
    assert [event.stage for event in told] == ["init", "end"]
    assert all(0 <= event.apart < ROUNDING for event in told)
    assert not any(isinstance(event, Exactness) for event in fit(make_spec("adding", "gru", gap=5)))
