"""A new record is a copy of an empty one that is kept in the user's cache, which is never believed blindly."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from recording import EXPERIMENT, MLFLOW_WARNINGS, SOLVED, SPEC, plan_of, progress, record, recorded

from seqbench.config import cache
from seqbench.record import database, store

pytestmark = MLFLOW_WARNINGS


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the first database that was made, and the cache that it was kept in."""
    folder = tmp_path_factory.mktemp("first")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(cache.VARIABLE, str(folder / "cache"))
        database.create(folder / "first.db")
    return folder


@pytest.fixture
def kept(first: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of its own, in which an empty database was kept."""
    monkeypatch.setenv(cache.VARIABLE, str(folder / "cache"))
    shutil.copytree(first, folder, dirs_exist_ok=True)
    (file,) = (folder / "cache").iterdir()
    return file


def asked(file: Path, question: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(file)) as connection:
        return connection.execute(question).fetchall()


def forbid(monkeypatch: pytest.MonkeyPatch) -> None:
    def made(_: Path) -> bytes:
        raise AssertionError("a database was made by MLflow")

    monkeypatch.setattr(database, "_made", made)


def test_the_second_one_is_a_copy_and_can_be_used(kept: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as only:
        forbid(only)
        database.create(folder / "mlflow.db")
    record(plan_of(SPEC), [(SPEC, [*progress(), SOLVED])])
    assert [run.status for run in recorded()] == ["FINISHED"]


def test_it_knows_no_folder_but_its_own(first: Path, kept: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "elsewhere").mkdir()
    monkeypatch.chdir(folder / "elsewhere")
    client = store.connect("sqlite:///mlflow.db")
    assert client.get_experiment("0").artifact_location == (folder / "elsewhere" / "mlruns" / "0").as_uri()
    assert str(first).encode() not in kept.read_bytes()


def test_who_reads_it_does_not_wait_for_who_writes(kept: Path, folder: Path) -> None:
    assert asked(folder / "first.db", "PRAGMA journal_mode") == [("wal",)]


@pytest.mark.parametrize("content", [b"", b"half", b"0" * 64 + b"\nSQLite format 3", cache.sealed(b"no database")])
def test_one_that_is_not_whole_is_made_again(content: bytes, kept: Path, folder: Path) -> None:
    whole = kept.read_bytes()
    kept.write_bytes(content)
    database.create(folder / "second.db")
    assert asked(folder / "second.db", "SELECT count(*) FROM runs") == [(0,)]
    assert len(kept.read_bytes()) == len(whole)


def test_another_version_of_mlflow_has_one_of_its_own(
    kept: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "version", lambda _: "9.9")
    with monkeypatch.context() as only:
        forbid(only)
        with pytest.raises(AssertionError, match="was made by MLflow"):
            database.create(folder / "second.db")
    database.create(folder / "second.db")
    assert {file.name for file in kept.parent.iterdir()} == {kept.name, "new-record-of-mlflow-9.9.db"}


def test_a_cache_that_cannot_be_written_costs_time_only(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "a file").touch()
    monkeypatch.setenv(cache.VARIABLE, str(folder / "a file"))
    database.create(folder / "mlflow.db")
    assert asked(folder / "mlflow.db", "SELECT count(*) FROM runs") == [(0,)]


def test_it_appears_only_when_it_is_complete(kept: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def cut(scratch: Path) -> bytes:
        scratch.write_text("half a database")
        raise KeyboardInterrupt

    kept.unlink()
    with monkeypatch.context() as broken:
        broken.setattr(database, "_made", cut)
        with pytest.raises(KeyboardInterrupt):
            database.create(folder / "mlflow.db")
    assert not store.exists("sqlite:///mlflow.db")
    database.create(folder / "mlflow.db")  # beside what was left
    assert asked(folder / "mlflow.db", "SELECT count(*) FROM runs") == [(0,)]


def test_one_that_is_there_is_left_as_it_is(kept: Path, folder: Path) -> None:
    record(plan_of(SPEC), [(SPEC, [*progress(), SOLVED])])
    database.create(folder / "mlflow.db")
    assert len(recorded(EXPERIMENT)) == 1
