"""A new record: an empty SQLite database of MLflow's, copied from one that this MLflow made before.

MLflow takes seconds to make one.
"""

import sqlite3
from contextlib import closing
from importlib.metadata import version
from pathlib import Path
from urllib.parse import quote

from seqbench.config import cache
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
    if file.exists():
        return
    with Lock(file, "create"):
        if not file.exists():
            unfinished = file.with_name(f"{file.name}.unfinished")
            _remove(unfinished)
            unfinished.write_bytes(_empty(unfinished))
            _place(unfinished)
            unfinished.replace(file)


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
