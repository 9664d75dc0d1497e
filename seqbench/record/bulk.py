"""What is read of many runs at once: the runs themselves, and every point of every metric.

MLflow's client takes some milliseconds per run and per curve, and its bulk request for curves leaves out points. So a
SQLite database is read directly, many times quicker. MLflow does not promise its tables: a database whose tables are
not as expected, and every other store, is read through the client, with the same result.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import pandas as pd

from seqbench.record import store

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run

Entity = TypeVar("Entity")
#: Metric, step and value of each point of a run, sorted by metric, step, time of recording and value.
Points = list[tuple[str, int, float]]

#: The columns that are read; those of runs in the order in which `RunInfo` takes them.
INFO = "run_uuid, experiment_id, user_id, status, start_time, end_time, lifecycle_stage, artifact_uri, name"
METRIC = "key, value, timestamp, step, is_nan, run_uuid"
TABLES = {"runs": INFO, "params": "key, value, run_uuid", "tags": "key, value, run_uuid",
          "latest_metrics": METRIC, "metrics": METRIC}  # fmt: skip
ACTIVE = "experiment_id = ? AND lifecycle_stage = 'active'"
VALUE = "CASE WHEN is_nan THEN NULL ELSE value END"
POINTS = f"SELECT key, step, {VALUE} FROM metrics WHERE run_uuid = ? ORDER BY key, step, timestamp, value"


@contextmanager
def _database(client: "MlflowClient") -> Iterator[sqlite3.Connection | None]:
    """The client's store, if it is a SQLite database with the tables that are read here."""
    file = store.database(client.tracking_uri)
    if file is None:
        yield None
        return
    with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as connection:
        yield connection if all(_has(connection, table, columns) for table, columns in TABLES.items()) else None


def _has(connection: sqlite3.Connection, table: str, columns: str) -> bool:
    found = {name for _, name, *_ in connection.execute(f"PRAGMA table_info({table})")}
    return found >= set(columns.split(", "))


# -- runs --------------------------------------------------------------------------------------------------


def runs_of(client: "MlflowClient", experiment_id: str) -> "list[Run]":
    """All runs of an experiment that are not deleted, oldest first."""
    with _database(client) as connection:
        if connection is None:
            return _runs_by_client(client, experiment_id)
        return _runs_by_query(connection, experiment_id)


def _runs_by_query(connection: sqlite3.Connection, experiment_id: str) -> "list[Run]":
    from mlflow.entities import Metric, Param, Run, RunData, RunInfo, RunTag

    def by_run(make: Callable[..., Entity], table: str, what: str) -> dict[str, list[Entity]]:
        made: dict[str, list[Entity]] = defaultdict(list)
        query = f"SELECT run_uuid, {what} FROM {table} WHERE run_uuid IN (SELECT run_uuid FROM runs WHERE {ACTIVE})"
        for run_id, *row in connection.execute(f"{query} ORDER BY rowid", (experiment_id,)):
            made[run_id].append(make(*row))
        return made

    metrics = by_run(Metric, "latest_metrics", f"key, {VALUE}, timestamp, step")
    params, tags = by_run(Param, "params", "key, value"), by_run(RunTag, "tags", "key, value")
    query = f"SELECT {INFO} FROM runs WHERE {ACTIVE} ORDER BY start_time, run_uuid"
    runs = []
    for run_id, experiment, *info in connection.execute(query, (experiment_id,)):
        data = RunData(metrics[run_id], params[run_id], tags[run_id])
        runs.append(Run(RunInfo(run_id, str(experiment), *info), data))
    return runs


def _runs_by_client(client: "MlflowClient", experiment_id: str) -> "list[Run]":
    """Page by page."""
    runs: list[Run] = []
    token = None
    while True:
        page = client.search_runs(
            [experiment_id], max_results=1000, order_by=["attributes.start_time ASC"], page_token=token
        )
        runs += page
        token = page.token
        if not token:
            return runs


# -- points ------------------------------------------------------------------------------------------------


def histories(client: "MlflowClient", runs: "Sequence[Run]") -> pd.DataFrame:
    """Columns run_id and metric (categorical), step and value; in the order of `runs`, then of `Points`."""
    names: dict[str, int] = {}
    lengths, metrics, steps, values = [], [np.empty(0, np.int16)], [np.empty(0, np.int64)], [np.empty(0)]
    with _points(client) as points_of:
        for run in runs:
            points = points_of(run)
            lengths.append(len(points))
            metrics.append(np.array([names.setdefault(metric, len(names)) for metric, _, _ in points], np.int16))
            steps.append(np.array([step for _, step, _ in points], np.int64))
            values.append(np.array([value for _, _, value in points], np.float64))
    whose = np.repeat(np.arange(len(runs)), lengths)
    return pd.DataFrame(
        {
            "run_id": pd.Categorical.from_codes(whose, [run.info.run_id for run in runs]),
            "metric": pd.Categorical.from_codes(np.concatenate(metrics), list(names)),
            "step": np.concatenate(steps),
            "value": np.concatenate(values),
        }
    )


@contextmanager
def _points(client: "MlflowClient") -> "Iterator[Callable[[Run], Points]]":
    """The quickest way to the points of a run."""
    with _database(client) as connection:
        if connection is None:
            yield lambda run: _points_by_client(client, run)
        else:
            yield lambda run: connection.execute(POINTS, (run.info.run_id,)).fetchall()


def _points_by_client(client: "MlflowClient", run: "Run") -> Points:
    """A request for each metric."""
    points = [point for key in run.data.metrics for point in client.get_metric_history(run.info.run_id, key)]
    return [(p.key, p.step, p.value) for p in sorted(points, key=lambda p: (p.key, p.step, p.timestamp, p.value))]
