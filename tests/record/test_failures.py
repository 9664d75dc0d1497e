"""What fails in a store is told by its innermost reason, and by what was asked."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
import requests
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException, RestException
from recording import MLFLOW_WARNINGS
from sqlalchemy.exc import OperationalError

from seqbench.record.failures import in_words, is_of_store

pytestmark = MLFLOW_WARNINGS
DISK = (
    '(psycopg2.errors.DiskFull) could not extend file "base/16384/2619": No space left on device\n'
    "HINT:  Check free disk space.\n\n[SQL: INSERT INTO metrics ...]"
)
TOLD_OF_DISK = 'could not extend file "base/16384/2619": No space left on device'


class Failing(BaseHTTPRequestHandler):
    """A server whose database is gone."""

    def do_GET(self) -> None:
        self.send_response(503)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


class Vanishing(Failing):
    """One that is killed while it answers."""

    def do_GET(self) -> None:
        self.close_connection = True


class Slow(Failing):
    """One that takes longer than anybody waits."""

    def do_GET(self) -> None:
        Slow.waited_for.wait(5)

    waited_for = threading.Event()


@contextmanager
def serving(answer: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), answer) as server:
        Slow.waited_for.clear()
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        Slow.waited_for.set()
        server.shutdown()


def asked(uri: str, monkeypatch: pytest.MonkeyPatch) -> Exception:
    """What MLflow raises."""
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "1")
    with pytest.raises(MlflowException) as raised:
        MlflowClient(uri).get_experiment("0")
    assert is_of_store(raised.value)
    return raised.value


def test_a_tracking_server_that_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    uri = "http://127.0.0.1:1"
    assert in_words(asked(uri, monkeypatch), uri) == f"the tracking server {uri} does not answer (Connection refused)"


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (Failing, "failed: it answers 503 Service Unavailable"),
        (Vanishing, "does not answer (Remote end closed connection without response)"),
        (Slow, "does not answer (timed out)"),
    ],
)
def test_a_tracking_server_that_answers_badly(
    answer: type[BaseHTTPRequestHandler], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(answer) as uri:
        assert in_words(asked(uri, monkeypatch), uri) == f"the tracking server {uri} {told}"


def test_a_file_that_a_tracking_server_does_not_take() -> None:
    error = requests.HTTPError("500 Server Error: INTERNAL SERVER ERROR for url: http://h/api/2.0/mlflow-artifacts/a")
    assert in_words(error, "http://h") == "the tracking server http://h failed: it answers 500 Internal Server Error"


def test_what_a_tracking_server_says_of_its_own_database() -> None:
    error = RestException({"error_code": "INTERNAL_ERROR", "message": DISK})
    assert in_words(error, "http://h") == f"the tracking server http://h failed: {TOLD_OF_DISK}"


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (
            'connection to server at "h" (127.0.0.1), port 1 failed: Connection refused\n\tIs it ...',
            "Connection refused",
        ),
        (
            'connection to server at "h", port 1 failed: FATAL:  database "x" does not exist\n',
            'database "x" does not exist',
        ),
        ("server closed the connection unexpectedly\n\tThis probably ...", "server closed the connection unexpectedly"),
    ],
)
def test_a_database_that_is_a_server(said: str, told: str) -> None:
    class OfDriver(Exception):
        __module__ = "psycopg2"

    error = OperationalError("SELECT 1", {}, OfDriver(said))
    error.__cause__ = error.orig
    assert in_words(error, "postgresql://h/x") == f"the database postgresql://h/x failed: {told}"


def test_a_file_on_a_full_disk() -> None:
    error = sqlite3.OperationalError("database or disk is full")
    assert (
        in_words(error, "sqlite:///mlflow.db") == "the record in sqlite:///mlflow.db failed: database or disk is full"
    )


def test_what_mlflow_was_doing_when_it_failed_does_not_take_the_place_of_the_failure() -> None:
    error = MlflowException("RESOURCE_DOES_NOT_EXIST: no such run\nand more")
    error.__context__ = KeyError("a cache")
    assert in_words(error, "http://h") == "the tracking server http://h failed: no such run"
