"""The only reader of MLflow: the runs of an experiment as tidy pandas frames."""

import json
import math
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from seqbench.horizon.search import Search
from seqbench.record import archive, bulk, store
from seqbench.record.frames import record_of
from seqbench.record.values import Baseline, Record, Refusal, TaskFacts

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run


class NoSuchExperiment(LookupError):
    """The record has no runs of this experiment; the message names those that have some."""


def load(experiment: str | Path, uri: str | None = None) -> Record:
    """Everything that is recorded of an experiment. Raises NoSuchExperiment, and Unavailable without a store.

    A Path, or a text that ends in ".parquet", is a report's folder or its metrics.parquet: it is read instead of a
    store. Raises OSError, and ValueError if the file is something else.
    """
    if isinstance(experiment, Path) or experiment.endswith(".parquet"):
        path = Path(experiment)
        return archive.read(path / archive.NAME if path.is_dir() else path)
    client, runs = _runs(experiment, uri or store.tracking_uri())
    frame = runs_frame(runs)
    facts = {run.info.run_id: run.data.tags["seqbench.facts"] for run in runs if "seqbench.facts" in run.data.tags}
    tasks = {
        task: _facts(facts[run_id]) for task, run_id in zip(frame.task, frame.run_id, strict=True) if run_id in facts
    }
    points = bulk.histories(client, runs)
    refusals, searches = _refusals(client, experiment), _searches(client, experiment)
    return record_of(experiment, frame, points, tasks, refusals, searches)


def load_runs(experiment: str, uri: str | None = None) -> pd.DataFrame:
    """Only the table of runs, without curves: quick."""
    return runs_frame(_runs(experiment, uri or store.tracking_uri())[1])


def experiments(uri: str | None = None) -> dict[str, int]:
    """Experiments that have runs of seqbench, with their number."""
    uri = uri or store.tracking_uri()
    if not store.exists(uri):
        return {}
    client = store.connect(uri)
    counts = {e.name: len(_own(client, e.experiment_id)) for e in client.search_experiments()}
    return {name: count for name, count in sorted(counts.items()) if count}


def _runs(experiment: str, uri: str) -> "tuple[MlflowClient, list[Run]]":
    store.require(uri)
    if store.exists(uri):
        client = store.connect(uri)
        found = client.get_experiment_by_name(experiment)
        runs = _own(client, found.experiment_id) if found else []
        if runs:
            return client, runs
    others = ", ".join(f"{name} ({count})" for name, count in experiments(uri).items())
    raise NoSuchExperiment(f"no runs of {experiment!r} in {uri}; experiments with runs: {others or 'none'}")


def _own(client: "MlflowClient", experiment_id: str) -> "list[Run]":
    """Runs of seqbench that have told what they are; one that was cut within its first seconds has not."""
    return [run for run in bulk.runs_of(client, experiment_id) if "fingerprint" in run.data.params]


# -- a row per run -----------------------------------------------------------------------------------------


def runs_frame(runs: "Iterable[Run]") -> pd.DataFrame:
    """A row per run, in the order of task, arm, gap and seed as they were started."""
    frame = pd.DataFrame([_row(run) for run in runs])
    return label(frame.rename(columns={"num_parameters": "parameters"}))


def _row(run: "Run") -> dict[str, Any]:
    params, metrics, tags = run.data.params, run.data.metrics, run.data.tags
    facts = json.loads(tags.get("seqbench.facts", "{}"))
    score, baselines = facts.get("score_name"), facts.get("baselines", ())
    return {
        "run_id": run.info.run_id,
        "run_name": run.info.run_name,
        "status": run.info.status,
        "outcome": tags.get("seqbench.outcome", "unfinished"),
        "reason": tags.get("seqbench.reason", ""),
        "label": tags.get("seqbench.label", ""),
        "evidence": tags.get("seqbench.evidence", ""),
        "not_finite": tags.get("seqbench.not_finite", ""),
        "command": tags.get("seqbench.command", ""),
        "search": tags.get(store.SEARCH_TAG, ""),
        "claims": tags.get("seqbench.controls", "[]"),
        "task": params["task"],
        "arm": params["arm"],
        **{key: int(params[key]) for key in ("gap", "load", "seed")},
        **{key: int(params.get(key, 0)) for key in ("num_parameters", "evidence_lag")},
        "steps": metrics.get("steps", math.nan),
        "budget": int(params["training.max_steps"]),
        "steps_to_solve": metrics.get("steps_to_solve", math.nan),
        "test_loss": metrics.get("test/loss", math.nan),
        "test_score": metrics.get(f"test/{score}", math.nan),
        "test_perplexity": metrics.get("test/perplexity", math.nan),
        "test_bits_per_character": metrics.get("test/bits_per_character", math.nan),
        "best_baseline_loss": Baseline(*baselines[-1]).loss if baselines else math.nan,
        "gradient_at_gap_init": metrics.get("gradient_at_gap/init", math.nan),
        "gradient_at_gap_end": metrics.get("gradient_at_gap/end", math.nan),
        "decay_init": metrics.get("decay/init", math.nan),
        "decay_end": metrics.get("decay/end", math.nan),
        "seconds": metrics.get("seconds", math.nan),
        "fingerprint": params["fingerprint"],
        "git_revision": params.get("git_revision", ""),
        **{key: value for key, value in params.items() if key.startswith(("task.", "model.", "training.", "version."))},
    }


def label(runs: pd.DataFrame) -> pd.DataFrame:
    """Runs of one cell (task, arm, gap) that differ in a further setting become arms, or tasks, of their own.

    So `model.hidden_size=32,64` gives the arms "lstm, hidden_size=32" and "lstm, hidden_size=64". A setting that
    follows the gap, as in chrono initialisation, does not split its arm.
    """
    cells = runs.groupby(["task", "arm", "gap"])
    for prefix, name in (("task.", "task"), ("model.", "arm"), ("training.", "arm")):
        for column in [c for c in runs.columns if c.startswith(prefix) and c != "task.gap"]:
            varies = cells[column].transform("nunique") > 1
            named = runs[name].isin(runs[name][varies]) & runs[column].notna()
            runs.loc[named, name] += ", " + column.removeprefix(prefix) + "=" + runs.loc[named, column].astype(str)
    return runs


def _refusals(client: "MlflowClient", experiment: str) -> tuple[Refusal, ...]:
    found = client.get_experiment_by_name(experiment)
    assert found is not None  # its runs have been read
    return tuple(Refusal(*refusal) for refusal in json.loads(found.tags.get(store.REFUSALS_TAG, "[]")))


def _searches(client: "MlflowClient", experiment: str) -> dict[str, Search]:
    found, prefix = client.get_experiment_by_name(experiment), f"{store.SEARCH_TAG}."
    assert found is not None  # its runs have been read
    tags = {key: value for key, value in sorted(found.tags.items()) if key.startswith(prefix)}
    return {key.removeprefix(prefix): Search(**json.loads(value)) for key, value in tags.items()}


def _facts(text: str) -> TaskFacts:
    facts = json.loads(text)
    baselines = tuple(Baseline(*baseline) for baseline in facts.pop("baselines"))
    return TaskFacts(**facts, baselines=baselines)
