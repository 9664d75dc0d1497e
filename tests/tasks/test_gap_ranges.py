"""A range of gaps in a batch: each sequence is one of its own gap, padded, and the padding changes nothing."""

import functools
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
import torch
from builders import class_of, component, cores, finished, gapped, load_core, load_task, make_spec
from hypothesis import given, settings
from hypothesis import strategies as st

from seqbench.config import knobs
from seqbench.gradients.flow import Flow
from seqbench.models.base import SequenceModel, encoder
from seqbench.plan import seeding
from seqbench.tasks.base import pad
from seqbench.tasks.spaced import Spaced

TASKS = gapped()
every_task = pytest.mark.parametrize("name", TASKS)
#: Arms that take sequences of any length; the others are refused them.
CAUSAL = [arm for arm in cores() if "length" not in knobs(type(load_core(arm)))]


def rows(batch):
    """The sequences of a batch one by one, without their padding."""
    for inputs, targets, mask, length in zip(*batch, strict=True):
        n = int(length)
        yield type(batch)(inputs[None, :n], targets[None, :n], mask[None, :n], length[None])


def mixed(name, low=2, high=9, load=2, size=60):
    task = load_task(name, gap=high, load=load, min_gap=low)
    return task, task.batch(0, "train", 0, size)


def gaps_of(task, batch):
    """The gap of each sequence, from its length: that is the gap and as many steps as the task adds to every gap.

    Sentences and strings are of any length: there it is seen from the evidence, the last of which is `gap` steps old.
    """
    if task.words is not None or isinstance(task, Spaced):
        steps = torch.arange(batch.mask.shape[1])
        return (task.probed(batch) - (task.evidence(batch) * steps).max(1).values).numpy()
    return batch.lengths.numpy() - added_steps(task_name(task), task.load)


@functools.cache
def added_steps(name, load):
    return load_task(name, gap=1, load=load).batch(0, "train", 0, 1).inputs.shape[1] - 1


def untrained(task, arm, hidden_size):
    core = load_core(arm, input_size=task.input_size, hidden_size=hidden_size)
    return SequenceModel(core, task.output_size, encoder(task.words, task.input_size))


def task_name(task):
    return next(name for name in TASKS if class_of("task", name) is type(task))


@every_task
def test_the_gaps_of_a_batch_run_evenly_from_the_shortest_to_the_longest(name):
    task, batch = mixed(name, size=8000)
    gaps, counts = np.unique(gaps_of(task, batch), return_counts=True)
    assert gaps.tolist() == [2, 3, 4, 5, 6, 7, 8, 9]
    assert np.abs(counts / 8000 - 1 / 8).max() < 0.02


@every_task
def test_gaps_are_drawn_without_order(name):
    task, batch = mixed(name, size=2000)
    gaps = gaps_of(task, batch)
    assert abs(np.corrcoef(gaps, np.arange(2000))[0, 1]) < 0.08
    assert abs(np.corrcoef(gaps[1:], gaps[:-1])[0, 1]) < 0.08


@every_task
@settings(derandomize=True, max_examples=15, deadline=None)
@given(low=st.integers(1, 6), more=st.integers(0, 6), load=st.integers(1, 3), seed=st.integers(0, 99))
def test_every_sequence_is_one_that_the_task_at_its_own_gap_draws_from_the_same_generator(name, low, more, load, seed):
    """The batches of the fixed gaps, drawn one after the other from the generator that drew the gaps."""
    task = load_task(name, gap=low + more, load=load, min_gap=low)
    rng = seeding.generator(seed, type(task).__name__, f"gap={low + more}", f"load={task.load}", "train", 0)
    gaps = rng.integers(low, low + more + 1, size=12)
    fixed = {
        gap: load_task(name, gap=int(gap), load=load).sample(rng, int((gaps == gap).sum())) for gap in np.unique(gaps)
    }
    waiting = {gap: rows(batch) for gap, batch in fixed.items()}
    for gap, row in zip(gaps, rows(task.batch(seed, "train", 0, 12)), strict=True):
        for found, expected in zip(row, next(waiting[gap]), strict=True):
            assert found.dtype == expected.dtype
            assert torch.equal(found, expected)


@every_task
def test_padding_is_zero_and_never_scored(name):
    _, batch = mixed(name)
    padding = torch.arange(batch.mask.shape[1]) >= batch.lengths[:, None]
    assert padding.any()
    assert not batch.inputs[padding].any()
    assert not batch.targets[padding].any()
    assert not batch.mask[padding].any()
    assert batch.mask.any(1).all()


@every_task
@pytest.mark.parametrize("load", [1, 2, 3])
def test_a_rule_that_looks_back_solves_a_range_of_gaps(name, load):
    task, batch = mixed(name, load=load, size=300)
    asked = task.asked(batch)
    scores = task.score(task.oracle(batch)[asked[batch.mask]], batch.targets[asked], asked.sum(1))
    assert task.shortfall(scores) == pytest.approx(0, abs=1e-9)


@every_task
def test_a_range_of_one_gap_has_sequences_of_that_gap_alone(name):
    task, batch = mixed(name, 5, 5)
    assert set(gaps_of(task, batch)) == {5}


@every_task
def test_a_shortest_gap_above_the_longest_is_refused(name):
    with pytest.raises(ValueError, match="min_gap=6 is longer than gap=5"):
        load_task(name, gap=5, min_gap=6)


def test_the_load_must_fit_the_shortest_gap():
    with pytest.raises(ValueError, match="load=12 is too much for gap=2"):
        load_task("temporal_order", gap=20, load=12, min_gap=2)


def test_a_padded_batch_by_hand():
    batch = load_task("copy", gap=1, load=1).batch(0, "train", 0, 2)
    longer = pad(batch, 5)
    assert longer.inputs.shape == (2, 5, 10)
    assert torch.equal(longer.inputs[:, :2], batch.inputs)
    assert longer.mask.tolist() == [[False, True, False, False, False]] * 2
    assert torch.equal(longer.lengths, batch.lengths)


# -- what a model makes of it ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "arm"), [*product(TASKS, ("rnn", "bag", "attention")), *(("copy", arm) for arm in CAUSAL)]
)
def test_outputs_and_loss_of_a_padded_batch_are_those_of_its_sequences_alone(arm, name):
    task, batch = mixed(name, size=16)
    with seeding.torch_seeded(1, "readout"):
        model = untrained(task, arm, 8).double()
    if batch.inputs.is_floating_point():
        batch = batch._replace(inputs=batch.inputs.double())
    alone = torch.cat([model(row.inputs, row.mask) for row in rows(batch)])
    together = model(batch.inputs, batch.mask)
    torch.testing.assert_close(together, alone, rtol=1e-12, atol=1e-13)
    targets = batch.targets[batch.mask]
    torch.testing.assert_close(task.loss(together, targets).mean(), task.loss(alone, targets).mean())


@every_task
@pytest.mark.parametrize("arm", ["rnn", "lstm", "gru"])
def test_each_sequence_is_probed_at_its_own_first_scored_step(arm, name):
    task, batch = mixed(name, size=6)
    with seeding.torch_seeded(1, "readout"):
        model = untrained(task, arm, 5)
    together = Flow(model, task, batch)
    assert together.probe.tolist() == task.probed(batch).tolist()
    assert len(set(together.probe.tolist())) > 1
    for i, row in enumerate(rows(batch)):
        steps = int(together.probe[i]) + 1
        for one, other in zip(together.curves(), Flow(model, task, row).curves(), strict=True):
            assert one.state == other.state
            np.testing.assert_allclose(one.log10[i, :steps], other.log10[0], rtol=0, atol=1e-9)
            assert np.isnan(one.log10[i, steps:]).all()


@every_task
def test_a_model_is_trained_on_a_range_of_gaps(name):
    task = component("task", name, gap=6, min_gap=2)
    run = finished(make_spec(task, replace(component("model", "gru"), settings={"hidden_size": 8})))
    assert (run.outcome, run.steps) == ("unsolved", 6)
