"""A record that was moved or copied with its files, for MLflow's own server: that finds them by whole paths alone."""

import sqlite3
from contextlib import closing
from pathlib import Path

from seqbench.record import schema, store
from seqbench.record.attached import path_of, places
from seqbench.record.database import FOLDER, folder_for


def name_files_beside(uri: str) -> int:
    """Let a database name the files that lie beside it in place of those of before; gives the number of runs.

    In one transaction. Runs whose files do not lie there stay as they are.
    """
    database = store.database(uri)
    if database is None or not schema.of(database):
        return 0
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("BEGIN IMMEDIATE")  # nobody writes between what is read and what is written
        experiments = connection.execute("SELECT experiment_id, artifact_location FROM experiments").fetchall()
        runs = connection.execute("SELECT run_uuid, artifact_uri FROM runs").fetchall()
        folders = [(beside.as_uri(), one) for one, told in experiments if (beside := _folder_beside(told, database))]
        files = [(beside.as_uri(), run) for run, told in runs if (beside := _files_beside(told, uri))]
        connection.executemany("UPDATE experiments SET artifact_location = ? WHERE experiment_id = ?", folders)
        connection.executemany("UPDATE runs SET artifact_uri = ? WHERE run_uuid = ?", files)
    return len(files)


def _files_beside(recorded: str, uri: str) -> Path | None:
    """The folder of a run beside the database, if it is there and the database names another."""
    found = places(recorded, uri)
    return found[0] if len(found) > 1 and found[0].exists() else None


def _folder_beside(recorded: str, database: Path) -> Path | None:
    """The same of an experiment."""
    path = path_of(recorded)
    if path is None or path.parent.name != FOLDER:
        return None
    beside = folder_for(path.name, database)
    return beside if beside != path and beside.exists() else None
