"""The whole record of an experiment in one Parquet file, for people who do their own analysis."""

import json
from dataclasses import asdict, replace
from pathlib import Path

import pandas as pd

from seqbench.events import INIT, INPUTS
from seqbench.horizon.search import Search
from seqbench.horizon.tuning import Tuning
from seqbench.record import names, said
from seqbench.record.frames import metrics_as_now, record_of
from seqbench.record.values import Record, Refusal, as_now, facts_of, with_inputs_apart

NAME = "metrics.parquet"
#: The file's own metadata hold, under this key, what is not a metric: the table of runs, tasks, refusals, searches,
#: tunings, the question.
KEY = b"seqbench"


def content(record: Record) -> bytes:
    """A file of `record.metrics`, a row per point, and all else that `read` needs. The same record gives the same."""
    import pyarrow as pa
    from pyarrow import parquet

    runs = pd.concat([record.runs, record.tuning_runs], ignore_index=True) if len(record.tuning_runs) else record.runs
    rest = {
        "experiment": record.experiment,
        "runs": runs.to_dict("list"),
        "dtypes": {column: str(dtype) for column, dtype in runs.dtypes.items()},
        "tasks": {task: asdict(facts) for task, facts in record.tasks.items()},
        "refusals": [asdict(refusal) for refusal in record.refusals],
        "searches": {search_id: asdict(search) for search_id, search in record.searches.items()},
        "experiment_id": record.experiment_id,
        "question": record.question,
        "said": {key: it._asdict() for key, it in sorted(record.said.items())},
        "tunings": {key: asdict(tuning) for key, tuning in record.tunings.items()},
    }
    table = pa.Table.from_pandas(record.metrics, preserve_index=False)
    table = table.replace_schema_metadata({**table.schema.metadata, KEY: json.dumps(rest, ensure_ascii=False).encode()})
    file = pa.BufferOutputStream()
    parquet.write_table(table, file, compression="zstd")
    written: bytes = file.getvalue().to_pybytes()
    return written


def read(file: Path) -> Record:
    """The record that was written. Raises ValueError if the file is not one of these, OSError if it cannot be read."""
    written = file.read_bytes()
    try:
        return _record(written)
    except Exception as error:  # what a file that is something else may hold is anything
        raise ValueError(f"{file} is not a record that seqbench wrote") from error


def _record(written: bytes) -> Record:
    """Raises whatever comes of a file that is something else."""
    import pyarrow as pa
    from pyarrow import parquet

    table = parquet.read_table(pa.BufferReader(written), columns=["run_id", "metric", "step", "value"])
    rest = json.loads(table.schema.metadata[KEY])
    points = table.to_pandas()
    points["metric"] = metrics_as_now(points.metric.array)
    by_inputs = points.run_id[points.metric == names.ByLag(INPUTS, INIT).metric].unique()
    runs = with_inputs_apart(as_now(pd.DataFrame(rest["runs"]).astype(rest["dtypes"])), by_inputs)
    tasks = {task: facts_of(facts) for task, facts in rest["tasks"].items()}
    refusals = tuple(Refusal(**refusal) for refusal in rest["refusals"])
    searches = {search_id: Search.of(search) for search_id, search in rest["searches"].items()}
    tunings = {key: Tuning(**tuning) for key, tuning in rest.get("tunings", {}).items()}
    whole = record_of(rest["experiment"], runs, points, tasks, refusals, searches, tunings)
    asked = {name: rest.get(name, "") for name in ("experiment_id", "question")}
    return replace(whole, **asked, said=said.read(rest.get("said", {})))
