"""Records from before a fact was told with its run: they read as if it had been."""

import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest
from builders import make_spec
from pyarrow import parquet
from recording import EXPERIMENT, MLFLOW_WARNINGS, SOLVED, STARTED, plan_of, progress, put_database, record, recorded

from seqbench.events import GradientByLag
from seqbench.record import archive, names, results, store

pytestmark = MLFLOW_WARNINGS

NARROW, WIDE = (make_spec(seed=seed) for seed in (3, 4))
WIDE = replace(WIDE, model=replace(WIDE.model, settings={**WIDE.model.settings, "hidden_size": 16}))


def without_level(facts: dict) -> dict:
    return {name: value for name, value in facts.items() if name != "level"}


def as_before(file: Path) -> None:
    """A file as it was written before the level of the criterion, and the plain names beside the labels."""
    table = parquet.read_table(file)
    rest = json.loads(table.schema.metadata[archive.KEY])
    rest["tasks"] = {task: without_level(facts) for task, facts in rest["tasks"].items()}
    for part in ("runs", "dtypes"):
        rest[part] = {name: value for name, value in rest[part].items() if not name.startswith("plain_")}
    metadata = {**table.schema.metadata, archive.KEY: json.dumps(rest).encode()}
    parquet.write_table(pa.Table.from_pandas(table.to_pandas()).replace_schema_metadata(metadata), file)


@pytest.fixture
def written(folder: Path) -> Path:
    """A record of two runs of one cell that differ in a setting."""
    put_database(folder)
    record(plan_of(NARROW, WIDE), [(run, [*progress(), SOLVED]) for run in (NARROW, WIDE)])
    return folder


@pytest.mark.parametrize(("score", "level"), [("accuracy", 0.99), ("mse", 0.01), ("perplexity", None)])
def test_a_level_that_was_not_recorded_is_the_one_that_its_task_had(written: Path, score: str, level: float) -> None:
    facts = json.loads(recorded()[0].tags[names.FACTS])
    for run in recorded():
        old = {**without_level(facts), "score_name": score}
        store.connect(store.tracking_uri()).set_tag(run.run_id, names.FACTS, json.dumps(old))
    tasks = results.load(EXPERIMENT).tasks
    assert dict(tasks) == {"copy": replace(STARTED.facts, score_name=score, level=level)}


def test_a_file_of_before_reads_as_one_of_today(written: Path) -> None:
    whole = results.load(EXPERIMENT)
    (written / "metrics.parquet").write_bytes(archive.content(whole))
    as_before(written / "metrics.parquet")
    again = archive.read(written / "metrics.parquet")
    assert again.tasks == whole.tasks
    assert set(again.runs.arm) == {"lstm, hidden_size=8", "lstm, hidden_size=16"}
    assert set(again.runs.plain_arm) == {"lstm"}
    pd.testing.assert_frame_equal(again.runs, whole.runs, check_like=True)


def test_numbers_of_inputs_that_stood_among_those_of_the_hidden_state_are_moved(folder: Path) -> None:
    put_database(folder)
    inputs = GradientByLag("inputs", "init", 0, (0.0, -1.0, -2.0), (0.0, 0.1, 0.2))
    record(plan_of(NARROW), [(NARROW, [STARTED, inputs, SOLVED])])
    whole = results.load(EXPERIMENT)
    apart = ["gradient_at_gap_init", "decay_init"]
    old = whole.runs.assign(**{name: whole.runs[f"input_{name}"] for name in apart})
    of_now = [name for name in old if name.startswith(("input_", "zero_"))]
    (folder / "metrics.parquet").write_bytes(archive.content(replace(whole, runs=old.drop(columns=of_now))))
    pd.testing.assert_frame_equal(archive.read(folder / "metrics.parquet").runs, whole.runs, check_like=True)


BEFORE = {
    "log10_gradient_by_lag/h_init": "gradient_by_lag/h_init",
    "log10_gradient_by_lag/h_init_spread": "gradient_by_lag/h_init_spread",
    "log10_gradient_at_gap/init": "gradient_at_gap/init",
    "log10_gradient_at_gap/end": "gradient_at_gap/end",
    "flow/log10_gradient_at_gap": "flow/gradient_at_gap",
    "decay_nats_per_step/init": "decay/init",
    "time_constant_steps/init": "timescale/init",
}


def test_metrics_whose_names_said_no_unit_are_those_of_today_in_runs_beside_others(written: Path) -> None:
    before, _ = recorded()
    whole = results.load(EXPERIMENT)
    old = [(name, metric, before.run_id) for metric, name in BEFORE.items()]
    with closing(sqlite3.connect(written / "mlflow.db")) as database, database:
        for table in ("metrics", "latest_metrics"):
            database.executemany(f"UPDATE {table} SET key = ? WHERE key = ? AND run_uuid = ?", old)
    assert set(BEFORE.values()) <= set(recorded()[0].metrics)
    again = results.load(EXPERIMENT)
    pd.testing.assert_frame_equal(again.runs, whole.runs)
    assert list(again.metrics.metric.cat.categories) == list(whole.metrics.metric.cat.categories)
    for frame in ("lags", "metrics", "curves"):
        assert_same_rows(getattr(again, frame), getattr(whole, frame))


def assert_same_rows(one: pd.DataFrame, other: pd.DataFrame) -> None:
    """In whatever order: that of a store goes by the names that stand in it."""
    columns = [name for name in ("run_id", "metric", "state", "stage", "step", "lag") if name in one]
    one, other = (frame.sort_values(columns, ignore_index=True) for frame in (one, other))
    pd.testing.assert_frame_equal(one, other)
