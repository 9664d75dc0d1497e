"""Configuration and classes in a folder of one's own."""

import shlex
import sys

import pytest
from plans import GLOBAL, assert_each_command_repeats_its_run, column, faults_of

from seqbench.config import config_dir
from seqbench.models.rnn import RNN
from seqbench.planning.help import help_text
from seqbench.planning.make_plan import make_plan

TALL = "_target_: my_classes.Tall\nlayers: 2\n"
MINE = "_target_: my_classes.Mine\ntext: x\nflag: true\n"


def test_a_model_in_a_folder_of_ones_own(own):
    (run,) = make_plan("model=mine", "model.text=a", config_dir=own(model__mine=MINE)).runs
    assert run.model.target == "my_classes.Mine"
    assert run.model.settings == {"text": "a", "flag": True}
    assert run.model.version == 7


def test_a_model_of_ones_own_is_stacked_like_any_other_and_its_file_may_be_of_a_stack(own):
    folder = own(model__mine=MINE, model__deep=MINE + "layers: 3\nblock: residual\n")
    words = "model=mine,deep", "model.convolution=0,4", "model.block=residual"
    plan = make_plan(*words, config_dir=folder)
    assert [run.model.stack.layers for run in plan.runs] == [1, 1, 3, 3]
    assert [run.model.stack.convolution for run in plan.runs] == [0, 4, 0, 4]
    assert {run.model.settings["text"] for run in plan.runs} == {"x"}
    assert [run.run_name.partition(" gap")[0] for run in plan.runs[2:]] == [
        "s0 deep layers=3 block=residual", "s0 deep layers=3 block=residual convolution=4"
    ]  # fmt: skip
    assert_each_command_repeats_its_run(plan)


def test_layers_are_an_axis_of_an_experiment(own):
    axes = "hydra: {sweeper: {params: {model: 'rnn,gru', model.layers: '1,2'}}}"
    plan = make_plan("+experiment=deep", config_dir=own(experiment__deep=f"{GLOBAL}name: deep\n{axes}\n"))
    assert [run.model.label for run in plan.runs] == ["rnn", "rnn, layers=2", "gru", "gru, layers=2"]
    assert plan.runs[0].fingerprint == make_plan("model=rnn").runs[0].fingerprint


def test_a_knob_of_a_models_own_is_its_own(own):
    (run,) = make_plan("model=tall", "model.layers=5", config_dir=own(model__tall=TALL)).runs
    assert run.model.settings == {"layers": 5}
    assert not run.model.stack.stated


def test_a_plan_keeps_the_folder_of_ones_own(own):
    folder = own(model__mine=MINE)
    assert make_plan("model=mine", config_dir=str(folder)).config_dir == folder
    assert make_plan().config_dir is None


def test_a_plan_has_the_question_of_its_experiment_as_help_shows_it(own):
    folder = own(model__mine=MINE, experiment__mine=GLOBAL + "# how far?\n# not this\nname: mine\n")
    assert make_plan("+experiment=mine", config_dir=folder).question == "how far?"
    assert make_plan("+experiment=smoke").question in help_text([config_dir()])
    assert make_plan().question == ""


def test_a_folder_that_is_not_there_is_a_fault(tmp_path):
    assert faults_of(config_dir=tmp_path / "nowhere") == [f"--config-dir: there is no folder {tmp_path}/nowhere"]


def test_a_folder_on_hydras_search_path(own, monkeypatch):
    monkeypatch.syspath_prepend(own())
    folder = own(
        model__mine=MINE, experiment__mine=GLOBAL + "name: mine\nhydra: {sweeper: {params: {model: 'mine,rnn'}}}"
    )
    plan = make_plan(f"hydra.searchpath=['{folder}']", "+experiment=mine")
    assert column(plan, "model") == ["mine", "rnn"]
    assert column(make_plan(f"hydra.searchpath=['{folder}']", "model=glob([mem*,mine])"), "model") == [
        "memoryless",
        "mine",
    ]
    assert_each_command_repeats_its_run(plan)


def test_a_command_repeats_any_text(own):
    texts = ["a b", "a,b", "10", "true", "null", "", " x ", "it's", 'say "x"', "a\\", "ü", "$x", "[1]"]
    quoted = [text.replace("\\", "\\\\").replace("'", "\\'") for text in texts]
    typed = ",".join(f"'{text}'" for text in quoted)
    plan = make_plan("model=mine", f"model.text={typed}", "model.flag=false", config_dir=own(model__mine=MINE))
    assert column(plan, "model.text") == texts
    assert_each_command_repeats_its_run(plan)


def test_a_command_names_the_folder_of_ones_own(own):
    plan = make_plan("model=mine", config_dir=own(model__mine=MINE))
    (job,) = plan.jobs
    assert "--config-dir" in shlex.split(job.command)
    assert_each_command_repeats_its_run(plan)


@pytest.mark.parametrize("words", ["executor=nodes executor.nodes=3", "executor.nodes=3 executor=nodes"])
def test_an_executor_of_ones_own_with_its_own_knob(own, words):
    folder = own(executor__nodes="_target_: my_classes.Nodes\nnodes: 1\n")
    assert make_plan(*words.split(" "), config_dir=folder).executor.settings == {"nodes": 3}


def test_a_fault_elsewhere_does_not_make_a_valid_setting_one(own):
    folder = own(executor__nodes="_target_: my_classes.Nodes\nnodes: 1\n")
    (line,) = faults_of("executor.nodes=3", "executor=nodes", "nmae=x", config_dir=folder)
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


def test_what_follows_the_seed_may_stand_in_a_list(own):
    folder = own(experiment__mine=GLOBAL + "name: mine\ntraining: {budgets: ['${seed}']}\n")
    plan = make_plan("+experiment=mine", "seed=4,5", config_dir=folder)
    assert column(plan, "training.budgets") == [(4,), (5,)]


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
    lines = faults_of("+experiment=mine", config_dir=own(experiment__mine=GLOBAL + experiment))
    assert any(expected in line for line in lines), lines


def test_an_experiment_file_without_its_first_line_is_refused(own):
    (line,) = faults_of("+experiment=mine", config_dir=own(experiment__mine="name: mine"))
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
        ("task", "gap: 3", "task._target_: is missing in task/odd.yaml; it names the class, as in module.Class"),
        ("model", "_target_: pathlib.Path", "model._target_: 'pathlib.Path' is not a Model"),
        ("model", "_target_: torch.nn.LSTM", "model._target_: 'torch.nn.LSTM' is not a Model"),
        ("model", "_target_: my_classes.Fails", "task=adding model=odd: 'no luck'"),
        ("model", "a: [b", "while parsing a flow sequence"),
    ],
)
def test_a_faulty_file_of_a_group_is_refused(own, group, text, expected):
    lines = faults_of(f"{group}=odd", config_dir=own(**{f"{group}__odd": text}))
    assert any(expected in line for line in lines), lines


def test_options_are_names_whatever_else_they_are_in_the_grammar(own):
    folder = own(model__nan="_target_: my_classes.Mine", executor__5="_target_: seqbench.executors.serial.Serial")
    plan = make_plan("model=nan,rnn", "executor=5", "seed=0", config_dir=folder)
    assert [run.model.name for run in plan.runs] == ["nan", "rnn"]
    assert plan.executor.name == "5"


@pytest.fixture
def typed_model(own, monkeypatch):
    """The folder of a configuration whose class was typed into a script."""
    typed = type("Typed", (RNN,), {"__module__": "__main__"})
    monkeypatch.setattr(sys.modules["__main__"], "Typed", typed, raising=False)
    return own(model__typed="_target_: __main__.Typed\nhidden_size: 4\n")


def test_a_class_of_a_script_is_refused_where_workers_would_have_to_import_it(typed_model):
    assert faults_of("model=typed", "seed=0,1", config_dir=typed_model) == [
        "model._target_: '__main__.Typed' lies in a script or notebook, which no worker process can import; "
        "move it to a file of its own, or choose executor=serial"
    ]


def test_a_class_of_a_script_is_welcome_in_its_own_process(typed_model):
    (run,) = make_plan("model=typed", "executor=serial", config_dir=typed_model).runs
    assert run.model.target == "__main__.Typed"
