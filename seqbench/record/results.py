"""The runs of an experiment as tidy pandas frames, made from the record alone."""

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd

from seqbench.config import config_dir
from seqbench.config.comments import question
from seqbench.config.given import takes
from seqbench.horizon.search import Search
from seqbench.horizon.tuning import Tuning
from seqbench.record import archive, names, said, store
from seqbench.record.frames import points_of, record_of
from seqbench.record.points import of_each
from seqbench.record.reading import Experiment, Reader, Recorded, counted, reading
from seqbench.record.rows import facts_told, runs_frame
from seqbench.record.store import NoSuchExperiment
from seqbench.record.values import Record, Refusal, reported

Settings = TypeVar("Settings")


@takes(experiment=((str, Path), "the name of an experiment or the folder of a report"))
def load(experiment: str | Path, uri: str | None = None, *, points: bool = True) -> Record:
    """Everything that is recorded of an experiment. Raises NoSuchExperiment, and Unavailable without a store.

    Without `points`, which take most of the time, all frames but `runs` are empty.
    A Path, or a text with a separator of folders or the end ".parquet", is a report's folder or its metrics.parquet: it
    is read instead of a store. Raises OSError, and ValueError if the file is something else.
    """
    if isinstance(experiment, Path) or experiment.endswith(".parquet") or "/" in experiment or os.sep in experiment:
        path = Path(experiment)
        return archive.read(path / archive.NAME if path.is_dir() else path)
    uri = uri or store.tracking_uri()
    with _reading(experiment, uri) as (reader, found, runs):
        frame = runs_frame(runs)
        counts = set(_reported(frame, experiment).run_id)
        counting = [run for run in runs if run.run_id in counts] if points else []
        thinned = set[str]()
        told = points_of(counting, of_each(counting, reader, uri, thinned))
    frame = frame.assign(thinned=frame.run_id.isin(thinned))
    facts = {run.run_id: run.tags[names.FACTS] for run in runs if names.FACTS in run.tags}
    tasks = {
        task: facts_told(facts[run_id])
        for task, run_id in zip(frame.task, frame.run_id, strict=True)
        if run_id in facts
    }
    # A run that crashed before it began is listed all the same.
    if untold := sorted(set(frame.task[frame.status == "FINISHED"]) - tasks.keys()):
        raise LookupError(f"no run of {', '.join(untold)} in {experiment!r} says what the task is (tag {names.FACTS})")
    searches, tunings = _settings(found, names.SEARCH, Search.of), _settings(found, names.TUNING, _tuning)
    asked = found.tags.get(names.QUESTION) or question(experiment, [config_dir()])
    whole = record_of(experiment, frame, told, tasks, _refusals(found), searches, tunings)
    return replace(whole, experiment_id=found.id, question=asked, said=said.of_record(found.tags, runs))


def load_runs(experiment: str, uri: str | None = None, *, tuning: bool = False) -> pd.DataFrame:
    """Only the table of runs, without curves: quick. With `tuning`, also those that learning rates were chosen by."""
    with _reading(experiment, uri or store.tracking_uri()) as (_, _, runs):
        frame = runs_frame(runs)
    return frame if tuning else _reported(frame, experiment)


def _reported(runs: pd.DataFrame, experiment: str) -> pd.DataFrame:
    counting = runs[reported(runs)].reset_index(drop=True)
    if counting.empty:
        raise NoSuchExperiment(f"{experiment!r} has no runs yet but those that choose learning rates")
    return counting


def experiments(uri: str | None = None) -> dict[str, int]:
    """Experiments that have runs of seqbench, with their number."""
    uri = uri or store.tracking_uri()
    if not store.exists(uri):
        return {}
    with reading(uri) as reader:
        counts = {found.name: len(_own(reader, found)) for found in reader.experiments()}
    return {name: count for name, count in sorted(counts.items()) if count}


@contextmanager
def _reading(experiment: str, uri: str) -> Iterator[tuple[Reader, Experiment, list[Recorded]]]:
    store.require(uri)
    if store.exists(uri):
        with reading(uri) as reader:
            found = reader.experiment(experiment)
            runs = _own(reader, found) if found else []
            if found and runs:
                yield reader, found, runs
                return
        if found and not found.active:
            told = f"{experiment!r} is deleted in MLflow; the same sweep brings it back"
            raise NoSuchExperiment(told)
    others = ", ".join(f"{name} ({count})" for name, count in experiments(uri).items())
    raise NoSuchExperiment(f"no runs of {experiment!r} in {uri}; experiments with runs: {others or 'none'}")


def _own(reader: Reader, experiment: Experiment) -> list[Recorded]:
    """Runs of seqbench that have told what they are; one that was cut within its first seconds has not."""
    runs = reader.runs(experiment.id)
    return counted([run for run in runs if names.FINGERPRINT in run.tags and "arm" in run.params])


def _refusals(experiment: Experiment) -> tuple[Refusal, ...]:
    return tuple(Refusal(*refusal) for refusal in json.loads(experiment.tags.get(names.REFUSALS, "[]")))


def _settings(experiment: Experiment, kind: str, make: Callable[[Any], Settings]) -> dict[str, Settings]:
    """Of all searches, or tunings, by id."""
    prefix = f"{kind}."
    tags = {key: value for key, value in sorted(experiment.tags.items()) if key.startswith(prefix)}
    return {key.removeprefix(prefix): make(json.loads(value)) for key, value in tags.items()}


def _tuning(settings: Mapping[str, Any]) -> Tuning:
    return Tuning(**settings)
