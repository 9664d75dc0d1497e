"""A new record: an empty SQLite database of MLflow's, copied from one that this MLflow made before.

MLflow takes seconds to make one.
"""

import os
import sqlite3
from contextlib import closing, suppress
from importlib.metadata import version
from pathlib import Path
from urllib.parse import quote

from seqbench.config import cache, naming
from seqbench.config.locks import Lock

#: What a SQLite database begins with.
MAGIC = b"SQLite format 3\0"
#: The folder for the files of all runs, beside the database.
FOLDER = "mlruns"


def folder_for(experiment: str, database: Path) -> Path:
    """Where the files of an experiment go."""
    return database.parent / FOLDER / experiment


def address(file: Path) -> str:
    """What MLflow calls this database: a URI in a URI, each quoted, so that the path may hold any character.

    With the name of the driver: without it, MLflow would take all of it for a path and make its folders.
    """
    return f"sqlite+pysqlite:///{quote(file.as_uri())}?uri=true"


def create(file: Path) -> None:
    """Make the database unless it exists; under another name first: one that was cut could never be opened."""
    if begun(file):
        return
    with Lock(file, "create"):
        if not begun(file):
            unfinished = file.with_name(f"{file.name}.unfinished")
            _remove(unfinished)
            try:
                with naming.of(file):
                    unfinished.write_bytes(_empty(unfinished))
                _place(unfinished)
                unfinished.replace(file)
            except BaseException:
                _remove(unfinished)
                raise


def begun(file: Path) -> bool:
    """Whether anything was ever written to it: to SQLite, an empty file is an empty database."""
    return file.exists() and file.stat().st_size > 0


def fault(file: Path) -> str:
    """What keeps this file from being a database that can be written; nothing for one that is not there."""
    if not file.exists():
        return ""
    if not file.is_file():
        return f"{file} is a {'folder' if file.is_dir() else 'device'}, not a database; see MLFLOW_TRACKING_URI"
    if not os.access(file, os.W_OK):
        return f"cannot write to {file}: change its permissions"
    with file.open("rb") as opened:
        begins = opened.read(len(MAGIC))
    return f"{file} is not a database; move it away or set MLFLOW_TRACKING_URI" if begins not in (b"", MAGIC) else ""


def apart(file: Path) -> str:
    """What is to be said of a database, closed by this process, of which SQLite could not make one file."""
    with suppress(sqlite3.Error), closing(sqlite3.connect(f"{file.as_uri()}?mode=rw", uri=True)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # others may have it open, too
    rest = Path(f"{file}-wal")
    if not begun(rest):
        return ""
    return f"the record is in {file} and {rest.name}, for want of space or because it is in use; keep them together"


def _empty(scratch: Path) -> bytes:
    """The bytes of an empty database, kept for each version of MLflow; made in `scratch` where there is none."""
    name = f"new-record-of-mlflow-{version('mlflow')}.db"
    kept = cache.read(name)
    if kept is None or not kept.startswith(MAGIC):
        kept = _made(scratch)
        cache.keep(name, kept)
    return kept


def _made(scratch: Path) -> bytes:
    from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

    SqlAlchemyStore(address(scratch), "file:///nowhere")  # type: ignore[no-untyped-call]
    with closing(sqlite3.connect(scratch)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")  # stays so: who reads does not wait, and a commit is one write
    made = scratch.read_bytes()
    _remove(scratch)
    return made


def _place(database: Path) -> None:
    """Say where the files of MLflow's default experiment go; by itself, MLflow would write the working folder there.

    It would write it unquoted, too.
    """
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("UPDATE experiments SET artifact_location = ?", (folder_for("0", database).as_uri(),))


def _remove(database: Path) -> None:
    for suffix in ("", "-journal", "-wal", "-shm"):
        Path(f"{database}{suffix}").unlink(missing_ok=True)
