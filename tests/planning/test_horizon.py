"""An experiment that searches: what it plans, and what is wrong with one."""

import shlex

import pytest
from plans import faults_of

from seqbench.planning.make_plan import make_plan


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("horizon.min_gap=400", "horizon.min_gap: 400 is not allowed; it should be less than max_gap, 200"),
        ("horizon.tolerance=1", "horizon.tolerance: 1 is not allowed; it should be greater than 1"),
        ("horizon.max_runs=7", "horizon.max_runs: 7 is not allowed; it should be greater than or equal to 8"),
        (
            "horizon.max_steps=7999",
            "horizon.max_steps: 7999 is too few to bracket a gap: 8 runs of training.max_steps may take 24000",
        ),
        ("+horizon.max_gaps=5", "horizon.max_gaps: there is no such key; did you mean 'max_gap'?"),
        ("horizon=5", "horizon: 5 is not allowed; it should be a group of settings"),
        ("horizon.min_gap=few", "horizon.min_gap: 'few' is not allowed; it should be a valid integer"),
        ("horizon.budgets=[300,100]", "horizon.budgets: [300, 100] is not allowed; they should rise"),
        ("horizon.budgets=[0,100]", "horizon.budgets: 0 is not allowed; it should be greater than or equal to 1"),
        ("training.max_steps=500", "training.max_steps: is set by the search for the horizon and cannot be given"),
        ("task.gap=5,10", "task.gap: is set by the search for the horizon and cannot be given"),
        ("seed=range(3)", "seed: is set by the search for the horizon and cannot be given"),
    ],
)
def test_refused(words, expected):
    assert faults_of("+experiment=horizon", words) == [expected]


def test_every_fault_is_told_at_once():
    found = faults_of(
        "+experiment=horizon",
        "horizon.min_gap=500",
        "horizon.tolerance=0.5",
        "horizon.max_runs=1",
        "training.optimizer=Adem",
    )
    assert {line.partition(":")[0] for line in found} >= {
        "horizon.min_gap",
        "horizon.tolerance",
        "horizon.max_runs",
    }


OVER_LOADS = ("task=copy", "model=gru", "horizon={over:load,min_load:1,max_load:16}")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["horizon.min_load=16"], "horizon.min_load: 16 is not allowed; it should be less than max_load, 16"),
        (["horizon.max_load=null"], "horizon.max_load: is missing"),
        (["horizon.over=gap", "horizon.min_gap=5", "horizon.max_gap=9", "horizon.max_load=null"],
         "horizon.min_load: means nothing in a search over the gap; set it to null"),
        (["horizon.max_gap=9"], "horizon.max_gap: means nothing in a search over the load; set it to null"),
        (["horizon.over=loud"], "horizon.over: 'loud' is not allowed; did you mean 'load'?"),
        (["horizon.max_steps=100"],
         "horizon.max_steps: 100 is too few to bracket a load: 8 runs of training.max_steps may take 16000"),
        (["task.load=3"], "task.load: is set by the search for the horizon and cannot be given"),
        (["task=recall", "horizon.max_load=17"],
         "horizon.max_load with task=recall model=gru: load=17 with updates=0 is too much: there are 16 values, and no "
         "two pairs have the same"),
        (["task=count"],  # a fault of its load is one of what was typed
         "horizon.min_load: 1 is not allowed; it should be greater than or equal to 2"),
        (["horizon.min_load=0"], "horizon.min_load: 0 is not allowed; it should be greater than or equal to 1"),
        (["task=digits"], "task=digits: has no load to set, which is searched"),
    ],
)  # fmt: skip
def test_what_makes_no_search_over_the_load_is_refused(words: list[str], expected: str) -> None:
    assert faults_of(*OVER_LOADS, *words) == [expected]


def test_a_search_over_the_load_leaves_the_gap_as_an_axis() -> None:
    plan = make_plan(*OVER_LOADS, "task.gap=3,5")
    job = plan.cells[1](7, 4)
    assert (job.run.gap, job.run.load, job.run.seed) == (5, 7, 4)
    assert make_plan(*shlex.split(job.command)[3:]).runs == (job.run,)


def test_a_run_that_begins_two_searches_tells_them_apart() -> None:
    over_loads = make_plan(*OVER_LOADS, "task.gap=3").cells[0](1, 0)
    over_gaps = make_plan("task=copy", "model=gru", "task.load=1", "horizon={min_gap:3,max_gap:9}").cells[0](3, 0)
    assert over_loads.run == over_gaps.run
    assert (over_gaps.search, over_loads.search) == (over_gaps.run.fingerprint, f"{over_gaps.run.fingerprint}-load")


def test_a_task_without_a_gap_is_refused():
    assert "task=text: has no gap to set, which is searched" in faults_of("+experiment=horizon", "task=text")


def test_an_end_that_the_task_does_not_take_is_told_once_where_sizes_are_matched_at_it() -> None:
    told = "horizon.min_load: 1 is not allowed; it should be greater than or equal to 2"
    assert faults_of(*OVER_LOADS, "task=count", "match.parameters=2000") == [told]


@pytest.mark.parametrize("words", [("horizon.max_steps=90000",), ("tuning.half_decades=1", "tuning={first_seed:500}")])
def test_what_the_file_of_the_experiment_leaves_out_can_be_typed(words: tuple[str, ...]) -> None:
    plan = make_plan("+experiment=horizon", "task=copy", "model=rnn", *words)
    expected = {"around": 0.003, "seeds": 2, "half_decades": 1, "first_seed": 500}
    assert plan.tuning == expected if len(words) > 1 else plan.horizon["max_steps"] == 90000


def test_a_model_for_one_gap_is_refused():
    assert "task=copy model=unshared: it has matrices for 21 steps" in "\n".join(
        faults_of("+experiment=horizon", "model=unshared")
    )


def test_claims_and_a_search_exclude_each_other():
    assert faults_of(
        "+experiment=horizon", "controls=[{requirement: a, control: b, expected: fails, axes: {model: rnn}}]"
    ) == ["horizon: an experiment that states controls cannot search as well"]


def test_a_search_of_ones_own_for_any_experiment():
    plan = make_plan("task=copy", "model=rnn,gru", "horizon={min_gap:3,max_gap:30}")
    assert (len(plan.cells), len(plan.runs)) == (2, 0)
    assert plan.horizon["tolerance"] == 1.25
    job = plan.cells[1](7, 4)
    assert (job.run.gap, job.run.seed, job.run.model.name) == (7, 4, "gru")
    assert make_plan(*shlex.split(job.command)[3:]).runs == (job.run,)


def test_budgets_say_how_long_the_runs_of_a_search_train() -> None:
    plan = make_plan("+experiment=horizon", "task=copy", "model=rnn", "horizon.budgets=[100,300]")
    job = plan.cells[0](5, 0)
    assert (job.run.training.max_steps, job.run.training.budgets) == (300, (100,))
    assert "training.max_steps=300 'training.budgets=[100]'" in job.command
    words = shlex.split(job.command)[3:]
    assert make_plan(*words).runs == (job.run,)


def test_without_budgets_runs_train_as_configured() -> None:
    plan = make_plan("+experiment=horizon", "task=copy", "model=rnn", "horizon.budgets=[]", "training.max_steps=70")
    run = plan.cells[0](5, 0).run
    assert (run.training.max_steps, run.training.budgets) == (70, ())


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("tuning={around:1e308}", "tuning.around: 1e+308 is not allowed; it should be less than or equal to 1000"),
        (
            "tuning={around:0.003,half_decades:1000}",
            "tuning.half_decades: 1000 is not allowed; it should be less than or equal to 8",
        ),
        (
            "tuning={around:0.003,seeds:100000000}",
            "tuning.seeds: 100000000 is not allowed; it should be less than or equal to 100",
        ),
        ("horizon.budgets=10", "horizon.budgets: 10 is not allowed; it should be a list"),
    ],
)
def test_values_without_a_meaning_are_refused(words: str, expected: str) -> None:
    assert faults_of("+experiment=horizon", "task=copy", words) == [expected]


def test_tuning_without_a_search_is_refused() -> None:
    (told,) = faults_of("task=copy", "horizon={}", "tuning={around:0.003}")
    assert told.startswith("tuning: goes with a search for the horizon")
