"""The fingerprint names a result: it changes exactly when something changes that can change the result."""

import functools
import hashlib
import json
import os
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from builders import other_values
from hypothesis import given, settings
from hypothesis import strategies as st

import seqbench
from seqbench.config import Component, Layers, Training
from seqbench.config.settings import LATER
from seqbench.plan import TRAINING_VERSION, RunSpec, duplicates
from seqbench.planning.make_plan import make_plan

TASK = Component("copy", "seqbench.tasks.copy.Copy", {"gap": 10, "load": 1})
MODEL = Component(
    "lstm", "seqbench.models.lstm.LSTM", {"hidden_size": 64, "forget_bias": 1.0, "max_timescale": None, "flag": True}
)
SPEC = RunSpec(TASK, MODEL, Training(), 0)
#: Another value of the same kind, for each kind.
OTHERWISE = {
    int: lambda n: n + 1,
    float: lambda x: (x + 1) / 2.5,
    str: "{}x".format,
    bool: lambda b: not b,
    type(None): str,
}


def otherwise(value):
    return OTHERWISE[type(value)](value)


def with_knob(component, key):
    return replace(component, settings={**component.settings, key: otherwise(component.settings[key])})


def variants():
    """The spec with one thing changed, for every single thing in it."""
    for group, component in (("task", TASK), ("model", MODEL)):
        for key in component.settings:
            yield f"{group}.{key}", replace(SPEC, **{group: with_knob(component, key)})
        for key in ("name", "target", "version", "data"):
            changed = replace(component, **{key: otherwise(getattr(component, key))})
            yield f"{group} {key}", replace(SPEC, **{group: changed})
    for key, value in asdict(MODEL.stack).items():
        stack = replace(MODEL.stack, **{key: next(other_values(Layers, key, value))})
        yield f"layers.{key}", replace(SPEC, model=replace(MODEL, stack=stack))
    for key, value in asdict(SPEC.training).items():
        other = next(other_values(Training, key, value))
        yield f"training.{key}", replace(SPEC, training=replace(SPEC.training, **{key: other}))
    yield "seed", replace(SPEC, seed=1)
    yield "device", replace(SPEC, device="cuda")


VARIANTS = dict(variants())


@pytest.mark.parametrize("changed", VARIANTS)
def test_the_fingerprint_changes_with(changed):
    assert VARIANTS[changed].fingerprint != SPEC.fingerprint


def test_every_change_has_a_fingerprint_of_its_own():
    fingerprints = {spec.fingerprint for spec in [SPEC, *VARIANTS.values()]}
    assert len(fingerprints) == 1 + len(VARIANTS)


def test_the_fingerprint_changes_with_the_version_of_training(monkeypatch):
    before = SPEC.fingerprint
    monkeypatch.setattr("seqbench.plan.spec.TRAINING_VERSION", TRAINING_VERSION + 1)
    assert replace(SPEC).fingerprint != before


def test_the_fingerprint_is_that_of_every_record_so_far():
    """From before components had a source, models layers, runs a device, and training what is in `LATER`."""
    values = asdict(SPEC)
    del values["device"]
    values["training"] = {name: value for name, value in values["training"].items() if name not in LATER}
    for component in ("task", "model"):
        del values[component]["source"], values[component]["stack"]
    content = json.dumps([values, TRAINING_VERSION], sort_keys=True)
    assert SPEC.fingerprint == hashlib.sha256(content.encode()).hexdigest()[:16]
    assert SPEC.to_json() == json.dumps(values, sort_keys=True)
    assert RunSpec.from_json(SPEC.to_json()) == SPEC


@pytest.mark.parametrize(
    ("typed", "fingerprint"),
    [
        ((), "92339d9a64952a79"),
        (("model=gru", "task.gap=50", "seed=3", "training.freeze_core=true"), "25e5d47556fdb93d"),
    ],
)
def test_a_run_on_the_cpu_is_the_one_that_it_was_before_there_were_devices(typed, fingerprint):
    assert fingerprints(*typed) == fingerprints(*typed, "device=cpu") == [fingerprint]


def test_the_device_comes_back_with_the_spec():
    spec = replace(SPEC, device="cuda:1")
    assert RunSpec.from_json(spec.to_json()) == spec
    assert spec.settings["device"] == "cuda:1"


def test_the_source_of_a_class_of_ones_own_is_part_of_it():
    own, edited = (replace(SPEC, model=replace(MODEL, source=source)) for source in ("ab", "cd"))
    assert len({spec.fingerprint for spec in (SPEC, own, edited)}) == 3
    assert RunSpec.from_json(own.to_json()) == own


def test_an_added_knob_changes_the_fingerprint():
    more = replace(SPEC, task=replace(TASK, settings={**TASK.settings, "distractors": None}))
    assert more.fingerprint != SPEC.fingerprint


def test_a_setting_of_the_task_is_not_mistaken_for_one_of_the_model():
    one = RunSpec(replace(TASK, settings={"gap": 10, "size": 1}), replace(MODEL, settings={"hidden": 2}), Training(), 0)
    other = RunSpec(
        replace(TASK, settings={"gap": 10}), replace(MODEL, settings={"hidden": 2, "size": 1}), Training(), 0
    )
    assert one.fingerprint != other.fingerprint


SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()


@given(st.dictionaries(st.text(min_size=1), SCALARS, max_size=5), st.randoms(use_true_random=False))
@settings(max_examples=40, derandomize=True)
def test_the_order_of_the_settings_does_not_matter(knobs, random):
    shuffled = list(knobs.items())
    random.shuffle(shuffled)
    one, other = (replace(SPEC, model=replace(MODEL, settings=dict(items))) for items in (knobs.items(), shuffled))
    assert one.fingerprint == other.fingerprint


@given(*[st.tuples(st.integers(1, 9), st.integers(0, 9), st.sampled_from(["a", "b"]), st.booleans())] * 2)
@settings(max_examples=40, derandomize=True)
def test_specs_have_the_same_fingerprint_exactly_if_they_are_equal(one, other):
    def spec(gap, seed, text, flag):
        return RunSpec(
            replace(TASK, settings={"gap": gap}), replace(MODEL, settings={"t": text, "f": flag}), Training(), seed
        )

    assert (spec(*one).fingerprint == spec(*other).fingerprint) == (one == other)


def test_the_fingerprint_is_the_same_in_every_process():
    program = (
        "from seqbench.config import *; from seqbench.plan import *;"
        f"print(RunSpec(Component{(TASK.name, TASK.target, TASK.settings)}, "
        f"Component{(MODEL.name, MODEL.target, MODEL.settings)}, Training(), 0).fingerprint)"
    )
    for hash_seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(Path(seqbench.__file__).parents[1])}
        done = subprocess.run(
            [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
        )
        assert done.stdout.strip() == SPEC.fingerprint


def test_a_fingerprint_is_16_hexadecimal_digits():
    assert len(SPEC.fingerprint) == 16
    assert int(SPEC.fingerprint, 16) >= 0


@functools.cache
def fingerprints(*arguments):
    return [run.fingerprint for run in make_plan("task=copy", *arguments).runs]


@pytest.mark.parametrize(
    "how", ["executor=serial", "executor.workers=7", "reports=elsewhere", "reports=null", "name=other", "rerun=true"]
)
def test_how_and_where_a_run_is_carried_out_does_not_change_its_fingerprint(how):
    assert fingerprints(how) == fingerprints()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("training.learning_rate=1", "training.learning_rate=1.0"),
        ("training.learning_rate=0.003", "training.learning_rate=3e-3"),
        ("training.clip_norm=1", "training.clip_norm=1.00"),
        ("model.forget_bias=1", "model.forget_bias=1.0"),
        ("seed=1000", "seed=1_000"),
        ("training.optimizer=Adam", "training.optimizer='Adam'"),
        ("training.clip_norm=2", "training.clip={norm:2}"),
        ("training.clip_norm=null", "training.clip=null"),
        ("training.clip_norm=1.0", "training.clip=1"),
        ("training.clip={value:1}", "training.clip.value=1.0"),
        ("training.optimizer_options={betas:[0,0.5],eps:1}", "training.optimizer_options={eps:1.0,betas:[0.0,0.5]}"),
        ("training.optimizer=Adam", "training.optimizer_options={weight_decay:0,betas:[0.9,0.999]}"),
        ("training.optimizer_options=null", "training.optimizer_options={}"),
    ],
)
def test_the_same_value_written_otherwise_is_the_same_run(one, other):
    assert fingerprints(one) == fingerprints(other)


def test_a_default_that_is_typed_is_the_same_run():
    assert fingerprints("model=lstm", "training.max_steps=2000", "task.load=1") == fingerprints()


@pytest.mark.parametrize("changed", VARIANTS)
def test_a_spec_that_was_stored_is_the_same_spec_with_the_same_fingerprint(changed):
    again = RunSpec.from_json(VARIANTS[changed].to_json())
    assert again == VARIANTS[changed]
    assert again.fingerprint == VARIANTS[changed].fingerprint


def test_a_run_is_named_so_that_a_person_recognises_it():
    assert SPEC.run_name == "s0 lstm gap=10 copy"


def test_a_stack_says_in_its_name_and_settings_what_makes_it_one():
    spec = replace(SPEC, model=replace(MODEL, stack=Layers(layers=2, block="residual")))
    assert spec.run_name == "s0 lstm layers=2 block=residual gap=10 copy"
    assert spec.model.label == "lstm, layers=2, block=residual"
    assert set(spec.settings) - set(SPEC.settings) == {"model.layers", "model.block"}


def test_runs_of_a_plan_that_would_bear_one_name_are_told_apart_by_what_differs():
    plan = make_plan("task=copy", "model=lstm", "seed=0,1", "model.hidden_size=8,16", "training.freeze_core=false,true")
    assert [job.name for job in plan.jobs][:3] == [
        "s0 hidden_size=8 freeze_core=False lstm gap=20 copy",
        "s0 hidden_size=8 freeze_core=True lstm gap=20 copy",
        "s0 hidden_size=16 freeze_core=False lstm gap=20 copy",
    ]
    assert len({job.name for job in plan.jobs}) == 8


def test_what_follows_the_gap_tells_no_runs_apart():
    plan = make_plan("task=copy", "model=lstm_chrono_told", "task.gap=5,10")
    assert [job.name for job in plan.jobs] == [run.run_name for run in plan.runs]


def test_the_settings_of_a_run_are_named_as_one_types_them():
    assert SPEC.settings["task"] == "copy"
    assert SPEC.settings["task.gap"] == SPEC.gap == 10
    assert SPEC.settings["training.learning_rate"] == 0.003
    assert SPEC.settings["model.forget_bias"] == 1.0
    assert SPEC.settings["seed"] == 0


def test_a_run_that_is_there_twice_is_a_fault_however_it_was_made():
    again = replace(SPEC, training=Training(), task=replace(TASK, settings=dict(reversed(TASK.settings.items()))))
    (fault,) = duplicates([SPEC, VARIANTS["seed"], again])
    assert str(fault) == "s0 lstm gap=10 copy: is in the plan twice"


def test_different_runs_are_no_duplicates():
    assert duplicates([SPEC, *VARIANTS.values()]) == []


@pytest.mark.parametrize(
    ("words", "fingerprint"),
    [
        (["task=copy", "task.gap=10", "model=lstm"], "07ca097344a8daca"),
        (["task=agreement", "model=gru", "seed=3"], "17282019c5caa595"),
        (["task=copy", "task.gap=10", "model=lstm", "model.layers=1", "model.block=plain"], "07ca097344a8daca"),
    ],
)
def test_runs_of_old_records_are_known_again(words, fingerprint):
    """As they were when the first reports were written; whoever means to change them raises a version."""
    assert [run.fingerprint for run in make_plan(*words).runs] == [fingerprint]


def test_a_knob_that_came_later_is_no_part_of_a_run_at_its_default():
    """The one of copy came after its first records: see `seqbench.tasks.base.Task.later`."""
    assert fingerprints("task.loss_on=asked") == fingerprints()
    assert fingerprints("task.loss_on=all") != fingerprints()
    default, changed = (make_plan("task=copy", *words).runs[0] for words in ((), ("task.loss_on=all",)))
    assert "loss_on" not in default.task.settings
    assert changed.task.settings["loss_on"] == "all"
