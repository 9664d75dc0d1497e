"""Somebody else's class that raises, exits, crashes, hangs or floods: it fails by name, and alone."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from builders import make_spec
from plans import faults_of
from recording import job_of

import seqbench
from seqbench.config import Component
from seqbench.events import Event, Failed, Finished
from seqbench.executors import children, interrupts, printing
from seqbench.executors.elsewhere import Elsewhere
from seqbench.executors.processes import Processes
from seqbench.executors.serial import Serial
from seqbench.planning import foreign
from seqbench.planning.foreign import Asking
from seqbench.planning.make_plan import make_plan

pytestmark = pytest.mark.skipif(not children.FORKED, reason="slow where children are spawned")

CRASH = "__import__('ctypes').string_at(0)"
MODULE = """
import os, sys, time
from seqbench.models.rnn import RNN

class Unspeakable(Exception):
    def __str__(self):
        raise self

class Aborted(BaseException):
    pass

def fail(error):
    raise error

{importing}

class Bad(RNN):
    def __init__(self, input_size):
        {making}
        super().__init__(input_size, hidden_size=4)
"""
SRC = str(Path(seqbench.__file__).parents[1])


@pytest.fixture
def bad(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Writes a folder of configuration with a class that does these things; its module was never imported before."""
    folder = tmp_path / "study"
    (folder / "model").mkdir(parents=True)
    monkeypatch.setattr(sys, "path", [*sys.path, str(folder)])

    def write(importing: str = "", making: str = "pass") -> Path:
        name = f"bad_{abs(hash((importing, making, str(tmp_path))))}"
        (folder / f"{name}.py").write_text(MODULE.format(importing=importing, making=making))
        (folder / "model" / "bad.yaml").write_text(f"_target_: {name}.Bad\n")
        return folder

    return write


def target_in(folder: Path) -> str:
    return (folder / "model" / "bad.yaml").read_text().split()[1]


# -- in a run --------------------------------------------------------------------------------------------------


def ends(executor: Processes | Serial, folder: Path) -> list[Event]:
    """How a run of the bad class and one of ours after it end."""
    runs = [make_spec(model=Component("bad", target_in(folder), {}, source="of somebody else")), make_spec()]
    told = [event for _, event in executor.execute([job_of(run) for run in runs])]
    return [event for event in told if isinstance(event, Finished | Failed)]


@pytest.mark.parametrize("executor", [Serial(), Processes(workers=1)], ids=["serial", "processes"])
@pytest.mark.parametrize(
    ("making", "reason"),
    [
        ("raise ValueError('no luck')", "ValueError: no luck"),
        ("raise Unspeakable", "Unspeakable: what it says cannot be read"),
        ("raise Aborted('enough')", "Aborted: enough"),
        ("sys.exit('bye')", "SystemExit: it calls sys.exit('bye')"),
        ("sys.exit(0)", "SystemExit: it calls sys.exit(0)"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt: it raises KeyboardInterrupt"),
        ("self.__init__(input_size)", "RecursionError: "),
        ("[0] * 10**15", "MemoryError:"),
    ],
)
def test_whatever_is_raised_is_the_end_of_its_run_alone(executor, making, reason, bad) -> None:
    with interrupts.only_noted():  # as in a sweep
        failed, ours = ends(executor, bad(making=making))
    assert isinstance(failed, Failed)
    assert failed.reason.startswith(reason)
    assert isinstance(ours, Finished)


@pytest.mark.parametrize(
    ("making", "code"),
    [("os._exit(0)", "0"), ("os._exit(7)", "7"), (CRASH, "-11 (SIGSEGV)"), ("os.abort()", "-6 (SIGABRT)")],
)
def test_what_ends_its_process_is_named_with_how_it_ended(making, code, bad) -> None:
    failed, ours = ends(Processes(workers=1), bad(making=making))
    assert isinstance(failed, Failed)
    assert failed.reason == f"its worker died 2 times, last with exit code {code}"
    assert isinstance(ours, Finished)


def test_a_flood_of_words_is_cut_and_its_run_is_done(bad, tmp_path) -> None:
    heard = tmp_path / "heard"
    flood = f"sys.stdout._stream = open({str(heard)!r}, 'w'); [print('x' * 10**6, flush=True) for _ in range(5)]"
    assert [type(end) for end in ends(Processes(workers=1), bad(making=flood))] == [Finished, Finished]
    assert heard.read_text() == "x" * printing.MOST + "\nseqbench: a worker prints no more\n"


# -- while planning --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("importing", "told"),
    [
        ("fail(ValueError('no luck'))", "no luck"),
        ("fail(Unspeakable())", "what it says cannot be read"),
        ("sys.exit(0)", "it calls sys.exit(0)"),
        ("fail(KeyboardInterrupt())", "it raises KeyboardInterrupt"),
        ("os._exit(0)", "its worker died 2 times, last with exit code 0"),
        (CRASH, "its worker died 2 times, last with exit code -11 (SIGSEGV)"),
    ],
)
def test_a_module_that_cannot_be_imported_is_a_fault_with_the_reason(importing, told, bad) -> None:
    folder = bad(importing=importing)
    name = target_in(folder)
    expected = f"model._target_: '{name}' cannot be imported: {told}"
    assert faults_of("model=bad", config_dir=folder) == [expected]


@pytest.mark.parametrize(
    ("making", "told"),
    [
        ("raise Unspeakable", "what it says cannot be read"),
        ("sys.exit(3)", "it calls sys.exit(3)"),
        ("os._exit(0)", "its worker died 2 times, last with exit code 0"),
        (CRASH, "its worker died 2 times, last with exit code -11 (SIGSEGV)"),
    ],
)
def test_a_model_that_cannot_be_made_is_a_fault_with_the_reason(making, told, bad) -> None:
    assert faults_of("model=bad", "task=copy", config_dir=bad(making=making)) == [f"task=copy model=bad: {told}"]


def test_a_model_that_cannot_be_made_cannot_be_matched(bad) -> None:
    folder = bad(making="os._exit(0)")
    file = next(folder.glob("bad_*.py"))
    file.write_text(file.read_text().replace("input_size)", "input_size, *, hidden_size: int = 4)", 1))
    (fault,) = faults_of("model=bad", "task=copy", "match.parameters=500", config_dir=folder)
    assert fault == "task=copy model=bad: its worker died 2 times, last with exit code 0"


def test_knobs_that_cannot_be_read_are_a_fault(bad) -> None:
    folder = bad()
    file = next(folder.glob("bad_*.py"))
    file.write_text(file.read_text().replace("input_size)", "input_size, *, knob: 'nowhere' = 1)", 1))
    (fault,) = faults_of("model=bad", config_dir=folder)
    assert fault == f"model._target_: the knobs of '{target_in(folder)}' cannot be read: name 'nowhere' is not defined"


@pytest.mark.parametrize("executor", ["processes", "serial"])
@pytest.mark.parametrize(
    ("where", "doing"),
    [("importing", "importing {target}"), ("making", "trying bad ({target}) on copy")],
)
def test_who_waits_for_somebody_elses_code_is_told_what_for(where, doing, executor, bad, monkeypatch, capsys) -> None:
    folder = bad(**{where: "time.sleep(2)"})
    monkeypatch.setattr(foreign, "PATIENCE", 1.0)
    make_plan("model=bad", "task=copy", f"executor={executor}", config_dir=folder)
    told = capsys.readouterr().err
    assert f"seqbench: {doing.format(target=target_in(folder))} ...\n" in told


def test_our_own_classes_are_asked_here_and_named_only_if_they_take_long(capsys, monkeypatch) -> None:
    monkeypatch.setattr(Elsewhere, "ask", None)
    make_plan("model=gru,lstm", "task=copy,adding")
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(foreign, "PATIENCE_WITH_OURS", 0.2)
    run = make_spec()
    Asking().about(run, "trying", lambda _: time.sleep(1))
    told = f"seqbench: trying {run.model.name} ({run.model.target}) on {run.task.name} ...\n"
    assert capsys.readouterr().err == told


# -- the command -----------------------------------------------------------------------------------------------


def command(*words: str, folder: Path, options: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *options, "-m", "seqbench", *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": SRC},
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize("executor", ["processes", "serial"])
def test_a_command_says_in_a_line_what_ended_its_process(executor, bad, tmp_path) -> None:
    words = ["--config-dir", str(bad(making=CRASH)), "task=copy", "model=bad", f"executor={executor}"]
    done = command(*words, folder=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    told = "seqbench: task=copy model=bad: its worker died 2 times, last with exit code -11 (SIGSEGV)"
    assert [line for line in done.stderr.splitlines() if not line.endswith(" ...")] == [told]


@pytest.mark.parametrize("option", ["-O", "-OO"])
def test_python_without_assertions_is_refused_in_a_line(option, tmp_path) -> None:
    done = command("task=copy", "model=rnn", folder=tmp_path, options=(option,))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("seqbench: python -O: is not possible: ")
    assert done.stderr.count("\n") == 1
