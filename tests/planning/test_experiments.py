"""Experiments, what is typed beside them, and every file in `conf/`."""

import functools

import pytest
from builders import cores, fits, kinds, load_task, options
from plans import MODELS, column

from seqbench.models.reference import Reference
from seqbench.planning.make_plan import make_plan
from seqbench.training.build import build

TASKS = options("task")
SCALARS = (bool, int, float, str, type(None))
planned = functools.cache(make_plan)


# -- experiments and the command line ----------------------------------------------------------------------


def test_what_is_typed_wins_over_the_axes_of_the_experiment():
    plan = make_plan("+experiment=smoke", "model=gru,lstm", "seed=range(3)")
    assert set(column(plan, "model")) == {"gru", "lstm"}
    assert set(column(plan, "seed")) == {0, 1, 2}
    assert set(column(plan, "task.gap")) == {5, 50}
    assert len(plan.runs) == 2 * 3 * 2


@pytest.mark.parametrize(
    ("typed", "key", "value"),
    [
        ("seed=7", "seed", 7),
        ("model=gru", "model", "gru"),
        ("task.gap=9", "task.gap", 9),
        ("task=adding", "task", "adding"),
    ],
)
def test_a_single_value_takes_the_place_of_an_axis(typed, key, value):
    whole, plan = planned("+experiment=smoke"), make_plan("+experiment=smoke", typed)
    assert set(column(plan, key)) == {value}
    assert len(plan.runs) == len(whole.runs) // len(set(column(whole, key)))


@pytest.mark.parametrize("words", [["+experiment=smoke", "seed=7"], ["seed=7", "+experiment=smoke"]])
def test_the_order_of_the_words_does_not_matter(words):
    assert set(column(make_plan(*words), "seed")) == {7}


def test_what_is_typed_wins_over_plain_settings_of_the_experiment():
    assert set(column(planned("+experiment=smoke"), "training.max_steps")) == {300}
    assert set(column(make_plan("+experiment=smoke", "training.max_steps=5"), "training.max_steps")) == {5}
    assert make_plan("+experiment=smoke", "name=mine").options.name == "mine"


def test_chrono_follows_the_gap_run_by_run():
    plan = make_plan("model=lstm_chrono_told,lstm", "task.gap=10,50", "seed=0,1")
    assert [(run.model.name, run.gap, run.model.settings["max_timescale"]) for run in plan.runs if run.seed == 0] == [
        ("lstm_chrono_told", 10, 10),
        ("lstm_chrono_told", 50, 50),
        ("lstm", 10, None),
        ("lstm", 50, None),
    ]


def test_chrono_may_be_told_another_timescale():
    plan = make_plan("model=lstm_chrono_told", "task.gap=10,50", "model.max_timescale=7")
    assert column(plan, "model.max_timescale") == [7, 7]


def test_a_knob_that_the_default_model_lacks_can_be_set_for_models_that_have_it():
    plan = make_plan("model=rnn,irnn", "model.nonlinearity=relu")
    assert column(plan, "model.nonlinearity") == ["relu", "relu"]


def test_options_reach_the_plan():
    plan = make_plan(
        "name=mine", "reports=null", "dry_run=true", "rerun=true", "executor=processes", "executor.workers=3"
    )
    assert (plan.options.name, plan.options.reports, plan.options.dry_run, plan.options.rerun) == (
        "mine",
        None,
        True,
        True,
    )
    assert (plan.executor.name, plan.executor.settings) == (
        "processes",
        {"workers": 3, "silent_after": 600.0, "ended_after": None, "limit": None},
    )


#: Tasks on which arms of all kinds are tried, and the arms that are tried on the others.
THOROUGH, FEW = ("adding", "agreement", "copy", "text"), ("rnn", "mamba", "attention", "window", "unshared", "oracle")


# -- every file in conf/ -----------------------------------------------------------------------------------


@pytest.mark.parametrize("task", TASKS)
def test_every_model_can_be_trained_on_every_task(task):
    """But those that it does not fit. On few tasks are arms tried that differ in their initialisation alone, or not at
    all in what they have to do with one task of vectors and another.
    """
    alike = {*cores()} - {*kinds(cores())} if task in THOROUGH else {*MODELS} - {*FEW}
    left_out = {name for name in MODELS if not fits(name, task)} | (set() if task == "adding" else alike)
    plan = make_plan(f"task={task}", f"model=glob(*,exclude=[{','.join(sorted({'unshared', *left_out}))}])")
    runs = list(plan.runs)
    if "unshared" not in left_out:
        length = load_task(task).batch(0, "train", 0, 1).inputs.shape[1]
        runs += make_plan(f"task={task}", "model=unshared", f"model.length={length}").runs
    assert sorted(run.model.name for run in runs) == [name for name in MODELS if name not in left_out]
    for run in runs:
        built, model = build(run)
        assert built.gap == run.gap
        assert isinstance(model, Reference) or model.num_parameters > 0
        assert all(isinstance(value, SCALARS) for key, value in run.settings.items() if key != "training.budgets")
        assert run.settings["training.budgets"] == ()


@pytest.mark.parametrize("executor", options("executor"))
def test_every_executor_is_accepted(executor):
    assert make_plan(f"executor={executor}").executor.name == executor
