"""The dashboard serves the record of the working folder on the loopback address, and nothing outlives it."""

import signal
import socket
import subprocess
from contextlib import contextmanager, nullcontext
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
    """Starts the dashboard on a server of ours: gives its exit code, the server, and what was done at its end."""

    def start(*words, interrupted=False, record=True):
        server, ended = Server(interrupted), []

        @contextmanager
        def at_end(*command):
            try:
                yield
            finally:
                ended.append(command)

        if record:
            (folder / "mlflow.db").write_bytes(MAGIC)
        monkeypatch.setattr(serving.subprocess, "Popen", server)
        monkeypatch.setattr(serving, "AtEnd", at_end)
        return dashboard.main(list(words)), server, ended

    with as_from_a_shell():
        yield start


def test_it_serves_the_record_on_the_loopback_address_and_says_where(started, folder, capsys):
    code, server, _ = started("--port", "5123")
    assert code == 0
    told = dict(zip(server.command[4::2], server.command[5::2], strict=True))
    assert server.options["env"]["MLFLOW_BACKEND_STORE_URI"] == address(folder / "mlflow.db")
    assert told == {
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
    assert ended == [("kill", "-TERM", "-4242")]
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


def test_a_password_in_the_address_is_neither_shown_nor_a_word_of_a_command(started, monkeypatch, capsys):
    uri = "postgresql://me:secret@127.0.0.1:5432/record"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
    monkeypatch.setattr(dashboard, "require", lambda _: None)
    _, server, _ = started()
    assert not any("secret" in word for word in server.command)
    assert server.options["env"]["MLFLOW_BACKEND_STORE_URI"] == uri
    assert "runs of postgresql://me:***@127.0.0.1:" in capsys.readouterr().out


# -- where the record is that of a tracking server ---------------------------------------------------------


@pytest.fixture
def tracking_server(monkeypatch):
    """One that answers, with a login, and holds runs of one experiment; gives the pages that were opened."""
    opened, newest = [], Experiment("7", "study", active=True, tags={names.VIEW: "{}"})
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "https://me:secret@host:8080/mlflow/")
    monkeypatch.setattr(dashboard, "require", lambda _: None)
    monkeypatch.setattr(dashboard, "reading", lambda _: nullcontext(SimpleNamespace(newest=lambda: newest)))
    monkeypatch.setattr(dashboard.webbrowser, "open", opened.append)
    return opened


PAGE = "https://host:8080/mlflow/#/experiments/7/runs?workflowType=machine_learning&viewStateShareKey=seqbench"


@pytest.mark.parametrize(("words", "opens"), [((), []), (("--open",), [PAGE])])
def test_a_tracking_server_has_a_page_of_its_own(started, tracking_server, capsys, words, opens):
    code, server, _ = started(*words, record=False)
    out, err = capsys.readouterr()
    assert (code, server.command, out.splitlines()[0], err, tracking_server) == (0, [], PAGE, "", opens)


def test_a_port_that_is_asked_for_beside_a_tracking_server_is_said_to_have_no_use(started, tracking_server, capsys):
    code, _, _ = started("--port", "5001", record=False)
    assert (code, capsys.readouterr().err) == (0, "seqbench: --port 5001 is not used: nothing is served here\n")
