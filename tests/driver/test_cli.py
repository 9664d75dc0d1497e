"""The command line as a user meets it: processes of their own, in an empty folder, far from the sources."""

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from builders import options
from signalled import as_a_command

import seqbench
from seqbench.config import config_dir
from seqbench.driver import cli
from seqbench.executors import interrupts
from seqbench.record import store

ROOT = Path(seqbench.__file__).parents[1]
#: How a process ends that imports what it must not.
FORBIDDEN_IMPORT = 77


@dataclass
class Done:
    """A finished process, and what it left in the folder that it ran in."""

    code: int
    out: str
    err: str
    seconds: float
    left: list[str]

    @property
    def faults(self):
        return [line.removeprefix("seqbench: ") for line in self.err.splitlines()]


#: What a plan has no use for.
NOT_FOR_PLANNING = ("mlflow", "pandas", "matplotlib", "seaborn", "jinja2", "pyarrow")


@dataclass
class Command:
    """A command line; `never` are packages that it must not import."""

    words: list[str]
    never: tuple[str, ...] = ("mlflow",)
    environment: tuple[tuple[str, str], ...] = ()

    def run(self, folder: Path) -> Done:
        here, traps = folder / "here", folder / "traps"
        for path in (here, traps):
            path.mkdir(parents=True)
        for package in self.never:
            (traps / f"{package}.py").write_text(f"import os; os._exit({FORBIDDEN_IMPORT})")
        environment = {key: value for key, value in os.environ.items() if not key.startswith(("MLFLOW", "HYDRA"))}
        environment |= {"PYTHONPATH": os.pathsep.join([str(traps), str(ROOT)]), "PYTHONDONTWRITEBYTECODE": "1"}
        environment |= dict(self.environment)
        began = time.monotonic()
        process = subprocess.run(
            [sys.executable, "-m", "seqbench", *self.words],
            cwd=here,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
        )
        seconds = time.monotonic() - began
        left = sorted(str(path.relative_to(here)) for path in here.rglob("*"))
        return Done(process.returncode, process.stdout, process.stderr, seconds, left)


MODEL = """
from torch import nn
from seqbench.models.base import Core

class Mine(Core):
    def __init__(self, input_size: int, *, hidden_size: int = 4) -> None:
        super().__init__()
        self.hidden_size = hidden_size
        self.cell = nn.RNNCell(input_size, hidden_size)

    def step(self, x_t, state):
        return (self.cell(x_t, state[0]),)
"""
TASK = """
from seqbench.config import Count
from seqbench.tasks.copy import Copy

class Echo(Copy):
    def __init__(self, *, gap: Count) -> None:
        super().__init__(gap=gap)
"""


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    """A folder of somebody's own classes and their configuration."""
    folder = tmp_path_factory.mktemp("somebody's own")
    for group in ("task", "model"):
        (folder / group).mkdir()
    (folder / "mine.py").write_text(MODEL)
    (folder / "echo.py").write_text(TASK)
    (folder / "model" / "mine.yaml").write_text("# a cell of my own\n_target_: mine.Mine\nhidden_size: 4\n")
    (folder / "task" / "echo_once.yaml").write_text("# a task of my own\n_target_: echo.Echo\ngap: 3\n")
    (folder / "model" / "no_model.yaml").write_text("_target_: torch.nn.LSTM\n")
    repeated = "".join(f"a{i}: &a{i} [{','.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 9))
    (folder / "model" / "bomb.yaml").write_text(f"a0: &a0 [x]\n{repeated}")
    (folder / "task" / "no_task.yaml").write_text("_target_: os.system\ngap: 3\n")
    return folder


@contextmanager
def silent_server():
    """The address of a server that accepts and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return listening.getsockname()[1]


FAULTY = {
    "task.gap=0": "task.gap: 0 is not allowed; it should be greater than or equal to 1",
    "task.load=0": "task.load: 0 is not allowed",
    "task.lode=1": "task.lode: there is no such key; did you mean 'task.load'?",
    "model.hidden_size=0": "model.hidden_size: 0 is not allowed",
    "training.batch_size=0": "training.batch_size: 0 is not allowed",
    "training.max_steps=-1": "training.max_steps: -1 is not allowed",
    "training.learning_rate=0": "training.learning_rate: 0 is not allowed; it should be greater than 0",
    "training.optimizer=Adma": "training.optimizer: 'Adma' is not allowed; did you mean 'Adam'?",
    "training.record_every=often": "training.record_every: 'often' is not allowed; it should be a valid integer",
    "seed=1,1": "seed=1,1: names 1 twice",
    "modle=rnn": "modle=rnn: there is no such key; did you mean 'model'?",
    "model=lstn": "model=lstn: there is no such model; did you mean 'lstm'?",
    "+experiment=gap_swep": "experiment=gap_swep: there is no such experiment; did you mean 'gap_sweep'?",
    "executor.workers=0": "executor.workers: 0 is not allowed",
    "executor=serial,processes": "executor=serial,processes: cannot be swept; only task, model, training, seed, ",
    "name=a/b": "name: 'a/b' is not allowed",
}
SHORT = ["training.max_steps=2", "training.test_sequences=8", "training.validation_sequences=8"]


@pytest.fixture(scope="module")
def done(own, tmp_path_factory):
    """Every command of this file, carried out once, two at a time; by name."""
    with silent_server() as silent, ThreadPoolExecutor(2) as pool:
        commands = {
            "training": Command(
                ["task=echo_once", "--config-dir", str(own), "model=mine", "reports=null", *SHORT], never=()
            ),
            "faulty": Command(list(FAULTY), never=NOT_FOR_PLANNING),
            "no classes": Command([f"--config-dir={own}", "task=no_task", "model=no_model", "training.batch_size=0"]),
            "rewired": Command(["hydra.mode=RUN", "hydra/sweeper=basic", "seed=-1"]),
            "no such folder": Command(["--config-dir", "nowhere"]),
            "not for here": Command(["--config-name=nonsense", "--experimental-rerun=nothing.pkl"]),
            "no name": Command(["model=5"]),
            "bomb": Command(["--config-dir", str(own), "model=bomb"]),
            "help": Command(["--help"], never=("mlflow", "hydra", "omegaconf", "torch", "numpy", "pandas")),
            "version": Command(["--version"], never=("mlflow", "hydra", "omegaconf", "torch", "numpy", "pandas")),
            "own help": Command(["-cd", str(own), "-h"], never=("mlflow", "hydra", "torch")),
            "dry run": Command(
                ["dry_run=true", "model=rnn,irnn", "model.nonlinearity=relu", "seed=range(3)"], never=NOT_FOR_PLANNING
            ),
            "no folder for reports": Command(["reports=/proc/nope"]),
            "silent server": Command([], environment=(("MLFLOW_TRACKING_URI", silent),)),
        }
        futures: dict[str, Future[Done]] = {
            name: pool.submit(command.run, tmp_path_factory.mktemp(name)) for name, command in commands.items()
        }
        yield lambda name: futures[name].result()


def refused(done, code):
    """Checks that nothing was started, and returns what was said."""
    assert done.code == code, done.err
    assert done.out == ""
    assert "Traceback" not in done.err
    assert done.left == []
    assert done.err.strip()
    assert all(line.startswith("seqbench: ") for line in done.err.splitlines()), done.err
    return [fault for fault in done.faults if not fault.endswith(" ...")]  # what a slow machine is told it waits for


# -- bad configuration -------------------------------------------------------------------------------------


def test_every_fault_of_a_configuration_is_told_at_once_and_nothing_is_started(done):
    faults = refused(done("faulty"), 2)
    for typed, expected in FAULTY.items():
        assert any(fault.startswith(expected) for fault in faults), (typed, faults)
    assert len(faults) == len(FAULTY)


def test_a_class_that_is_no_task_or_model_is_never_called(done):
    assert refused(done("no classes"), 2) == [
        "task._target_: 'os.system' is not a Task: name a subclass of seqbench.Task",
        "model._target_: 'torch.nn.LSTM' is not a Model: name a subclass of seqbench.Core",
        "training.batch_size: 0 is not allowed; it should be greater than or equal to 1",
    ]


def test_hydra_cannot_be_told_to_go_around_the_plan(done):
    faults = refused(done("rewired"), 2)
    assert faults[:2] == [
        "hydra.mode=RUN: cannot be set; one value or several make a run or a sweep",
        "hydra/sweeper=basic: cannot be set; several values make an axis: task.gap=10,20",
    ]
    assert faults[2].startswith("seed: -1 is not allowed")


def test_a_folder_of_ones_own_that_is_not_there(done):
    assert refused(done("no such folder"), 2) == ["--config-dir: there is no folder nowhere"]


def test_options_of_hydras_that_are_not_taken_are_refused_before_hydra_sees_them(done):
    assert refused(done("not for here"), 2) == [
        "--config-name: is not taken; --config-dir FOLDER adds files of your own; one of them is chosen by "
        "+experiment=NAME",
        "--experimental-rerun: is not taken; the same command goes on where it stopped; with rerun=true it starts over",
    ]


def test_what_ends_hydra_itself_is_a_line_too(done):
    (line,) = refused(done("no name"), 2)
    assert line.startswith("model=5: there is no such model; choose from")


def test_a_file_that_would_keep_hydra_busy_is_refused_before_hydra_reads_it(done):
    (line,) = refused(done("bomb"), 2)
    assert "it holds more than 10,000 values" in line


# -- nowhere to write --------------------------------------------------------------------------------------


def test_a_folder_that_cannot_be_written_to(done):
    (line,) = refused(done("no folder for reports"), 3)
    assert line == "no file can be made in /proc: choose another folder"


def test_a_record_that_cannot_be_written_to():
    with pytest.raises(store.Unavailable, match="no file can be made in /proc"):
        store.require("sqlite:////proc/nope/mlflow.db")


def test_a_tracking_server_that_does_not_answer_is_given_up_within_15_seconds(done):
    result = done("silent server")
    (line,) = refused(result, 3)
    assert line.startswith("the tracking server http://127.0.0.1:")
    assert "does not answer" in line
    assert "MLFLOW_TRACKING_URI" in line
    starting = done("no folder for reports").seconds  # of 15 seconds 5 are left for it; a busy machine takes longer
    assert result.seconds - starting < 10


def test_a_tracking_server_that_is_not_there_is_given_up_at_once():
    with pytest.raises(store.Unavailable, match="does not answer"):
        store.require(f"http://127.0.0.1:{free_port()}")


# -- help and dry run --------------------------------------------------------------------------------------


def lines_of(help_text):
    """The words and the line of each option: {"lstm": "LSTM, forget gate biased to 1", ...}."""
    listed = [line.strip().split(maxsplit=1) for line in help_text.splitlines() if line.startswith("  ")]
    return {words[0]: words[1] for words in listed if len(words) == 2}


def test_help_lists_every_option_and_experiment_with_a_line_each(done):
    result = done("help")
    assert (result.code, result.err, result.left) == (0, "", [])
    listed = lines_of(result.out)
    for group in ("task", "model", "executor", "experiment"):
        assert f"{group}=..." in result.out
        for name in options(group):
            text = (config_dir() / group / f"{name}.yaml").read_text()
            assert len(listed[name]) > 10
            assert listed[name] in text


def test_the_version_is_that_of_seqbench(done):
    result = done("version")
    assert (result.code, result.err, result.out) == (0, "", f"seqbench {seqbench.__version__}\n")


def test_help_lists_what_somebody_added(done):
    listed = lines_of(done("own help").out)
    assert listed["mine"] == "a cell of my own"
    assert listed["echo_once"] == "a task of my own"
    assert "lstm" in listed


def test_a_dry_run_lists_the_runs_and_creates_nothing(done):
    result = done("dry run")
    assert (result.code, result.err, result.left) == (0, "", [])
    for model in ("rnn", "irnn"):
        for seed in range(3):
            assert f"s{seed} {model} gap=20 adding" in result.out
    assert result.out.count("to run  ") == 6
    assert "6 runs of 'adhoc', 0 finished, 6 to run" in result.out


# -- somebody's own ----------------------------------------------------------------------------------------


def test_a_model_and_a_task_of_ones_own_train(done):
    result = done("training")
    assert result.code == 0, result.err
    assert "s0 mine gap=3 echo_once: unsolved after 2 steps" in result.out
    assert [name for name in result.left if "/" not in name] == ["mlflow.db", "mlruns"]


def test_an_interrupt_that_the_database_turns_into_an_error_of_its_own_is_an_interrupt(monkeypatch, capsys):
    class InTheMidst(sqlite3.OperationalError):
        """What an interrupt becomes within a write."""

    def run(words):
        try:
            signal.raise_signal(signal.SIGINT)
        except KeyboardInterrupt as error:
            raise InTheMidst("interrupted") from error

    monkeypatch.setattr(cli, "_run", run)
    with as_a_command(monkeypatch), pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 130
    assert capsys.readouterr().err == f"{interrupts.LAST_WORDS}\n"
