"""From files and a command line to a checked plan: Hydra's grammar in, runs or every fault out."""

import math
import shlex
import sys
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest
from builders import load_task, options
from hypothesis import given, settings
from hypothesis import strategies as st
from omegaconf import OmegaConf

from seqbench.config import ConfigError, config_dir
from seqbench.models.reference import Reference
from seqbench.planning.make_plan import make_plan
from seqbench.training.fit import build

TASKS, MODELS = options("task"), options("model")
#: Experiments that are the product of their axes; the others state claims, or search.
GRIDS = [name for name in options("experiment") if name not in ("controls", "horizon")]
SCALARS = (bool, int, float, str, type(None))


def told(*arguments, config_dir=None):
    """What is wrong with a command line, a line for each fault."""
    with pytest.raises(ConfigError) as raised:
        make_plan(*arguments, config_dir=folder)
    assert raised.value.faults
    return [str(fault) for fault in raised.value.faults]


def column(plan, key):
    return [run.settings[key] for run in plan.runs]


def axes_of(experiment):
    """The axes as the file states them."""
    return OmegaConf.load(config_dir() / "experiment" / f"{experiment}.yaml").hydra.sweeper.params


# -- the product of the axes -------------------------------------------------------------------------------


def test_without_axes_there_is_one_run_of_the_defaults():
    plan = make_plan()
    (run,) = plan.runs
    assert run.run_name == "adding gap=20 lstm seed=0"
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
        f"copy gap={gap} {model} seed={seed}" for model in ("rnn", "lstm_chrono") for gap in (5, 50) for seed in (0, 1)
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
NAMES = st.lists(st.sampled_from(MODELS), min_size=1, max_size=3, unique=True)


@given(GAPS, NAMES, st.integers(1, 3))
@settings(max_examples=5, derandomize=True, deadline=None)
def test_a_plan_holds_every_combination_once(gaps, models, seeds):
    plan = make_plan(f"task.gap={','.join(map(str, gaps))}", f"model={','.join(models)}", f"seed=range({seeds})")
    expected = list(product(models, gaps, range(seeds)))
    assert [(run.model.name, run.gap, run.seed) for run in plan.runs] == expected
    assert len({run.fingerprint for run in plan.runs}) == len(expected)


def test_a_plan_of_2000_runs_is_complete_and_without_repetition():
    plan = make_plan("task=copy,adding", "model=rnn,lstm_chrono", "task.gap=range(1,51)", "seed=range(10)")
    assert len(plan.runs) == len({run.fingerprint for run in plan.runs}) == len(plan.commands) == 2000
    assert {(run.task.name, run.model.name, run.gap, run.seed) for run in plan.runs} == set(
        product(["copy", "adding"], ["rnn", "lstm_chrono"], range(1, 51), range(10))
    )


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
    whole, plan = make_plan("+experiment=smoke"), make_plan("+experiment=smoke", typed)
    assert set(column(plan, key)) == {value}
    assert len(plan.runs) == len(whole.runs) // len(set(column(whole, key)))


@pytest.mark.parametrize("words", [["+experiment=smoke", "seed=7"], ["seed=7", "+experiment=smoke"]])
def test_the_order_of_the_words_does_not_matter(words):
    assert set(column(make_plan(*words), "seed")) == {7}


def test_what_is_typed_wins_over_plain_settings_of_the_experiment():
    assert set(column(make_plan("+experiment=smoke"), "training.max_steps")) == {300}
    assert set(column(make_plan("+experiment=smoke", "training.max_steps=5"), "training.max_steps")) == {5}
    assert make_plan("+experiment=smoke", "name=mine").options.name == "mine"


def test_chrono_follows_the_gap_run_by_run():
    plan = make_plan("model=lstm_chrono,lstm", "task.gap=10,50", "seed=0,1")
    assert [(run.model.name, run.gap, run.model.settings["max_timescale"]) for run in plan.runs if run.seed == 0] == [
        ("lstm_chrono", 10, 10),
        ("lstm_chrono", 50, 50),
        ("lstm", 10, None),
        ("lstm", 50, None),
    ]


def test_chrono_may_be_told_another_timescale():
    plan = make_plan("model=lstm_chrono", "task.gap=10,50", "model.max_timescale=7")
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
    assert (plan.executor.name, plan.executor.settings) == ("processes", {"workers": 3})


# -- every file in conf/ -----------------------------------------------------------------------------------


@pytest.mark.parametrize("experiment", GRIDS)
def test_an_experiment_composes_into_a_plan_of_its_own_name(experiment):
    plan = make_plan(f"+experiment={experiment}")
    assert plan.options.name == experiment
    lengths = [len(set(column(plan, str(axis)))) for axis in axes_of(experiment)]
    assert len(plan.runs) == math.prod(lengths)


@pytest.mark.parametrize("task", TASKS)
def test_every_model_can_be_trained_on_every_task(task):
    """But what has a matrix for each step on sentences of any length, and what counts words on anything else."""
    other = "unshared" if load_task(task).words else "ngram"
    plan = make_plan(f"task={task}", f"model=glob(*,exclude=[unshared,{other}])")
    if other == "ngram":
        length = load_task(task).batch(0, "train", 0, 1).inputs.shape[1]
        plan = replace(
            plan, runs=(*plan.runs, *make_plan(f"task={task}", "model=unshared", f"model.length={length}").runs)
        )
    assert sorted(column(plan, "model")) == [name for name in MODELS if name != other]
    for run in plan.runs:
        built, model = build(run)
        assert built.gap == run.gap
        assert isinstance(model, Reference) or model.num_parameters > 0
        assert all(isinstance(value, SCALARS) for value in run.settings.values())


@pytest.mark.parametrize("executor", options("executor"))
def test_every_executor_is_accepted(executor):
    assert make_plan(f"executor={executor}").executor.name == executor


# -- the command that repeats one run ----------------------------------------------------------------------


def repeated(command):
    """The plan that a command asks for, typed again."""
    python, dash_m, package, *words = shlex.split(command)
    assert (python, dash_m, package) == ("python", "-m", "seqbench")
    folder = None
    if words[:1] == ["--config-dir"]:
        folder, words = Path(words[1]), words[2:]
    return make_plan(*words, config_dir=folder)


def assert_each_command_repeats_its_run(plan, sample=1):
    """Of a large plan only every `sample`th command is composed again."""
    assert list(plan.commands) == [run.fingerprint for run in plan.runs]
    for fingerprint, command in list(plan.commands.items())[::sample]:
        again = repeated(command)
        assert [run.fingerprint for run in again.runs] == [fingerprint], command
        assert again.options.name == plan.options.name
        assert again.executor == plan.executor
        assert not again.options.dry_run
        assert not again.options.rerun


@pytest.mark.parametrize("experiment", GRIDS)
def test_the_commands_of_an_experiment_name_every_axis_and_repeat_their_run(experiment):
    plan = make_plan(f"+experiment={experiment}")
    for run in plan.runs:
        _, _, _, first, *axes = shlex.split(plan.commands[run.fingerprint])
        assert first == f"+experiment={experiment}"
        assert sorted(axes) == sorted(f"{key}={run.settings[str(key)]}" for key in axes_of(experiment))
    assert_each_command_repeats_its_run(plan, sample=1 + len(plan.runs) // 20)


def test_an_experiment_of_claims_has_the_runs_of_all_of_them():
    plan = make_plan("+experiment=controls")
    claimed = {fingerprint for control in plan.controls for fingerprint in control.fingerprints}
    assert claimed == {run.fingerprint for run in plan.runs}
    assert {control.expected for control in plan.controls} == {"solves", "fails", "refused"}
    assert all(
        control.refusal and "21 steps" in control.refusal for control in plan.controls if control.expected == "refused"
    )
    assert_each_command_repeats_its_run(plan, sample=9)


def test_what_is_typed_holds_for_every_claim():
    plan = make_plan("+experiment=controls", "seed=7")
    assert {run.seed for run in plan.runs} == {7}


def test_a_claim_that_says_too_little_is_refused(own):
    folder = own(experiment__mine=GLOBAL + "name: mine\ncontrols: [{requirement: order, expected: wins}]")
    with pytest.raises(ConfigError, match=r"controls\[0\]: it should have axes, control, expected, requirement"):
        make_plan("+experiment=mine", config_dir=folder)


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


# -- faults ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("task.gpa=3", "task.gpa: there is no such key; did you mean 'task.gap'?"),
        ("task.foo=3", "task.foo: there is no such key; choose from task.gap, task.load, task.min_gap"),
        ("training.max_stesp=3", "training.max_stesp: there is no such key; did you mean 'training.max_steps'?"),
        ("sede=3", "sede=3: there is no such key; did you mean 'seed'?"),
        ("modle=rnn", "modle=rnn: there is no such key; did you mean 'model'?"),
        ("+modle=rnn", "modle: there is no such key; did you mean 'model'?"),
        ("+experiments=smoke", "experiments: there is no such key; did you mean 'experiment'?"),
        ("+trainign.max_steps=3", "trainign: there is no such key; did you mean 'training'?"),
        ("+task.gpa=3", "task.gpa: there is no such key; did you mean 'task.gap'?"),
        ("++task.gpa=3,4", "task.gpa: there is no such key; did you mean 'task.gap'?"),
        ("task.gap.x=3", "task.gap.x: there is no such key; did you mean 'task.gap'?"),
        ("seed.x=3", "seed.x: there is no such key"),
        ("executor.wrokers=3", "executor.wrokers=3: there is no such key; did you mean 'executor.workers'?"),
        ("executor=serial executor.workers=2", "executor.workers=2: there is no such key"),
        ("model=rnn,lstm model.forget_bias=1", "model.forget_bias: there is no such key with model=rnn; choose from"),
        ("task=cpoy", "task=cpoy: there is no such task; did you mean 'copy'?"),
        ("model=lstn,rnn", "model=lstn: there is no such model; did you mean 'lstm'?"),
        ("executor=proceses", "executor=proceses: there is no such executor; did you mean 'processes'?"),
        ("+experiment=smok", "experiment=smok: there is no such experiment; did you mean 'smoke'?"),
        ("+experiment=null", "experiment=None: there is no such experiment; choose from agreement_sweep, controls"),
        ("experiment=smoke", "To append to your default list use +experiment=smoke"),
        ("+experiment=smoke +experiment=gap_sweep", "+experiment=gap_sweep: Multiple values for experiment"),
        ("task.gap=0", "task.gap: 0 is not allowed; it should be greater than or equal to 1"),
        ("task.load=0", "task.load: 0 is not allowed; it should be greater than or equal to 1"),
        ("model.hidden_size=0", "model.hidden_size: 0 is not allowed; it should be greater than or equal to 1"),
        ("training.batch_size=0", "training.batch_size: 0 is not allowed; it should be greater than or equal to 1"),
        ("training.max_steps=-1", "training.max_steps: -1 is not allowed; it should be greater than or equal to 0"),
        ("training.learning_rate=0", "training.learning_rate: 0 is not allowed; it should be greater than 0"),
        ("training.learning_rate=nan", "training.learning_rate: nan is not allowed; it should be a finite number"),
        ("training.optimizer=Adma", "training.optimizer: 'Adma' is not allowed; it should be 'Adam', "),
        ("seed=-1", "seed: -1 is not allowed; it should be greater than or equal to 0"),
        ("task.gap=10.0", "task.gap: 10.0 is not allowed; it should be a valid integer"),
        ("task.gap=true", "task.gap: True is not allowed; it should be a valid integer"),
        ("task.gap='10'", "task.gap: '10' is not allowed; it should be a valid integer"),
        ("task.gap=", "task.gap: '' is not allowed; it should be a valid integer"),
        ("task.gap=null", "task.gap: None is not allowed; it should be a valid integer"),
        ("task.gap=[10,20]", "task.gap: [10, 20] is not allowed; it should be a valid integer"),
        ("task.gap={a:1}", "task.gap: {'a': 1} is not allowed; it should be a valid integer"),
        ("seed=range(0.5,2)", "seed: 0.5 is not allowed; it should be a valid integer"),
        ("executor.workers=0", "executor.workers: 0 is not allowed; it should be greater than or equal to 1"),
        ("name=..", "name: '..' is not allowed; use letters, digits"),
        ("name=3", "name: 3 is not allowed; it should be a valid string"),
        ("dry_run=1", "dry_run: 1 is not allowed; it should be a valid boolean"),
        ("model.forget_bias=chrono", "max_timescale belongs to forget_bias=chrono: set both or neither"),
        ("model.hidden_size=1000000000", "task=adding model=lstm: "),
        ("task._target_=os.system", "task._target_: there is no such key"),
        ("executor._target_=os.system", "executor._target_: 'os.system' is not a Executor"),
        ("seed=${training.max_stesp}", "Interpolation key 'training.max_stesp' not found"),
        ("seed=???", "Missing mandatory value: seed"),
        ("training=null", "training: there is no such key; choose from training.batch_size, "),
        ("training={max_steps:5}", "training: there is no such key; choose from training.batch_size, "),
        ("task=copy,copy", "task=copy,copy: names 'copy' twice"),
        ("seed=1,2,1", "seed=1,2,1: names 1 twice"),
        ("training.learning_rate=0.1,0.10", "training.learning_rate=0.1,0.10: names 0.1 twice"),
        ("training.clip_norm=1,1.0", "training.clip_norm=1,1.0: names 1 twice"),
        ("training.clip_norm=null,null", "training.clip_norm=null,null: names None twice"),
        ("seed=range(0)", "seed=range(0): names no value"),
        ("task.gap=range(10,10)", "task.gap=range(10,10): names no value"),
        ("model=glob(x*)", "model=glob(x*): names no value"),
        ("task.gap=glob(*)", "task.gap=glob(*): names no value"),
        ("task.gap=interval(1,2)", "task.gap=interval(1,2): an interval does not say which values: name them"),
        ("name=a,b", "name=a,b: cannot be swept; only task, model, training, seed and what is in them can"),
        ("executor=serial,processes", "executor=serial,processes: cannot be swept"),
        ("executor.workers=1,2", "executor.workers=1,2: cannot be swept"),
        ("+experiment=smoke,gap_sweep", "+experiment=smoke,gap_sweep: cannot be swept"),
        ("reports=range(2)", "reports=range(2): cannot be swept"),
        ("~seed", "~seed: a setting cannot be left out; give it a value"),
        ("~training.clip_norm", "~training.clip_norm: a setting cannot be left out"),
        ("~training.max_steps=2000", "~training.max_steps=2000: a setting cannot be left out"),
        ("~task", "~task: a setting cannot be left out"),
        ("~name", "~name: a setting cannot be left out"),
        ("task@model=copy", "task@model=copy: a group cannot be put elsewhere"),
        ("executor@task=serial", "executor@task=serial: a group cannot be put elsewhere"),
        ("hydra.mode=RUN", "hydra.mode=RUN: cannot be set"),
        ("hydra/sweeper=basic", "hydra/sweeper=basic: cannot be set"),
        ("hydra.sweeper.params=5", "hydra.sweeper.params=5: cannot be set"),
        ("hydra=null", "hydra=null: cannot be set"),
        ("hydra.searchpath=[/nope]", "hydra.searchpath: there is no folder /nope"),
        ("hydra.searchpath=['file:///nope',conf]", "hydra.searchpath: there is no folder /nope"),
        ("reports=", "reports: '' is not allowed; it should not be empty"),
        ("hydra.searchpath=5", "hydra.searchpath must be a list of strings"),
        ("hydra.rnu=5", "hydra.rnu=5: Could not override 'hydra.rnu'"),
        ("task.gap", "task.gap: cannot be read"),
        ("task.gap =5", "=5: cannot be set"),
        ("task.gap==5", "task.gap==5: cannot be read"),
        ("task.gap=10,", "task.gap=10,: cannot be read"),
        ("task.gap=(1,2)", "task.gap=(1,2): cannot be read"),
        ("task.gap='1", "task.gap='1: cannot be read"),
    ],
)
def test_refused(words, expected):
    assert any(expected in line for line in told(*words.split(" "))), told(*words.split(" "))


def test_every_fault_is_told_at_once():
    axes = ["task.gap=0", "task.lod=3", "task.load=2,2", "model=foo", "seed=1.5", "task.gap"]
    training = ["training.learning_rate=-1", "training.optimizer=3"]
    others = ["+experiment=bar", "modle=x", "executor.workers=-1", "name=a/b", "rerun=2"]
    words = [*axes, *training, *others]
    keys = {line.partition(": ")[0] for line in told(*words)}
    assert keys == {
        "experiment=bar",
        "task.gap",
        "task.lod",
        "task.load=2,2",
        "modle=x",
        "model=foo",
        "training.learning_rate",
        "training.optimizer",
        "seed",
        "executor.workers",
        "name",
        "rerun",
    }


def test_a_fault_of_many_runs_is_told_once():
    assert told("training.max_steps=-1", "seed=range(5)", "model=rnn,gru", "task=copy,adding") == [
        "training.max_steps: -1 is not allowed; it should be greater than or equal to 0"
    ]


def test_the_same_run_by_another_name_is_a_fault():
    words = ["model=lstm_chrono", "task.gap=20", "model.max_timescale=20,${task.gap}"]
    assert told(*words) == ["adding gap=20 lstm_chrono seed=0: is in the plan twice"]


def test_the_bad_values_of_an_axis_are_told_and_only_those():
    assert told("task.gap=5,0,-1") == [
        "task.gap: 0 is not allowed; it should be greater than or equal to 1",
        "task.gap: -1 is not allowed; it should be greater than or equal to 1",
    ]


# -- a folder of one's own ---------------------------------------------------------------------------------

CLASSES = """
from seqbench.executors.serial import Serial
from seqbench.models.rnn import RNN
from seqbench.tasks.copy import Copy


class Mine(RNN):
    version = 7

    def __init__(self, input_size: int, *, text: str = "x", flag: bool = True) -> None:
        super().__init__(input_size, hidden_size=4)


class Fails(RNN):
    def __init__(self, input_size: int) -> None:
        raise KeyError("no luck")


class Gapless(Copy):
    def __init__(self, *, load: int = 1) -> None:
        super().__init__(gap=3, load=load)


class Nodes(Serial):
    def __init__(self, *, nodes: int = 1) -> None:
        pass
"""


@pytest.fixture
def own(tmp_path, monkeypatch):
    """Writes a folder of configuration with a class file beside it; its name has a blank and a comma."""
    folder = tmp_path / "my own, folder"
    folder.mkdir()
    (folder / "my_classes.py").write_text(CLASSES)
    monkeypatch.syspath_prepend(folder)
    monkeypatch.delitem(sys.modules, "my_classes", raising=False)

    def write(**files):
        for name, text in files.items():
            group, _, option = name.partition("__")
            (folder / group).mkdir(exist_ok=True)
            (folder / group / f"{option}.yaml").write_text(text)
        return folder

    return write


MINE = "_target_: my_classes.Mine\ntext: x\nflag: true\n"
GLOBAL = "# @package _global_\n"


def test_a_model_in_a_folder_of_ones_own(own):
    (run,) = make_plan("model=mine", "model.text=a", config_dir=own(model__mine=MINE)).runs
    assert run.model.target == "my_classes.Mine"
    assert run.model.settings == {"text": "a", "flag": True}
    assert run.model.version == 7


def test_a_folder_on_hydras_search_path(own):
    folder = own(
        model__mine=MINE, experiment__mine=GLOBAL + "name: mine\nhydra: {sweeper: {params: {model: 'mine,rnn'}}}"
    )
    plan = make_plan(f"hydra.searchpath=['{folder}']", "+experiment=mine")
    assert column(plan, "model") == ["mine", "rnn"]
    assert column(make_plan(f"hydra.searchpath=['{folder}']", "model=glob(m*)"), "model") == ["memoryless", "mine"]
    assert_each_command_repeats_its_run(plan)


@pytest.mark.parametrize(
    "text", ["a b", "a,b", "10", "true", "null", "", " x ", "it's", 'say "x"', "a\\", "ü", "$x", "[1]"]
)
def test_a_command_repeats_any_text(own, text):
    folder = own(model__mine=MINE)
    quoted = text.replace("\\", "\\\\").replace("'", "\\'")
    plan = make_plan("model=mine", f"model.text='{quoted}','other'", "model.flag=true,false", config_dir=folder)
    assert column(plan, "model.text") == [text, text, "other", "other"], quoted
    assert_each_command_repeats_its_run(plan)


def test_a_command_names_the_folder_of_ones_own(own):
    plan = make_plan("model=mine", config_dir=own(model__mine=MINE))
    (command,) = plan.commands.values()
    assert "--config-dir" in shlex.split(command)
    assert_each_command_repeats_its_run(plan)


@pytest.mark.parametrize("words", ["executor=nodes executor.nodes=3", "executor.nodes=3 executor=nodes"])
def test_an_executor_of_ones_own_with_its_own_knob(own, words):
    folder = own(executor__nodes="_target_: my_classes.Nodes\nnodes: 1\n")
    assert make_plan(*words.split(" "), config_dir=folder).executor.settings == {"nodes": 3}


def test_a_fault_elsewhere_does_not_make_a_valid_setting_one(own):
    folder = own(executor__nodes="_target_: my_classes.Nodes\nnodes: 1\n")
    (line,) = told("executor.nodes=3", "executor=nodes", "nmae=x", config_dir=folder)
    assert line == "nmae=x: there is no such key; did you mean 'name'?"


def test_an_experiment_may_choose_settings_and_options_of_groups(own):
    text = """
defaults:
  - override /model: mine
  - override /executor: serial
name: mine
task: {gap: 9}
hydra: {sweeper: {params: {training.clip_norm: null, model.flag: 'true,false', seed: 3}}}
"""
    plan = make_plan("+experiment=mine", config_dir=own(model__mine=MINE, experiment__mine=GLOBAL + text))
    assert plan.executor.name == "serial"
    assert column(plan, "model") == ["mine", "mine"]
    assert column(plan, "model.flag") == [True, False]
    assert column(plan, "training.clip_norm") == [None, None]
    assert column(plan, "task.gap") == [9, 9]
    assert column(plan, "seed") == [3, 3]
    assert_each_command_repeats_its_run(plan)


@pytest.mark.parametrize(
    ("experiment", "expected"),
    [
        ("sed: 3", "sed: there is no such key; did you mean 'seed'?"),
        ("training: {max_stesp: 3}", "training.max_stesp: there is no such key; did you mean 'max_steps'?"),
        ("task: {gpa: 3}", "task.gpa: there is no such key; did you mean 'gap'?"),
        ("task: {_target_: os.system}", "task._target_: 'os.system' is not a Task"),
        ("model: {_target_: seqbench.tasks.copy.Copy}", "model._target_: 'seqbench.tasks.copy.Copy' is not a Model"),
        ("hydra: null", "hydra: it should be a group of settings, not a value"),
        ("hydra: 5", "int is not a subclass of HydraConf"),
        ("model: {forget_bias: .nan}", "model.forget_bias: nan is not allowed; it should be a finite number"),
        ("model: {forget_bias: -.inf}", "model.forget_bias: -inf is not allowed; it should be a finite number"),
        ("model: null", "model: None is not allowed; it should be a group of settings"),
        ("training: null", "training: None is not allowed; it should be a group of settings"),
        ("seed: {a: 1}", "seed: {'a': 1} is not allowed"),
        ("defaults: [override /model: nope]", "Could not find 'model/nope'"),
        ("hydra: {sweeper: {params: {sede: '1,2'}}}", "sede=1,2: cannot be swept"),
        ("hydra: {sweeper: {params: {sede: 1}}}", "sede=1: cannot be swept"),
        ("hydra: {sweeper: {params: {executor.workers: 2}}}", "executor.workers=2: cannot be swept"),
        ("hydra: {sweeper: {params: {seed: [1, 2]}}}", "seed: [1, 2] is not allowed"),
        ("hydra: {sweeper: {params: {model: 'rnn,nope'}}}", "model=nope: there is no such model"),
        ("hydra: {sweeper: {params: {seed: range(0)}}}", "seed=range(0): names no value"),
        ("hydra: {sweeper: {params: {seed: '1,1'}}}", "seed=1,1: names 1 twice"),
        ("hydra: {sweeper: {params: 5}}", "hydra.sweeper.params: 5 is not allowed"),
        ("name: [a", "while parsing a flow sequence"),
    ],
)
def test_a_faulty_experiment_file_is_refused(own, experiment, expected):
    lines = told("+experiment=mine", config_dir=own(experiment__mine=GLOBAL + experiment))
    assert any(expected in line for line in lines), lines


def test_an_experiment_file_without_its_first_line_is_refused(own):
    (line,) = told("+experiment=mine", config_dir=own(experiment__mine="name: mine"))
    assert "must begin with '# @package _global_'" in line


@pytest.mark.parametrize(
    ("group", "text", "expected"),
    [
        ("task", "_target_: os.system", "task._target_: 'os.system' is not a Task"),
        ("task", "_target_: seqbench.models.lstm.LSTM", "task._target_: 'seqbench.models.lstm.LSTM' is not a Task"),
        ("task", "_target_: my_classes.Nope\ngap: 1", "task._target_: 'my_classes.Nope' cannot be imported"),
        ("task", "_target_: my_classes.Gapless", "has no knob named 'gap', which every task needs"),
        (
            "task",
            "_target_: seqbench.tasks.copy.Copy\nlode: 1",
            "task.lode: there is no such key; did you mean 'load'?",
        ),
        ("task", "_target_: seqbench.tasks.copy.Copy\nload: 1", "task.gap: is missing"),
        ("task", "gap: 3", "task._target_: 'None' cannot be imported"),
        ("model", "_target_: pathlib.Path", "model._target_: 'pathlib.Path' is not a Model"),
        ("model", "_target_: torch.nn.LSTM", "model._target_: 'torch.nn.LSTM' is not a Model"),
        ("model", "_target_: my_classes.Fails", "task=adding model=odd: 'no luck'"),
        ("model", "a: [b", "while parsing a flow sequence"),
    ],
)
def test_a_faulty_file_of_a_group_is_refused(own, group, text, expected):
    lines = told(f"{group}=odd", config_dir=own(**{f"{group}__odd": text}))
    assert any(expected in line for line in lines), lines
