"""The product of the axes, in Hydra's grammar."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plans import MODELS, column

from seqbench.planning.make_plan import make_plan


def test_without_axes_there_is_one_run_of_the_defaults():
    plan = make_plan()
    (run,) = plan.runs
    assert run.run_name == "s0 lstm gap=20 adding"
    assert plan.options.name == "adhoc"
    assert plan.executor.name == "processes"


def test_axes_are_multiplied_groups_outermost_the_last_typed_fastest():
    plan = make_plan("seed=0,1", "model=rnn,gru", "task.gap=5,6", "task=copy,adding")
    expected = [
        (model, task, seed, gap)
        for model, task in product(["rnn", "gru"], ["copy", "adding"])
        for seed, gap in product([0, 1], [5, 6])
    ]
    assert [(run.model.name, run.task.name, run.seed, run.gap) for run in plan.runs] == expected


def test_an_experiment_is_the_product_of_its_axes():
    plan = make_plan("+experiment=smoke")
    expected = [
        f"s{seed} {model} gap={gap} copy" for model in ("rnn", "lstm_chrono_told") for gap in (5, 50) for seed in (0, 1)
    ]
    assert [run.run_name for run in plan.runs] == expected


@pytest.mark.parametrize(
    ("typed", "values"),
    [
        ("task.gap=7", [7]),
        ("task.gap=9,7", [9, 7]),
        ("task.gap= 9, 7", [9, 7]),
        ("task.gap=choice(9,7)", [9, 7]),
        ("task.gap=choice(9)", [9]),
        ("task.gap=range(1,4)", [1, 2, 3]),
        ("task.gap=range(10,50,20)", [10, 30]),
        ("task.gap=range(start=10,stop=51,step=20)", [10, 30, 50]),
        ("task.gap=range(3,1,-1)", [3, 2]),
        ("task.gap=sort(3,1,2)", [1, 2, 3]),
        ("task.gap=sort(3,1,2,reverse=true)", [3, 2, 1]),
        ("task.gap=sort(range(1,4),reverse=true)", [3, 2, 1]),
        ("task.gap=tag(a,choice(9,7))", [9, 7]),
        ("task.gap=int(3.0)", [3]),
        ("task.gap=1_000", [1000]),
        ("++task.gap=7", [7]),
        ("+task.gap=7", [7]),
        ("seed=range(3)", [0, 1, 2]),
        ("training.clip_norm=null,2", [None, 2.0]),
        ("training.learning_rate=1e-3,1e-4", [1e-3, 1e-4]),
        ("training.learning_rate=range(0.5,2,0.5)", [0.5, 1.0, 1.5]),
        ("training.optimizer=Adam,SGD", ["Adam", "SGD"]),
        ("training.optimizer='Adam',\"SGD\"", ["Adam", "SGD"]),
        ("task=copy,adding", ["copy", "adding"]),
        ("task='copy'", ["copy"]),
        ("model=glob(*,exclude=[unshared,ngram])", [name for name in MODELS if name not in ("ngram", "unshared")]),
        ("model=glob(lstm*)", [name for name in MODELS if name.startswith("lstm")]),
        (
            "model=glob([*],exclude=[lstm*,unshared,ngram])",
            [n for n in MODELS if not n.startswith("lstm") and n not in ("ngram", "unshared")],
        ),
        ("model=glob([rnn,gru])", ["gru", "rnn"]),
    ],
)
def test_an_axis_takes_hydras_grammar(typed, values):
    found = column(make_plan(typed), typed.partition("=")[0].lstrip("+"))
    assert found == values
    assert [type(value) for value in found] == [type(value) for value in values]


def test_a_shuffled_axis_has_the_same_values():
    assert sorted(column(make_plan("seed=shuffle(range(5))"), "seed")) == [0, 1, 2, 3, 4]


def test_of_an_axis_typed_twice_the_last_counts():
    assert column(make_plan("seed=1,2", "seed=3"), "seed") == [3]


def test_an_axis_may_refer_to_another():
    plan = make_plan("task.gap=5,6", "seed=${task.gap}")
    assert column(plan, "seed") == [5, 6]


GAPS = st.lists(st.integers(1, 500), min_size=1, max_size=5, unique=True)
NAMES = st.lists(
    st.sampled_from([name for name in MODELS if name not in ("ngram", "unshared")]), min_size=1, max_size=3, unique=True
)


@given(GAPS, NAMES, st.integers(1, 3))
@settings(max_examples=5, derandomize=True, deadline=None)
def test_a_plan_holds_every_combination_once(gaps, models, seeds):
    plan = make_plan(f"task.gap={','.join(map(str, gaps))}", f"model={','.join(models)}", f"seed=range({seeds})")
    expected = list(product(models, gaps, range(seeds)))
    assert [(run.model.name, run.gap, run.seed) for run in plan.runs] == expected
    assert len({run.fingerprint for run in plan.runs}) == len(expected)


def test_a_plan_of_800_runs_is_complete_and_without_repetition():
    plan = make_plan("task=copy,adding", "model=rnn,lstm_chrono_told", "task.gap=range(1,5)", "seed=range(50)")
    assert len(plan.runs) == len({run.fingerprint for run in plan.runs}) == len(plan.jobs) == 800
    assert {(run.task.name, run.model.name, run.gap, run.seed) for run in plan.runs} == set(
        product(["copy", "adding"], ["rnn", "lstm_chrono_told"], range(1, 5), range(50))
    )
