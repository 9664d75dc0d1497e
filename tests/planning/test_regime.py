"""How arms are trained, as one types it: maps are axes like all others, and what is wrong with them is one line."""

import pytest
from plans import assert_each_command_repeats_its_run, column, faults_of

from seqbench.planning.make_plan import make_plan

COPY = ("task=copy", "model=gru")


def test_clipping_is_an_axis():
    plan = make_plan(*COPY, "training.clip={norm:1},{value:0.5},3,null")
    assert column(plan, "training.clip_norm") == [1.0, None, 3.0, None]
    assert [run.training.clip for run in plan.runs] == [None, {"value": 0.5}, None, None]
    assert plan.jobs[1].name == "s0 clip.value=0.5 gru gap=20 copy"
    assert_each_command_repeats_its_run(plan)


def test_options_of_the_optimiser_are_an_axis_as_a_whole_and_one_by_one():
    plan = make_plan(*COPY, "training.optimizer_options={weight_decay:0.1,betas:[0.8,0.9]},null")
    assert [run.training.optimizer_options for run in plan.runs] == [{"betas": [0.8, 0.9], "weight_decay": 0.1}, None]
    assert column(make_plan(*COPY, "training.optimizer_options.eps=0.1,1"), "training.optimizer_options.eps") == [
        0.1,
        1,
    ]
    assert_each_command_repeats_its_run(plan)
    assert_each_command_repeats_its_run(make_plan(*COPY, "training.optimizer_options.eps=0.1"))


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("training.clip={nrm:1}", "training.clip.nrm: there is no such key; did you mean 'norm'?"),
        ("training.clip={norm:1,value:2}", "it should be one of the two, {norm: 1.0} or {value: 0.5}"),
        ("training.clip={}", "training.clip: {} is not allowed; it should be one of the two"),
        ("training.clip=-1", "training.clip.norm: -1 is not allowed; it should be greater than 0"),
        ("training.clip={value:0}", "training.clip.value: 0 is not allowed; it should be greater than 0"),
        ("training.clip=[1]", "training.clip.norm: [1] is not allowed; it should be a valid number"),
        ("training.clip_norm=-1", "training.clip_norm: -1 is not allowed; it should be greater than 0"),
        (
            "training.curriculum=5",
            "training.curriculum: 5 is not allowed; it should be a map, as {start: 5, factor: 2}",
        ),
        ("training.curriculum={start:5}", "training.curriculum.factor: is missing"),
        (
            "training.curriculum={start:5,factor:1}",
            "training.curriculum.factor: 1 is not allowed; it should be greater",
        ),
        ("training.curriculum={start:0,factor:2}", "training.curriculum.start: 0 is not allowed; it should be greater"),
        ("training.curriculum={start:50,factor:2}", "with task=copy: starts at gap 50, above that of the task, 20"),
        ("training.curriculum.start=2", "training.curriculum.factor: is missing"),
        ("training.optimizer_options=5", "training.optimizer_options: 5 is not allowed; it should be a map"),
        (
            "training.optimizer_options={alpha:1}",
            "training.optimizer_options: Adam has no option 'alpha'; it has amsgr",
        ),
        ("training.optimizer_options={eps:'1'}", "training.optimizer_options: eps of Adam: '1' is not allowed"),
    ],
)
def test_what_is_wrong_is_told_in_one_line(word, told):
    (fault,) = faults_of(*COPY, word)
    assert told in fault


def test_a_curriculum_is_an_axis():
    plan = make_plan(*COPY, "training.curriculum={start:5,factor:2},null", "task.gap=5,20")
    assert [run.training.curriculum for run in plan.runs] == [{"start": 5, "factor": 2.0}] * 2 + [None] * 2
    assert plan.jobs[1].name == "s0 curriculum.start=5 curriculum.factor=2.0 gru gap=20 copy"
    assert_each_command_repeats_its_run(plan)
    swept = make_plan(*COPY, "training.curriculum.start=2,4", "training.curriculum.factor=1.5")
    assert column(swept, "training.curriculum.start") == [2, 4]


GROWING = "training.curriculum={start:5,factor:2}"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("task.gap=4,20",), "training.curriculum with task=copy: starts at gap 5, above that of the task, 4"),
        (("task.min_gap=10",), "training.curriculum with task=copy: starts at gap 5, below task.min_gap, 10"),
        (("training.patience=3",), "training.curriculum: cannot go with patience"),
        (("task=text",), "training.curriculum with task=text: needs a task with a gap to set, and this one has none"),
        (("task=temporal_order", "task.load=17"), "cannot start at gap 5: load=17 is too much for gap=5"),
        (("model=unshared", "model.length=21"), "training.curriculum cannot start at gap 5: "),
        (("+experiment=horizon", "task=copy", "horizon.min_gap=3"), "starts at gap 5, above that of the task, 3"),
    ],
)
def test_a_curriculum_that_its_task_or_model_cannot_follow_is_refused(words, told):
    faults = faults_of(*COPY, GROWING, *words)
    assert told in faults[0]
    assert len(faults) == 1


PASSED = "training.initial_state=passed"


def test_the_state_of_a_batch_is_an_axis():
    plan = make_plan(*COPY, "training.initial_state=zero,passed")
    assert [run.training.initial_state for run in plan.runs] == ["zero", "passed"]
    assert [run.settings.get("training.initial_state") for run in plan.runs] == [None, "passed"]
    assert [job.name for job in plan.jobs] == ["s0 gru gap=20 copy", "s0 initial_state=passed gru gap=20 copy"]
    assert_each_command_repeats_its_run(plan)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((PASSED, "model=attention"), "model=attention: training.initial_state=passed needs a core that states its"),
        ((PASSED, "task=text"), "training.initial_state=passed is for sequences that stand alone; text goes on"),
        ((PASSED, "model=unshared", "model.length=21"), "training.initial_state=passed: it has matrices for 21 steps"),
        (("training.initial_state=carried",), "training.initial_state: 'carried' is not allowed; "),
    ],
)
def test_a_state_that_cannot_be_passed_is_refused(words, told):
    (fault,) = faults_of(*COPY, *words)
    assert told in fault


def test_how_far_a_run_is_tested_beyond_its_gap_is_a_setting_of_which_older_runs_know_nothing():
    plan = make_plan(*COPY, "training.hold=64,8,null")
    assert [run.training.hold for run in plan.runs] == [64, 8, None]
    assert plan.runs[0].fingerprint == make_plan(*COPY).runs[0].fingerprint
    assert ["training.hold" in run.settings for run in plan.runs] == [False, True, True]
    assert_each_command_repeats_its_run(plan)


@pytest.mark.parametrize("given", ["1", "2.5", "true"])
def test_a_multiple_that_is_none_is_refused(given):
    (fault,) = faults_of(*COPY, f"training.hold={given}")
    assert fault.startswith("training.hold: ")


@pytest.mark.parametrize("given", [3, 6, 65])
def test_multiples_are_powers_of_two_and_none_between_is_taken_for_one(given):
    told = f"training.hold: {given} is not allowed; it should be one of 2, 4, 8, ..., or null"
    assert faults_of(*COPY, f"training.hold={given}") == [told]
    assert faults_of(*COPY, f"training.hold=2,{given}") == [told]
