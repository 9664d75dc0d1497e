"""Settings are checked by the annotations of whatever reads them, strictly, and every fault is told at once."""

import math
from dataclasses import asdict, fields
from typing import Annotated, Literal, get_args

import pytest
import torch
from annotated_types import Ge
from hypothesis import given, settings
from hypothesis import strategies as st

from seqbench.config import (
    ConfigError,
    Count,
    Fault,
    Optimizer,
    Options,
    Repetition,
    Training,
    knobs,
    load_class,
    names,
    nearest,
    shown,
    validate,
)
from seqbench.executors.base import Executor
from seqbench.executors.serial import Serial
from seqbench.models.base import Core, Model
from seqbench.models.lstm import LSTM
from seqbench.tasks.base import Task
from seqbench.tasks.copy import Copy

COUNTS = sorted(
    {field.name for field in fields(Training)}
    - {"optimizer", "learning_rate", "clip_norm", "max_steps", "shuffle_targets", "freeze_core", "save_model"}
    - {"dropout", "schedule", "warmup_steps", "budgets", "optimizer_options", "clip", "curriculum", "initial_state"}
    - {"hold"}
)


class Knobs:
    """One knob of every kind that a task or model may have."""

    def __init__(
        self,
        positional: int = 0,
        *,
        gap: Count,
        share: float = 0.5,
        bias: float | Literal["default", "chrono"] = 1.0,
        limit: Count | None = None,
        flag: bool = False,
        text: str = "x",
        anything="free",
    ):
        pass


def accepted(cls, **given):
    clean, faults = validate(cls, given)
    assert faults == []
    return clean


def problem(cls, **given):
    """The only thing that is wrong."""
    clean, (fault,) = validate(cls, given)
    assert clean == {}
    return fault.problem


def same(value, expected):
    return value == expected and type(value) is type(expected)


# -- what is accepted --------------------------------------------------------------------------------------


def test_knobs_are_the_keyword_only_parameters():
    assert list(knobs(Knobs)) == ["gap", "share", "bias", "limit", "flag", "text", "anything"]


def test_defaults_are_filled_in():
    defaults = {"gap": 3, "share": 0.5, "bias": 1.0, "limit": None, "flag": False, "text": "x", "anything": "free"}
    assert accepted(Knobs, gap=3) == defaults


def test_the_defaults_of_training_are_valid():
    assert accepted(Training) == asdict(Training())


@pytest.mark.parametrize("key", ["share", "bias"])
def test_an_integer_is_as_good_as_a_float(key):
    assert same(accepted(Knobs, gap=1, **{key: 1})[key], 1.0)


@pytest.mark.parametrize("bias", [0.25, -1.0, "default", "chrono"])
def test_a_union_takes_each_of_its_kinds_as_it_is(bias):
    assert same(accepted(Knobs, gap=1, bias=bias)["bias"], bias)


@given(st.integers(min_value=1, max_value=2**63 - 1))
@settings(max_examples=25, derandomize=True)
def test_every_count_from_1_up_is_accepted_unchanged(n):
    assert same(accepted(Knobs, gap=n)["gap"], n)


@given(st.floats(min_value=0, exclude_min=True, allow_nan=False, allow_infinity=False))
@settings(max_examples=25, derandomize=True)
def test_every_positive_number_is_a_learning_rate(rate):
    assert same(accepted(Training, learning_rate=rate)["learning_rate"], rate)


def test_none_is_a_value_where_it_is_allowed():
    assert accepted(Training, clip_norm=None)["clip_norm"] is None


def test_a_knob_without_an_annotation_takes_anything():
    assert accepted(Knobs, gap=1, anything=[1])["anything"] == [1]


# -- what is refused ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("gap", [10.0, True, False, "10", None, [10], math.nan])
def test_what_merely_resembles_an_integer_is_refused(gap):
    said = problem(Knobs, gap=gap)
    assert said.startswith(f"{gap!r} is not allowed; it should be ")
    assert "integer" in said


@pytest.mark.parametrize(
    "wrong", [{"share": True}, {"share": "1"}, {"share": None}, {"flag": 1}, {"flag": "true"}, {"text": 3}]
)
def test_no_type_is_turned_into_another(wrong):
    ((_, value),) = wrong.items()
    assert f"{value!r} is not allowed" in problem(Knobs, gap=1, **wrong)


@pytest.mark.parametrize("key", COUNTS)
@pytest.mark.parametrize("value", [0, -1])
def test_every_count_of_training_is_at_least_1(key, value):
    assert problem(Training, **{key: value}) == f"{value} is not allowed; it should be greater than or equal to 1"


def test_shorter_budgets_are_counts_and_a_list_of_them_will_do():
    assert validate(Training, {"budgets": [10, 20]}) == (vars(Training(budgets=(10, 20))), [])
    assert problem(Training, budgets=[0, 20]) == "0 is not allowed; it should be greater than or equal to 1"


@pytest.mark.parametrize(
    ("settings", "wrong"),
    [
        ({"budgets": (10, 20), "max_steps": 30}, None),
        ({"budgets": (), "schedule": "linear", "patience": 3}, None),
        ({"budgets": (20, 10), "max_steps": 30}, "rise"),
        ({"budgets": (10, 10), "max_steps": 30}, "rise"),
        ({"budgets": (10, 30), "max_steps": 30}, "less than training.max_steps"),
        ({"budgets": (10,), "max_steps": 30, "schedule": "linear"}, "constant schedule"),
        ({"budgets": (10,), "max_steps": 30, "patience": 3}, "without patience"),
    ],
)
def test_a_run_tells_of_budgets_that_training_would_have_spent_alike(settings, wrong):
    found = Training(**settings).contradictions()
    assert found == {} if wrong is None else wrong in found["budgets"]


def test_a_budget_of_no_steps_is_for_the_initialisation_alone():
    assert problem(Training, max_steps=-1) == "-1 is not allowed; it should be greater than or equal to 0"
    assert validate(Training, {"max_steps": 0})[1] == []


@pytest.mark.parametrize("value", [-0.1, 1.0, math.nan, math.inf])
def test_dropout_is_a_share_below_one(value):
    assert f"{value!r} is not allowed" in problem(Training, dropout=value)


def test_the_warmup_is_no_negative_number():
    assert problem(Training, warmup_steps=-1) == "-1 is not allowed; it should be greater than or equal to 0"


@pytest.mark.parametrize("key", ["learning_rate", "clip_norm"])
@pytest.mark.parametrize("value", [0, 0.0, -1e-3, math.inf, -math.inf, math.nan])
def test_rates_and_norms_are_positive_and_finite(key, value):
    assert f"{value!r} is not allowed" in problem(Training, **{key: value})


def test_a_count_that_no_column_of_a_table_holds_is_refused():
    assert problem(Knobs, gap=2**63).endswith("it should be less than or equal to 9223372036854775807")
    assert problem(Training, max_steps=2**63).endswith("it should be less than or equal to 9223372036854775807")


def test_an_unknown_choice_is_told_the_nearest_and_else_the_choices():
    assert problem(Training, optimizer="Adma") == "'Adma' is not allowed; did you mean 'Adam'?"
    assert problem(Training, optimizer="sgd") == "'sgd' is not allowed; did you mean 'SGD'?"
    said = problem(Training, optimizer="zzz")
    assert said.startswith("'zzz' is not allowed; it should be 'Adam', ")
    assert "'SGD'" in said


@pytest.mark.parametrize("name", get_args(Optimizer))
def test_every_optimizer_offered_exists_and_takes_a_learning_rate(name):
    parameter = torch.nn.Parameter(torch.zeros(1))
    assert getattr(torch.optim, name)([parameter], lr=0.1).defaults["lr"] == 0.1


def test_a_union_that_refuses_says_what_each_of_its_kinds_would_take():
    assert problem(Knobs, gap=1, bias="zzz") == (
        "'zzz' is not allowed; it should be a valid number or 'default' or 'chrono'"
    )
    assert problem(Knobs, gap=1, bias="chorno") == "'chorno' is not allowed; did you mean 'chrono'?"


def test_seeds_start_at_0():
    assert accepted(Repetition, seed=0) == {"seed": 0}
    assert "greater than or equal to 0" in problem(Repetition, seed=-1)


def test_a_missing_knob_is_named():
    assert validate(Knobs, {}, "task.")[1] == [Fault("task.gap", "is missing")]


def test_an_unknown_key_is_told_the_nearest_one():
    assert problem(Knobs, gap=1, shrae=0.5) == "there is no such key; did you mean 'share'?"


def test_an_unknown_key_far_from_all_others_is_told_which_there_are():
    assert problem(Knobs, gap=1, zzz=0.5).startswith("there is no such key; choose from anything, bias, flag, gap, ")


def test_a_positional_parameter_is_no_key():
    assert problem(Knobs, gap=1, positional=1).startswith("there is no such key")


def test_every_fault_is_found_with_its_key():
    _, faults = validate(Training, {"max_stesp": 1, "batch_size": 0, "learning_rate": -1, "optimizer": 3}, "training.")
    assert {fault.key.removeprefix("training.") for fault in faults} == {
        "max_stesp",
        "batch_size",
        "learning_rate",
        "optimizer",
    }


@pytest.mark.parametrize("name", ["gap_sweep", "a", "A-1.b_2", "_x", "0"])
def test_names_that_can_be_a_folder_are_accepted(name):
    assert accepted(Options, name=name)["name"] == name


def test_a_name_that_is_too_long_for_a_folder_is_refused():
    assert accepted(Options, name="a" * 100)["name"] == "a" * 100
    assert problem(Options, name="a" * 101).endswith("it has 101 characters; it should have 100 at most")


@pytest.mark.parametrize("name", ["", ".", "..", "../x", "a/b", "a b", "-x", ".hidden", "naïve", "a\n", "a'"])
def test_names_that_would_lead_elsewhere_are_refused(name):
    assert problem(Options, name=name).startswith(f"{name!r} is not allowed; use letters, digits")


# -- faults ------------------------------------------------------------------------------------------------


def test_an_error_tells_each_fault_once_in_the_order_found():
    error = ConfigError([Fault("b", "is odd"), Fault("a", "is odd"), Fault("b", "is odd")])
    assert [fault.key for fault in error.faults] == ["b", "a"]
    assert str(error) == "b: is odd\na: is odd"


def test_the_nearest_name_is_offered_and_else_all_of_them():
    assert nearest("gpa", ["load", "gap"]) == "; did you mean 'gap'?"
    assert nearest("zz", ["load", "gap"]) == "; choose from gap, load"
    assert nearest("gpa", ["load", "gap"], "task.") == "; did you mean 'task.gap'?"
    assert nearest("zz", ["load", "gap"], "task.") == "; choose from task.gap, task.load"
    assert nearest("zz", []) == ""


# -- classes -----------------------------------------------------------------------------------------------


class Unfinished(Copy):
    """Says nothing of its own; a class in a module of a test."""


@pytest.mark.parametrize(
    ("target", "contract", "cls"),
    [
        ("seqbench.tasks.copy.Copy", Task, Copy),
        ("seqbench.models.lstm.LSTM", Core, LSTM),
        ("seqbench.executors.serial.Serial", Executor, Serial),
    ],
)
def test_a_class_is_found_by_its_name(target, contract, cls):
    assert load_class(target, contract) is cls


def test_a_class_from_elsewhere_will_do():
    assert load_class(f"{__name__}.Unfinished", Task) is Unfinished


@pytest.mark.parametrize(
    "target",
    [
        "os.system",  # a function
        "seqbench.plan.seeding",  # a module
        "seqbench.config.TRAINING",  # nothing
        "pathlib.Path",  # a class, of another kind
        "seqbench.models.lstm.LSTM",  # a class, of another contract
        "seqbench.tasks.copy.SYMBOLS",  # a number
        "no_such_package.Copy",
        "seqbench.tasks.no_such_module.Copy",
        "seqbench.tasks.copy.Coyp",
        "Copy",
        "",
        ".",
        "..x",
    ],
)
def test_what_is_no_task_is_refused_as_one(target):
    with pytest.raises(ValueError) as raised:
        load_class(target, Task)
    told = f"{target!r} is not a Task: ", f"{target!r} cannot be imported: ", f"{target!r} names no class: "
    assert str(raised.value).startswith(told)


@pytest.mark.parametrize(
    "source", ["def (:\n", "1 / 0\n", "raise RuntimeError('broken')\n", "import no_such_package\n"]
)
def test_a_module_that_does_not_import_is_refused_in_plain_words(source, tmp_path, monkeypatch):
    name = f"broken_{abs(hash(source))}"
    (tmp_path / f"{name}.py").write_text(source)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ValueError, match="cannot be imported"):
        load_class(f"{name}.Mine", Task)


@pytest.mark.parametrize(
    ("raised", "told"),
    [("ValueError('no luck\\nat all')", "no luck"), ("KeyError", "KeyError"), ("ValueError('\\n')", "ValueError")],
)
def test_a_module_that_says_much_is_refused_in_one_line_and_one_that_says_nothing_by_its_kind(
    raised, told, tmp_path, monkeypatch
):
    name = f"talks_{abs(hash(raised))}"
    (tmp_path / f"{name}.py").write_text(f"raise {raised}")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ValueError, match=f"^'{name}.Mine' cannot be imported: {told}$"):
        load_class(f"{name}.Mine", Task)


def test_ranges_written_with_annotated_hold_for_other_people_too():
    class Mine:
        def __init__(self, *, depth: Annotated[int, Ge(2)] = 2):
            pass

    assert accepted(Mine, depth=2) == {"depth": 2}
    assert problem(Mine, depth=1) == "1 is not allowed; it should be greater than or equal to 2"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("LR", "learning_rate"),
        ("Gap", "gap"),
        ("lag", "gap"),
        ("batch-size", "batch_size"),
        ("zz", None),
        ("gpa", None),
    ],
)
def test_case_and_other_words_for_a_name_are_known(typed, meant):
    assert names.same(typed, ["learning_rate", "gap", "batch_size"]) == meant


def test_letters_that_are_swapped_are_the_likeliest_slip():
    assert nearest("Adma", ["Adam", "Adamax", "AdamW"]) == "; did you mean 'Adam'?"


def test_a_fault_of_several_arms_is_told_once_and_three_are_named():
    faults = [Fault("", "is too long", f"model={name}") for name in "abcde"]
    assert str(ConfigError(faults[:1])) == "model=a: is too long"
    assert str(ConfigError(faults[:4])) == "model=a, b, c and 1 other: is too long"
    assert str(ConfigError(faults)) == "model=a, b, c and 2 others: is too long"
    assert str(ConfigError([Fault("x", "is odd", "model=a"), Fault("x", "is even", "model=b")])) == (
        "x with model=a: is odd\nx with model=b: is even"
    )


def test_long_values_are_shown_by_their_ends():
    assert shown("x") == "'x'"
    assert len(shown("9" * 5000)) < 110


def test_a_class_that_is_not_whole_is_told_what_it_lacks():
    with pytest.raises(ValueError, match=r"^Classification lacks .*`sample`.*, which its base class leaves to it"):
        load_class("seqbench.tasks.classification.Classification", Task)
    with pytest.raises(ValueError, match=r"^Reference lacks `propose`, which"):
        load_class("seqbench.models.reference.Reference", Model)
    with pytest.raises(ValueError, match=r"'Copy' names no class: write module\.Class"):
        load_class("Copy", Task)
