"""A new record: an empty SQLite database of MLflow's, copied from one that this MLflow made before.

MLflow takes seconds to make one.
"""

import sqlite3
from contextlib import closing
from importlib.metadata import version
from pathlib import Path

from seqbench.config import cache
from seqbench.record.locks import Lock

#: What a SQLite database begins with.
MAGIC = b"SQLite format 3\0"


def create(file: Path) -> None:
    """Make the database unless it exists; under another name first: one that was cut could never be opened."""
    if file.exists():
        return
    with Lock(file, "create"):
        if not file.exists():
            unfinished = file.with_name(f"{file.name}.unfinished")
            _remove(unfinished)
            unfinished.write_bytes(_empty(unfinished))
            unfinished.replace(file)


def _empty(scratch: Path) -> bytes:
    """The bytes of an empty database, kept for each version of MLflow; made in `scratch` where there is none."""
    name = f"record-of-mlflow-{version('mlflow')}.db"
    kept = cache.read(name)
    if kept is None or not kept.startswith(MAGIC):
        kept = _made(scratch)
        cache.keep(name, kept)
    return kept


def _made(scratch: Path) -> bytes:
    from mlflow import MlflowClient

    MlflowClient(f"sqlite:///{scratch}").search_experiments()
    with closing(sqlite3.connect(scratch)) as connection:
        connection.execute("DELETE FROM experiments")  # the default one names this folder; MLflow makes it again
        connection.commit()
        connection.execute("PRAGMA journal_mode=WAL")  # stays so: who reads does not wait, and a commit is one write
    made = scratch.read_bytes()
    _remove(scratch)
    return made


def _remove(database: Path) -> None:
    for suffix in ("", "-journal", "-wal", "-shm"):
        Path(f"{database}{suffix}").unlink(missing_ok=True)
