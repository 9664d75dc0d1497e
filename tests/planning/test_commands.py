"""Each run comes with the command that repeats it alone."""

import functools
import math
import shlex

import pytest
from plans import GLOBAL, GRIDS, assert_each_command_repeats_its_run, axes_of, column, faults_of

from seqbench.plan import VERDICTS
from seqbench.planning.make_plan import make_plan

#: What the arms of an experiment are made equal by: its commands name what was found, and ask for it no more.
SIZED = ("model.hidden_size",)
SOLVED_FOR = dict.fromkeys(GRIDS, ()) | {"lesson": SIZED, "families": SIZED}


planned = functools.cache(make_plan)


@pytest.mark.parametrize("experiment", GRIDS)
def test_an_experiment_composes_into_a_plan_of_its_own_name(experiment):
    plan = planned(f"+experiment={experiment}")
    assert plan.options.name == experiment
    lengths = [len(set(column(plan, str(axis)))) for axis in axes_of(experiment)]
    assert len(plan.runs) == math.prod(lengths)


@pytest.mark.parametrize("experiment", GRIDS)
def test_the_commands_of_an_experiment_name_every_axis_and_repeat_their_run(experiment):
    plan = planned(f"+experiment={experiment}")
    for job in plan.jobs:
        _, _, _, first, *axes = shlex.split(job.command)
        assert first == f"+experiment={experiment}"
        settings = {key: job.run.settings[key] for key in (*map(str, axes_of(experiment)), *SOLVED_FOR[experiment])}
        without = ["match=null"] if SOLVED_FOR[experiment] else []
        assert sorted(axes) == sorted(
            [*without, *(f"{key}={'null' if value is None else value}" for key, value in settings.items())]
        )
    assert_each_command_repeats_its_run(plan, sample=1 + len(plan.runs) // 5)


def test_an_experiment_of_claims_has_the_runs_of_all_of_them():
    plan = make_plan("+experiment=controls")
    claimed = {fingerprint for control in plan.controls for fingerprint in control.fingerprints}
    assert claimed == {run.fingerprint for run in plan.runs}
    assert {control.expected for control in plan.controls} == set(VERDICTS)
    assert all(
        control.refusal and "21 steps" in control.refusal for control in plan.controls if control.expected == "refused"
    )
    assert_each_command_repeats_its_run(plan, sample=9)


def test_what_is_typed_holds_for_every_claim():
    plan = make_plan("+experiment=controls", "seed=7")
    assert {run.seed for run in plan.runs} == {7}


def test_a_claim_that_says_too_little_is_refused(own):
    folder = own(experiment__mine=GLOBAL + "name: mine\ncontrols: [{requirement: order, expected: wins}]")
    (line,) = faults_of("+experiment=mine", config_dir=folder)
    assert line.startswith("controls[0]: it should have axes, control, expected, requirement")


@pytest.mark.parametrize(
    "words",
    [
        ["training.clip_norm=null,1", "training.learning_rate=1e-5,1"],
        ["model=lstm", "model.forget_bias=default,0,1e-3"],
        ["model=lstm_chrono", "model.max_timescale=7,8"],
        ["model=rnn,irnn", "model.nonlinearity=relu"],
        ["task.gap=5,6", "seed=${task.gap}"],
        ["++name=mine", "executor=serial", "seed=1,2"],
        ["+experiment=smoke", "training.max_steps=5", "training.optimizer='SGD'", "model=rnn"],
        ["dry_run=true", "++dry_run=true", "rerun=true", "++rerun=true", "reports=x", "++reports=null", "seed=0,1"],
        ["executor.workers=2", "training.max_steps=int(7.0)"],
    ],
    ids=" ".join,
)
def test_every_command_repeats_exactly_its_run(words):
    assert_each_command_repeats_its_run(make_plan(*words))


def test_who_repeats_a_run_has_it_ended_by_no_limit():
    (job,) = make_plan("executor.limit=5", "executor.ended_after=9", "executor.workers=2").jobs
    assert "executor.workers=2" in job.command
    assert "limit" not in job.command
    assert "ended_after" not in job.command
