"""Every fault of a command line is told at once, before anything runs."""

import pytest
from plans import faults_of


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("task.gpa=3", "task.gpa: there is no such key; did you mean 'task.gap'?"),
        ("task.foo=3", "task.foo: there is no such key; choose from task.gap, task.load, task.loss_on, task.min_gap"),
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
        (
            "executor=serial executor.limit=5",
            "executor.limit=5: this executor has no such setting; executor=processes and executor=ray have",
        ),
        ("model=rnn,lstm model.forget_bias=1", "model.forget_bias with model=rnn: there is no such key; choose from"),
        ("task=cpoy", "task=cpoy: there is no such task; did you mean 'copy'?"),
        ("model=lstn,rnn", "model=lstn: there is no such model; did you mean 'lstm'?"),
        ("executor=proceses", "executor=proceses: there is no such executor; did you mean 'processes'?"),
        ("+experiment=smok", "experiment=smok: there is no such experiment; did you mean 'smoke'?"),
        ("+experiment=null", "experiment=null: there is no such experiment; choose from agreement_sweep, controls"),
        ("experiment=smoke", "experiment=smoke: write +experiment=smoke"),
        ("+experiment=smoke +experiment=gap_sweep", "+experiment=gap_sweep: Multiple values for experiment"),
        ("task.gap=0", "task.gap: 0 is not allowed; it should be greater than or equal to 1"),
        ("task.load=0", "task.load: 0 is not allowed; it should be greater than or equal to 1"),
        ("model.hidden_size=0", "model.hidden_size: 0 is not allowed; it should be greater than or equal to 1"),
        ("training.batch_size=0", "training.batch_size: 0 is not allowed; it should be greater than or equal to 1"),
        ("training.max_steps=-1", "training.max_steps: -1 is not allowed; it should be greater than or equal to 0"),
        ("training.learning_rate=0", "training.learning_rate: 0 is not allowed; it should be greater than 0"),
        ("training.learning_rate=nan", "training.learning_rate: nan is not allowed; it should be a finite number"),
        ("training.optimizer=Adma", "training.optimizer: 'Adma' is not allowed; did you mean 'Adam'?"),
        ("seed=-1", "seed: -1 is not allowed; it should be greater than or equal to 0"),
        ("task.gap=10.0", "task.gap: 10.0 is not allowed; it should be a valid integer"),
        ("task.gap=true", "task.gap: True is not allowed; it should be a valid integer"),
        ("task.gap='10'", "task.gap: '10' is not allowed; it should be a valid integer"),
        ("task.gap=", "task.gap: '' is not allowed; it should be a valid integer"),
        ("task.gap=null", "task.gap: None is not allowed; it should be a valid integer"),
        ("task.gap=[10,20]", "task.gap: [10, 20] is not allowed; it should be a valid integer"),
        ("task.gap={a:1}", "task.gap: {'a': 1} is not allowed; it should be a valid integer"),
        ("seed=range(0.5,2)", "seed: 0.5 is not allowed; it should be a valid integer"),
        ("model.layers=0", "model.layers: 0 is not allowed; it should be greater than or equal to 1"),
        ("model.layers=101", "model.layers: 101 is not allowed; it should be less than or equal to 100"),
        ("model.block=foo", "model.block: 'foo' is not allowed; it should be 'plain' or 'residual'"),
        ("model.num_layers=2", "model.num_layers: there is no such key; did you mean 'model.layers'?"),
        (
            "model.convolution=4",
            "model.convolution: 4 is not allowed with block=plain, a bare core; it goes with model.block=residual",
        ),
        ("model.feed_forward=2", "model.feed_forward: 2 is not allowed with block=plain, a bare core; it goes with"),
        ("model.block=residual model.convolution=3", "model.convolution: 3 is not allowed; it should be 0 or 4"),
        ("model=lstm,oracle model.layers=2", "model=oracle: it is not trained, so there is nothing to put in layers"),
        ("executor.workers=0", "executor.workers: 0 is not allowed; it should be greater than or equal to 1"),
        ("name=..", "name: '..' is not allowed; use letters, digits"),
        ("name=3", "name: 3 is not allowed; it should be a valid string"),
        ("dry_run=1", "dry_run: 1 is not allowed; it should be a valid boolean"),
        ("model.forget_bias=chrono", "max_timescale belongs to forget_bias=chrono: set both or neither"),
        ("model.hidden_size=1000000000", "task=adding model=lstm: "),
        ("task._target_=os.system", "task._target_: there is no such key"),
        ("executor._target_=os.system", "executor._target_: 'os.system' is not an Executor"),
        ("seed=${training.max_stesp}", "seed: ${training.max_stesp} names no setting"),
        ("model.max_timescale=${tsk.gap}", "model.max_timescale: ${tsk.gap} names no setting"),
        ("seed=${seed}", "seed: Recursive interpolation detected"),
        ("seed=???", "seed: it should have a value"),
        ("model=mlstm model.heads=5", "5 heads do not divide 64 hidden units: set hidden_size to a multiple of 5"),
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
        ("name=a,b", "name=a,b: cannot be swept; only task, model, training, seed, device and what is in them can"),
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
        ("hydra.rnu=5", "hydra.rnu=5: cannot be set; of Hydra's settings, hydra.searchpath alone means something here"),
        ("hydra.run.dir=x", "hydra.run.dir=x: cannot be set; reports=FOLDER says where reports go"),
        ("hydra.job.chdir=true", "hydra.job.chdir=true: cannot be set; runs stay in the folder that the command is"),
        ("+hydra.job.name=x", "+hydra.job.name=x: cannot be set; runs stay in the folder that the command is typed in"),
        ("hydra.verbose=true", "hydra.verbose=true: cannot be set; --cfg job prints every setting"),
        ("hydra/launcher=basic", "hydra/launcher=basic: cannot be set; executor=NAME says who carries out the runs"),
        ("training.lr=1", "training.lr: there is no such key; did you mean 'training.learning_rate'?"),
        ("lr=1", "lr=1: there is no such key; did you mean 'training.learning_rate'?"),
        ("model.batch=1", "model.batch: there is no such key; did you mean 'training.batch_size'?"),
        ("gap=10", "gap=10: there is no such key; did you mean 'task.gap'?"),
        ("GAP=10", "GAP=10: there is no such key; did you mean 'task.gap'?"),
        ("task.LAG=10", "task.LAG: there is no such key; did you mean 'task.gap'?"),
        ("model=LSTM", "model=LSTM: there is no such model; did you mean 'lstm'?"),
        ("training.optimizer=adam", "training.optimizer: 'adam' is not allowed; did you mean 'Adam'?"),
        ("model.forget_bias=crhono", "model.forget_bias: 'crhono' is not allowed; did you mean 'chrono'?"),
        ("seed=0..9", "it should be a valid integer; several values are written seed=range(10)"),
        ("task.gap=3-5", "it should be a valid integer; several values are written task.gap=range(3,6)"),
        ("seed=[1,2]", "it should be a valid integer; several values are written seed=1,2"),
        ("reports=5", "reports: 5 is not allowed; it should be a valid string"),
        ("training.budgets=5", "training.budgets: 5 is not allowed; it should be a list"),
        ("training.budgets={a:1}", "training.budgets: {'a': 1} is not allowed; it should be a list"),
        ("controls=5", "controls: 5 is not allowed; it should be a list of claims"),
        ("controls={a:1}", "controls: {'a': 1} is not allowed; it should be a list of claims"),
        ("controls=[5]", "controls[0]: it should have axes, control, expected, requirement"),
        ("model=5", "model=5: there is no such model; choose from"),
        ("executor=[1]", "executor=[1]: there is no such executor; choose from"),
        ("task.gap", "task.gap: cannot be read: it should be task.gap=VALUE"),
        ("task.gap =5", "=5: cannot be set"),
        ("task.gap==5", "task.gap==5: cannot be read"),
        ("task.gap=10,", "task.gap=10,: cannot be read: a value is missing beside a comma"),
        ("smoke", "smoke: names an experiment; write +experiment=smoke"),
        ("lstm", "lstm: names a model; write model=lstm"),
        ("model=null", "model=null: there is no such model; choose from"),
        ("name=a\udcff", ": holds a byte that is not UTF-8: type it again"),
        ("task.gap=(1,2)", "task.gap=(1,2): cannot be read: several values are written without brackets"),
        ("task.gap='1", "task.gap='1: cannot be read: a quotation mark is not closed"),
        ("task.gap=[1", "task.gap=[1: cannot be read: [ is not closed"),
        ("task.gap=1]", "task.gap=1]: cannot be read: ] closes nothing"),
        ("name=['[',{a:1]", "cannot be read: ] closes nothing"),
        ("name=💡", "name=💡: cannot be read: use letters, digits, '.', '_' and '-' only"),
        ("task.text=é", "cannot be read: a text with é in it stands in quotation marks, within those of the shell"),
        (f"seed={'9' * 5000}", "cannot be read: a number has thousands of digits"),
        (f"seed={'9' * 30}", "is not allowed; it should be less than or equal to 9223372036854775807"),
        ("seed=range(0,9,0)", "seed=range(0,9,0): a range with a step of 0 has no end"),
    ],
)
def test_refused(words, expected):
    assert any(expected in line for line in faults_of(*words.split(" "))), faults_of(*words.split(" "))


def test_every_fault_is_told_at_once():
    axes = ["task.gap=0", "task.lod=3", "task.load=2,2", "model=foo", "seed=1.5", "task.gap"]
    training = ["training.learning_rate=-1", "training.optimizer=3"]
    others = ["+experiment=bar", "modle=x", "executor.workers=-1", "name=a/b", "rerun=2"]
    words = [*axes, *training, *others]
    keys = {line.partition(": ")[0] for line in faults_of(*words)}
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
    assert faults_of("training.max_steps=-1", "seed=range(5)", "model=rnn,gru", "task=copy,adding") == [
        "training.max_steps: -1 is not allowed; it should be greater than or equal to 0"
    ]


def test_the_same_run_by_another_name_is_a_fault():
    words = ["model=lstm_chrono", "task.gap=20", "model.max_timescale=20,${task.gap}"]
    assert faults_of(*words) == ["s0 lstm_chrono gap=20 adding: is in the plan twice"]


def test_the_bad_values_of_an_axis_are_told_and_only_those():
    assert faults_of("task.gap=5,0,-1") == [
        "task.gap: 0 is not allowed; it should be greater than or equal to 1",
        "task.gap: -1 is not allowed; it should be greater than or equal to 1",
    ]


def test_what_is_wrong_with_several_arms_is_told_once_with_their_names():
    assert faults_of("model=rnn,gru", "model.hiden_size=3") == [
        "model.hiden_size with model=rnn, gru: there is no such key; did you mean 'model.hidden_size'?"
    ]
    assert faults_of("task=copy,adding", "model=rnn,gru", "model.hiden_size=3") == [
        "model.hiden_size with model=rnn, gru: there is no such key; did you mean 'model.hidden_size'?"
    ]
    words = ["task.gap=20", "task.min_gap=50", "model=bag,gru,irnn,lstm,rnn"]
    named = "task=adding model=bag, task=adding model=gru, task=adding model=irnn and 2 others"
    assert faults_of(*words) == [f"{named}: min_gap=50 is longer than gap=20"]


def test_a_line_of_thousands_of_characters_is_told_by_its_ends():
    (line,) = faults_of(f"seed={'9' * 5000}")
    assert len(line) < 200
    assert line.startswith("seed=999")


# -- size --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "size"),
    [
        ("seed=range(1000000000)", "names 1,000,000,000 values"),
        ("seed=range(0,-1000000000,-2)", "names 500,000,000 values"),
        ("seed=shuffle(range(1000000000))", "names 1,000,000,000 values"),
        ("training.learning_rate=range(0,1,1e-9)", "names 1,000,000,000 values"),
        ("seed=range(inf)", "names values without end"),
        ("seed=range(1000) task.gap=range(1,1001)", "plan: has 1,000,000 runs"),
        ("seed=range(50001) model=rnn,gru", "plan: has 100,002 runs"),
    ],
)
def test_a_plan_that_is_too_large_is_refused_with_its_size_before_it_is_made(words, size):
    (line,) = faults_of(*words.split())
    assert size in line
    assert "a plan may have 100,000 runs" in line or "may have 100,000" in line


def test_the_product_of_the_axes_of_a_search_counts_too():
    words = [
        "+experiment=horizon",
        "tuning=null",
        "training.clip_norm=range(1,1001)",
        "training.patience=range(1,1001)",
    ]
    assert any(line.startswith("plan: has ") for line in faults_of(*words))
