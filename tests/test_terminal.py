"""What every command reads in the same way (a folder of one's own, words like key=value), and how it speaks."""

import errno
import io
import os
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sweeping import Running

from seqbench.config import ConfigError
from seqbench.executors import interrupts
from seqbench.record.store import Unavailable
from seqbench.terminal import Display, displayed, exit_code, experiment_name, own_folder, say, setting, without_password


@pytest.fixture
def study(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder beside the working folder's other things."""
    monkeypatch.setattr(sys, "path", sys.path.copy())
    (folder / "study").mkdir()
    return folder / "study"


@pytest.mark.parametrize("option", [["--config-dir", "study"], ["--config-dir=study"], ["-cd", "study"], ["-cd=study"]])
def test_the_folder_is_taken_out_of_the_words_and_its_classes_can_be_imported(study, option):
    assert own_folder(["a", *option, "--cfg", "job", "-c", "b=c"]) == (study, ["a", "--cfg", "job", "-c", "b=c"])
    assert sys.path[-1] == str(study)


def test_without_the_option_there_is_no_folder(study):
    before = sys.path.copy()
    assert own_folder(["a", "study"]) == (None, ["a", "study"])
    assert sys.path == before


def test_the_working_folder_may_be_it(study, monkeypatch):
    monkeypatch.chdir(study)
    assert own_folder(["-cd", "."]) == (study, [])


def test_a_folder_named_twice_is_looked_into_once(study):
    own_folder(["-cd", "study"])
    own_folder(["-cd", "study"])
    assert sys.path.count(str(study)) == 1


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["--config-dir", "nowhere"], "--config-dir: there is no folder nowhere"),
        (["-cd", __file__], f"--config-dir: there is no folder {__file__}"),
        (["--config-dir"], "--config-dir: name a folder"),
        (["--config-dir="], "--config-dir: name a folder"),
    ],
)
def test_a_folder_that_is_not_there_is_refused(folder, words, problem):
    with pytest.raises(ConfigError) as raised:
        own_folder(words)
    assert str(raised.value) == problem


def test_a_word_that_sets_something_has_a_key_that_there_is_and_a_value():
    assert setting("run=a=b", ["run", "experiment"]) == ("run", "a=b")
    with pytest.raises(ConfigError, match=r"rnu=a: there is no such option; did you mean 'run'\?"):
        setting("rnu=a", ["run", "experiment"])
    with pytest.raises(ConfigError, match="run=: it should be run=VALUE"):
        setting("run=", ["run"])


def test_an_experiment_is_named_and_is_no_path():
    assert experiment_name("gap.sweep") == "gap.sweep"
    for path in ("reports/x", "x/", "../x"):
        with pytest.raises(ConfigError, match=f"^'{path}': is a path; name the experiment: x$"):
            experiment_name(path)
    with pytest.raises(ConfigError, match=r"^'\.\.': is a path; name an experiment$"):
        experiment_name("..")


def test_a_long_line_is_not_wrapped(capsys: pytest.CaptureFixture[str]) -> None:
    say("report: " + "deep/" * 60 + "index.html [link]")
    assert capsys.readouterr().out == "report: " + "deep/" * 60 + "index.html [link]\n"


# -- a display that is broken ------------------------------------------------------------------------------


def test_what_a_stream_cannot_encode_is_escaped() -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    Display(stream).write("█ of 10⁻³")
    stream.flush()
    assert stream.buffer.getvalue() == b"\\u2588 of 10\\u207b\\xb3"


def test_a_stream_that_is_full_or_closed_takes_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    with Path("/dev/full").open("w") as full:
        for stream in (full, None, io.StringIO()):
            monkeypatch.setattr(sys, "stdout", stream)
            with displayed():
                if isinstance(stream, io.StringIO):
                    stream.close()
                print("x" * 100_000)
                say("and more")
            assert sys.stdout is stream


def test_a_reader_that_goes_away_ends_no_command() -> None:
    code = "from seqbench.terminal import displayed, say\nwith displayed():\n for _ in range(9999): say('x' * 99)"
    read, write = os.pipe()
    with subprocess.Popen([sys.executable, "-c", code], stdout=write, stderr=subprocess.PIPE) as process:
        os.close(write)
        os.close(read)
        assert process.stderr is not None
        assert process.stderr.read() == b""
    assert process.returncode == 0


# -- how a command ends ------------------------------------------------------------------------------------


def raised(error: BaseException) -> Callable[[], None]:
    def command() -> None:
        raise error

    return command


@pytest.mark.parametrize(
    ("error", "code", "told"),
    [
        (Unavailable("no such server"), 3, "no such server"),
        (
            OSError(errno.ENOSPC, "No space left on device", "reports/x/index.html"),
            3,
            "cannot write reports/x/index.html (No space left on device): free some space",
        ),
        (PermissionError(errno.EACCES, "Permission denied"), 3, "cannot go on: Permission denied"),
        (
            sqlite3.OperationalError("(sqlite3.OperationalError) disk I/O error\n[SQL: ...]"),
            3,
            "the record in sqlite:///mlflow.db failed: disk I/O error",
        ),
        (LookupError("no such run"), 2, "no such run"),
        (LookupError("no run \x1b[2J"), 2, "no run \\x1b[2J"),
        (KeyboardInterrupt(), 130, "interrupted"),
        (Unavailable("postgresql://me:se:cret@db/x is gone"), 3, "postgresql://me:***@db/x is gone"),
    ],
)
def test_what_is_no_mistake_of_the_code_ends_in_one_line(error, code, told, capsys, folder) -> None:
    assert exit_code(raised(error), LookupError) == code
    assert capsys.readouterr().err == f"seqbench: {told}\n"


@pytest.mark.parametrize("error", [TypeError("a mistake"), OSError("without a cause"), AssertionError()])
def test_what_may_be_a_mistake_of_the_code_is_not_hidden(error) -> None:
    with pytest.raises(type(error)):
        exit_code(raised(error), LookupError)


@pytest.mark.parametrize(
    ("words", "number"),
    [
        ("report x", signal.SIGINT),
        ("trace run=x", signal.SIGTERM),
        ("compare x y", signal.SIGHUP),
        ("predict the", signal.SIGTERM),
        ("dashboard --port 0", signal.SIGHUP),
    ],
)
def test_a_signal_in_the_midst_ends_every_command_with_130_and_one_line(words, number, folder, monkeypatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://127.0.0.1:{silent.getsockname()[1]}")
        command = Running(folder, [f"seqbench.{words.split()[0]}", *words.split()[1:]])
        waited_for, _ = silent.accept()
        with waited_for:
            command.process.send_signal(number)
            assert (command.wait(), command.err, command.out) == (130, f"{interrupts.INTERRUPTED}\n", "")
    assert {path.name for path in folder.iterdir()} == {"stdout.txt", "stderr.txt"}


def test_an_address_without_a_password_stays_as_it_is() -> None:
    for text in ("http://127.0.0.1:5000/#/a@b", "sqlite:///a:b@c.db", "task.gap: 5 is not allowed"):
        assert without_password(text) == text
