"""The dashboard serves the record of the working folder on the loopback address, and nothing outlives it."""

import signal
import socket
import subprocess
from contextlib import nullcontext
from types import SimpleNamespace

import pytest
from signalled import as_from_a_shell

from seqbench import dashboard, serving
from seqbench.record import names
from seqbench.record.database import MAGIC, address
from seqbench.record.reading import Experiment


class Server:
    """Takes the place of a process that ends at once, unless it is interrupted first: then it has to be ended."""

    pid = 4242

    def __init__(self, interrupted):
        self.interrupted, self.command, self.options, self.waits = interrupted, [], {}, 0

    def __call__(self, command, **options):
        self.command, self.options = command, options
        return self

    def wait(self, seconds=None):
        self.waits += 1
        if self.interrupted and seconds is not None:
            signal.raise_signal(signal.SIGHUP)
            raise subprocess.TimeoutExpired("mlflow", seconds)
        return 0


@pytest.fixture
def started(folder, monkeypatch):
    """Starts the dashboard on a server of ours: gives its exit code, the server, and the groups that were ended."""

    def start(*words, interrupted=False, record=True):
        server, ended = Server(interrupted), []
        if record:
            (folder / "mlflow.db").write_bytes(MAGIC)
        monkeypatch.setattr(serving.subprocess, "Popen", server)
        monkeypatch.setattr(serving.os, "killpg", lambda *group: ended.append(group))
        return dashboard.main(list(words)), server, ended

    with as_from_a_shell():
        yield start


def test_it_serves_the_record_on_the_loopback_address_and_says_where(started, folder, capsys):
    code, server, _ = started("--port", "5123")
    assert code == 0
    told = dict(zip(server.command[4::2], server.command[5::2], strict=True))
    assert told == {
        "--backend-store-uri": address(folder / "mlflow.db"),
        "--host": "127.0.0.1",
        "--port": "5123",
        "--workers": "1",
    }
    assert "http://127.0.0.1:5123/" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("tags", "place"),
    [
        (None, "experiments?workflowType=machine_learning"),
        ({}, "experiments/7/runs?workflowType=machine_learning"),
        ({names.VIEW: "{}"}, "experiments/7/runs?workflowType=machine_learning&viewStateShareKey=seqbench"),
    ],
)
def test_the_address_that_it_says_first_is_that_of_the_newest_runs(started, monkeypatch, capsys, tags, place):
    newest = None if tags is None else Experiment("7", "study", active=True, tags=tags)
    monkeypatch.setattr(dashboard, "opened", lambda _: nullcontext(SimpleNamespace(newest=lambda: newest)))
    started("--port", "5123")
    assert capsys.readouterr().out.splitlines()[0] == f"http://127.0.0.1:5123/#/{place}"


@pytest.mark.parametrize(("words", "opens"), [((), 0), (("--open",), 1)])
def test_it_opens_a_browser_when_asked_and_the_server_answers(started, monkeypatch, words, opens):
    asked = []
    monkeypatch.setattr(dashboard, "_answers", lambda _: True)
    monkeypatch.setattr(dashboard.webbrowser, "open", lambda page: asked.append(page))
    started(*words)
    assert len(asked) == opens


def test_it_switches_off_telemetry_and_the_job_workers(started):
    _, server, _ = started()
    environment = server.options["env"]
    assert (environment["MLFLOW_DISABLE_TELEMETRY"], environment["MLFLOW_SERVER_ENABLE_JOB_EXECUTION"]) == (
        "true",
        "false",
    )


def test_a_signal_ends_the_server_with_all_that_it_has_started(started):
    code, server, ended = started(interrupted=True)
    assert code == 130
    assert server.options["start_new_session"]
    assert ended == [(4242, signal.SIGTERM)]
    assert server.waits == 2


def test_without_a_record_it_says_so_and_starts_nothing(started, folder, capsys):
    code, server, _ = started(record=False)
    assert (code, server.command) == (3, [])
    assert "there is no record yet in sqlite:///mlflow.db" in capsys.readouterr().err
    assert list(folder.iterdir()) == []


def test_a_store_that_cannot_be_reached_is_told(started, monkeypatch, capsys):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:1")
    code, server, _ = started()
    assert (code, server.command) == (3, [])
    assert "does not answer" in capsys.readouterr().err


def test_a_port_that_is_taken_is_told_and_nothing_is_started(started, capsys):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        code, server, _ = started("--port", str(port))
    assert (code, server.command) == (3, [])
    assert capsys.readouterr().err == (
        f"seqbench: port {port} cannot be used (Address already in use): name another with --port\n"
    )


def test_a_password_in_the_address_is_not_shown(started, monkeypatch, capsys):
    with socket.create_server(("127.0.0.1", 0)) as database:
        uri = f"postgresql://me:secret@127.0.0.1:{database.getsockname()[1]}/record"
        monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
        _, server, _ = started()
    assert uri in server.command
    assert "runs of postgresql://me:***@127.0.0.1:" in capsys.readouterr().out
