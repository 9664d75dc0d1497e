"""A SQLite database of MLflow's, read as it is and never written to."""

import math
import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from seqbench.record import names
from seqbench.record.reading import Experiment, Points, Reader, Recorded

#: The columns that are read.
TABLES = {
    "experiments": "experiment_id, name, lifecycle_stage",
    "experiment_tags": "key, value, experiment_id",
    "runs": "run_uuid, experiment_id, name, status, lifecycle_stage, artifact_uri, start_time",
    "params": "key, value, run_uuid",
    "tags": "key, value, run_uuid",
    "latest_metrics": "key, value, is_nan, run_uuid",
    "metrics": "key, value, timestamp, step, is_nan, run_uuid",
}
VALUE = "CASE WHEN is_nan THEN NULL ELSE value END"
POINTS = f"SELECT key, step, {VALUE} FROM metrics WHERE run_uuid = ? ORDER BY key, step, timestamp, value"
OF_EXPERIMENT, ACTIVE = "experiment_id = ?", "lifecycle_stage = 'active'"


@contextmanager
def opened(file: Path | None) -> Iterator["DatabaseReader | None"]:
    """A reader of this file, if it is a SQLite database with the tables that are read here."""
    try:
        reader = None if file is None else DatabaseReader(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True))
        if reader is not None and not reader.has_its_tables():
            reader.connection.close()
            reader = None
    except sqlite3.Error:  # MLflow says what it is
        reader = None
    if reader is None:
        yield None
        return
    with closing(reader.connection):
        yield reader


class DatabaseReader(Reader):
    """One connection."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection

    def has_its_tables(self) -> bool:
        """Whether all columns are there."""
        return all(self._has(table, columns) for table, columns in TABLES.items())

    def _has(self, table: str, columns: str) -> bool:
        found = {name for _, name, *_ in self.connection.execute(f"PRAGMA table_info({table})")}
        return found >= set(columns.split(", "))

    def experiments(self) -> list[Experiment]:
        return self._experiments(ACTIVE, ())

    def experiment(self, name: str) -> Experiment | None:
        return next(iter(self._experiments("name = ?", (name,))), None)

    def _experiments(self, which: str, values: Sequence[str]) -> list[Experiment]:
        tags = defaultdict[int, dict[str, str]](dict)
        for number, key, value in self.connection.execute("SELECT experiment_id, key, value FROM experiment_tags"):
            tags[number][key] = value
        query = f"SELECT experiment_id, name, lifecycle_stage FROM experiments WHERE {which}"
        return [
            Experiment(str(number), name, stage == "active", tags[number])
            for number, name, stage in self.connection.execute(query, values)
        ]

    def newest(self) -> Experiment | None:
        ours = f"SELECT experiment_id FROM runs JOIN tags USING (run_uuid) WHERE key = ? AND {ACTIVE}"
        found = self._experiments(f"{ACTIVE} AND experiment_id IN ({ours})", (names.FINGERPRINT,))
        return max(found, key=self._last_start, default=None)

    def _last_start(self, experiment: Experiment) -> int:
        query = f"SELECT max(start_time) FROM runs WHERE {OF_EXPERIMENT} AND {ACTIVE}"
        return int(self.connection.execute(query, (experiment.id,)).fetchone()[0])

    def runs(self, experiment_id: str, deleted: bool = False) -> list[Recorded]:
        return self._runs(OF_EXPERIMENT if deleted else f"{OF_EXPERIMENT} AND {ACTIVE}", experiment_id)

    def run(self, run_id: str) -> Recorded | None:
        return next(iter(self._runs("run_uuid = ?", run_id)), None)

    def _runs(self, which: str, value: str) -> list[Recorded]:
        metrics = {
            run_id: {key: math.nan if value is None else value for key, value in values.items()}
            for run_id, values in self._by_run("latest_metrics", VALUE, which, value).items()
        }
        params, tags = self._by_run("params", "value", which, value), self._by_run("tags", "value", which, value)
        query = "SELECT run_uuid, name, status, lifecycle_stage = 'active', artifact_uri FROM runs"
        rows = self.connection.execute(f"{query} WHERE {which} ORDER BY start_time, run_uuid", (value,))
        return [
            Recorded(
                *(run_id, name, status, bool(active), uri),
                *(params.get(run_id, {}), metrics.get(run_id, {}), tags.get(run_id, {})),
            )
            for run_id, name, status, active, uri in rows
        ]

    def _by_run(self, table: str, what: str, which: str, value: str) -> dict[str, dict[str, Any]]:
        """Keys and values of a table for the runs that are asked for, in the order in which they were stored."""
        found, once = defaultdict[str, dict[str, Any]](dict), dict[str, str]()  # runs repeat each other's texts
        chosen = f"SELECT run_uuid FROM runs WHERE {which}"
        query = f"SELECT run_uuid, key, {what} FROM {table} WHERE run_uuid IN ({chosen}) ORDER BY rowid"
        for run_id, key, one in self.connection.execute(query, (value,)):
            found[run_id][once.setdefault(key, key)] = once.setdefault(one, one) if isinstance(one, str) else one
        return found

    def points(self, run: Recorded) -> Points:
        return self.connection.execute(POINTS, (run.run_id,)).fetchall()
