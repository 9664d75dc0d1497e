"""What cannot hold a record is refused at once, in one line, and nothing is written to it."""

import base64
import errno
import re
import socket
import socketserver
import sqlite3
import struct
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace

import pytest
from recording import MLFLOW_WARNINGS, SPEC, plan_of, put_database

from seqbench import server
from seqbench.record import database, logins, servers, store
from seqbench.record.store import Unavailable
from seqbench.record.writer import Tracker
from seqbench.terminal import end_of, without_password

pytestmark = MLFLOW_WARNINGS


@pytest.mark.parametrize(
    ("uri", "told"),
    [
        ("sqlite:///{}/folder", "{}/folder is a folder, not a database; see MLFLOW_TRACKING_URI"),
        ("sqlite:////dev/null", "/dev/null is a device, not a database; see MLFLOW_TRACKING_URI"),
        ("sqlite:///{}/text", "{}/text is not a database; move it away or set MLFLOW_TRACKING_URI"),
        ("postgres://h/x", "postgres://h/x is an address that MLflow does not know: begin with postgresql+psycopg2://"),
        ("sqlite://", "sqlite:// names no file, and what it held would end with the command; use sqlite:///mlflow.db"),
    ],
)
def test_what_is_no_database_is_named_before_it_is_opened(uri: str, told: str, folder: Path) -> None:
    (folder / "folder").mkdir()
    (folder / "text").write_text("no database at all")
    with pytest.raises(Unavailable) as raised:
        store.require(uri.format(folder))
    assert str(raised.value) == told.format(folder)


@pytest.mark.parametrize("address", ["http://127.0.0.1:5000", "garbage", "/data/runs"])
def test_a_server_is_given_nothing_but_a_database(address: str) -> None:
    with pytest.raises(Unavailable, match=f"{address} is no address of a database: postgresql"):
        server.require_database(address)


@pytest.mark.parametrize(
    ("uri", "told"),
    [
        ("postgresql+pg8000://me:s@127.0.0.1/db", "pg8000: pip install pg8000"),
        ("mysql://me:s@127.0.0.1/db", "mysqlclient: pip install mysqlclient"),
    ],
)
def test_a_database_whose_driver_is_missing_is_refused_with_its_name(uri: str, told: str) -> None:
    with pytest.raises(Unavailable) as raised:
        store.connect(uri)
    assert str(raised.value) == f"the record in {uri} needs the package {told}"


def test_the_driver_of_postgresql_comes_with_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg2", None)
    with pytest.raises(Unavailable, match=r"needs the package 'seqbench\[server\]': pip install 'seqbench\[server\]'"):
        store.connect("postgresql+psycopg2://me@127.0.0.1/db")


def test_an_address_that_names_no_driver_is_told_one_that_works() -> None:
    told = servers.lacking("postgresql://h/db", ModuleNotFoundError(name="psycopg"))
    assert told.endswith("pip install 'psycopg[binary]', or begin with postgresql+psycopg2://")


@pytest.mark.parametrize("address", ["postgresql+psycopg2://me@127.0.0.1:{}/db", "mysql://me@127.0.0.1:{}/db"])
def test_a_database_that_does_not_answer_is_named_at_once(address: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(Unavailable, match=rf"^the database {re.escape(address.format(port))} does not answer \("):
        store.require(address.format(port))


class Refusing(socketserver.StreamRequestHandler):
    """A PostgreSQL that does not take the password, in its own protocol."""

    def handle(self) -> None:
        while len(head := self.rfile.read(8)) == 8:
            length, kind = struct.unpack("!II", head)
            self.rfile.read(length - 8)
            if kind >> 16 == 3:  # the version of the protocol; else whether what follows may be encrypted
                said = b'SFATAL\0C28P01\0Mpassword authentication failed for user "me"\0\0'
                self.wfile.write(b"E" + struct.pack("!I", len(said) + 4) + said)
                return
            self.wfile.write(b"N")


@pytest.mark.skipif(find_spec("psycopg2") is None, reason="PostgreSQL's driver, seqbench[server], is not installed")
def test_a_database_that_does_not_take_the_password_says_so_at_once() -> None:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Refusing) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        uri = f"postgresql+psycopg2://me:s@127.0.0.1:{server.server_address[1]}/db"
        with pytest.raises(Unavailable) as raised:
            store.require(uri)
        server.shutdown()
    assert str(raised.value) == f'the database {uri} cannot be opened (password authentication failed for user "me")'


@pytest.mark.parametrize(
    ("scheme", "told"),
    [
        ("postgresql+pg8000", "the record in {} needs the package pg8000: pip install pg8000"),
        ("mysql", "the record in {} needs the package mysqlclient: pip install mysqlclient"),
        (
            "postgresql+none",
            "the database {} cannot be opened (Can't load plugin: sqlalchemy.dialects:postgresql.none)",
        ),
    ],
)
def test_a_database_that_listens_is_not_enough_without_its_driver(scheme: str, told: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        uri = f"{scheme}://me:s@127.0.0.1:{server.getsockname()[1]}/db"
        with pytest.raises(Unavailable) as raised:
            store.require(uri)
    assert str(raised.value) == told.format(uri)


class WithoutProxy:
    """A tracking server that keeps files in a folder of its own; it notes what is written."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.written = folder, list[str]()

    def get_experiment(self, number: str) -> SimpleNamespace:
        return SimpleNamespace(artifact_location=str(self.folder / number), tags={})

    def get_experiment_by_name(self, _: str) -> None:
        return None

    def __getattr__(self, name: str) -> Callable[..., object]:
        return lambda *_, **__: self.written.append(name)


def test_a_server_that_takes_no_files_is_refused_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = WithoutProxy(tmp_path / "of another machine")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:5000")
    monkeypatch.setattr(store, "require", lambda _: None)
    monkeypatch.setattr(servers, "takes_files", lambda _: False)
    monkeypatch.setattr(store, "connect", lambda _: server)
    with pytest.raises(Unavailable) as raised, Tracker(plan_of(SPEC)) as tracker:
        tracker.connect()
    assert str(raised.value) == (
        "the tracking server http://127.0.0.1:5000 takes no files: its runs keep them in "
        f"{server.folder}, which is no folder here; start it with --serve-artifacts"
    )
    assert server.written == []


def test_a_folder_is_no_record(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MLFLOW_ALLOW_FILE_STORE", raising=False)
    with pytest.raises(Unavailable, match=r"^folders cannot hold a record"):
        store.connect("./mlr")


def test_an_empty_file_is_a_record_that_was_not_begun(folder: Path) -> None:
    file = folder / "mlflow.db"
    file.touch()
    store.require(store.DEFAULT_URI)
    assert not store.exists(store.DEFAULT_URI)
    assert file.stat().st_size == 0
    put_database(folder / "other")
    database.create(file)
    assert file.read_bytes().startswith(database.MAGIC)


def test_a_full_disk_is_told_with_the_file_and_leaves_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, content: bytes) -> None:
        path.touch()
        raise OSError(errno.EFBIG, "File too large")

    monkeypatch.setattr(database, "_empty", lambda _: b"")
    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="File too large") as raised:
        database.create(folder / "mlflow.db")
    told = f"cannot write {folder / 'mlflow.db'} (File too large): free some space"
    assert end_of(raised.value) == (3, told)
    assert not list(folder.glob("mlflow.db*"))


def test_a_database_that_is_not_one_file_in_the_end_says_so(folder: Path) -> None:
    file = put_database(folder)
    with closing(sqlite3.connect(file)) as writes, closing(sqlite3.connect(file)) as reads:
        reads.execute("BEGIN")
        reads.execute("SELECT count(*) FROM runs").fetchone()
        with writes:
            writes.execute("INSERT INTO experiment_tags VALUES ('a', 'b', 0)")
        assert database.apart(file).startswith(f"the record is in {file} and mlflow.db-wal, ")
    assert database.apart(file) == ""


# -- servers with a name and a password in their address -----------------------------------------------------


class Server(BaseHTTPRequestHandler):
    """Tells by which login it was asked."""

    asked: str | None = None

    def do_GET(self) -> None:
        Server.asked = f"{self.path} {self.headers['Authorization']}"
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


def test_a_server_with_a_password_in_its_address_is_asked_with_it() -> None:
    with HTTPServer(("127.0.0.1", 0), Server) as server:
        threading.Thread(target=server.handle_request, daemon=True).start()
        store.require(f"http://me:p%40ss@127.0.0.1:{server.server_port}/")
    assert Server.asked == f"/health Basic {base64.b64encode(b'me:p@ss').decode()}"
    assert logins.apart("http://h:1/a") == ("http://h:1/a", {})


def test_no_part_of_a_password_is_shown() -> None:
    for password in ("p@s@s", "p/s", "4%2F7"):
        assert without_password(f"postgresql://me:{password}@h/db is gone") == "postgresql://me:***@h/db is gone"
