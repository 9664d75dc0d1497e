"""`fit` tells the same story for the same spec, stops and judges by its rules, and records what it measured."""

import ast
import copy
import math
import os
import subprocess
import sys
from dataclasses import replace
from typing import get_args

import numpy as np
import pytest
import torch
from builders import SHORT, bits, component, cores, finished, fits, gapped, kinds, make_spec, options, story, untimed
from torch.nn.utils import parameters_to_vector

from seqbench.config import Component, Optimizer
from seqbench.events import Baseline, Finished, GradientByLag, Metrics, Saved, Started, TaskFacts, Timescales
from seqbench.gradients.norms import BLOCKS, gradient_norm, parameter_blocks
from seqbench.tasks.base import Task
from seqbench.tasks.copy import Copy
from seqbench.training import fit as training
from seqbench.training.fit import build, fit


class Scripted(Copy):
    """The copy task with an examiner who passes or fails ("P", "F") one set of scores after the other."""

    def __init__(self, *, gap: int, script: str) -> None:
        super().__init__(gap=gap, load=1)
        self.script = iter(script)

    def shortfall(self, scores: dict[str, float]) -> float:
        return 0.5 if next(self.script) == "P" else 2.0


class Souring(Scripted):
    """The loss of the second training batch is not a number."""

    trained = 0

    def loss(self, outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        self.trained += len(targets) == SHORT.batch_size
        return super().loss(outputs, targets) * (math.nan if self.trained > 1 else 1)


def scripted(script, cls=Scripted, **settings):
    """A run that validates after every step and is judged by the script, and at its own gap alone."""
    task = Component("scripted", f"{__name__}.{cls.__name__}", {"gap": 2, "script": script})
    return make_spec(task, **{"validate_every": 1, "max_steps": 50, "hold": None} | settings)


@pytest.fixture
def drawn(monkeypatch):
    """All batches drawn, as ((seed, stream, index, size), batch), in order."""
    batches, draw = [], Task.batch

    def spy(task, *place):
        batch = draw(task, *place)
        batches.append((place, batch))
        return batch

    monkeypatch.setattr(Task, "batch", spy)
    return batches


@pytest.fixture
def built(monkeypatch):
    """The models built, as (as they started, as training leaves them)."""
    models = []

    def spy(spec):
        task, model = build(spec)
        models.append((copy.deepcopy(model), model))
        return task, model

    monkeypatch.setattr(training, "build", spy)
    return models


def blocks_of(drawn, stream):
    return [place[2] for place, _ in drawn if place[1] == stream]


def metrics(events, prefix):
    """The metrics events whose values start so, by step."""
    found = (event for event in events if isinstance(event, Metrics))
    return {event.step: event.values for event in found if all(name.startswith(prefix) for name in event.values)}


def flat(model):
    return parameters_to_vector(model.parameters()).detach()


# -- the spec alone ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("arm", options("model"))
def test_the_same_spec_tells_the_same_story_twice(arm):
    spec = make_spec("agreement" if arm == "ngram" else "adding", arm)
    expected = story(spec)
    torch.rand(3)
    np.random.rand(3)
    assert story(spec) == expected


def test_another_process_that_ran_something_else_before_tells_the_same_story():
    program = (
        "from builders import make_spec, story\n"
        "story(make_spec('adding', 'gru', seed=5))\n"
        "print(story(make_spec('copy', 'lstm', seed=1)))"
    )
    path = os.pathsep.join(entry for entry in sys.path if entry)
    told = subprocess.run(
        [sys.executable, "-c", program], env={"PYTHONPATH": path}, capture_output=True, text=True, check=True
    ).stdout
    assert ast.literal_eval(told) == story(make_spec("copy", "lstm", seed=1))


@pytest.mark.parametrize(
    "other",
    [
        {"seed": 1},
        {"gap": 3},
        {"model": "gru"},
        {"task": "adding"},
        {"learning_rate": 0.1},
        {"batch_size": 5},
        {"optimizer": "SGD"},
        {"clip_norm": 0.01},
        {"initial_state": "passed"},
        {"curriculum": {"start": 1, "factor": 2.0}},
        {"clip": {"value": 1e-3}},
        {"optimizer_options": {"betas": [0.5, 0.9]}},
        {"max_steps": 7},
        {"validation_sequences": 21},
        {"validate_every": 2},
        {"record_every": 1},
        {"test_sequences": 31},
        {"probe_sequences": 4},
        {"probe_every": 2},
        {"truncate": 1},
        {"shuffle_targets": True},
        {"freeze_core": True},
        {"save_model": False},
    ],
    ids=str,
)
def test_whatever_can_be_set_is_used(other):
    assert story(make_spec(**other)) != story(make_spec())


def test_a_story_begins_with_an_introduction_and_ends_with_the_verdict():
    kinds = [type(event) for event in fit(make_spec())]
    probe = [*[GradientByLag] * 4, Timescales]  # h and c, the direct path's mean and best
    assert kinds == [Started, *probe, *[Metrics] * 5, *probe, Saved, Finished]


def test_the_introduction_says_what_the_task_and_the_model_are():
    started = next(fit(make_spec("adding", "rnn", gap=7)))
    assert started == Started(
        num_parameters=8 * 2 + 8 * 8 + 2 * 8 + 8 + 1,
        evidence_lag=7,
        family="classical",
        state_size=8,
        facts=TaskFacts(
            loss_name="mean squared error",
            score_name="mse",
            criterion="mean squared error of 0.01 or less",
            baselines=(Baseline("no memory", 1 / 6, 1 / 6), Baseline("1 of 2 values remembered", 1 / 12, 1 / 12)),
            level=0.01,
        ),
    )


def test_the_gradient_is_followed_at_the_start_and_at_the_end_on_the_same_sequences(drawn):
    curves = [event for event in fit(make_spec(gap=3)) if isinstance(event, GradientByLag)]
    states = ["h", "c", "direct_mean", "direct_best"]
    assert [(c.state, c.stage, c.step) for c in curves] == [
        *[(state, "init", 0) for state in states],
        *[(state, "end", 6) for state in states],
    ]
    assert all(len(curve.mean) == len(curve.spread) == len(curve.zero) == 4 for curve in curves)
    # nothing reaches the loss through the cell of the last step itself
    assert {curve.state: curve.zero[0] for curve in curves} == {"h": 0, "c": 1, "direct_mean": 0, "direct_best": 0}
    assert curves[0].mean != curves[4].mean
    assert [place for place, _ in drawn if place[1] == "probe"] == [(0, "probe", 0, 3)] * 2


def test_probing_does_not_touch_the_training():
    def seen(spec):
        return [repr(untimed(event)) for event in fit(spec) if not isinstance(event, GradientByLag | Timescales)]

    assert seen(make_spec(probe_sequences=1)) == seen(make_spec(probe_sequences=9, probe_every=1))


@pytest.mark.parametrize(("every", "steps"), [(None, []), (1, [1, 2, 3, 4, 5]), (2, [2, 4]), (4, [4]), (6, [])])
def test_snapshots_are_taken_between_the_start_and_the_end(every, steps):
    events = list(fit(make_spec(probe_every=every)))
    curves = [(e.stage, e.step) for e in events if isinstance(e, GradientByLag) and e.state == "h"]
    assert curves == [("init", 0), *[(f"step_{step}", step) for step in steps], ("end", 6)]
    assert [e.stage for e in events if isinstance(e, Timescales)] == [stage for stage, _ in curves]


def test_a_snapshot_is_the_gradient_of_the_model_after_its_step():
    (cut,) = (
        e for e in fit(make_spec(max_steps=4)) if isinstance(e, GradientByLag) and (e.state, e.stage) == ("h", "end")
    )
    (during,) = (
        e
        for e in fit(make_spec(probe_every=4))
        if isinstance(e, GradientByLag) and (e.state, e.stage) == ("h", "step_4")
    )
    assert during.mean == cut.mean


def test_without_a_budget_the_gradient_is_followed_and_nothing_is_trained(drawn):
    events = list(fit(make_spec(max_steps=0)))
    assert not any(isinstance(event, Metrics | Saved) for event in events)
    assert blocks_of(drawn, "train") == []
    stages = [e.stage for e in events if isinstance(e, GradientByLag) and e.state == "h"]
    assert stages == ["init"]
    assert (events[-1].outcome, events[-1].steps, events[-1].label) == ("unsolved", 0, "memoryless")


def test_neither_recording_nor_validating_touches_the_training(built):
    list(fit(make_spec(record_every=1, validate_every=1)))
    list(fit(make_spec(record_every=100, validate_every=100)))
    (_, often), (_, never) = built
    assert bits(flat(often)) == bits(flat(never))


# -- data --------------------------------------------------------------------------------------------------


#: With and without gates, and without a step.
FEW = ("rnn", "lstm_chrono_told", "attention")


@pytest.mark.parametrize("task", gapped())
def test_arms_with_the_same_seed_see_the_same_data(task, drawn):
    """All kinds of arm on one task; on the others, of which no arm can tell, a few."""
    seen = []
    for arm in (arm for arm in (kinds(cores()) if task == "copy" else FEW) if fits(arm, task)):
        drawn.clear()
        list(fit(make_spec(task, arm, seed=3, max_steps=2, validate_every=1)))
        seen.append({place: tuple(map(bits, batch)) for place, batch in drawn})
    assert {place[:2] for place in seen[0]} == {(3, stream) for stream in ("train", "validation", "test", "probe")}
    assert all(data == seen[0] for data in seen)


@pytest.mark.parametrize("other", [{"gap": 3}, {"load": 2}])
def test_runs_of_one_seed_at_other_gaps_or_loads_share_no_weights(other):
    tasks = (component("task", "copy", **{"gap": 2, "load": 1} | more) for more in ({}, other))
    one, two = (build(make_spec(task, "lstm"))[1] for task in tasks)
    assert not torch.equal(flat(one), flat(two))


def test_each_step_trains_on_a_batch_of_its_own(drawn):
    list(fit(make_spec()))
    trained = [(place, tuple(map(bits, batch))) for place, batch in drawn if place[1] == "train"]
    assert [place for place, _ in trained] == [(0, "train", step, 4) for step in range(1, 7)]
    assert len({data for _, data in trained}) == 6


def test_a_long_evaluation_is_cut_into_blocks_that_hold_the_number_asked_for(drawn):
    list(fit(make_spec(validation_sequences=1200, test_sequences=1001, validate_every=6)))
    assert [place[2:] for place, _ in drawn if place[1] == "validation"] == [(0, 500), (1, 500), (2, 200)]
    last = 3 * SHORT.max_steps  # three blocks for each step
    assert [place[2:] for place, _ in drawn if place[1] == "test"] == [(last, 500), (last + 1, 500), (last + 2, 1)]


def test_the_scores_of_a_cut_evaluation_are_those_of_the_whole(built, drawn):
    run = finished(make_spec("adding", "gru", test_sequences=700))
    task, model = build(make_spec("adding", "gru"))[0], built[0][1]
    parts = [
        task.batch(0, "test", index, size)
        for index, size in ((2 * SHORT.max_steps, 500), (2 * SHORT.max_steps + 1, 200))
    ]
    inputs, targets, mask, _ = (torch.cat(part) for part in zip(*parts, strict=True))
    error = (model(inputs, mask)[:, 0] - targets[mask]).detach().double()
    assert run.test["mse"] == pytest.approx((error**2).mean().item(), rel=1e-5)
    assert run.test["loss"] == pytest.approx(run.test["mse"], rel=1e-5)
    assert run.test["within_0.04"] == pytest.approx((error.abs() <= 0.04).double().mean().item(), abs=1e-3)


def test_building_and_drawing_leave_the_global_generators_alone():
    of_numpy, of_torch = np.random.get_state()[1].copy(), torch.get_rng_state()
    list(fit(make_spec()))
    assert np.array_equal(np.random.get_state()[1], of_numpy)
    assert torch.equal(torch.get_rng_state(), of_torch)


# -- when a run stops, and its verdict ---------------------------------------------------------------------


def test_an_easy_task_is_solved_before_the_budget_is_spent():
    run = finished(
        make_spec("copy", "lstm", gap=1, max_steps=1000, validate_every=10, learning_rate=0.03, batch_size=16)
    )
    assert run.outcome == "solved"
    assert run.steps_to_solve == run.steps < 1000
    assert run.test["accuracy"] >= 0.99


@pytest.mark.parametrize(
    ("script", "in_a_row", "solved_at"),
    [("PP", 1, 1), ("PPP" + "P", 3, 3), ("FPPFPFPPP" + "P", 3, 9), ("PPPPF" + "PPPP" + "P", 4, 8)],
)
def test_a_run_ends_at_the_validation_that_completes_the_row_if_the_test_agrees(script, in_a_row, solved_at):
    run = finished(scripted(script, validations_to_solve=in_a_row))
    assert (run.outcome, run.steps, run.steps_to_solve) == ("solved", solved_at, solved_at)


def test_validations_are_counted_in_steps_of_their_own_cadence():
    run = finished(scripted("FPP" + "P", validations_to_solve=2, validate_every=7))
    assert run.steps_to_solve == 21


def test_a_failed_test_starts_the_row_anew():
    run = finished(scripted("PP" + "F" + "PP" + "P", validations_to_solve=2))
    assert (run.outcome, run.steps_to_solve) == ("solved", 4)


def test_each_examination_takes_test_sequences_that_none_before_has_seen(drawn):
    finished(scripted("PF" + "PF" + "PP", validations_to_solve=1, test_sequences=1000))
    examined = blocks_of(drawn, "test")
    assert examined == [2, 3, 4, 5, 6, 7]  # two blocks of 500 at each of the steps 1, 2 and 3
    data = [bits(batch.inputs) for place, batch in drawn if place[1] == "test"]
    assert len(set(data)) == 6


def test_a_run_that_fails_its_examinations_is_judged_on_fresh_sequences_too(drawn):
    run = finished(scripted("PF" + "F" + "PF" + "F" + "F", validations_to_solve=1, max_steps=4, test_sequences=600))
    assert (run.outcome, run.steps, run.steps_to_solve) == ("unsolved", 4, None)
    assert blocks_of(drawn, "test") == [2, 3, 6, 7, 8, 9]


def test_validations_all_take_the_same_sequences(drawn):
    finished(scripted("FFFF" + "F", max_steps=4))
    assert blocks_of(drawn, "validation") == [0] * 4
    assert len({bits(batch.inputs) for place, batch in drawn if place[1] == "validation"}) == 1


def test_the_budget_is_spent_to_the_last_step_and_no_further(drawn):
    run = finished(make_spec(gap=30, max_steps=5))
    assert (run.outcome, run.steps, run.steps_to_solve) == ("unsolved", 5, None)
    assert len(blocks_of(drawn, "train")) == 5
    assert set(run.test) == {"loss", "loss_error", "accuracy", "sequence_accuracy"}


@pytest.mark.parametrize("script", ["PPP" + "P", "PFF" + "P", "FFF" + "P"])
def test_at_the_budget_the_test_decides_whatever_came_before(script):
    run = finished(scripted(script, validations_to_solve=4, max_steps=3))
    assert (run.outcome, run.label, run.steps, run.steps_to_solve) == ("solved", "passed at the end", 3, None)


@pytest.mark.parametrize("script", ["PPP" + "F", "FFF" + "F"])
def test_a_run_whose_last_test_fails_has_not_solved_its_task(script):
    run = finished(scripted(script, validations_to_solve=4, max_steps=3))
    assert (run.outcome, run.steps_to_solve) == ("unsolved", None)
    assert run.label not in ("solved", "passed at the end")


# -- shorter budgets ---------------------------------------------------------------------------------------


def test_a_run_tells_of_shorter_budgets_what_runs_of_those_budgets_tell():
    """With settings at which the task is nearly solved, so that verdicts differ."""
    settings = {"gap": 2, "learning_rate": 0.03, "batch_size": 16, "validate_every": 5, "validations_to_solve": 3}
    for seed in range(3):
        long = finished(make_spec("copy", "lstm", seed=seed, max_steps=80, budgets=(20, 30, 40, 60), **settings))
        short = {
            budget: finished(make_spec("copy", "lstm", seed=seed, max_steps=budget, **settings)).outcome == "solved"
            for budget in (20, 30, 40, 60)
        }
        assert long.solved_by == short
        assert set(short.values()) == {True, False}


def test_a_shorter_budget_is_judged_on_a_test_of_its_own_and_training_goes_on(drawn):
    """Validations fail at 1 and 2; the test at budget 2 is passed, and that at the end, after a failed 3, is not."""
    run = finished(scripted("FF" + "P" + "F" + "F", validations_to_solve=3, max_steps=3, budgets=(2,)))
    assert (run.outcome, run.steps, dict(run.solved_by)) == ("unsolved", 3, {2: True})
    assert blocks_of(drawn, "test") == [2, 3]


def test_what_is_solved_counts_for_all_budgets_from_there_on():
    run = finished(scripted("F" + "F" + "PP" + "P", validations_to_solve=2, max_steps=9, budgets=(1, 3, 5)))
    assert (run.steps_to_solve, dict(run.solved_by)) == (3, {1: False, 3: True, 5: True})


def test_a_run_that_diverges_has_solved_no_budget_beyond():
    run = finished(scripted("F", cls=Souring, budgets=(5,)))
    assert (run.outcome, dict(run.solved_by)) == ("diverged", {5: False})


# -- divergence --------------------------------------------------------------------------------------------

EXPLODING = {"optimizer": "SGD", "learning_rate": 1e30, "clip_norm": None}


@pytest.mark.parametrize(
    ("task", "arm"), [*((task, "gru") for task in options("task")), *(("adding", arm) for arm in kinds(cores()))]
)
def test_a_run_that_diverges_is_a_result_not_a_crash(task, arm):
    *told, last = fit(make_spec(task, arm, max_steps=50, validate_every=50, **EXPLODING))
    assert isinstance(last, Finished)
    assert any(isinstance(event, GradientByLag) and event.stage == "end" for event in told)
    if last.outcome == "unsolved":
        assert all(math.isfinite(v) for v in last.test.values())
    else:
        assert (last.outcome, last.steps_to_solve, last.test) == ("diverged", None, {})
        assert 1 < last.steps <= 50
        assert last.label == "diverged"


def test_a_run_diverges_at_the_step_whose_loss_is_not_finite():
    *told, last = fit(make_spec("adding", "irnn", max_steps=50, record_every=1, validate_every=50, **EXPLODING))
    losses = {step: values["train/loss"] for step, values in metrics(told, ("gradient", "train")).items()}
    assert last.outcome == "diverged"
    assert all(math.isfinite(loss) for loss in losses.values())
    assert last.steps == max(losses) + 1


def test_a_loss_that_is_not_finite_after_the_last_update_diverges_too():
    run = finished(make_spec("adding", "irnn", max_steps=1, validate_every=50, **EXPLODING))
    assert (run.outcome, run.steps, run.test) == ("diverged", 1, {})


def test_a_failed_examination_is_not_the_verdict_of_a_run_that_diverges_later():
    run = finished(scripted("PF", cls=Souring, validations_to_solve=1))
    assert (run.outcome, run.steps, run.test) == ("diverged", 2, {})


# -- what is recorded --------------------------------------------------------------------------------------


def first_gradient(spec):
    """The model of a run with the gradient of its first batch, and the loss."""
    task, model = build(spec)
    batch = task.batch(spec.seed, "train", 1, spec.training.batch_size)
    loss = task.loss(model(batch.inputs, batch.mask), batch.targets[batch.mask]).mean()
    torch.autograd.backward(loss)
    return model, loss.item()


@pytest.mark.parametrize("clip_norm", [1e-3, 1.0, 100.0, None])
def test_the_recorded_gradient_norms_are_those_before_clipping(clip_norm):
    spec = make_spec("adding", "gru", record_every=1, clip_norm=clip_norm)
    values = metrics(fit(spec), ("gradient", "train"))[1]
    model, loss = first_gradient(spec)
    blocks = {f"gradient/{name}": gradient_norm(block).item() for name, block in parameter_blocks(model).items()}
    whole = gradient_norm(list(model.parameters())).item()
    assert whole > 1e-2
    assert values == pytest.approx({"gradient/norm": whole, "train/loss": loss, **blocks})


def test_the_blocks_make_up_the_whole_norm():
    for values in metrics(fit(make_spec("adding", "lstm")), ("gradient", "train")).values():
        blocks = [values[f"gradient/{name}"] for name in BLOCKS]
        assert math.hypot(*blocks) == pytest.approx(values["gradient/norm"])


def test_the_recorded_loss_is_the_mean_since_the_last_record():
    each = metrics(fit(make_spec(record_every=1)), ("gradient", "train"))
    of_three = metrics(fit(make_spec(record_every=3)), ("gradient", "train"))
    assert list(of_three) == [3, 6]
    for step in of_three:
        mean = sum(each[s]["train/loss"] for s in range(step - 2, step + 1)) / 3
        assert of_three[step]["train/loss"] == pytest.approx(mean)
        assert of_three[step]["gradient/norm"] == each[step]["gradient/norm"]


def test_validations_record_the_loss_and_every_score_at_their_steps():
    recorded = metrics(fit(make_spec()), "validation")
    assert list(recorded) == [3, 6]
    assert set(recorded[3]) == {"validation/loss", "validation/accuracy", "validation/sequence_accuracy"}


def test_the_seconds_of_a_run_are_not_part_of_its_story():
    run = finished(make_spec())
    assert run.seconds > 0
    assert run.milliseconds_per_step is not None
    assert 0 < run.milliseconds_per_step < 1000 * run.seconds
    assert replace(run, seconds=1e9, milliseconds_per_step=1e9) == run


# -- the update --------------------------------------------------------------------------------------------

SGD = {"optimizer": "SGD", "learning_rate": 1.0, "max_steps": 1}


def test_clipping_limits_the_update(built):
    list(fit(make_spec("adding", clip_norm=0.01, **SGD)))
    before, after = built[0]
    assert (flat(after) - flat(before)).norm().item() == pytest.approx(0.01, rel=1e-4)


@pytest.mark.parametrize("clip_norm", [None, 100.0])
def test_without_clipping_or_below_its_threshold_the_update_is_the_gradient(built, clip_norm):
    spec = make_spec("adding", clip_norm=clip_norm, **SGD)
    list(fit(spec))
    before, after = built[0]
    gradient = torch.cat([p.grad.flatten() for p in first_gradient(spec)[0].parameters()])
    torch.testing.assert_close(flat(after), flat(before) - gradient)


def test_gradients_do_not_add_up_over_steps(built):
    list(fit(make_spec("adding", clip_norm=None, optimizer="SGD", learning_rate=0.1, max_steps=2)))
    before, after = built[0]
    task, model = build(make_spec("adding"))
    for step in (1, 2):
        batch = task.batch(0, "train", step, 4)
        loss = task.loss(model(batch.inputs, batch.mask), batch.targets[batch.mask]).mean()
        gradients = torch.autograd.grad(loss, list(model.parameters()))
        with torch.no_grad():
            for parameter, gradient in zip(model.parameters(), gradients, strict=True):
                parameter -= 0.1 * gradient
    torch.testing.assert_close(flat(after), flat(model))
    assert not torch.equal(flat(after), flat(before))


@pytest.mark.parametrize("optimizer", get_args(Optimizer))
def test_every_optimizer_that_can_be_named_trains(optimizer, built):
    assert issubclass(getattr(torch.optim, optimizer), torch.optim.Optimizer)
    run = finished(make_spec("adding", optimizer=optimizer, learning_rate=0.01, max_steps=2))
    before, after = built[0]
    assert run.outcome == "unsolved"
    assert flat(after).isfinite().all()
    for (name, was), now in zip(before.named_parameters(), after.parameters(), strict=True):
        assert not torch.equal(was, now), name


def test_the_learning_rate_scales_the_update(built):
    for rate in (0.1, 0.2):
        list(fit(make_spec("adding", optimizer="SGD", learning_rate=rate, max_steps=1)))
    (before, small), (_, large) = built
    torch.testing.assert_close(flat(large) - flat(before), 2 * (flat(small) - flat(before)), rtol=1e-3, atol=1e-6)
