"""Every point of every metric of many runs, in bulk."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from seqbench import store

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run

#: Metric, step and value of each point of a run, sorted by metric, step, time of recording and value.
Points = list[tuple[str, int, float]]

QUERY = """
    SELECT key, step, CASE WHEN is_nan THEN NULL ELSE value END FROM metrics
    WHERE run_uuid = ? ORDER BY key, step, timestamp, value
"""
#: What the query needs of the table. MLflow does not promise its tables; another one is not read.
COLUMNS = {"key", "value", "timestamp", "step", "is_nan", "run_uuid"}


def histories(client: "MlflowClient", uri: str, runs: "Sequence[Run]") -> pd.DataFrame:
    """Columns run_id and metric (categorical), step and value; in the order of `runs`, then of `Points`.

    MLflow's client takes one request per curve, some milliseconds each, and its bulk requests leave out points of long
    curves. So a SQLite database is read directly, which takes a hundredth of the time; every other store, and a
    database whose tables are not as expected, through the client.
    """
    names: dict[str, int] = {}
    lengths, metrics, steps, values = [], [np.empty(0, np.int16)], [np.empty(0, np.int64)], [np.empty(0)]
    with _reader(client, uri) as points_of:
        for run in runs:
            points = points_of(run)
            lengths.append(len(points))
            metrics.append(np.array([names.setdefault(metric, len(names)) for metric, _, _ in points], np.int16))
            steps.append(np.array([step for _, step, _ in points], np.int64))
            values.append(np.array([value for _, _, value in points], np.float64))
    return pd.DataFrame(
        {
            "run_id": pd.Categorical.from_codes(np.repeat(np.arange(len(runs)), lengths), [r.info.run_id for r in runs]),
            "metric": pd.Categorical.from_codes(np.concatenate(metrics), list(names)),
            "step": np.concatenate(steps),
            "value": np.concatenate(values),
        }
    )


@contextmanager
def _reader(client: "MlflowClient", uri: str) -> "Iterator[Callable[[Run], Points]]":
    """The quickest way to the points of a run."""
    file = store.database(uri)
    if file is None:
        yield lambda run: by_client(client, run)
        return
    with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as connection:
        found = {name for _, name, *_ in connection.execute("PRAGMA table_info(metrics)")}
        if found >= COLUMNS:
            yield lambda run: connection.execute(QUERY, (run.info.run_id,)).fetchall()
        else:
            yield lambda run: by_client(client, run)


def by_client(client: "MlflowClient", run: "Run") -> Points:
    """Through what MLflow documents: a request for each metric."""
    points = [point for key in run.data.metrics for point in client.get_metric_history(run.info.run_id, key)]
    return [(p.key, p.step, p.value) for p in sorted(points, key=lambda p: (p.key, p.step, p.timestamp, p.value))]
