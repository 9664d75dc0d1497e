"""How arms are trained, as one types it: maps are axes like all others, and what is wrong with them is one line."""

import pytest
from plans import assert_each_command_repeats_its_run, column, faults_of

from seqbench.planning.make_plan import make_plan

COPY = ("task=copy", "model=gru")


def test_clipping_is_an_axis():
    plan = make_plan(*COPY, "training.clip={norm:1},{value:0.5},3,null")
    assert column(plan, "training.clip_norm") == [1.0, None, 3.0, None]
    assert [run.training.clip for run in plan.runs] == [None, {"value": 0.5}, None, None]
    assert plan.jobs[1].name == "s0 clip_norm=None clip.value=0.5 gru gap=20 copy"
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
