"""The runs of an experiment as tidy pandas frames, made from the record alone."""

import json
import math
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd

from seqbench.config import CPU, Layers, config_dir
from seqbench.config.comments import question
from seqbench.config.given import takes
from seqbench.events import END, HIDDEN, INIT, INPUTS, TaskFacts
from seqbench.horizon.search import Search
from seqbench.horizon.tuning import Tuning
from seqbench.record import archive, names, said, store
from seqbench.record.frames import points_of, record_of
from seqbench.record.reading import Experiment, Reader, Recorded, counted, reading
from seqbench.record.store import NoSuchExperiment
from seqbench.record.values import FROZEN, Record, Refusal, facts_of, frozen, reported, with_inputs_apart

Settings = TypeVar("Settings")
RATE = "training.learning_rate"
ONE_CORE = {f"model.{part.name}": str(part.default) for part in fields(Layers)}
"""What the settings of a stack are where there is none, as they would be recorded."""


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
    with _reading(experiment, uri or store.tracking_uri()) as (reader, found, runs):
        frame = runs_frame(runs)
        counts = set(_reported(frame, experiment).run_id)
        told = points_of(reader, [run for run in runs if run.run_id in counts] if points else [])
    facts = {run.run_id: run.tags[names.FACTS] for run in runs if names.FACTS in run.tags}
    tasks = {
        task: _facts(facts[run_id]) for task, run_id in zip(frame.task, frame.run_id, strict=True) if run_id in facts
    }
    if untold := sorted(set(frame.task) - tasks.keys()):
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


# -- a row per run -----------------------------------------------------------------------------------------


def runs_frame(runs: Iterable[Recorded]) -> pd.DataFrame:
    """A row per run, in the order of task, arm, gap and seed as they were started."""
    known = [replace(run, metrics={names.as_now(key): it for key, it in run.metrics.items()}) for run in runs]
    frame = pd.DataFrame([_row(run) for run in known]).rename(columns={"num_parameters": "parameters"})
    by_inputs = [run.run_id for run in known if names.ByLag(INPUTS, INIT).metric in run.metrics]
    return label(with_inputs_apart(frame, by_inputs))


def _row(run: Recorded) -> dict[str, Any]:
    params, metrics, tags = run.params, run.metrics, run.tags
    facts = _facts(tags[names.FACTS]) if names.FACTS in tags else None
    return {
        "run_id": run.run_id,
        "run_name": run.run_name,
        "status": run.status,
        "outcome": tags.get(names.OUTCOME, "unfinished"),
        "reason": tags.get(names.REASON, ""),
        "label": tags.get(names.LABEL, ""),
        "evidence": tags.get(names.EVIDENCE, ""),
        "not_finite": tags.get(names.NOT_FINITE, ""),
        "command": tags.get(names.COMMAND, ""),
        "search": tags.get(names.SEARCH, ""),
        "tuning": tags.get(names.TUNING, ""),
        "claims": tags.get(names.CLAIMS, "[]"),
        "task": params["task"],
        "arm": params["arm"],
        "plain_task": params["task"],
        "plain_arm": params["arm"],
        **{key: int(params[key]) for key in ("gap", "load", "seed")},
        "device": params.get("device", CPU),
        "card": params.get("card", ""),
        **{key: int(params.get(key, 0)) for key in ("num_parameters", "evidence_lag")},
        "family": params.get("family", ""),
        "state_size": float(params.get("state_size", math.nan)),
        "steps": metrics.get(names.STEPS, math.nan),
        "budget": int(params["training.max_steps"]),
        "steps_to_solve": metrics.get(names.STEPS_TO_SOLVE, math.nan),
        **{key: value for key, value in metrics.items() if key.startswith(names.SOLVED_BY)},
        "test_loss": metrics.get(f"{names.TEST}loss", math.nan),
        "test_loss_error": metrics.get(f"{names.TEST}loss_error", math.nan),
        "test_score": metrics.get(f"{names.TEST}{facts.score_name}", math.nan) if facts else math.nan,
        "test_perplexity": metrics.get(names.PERPLEXITY, math.nan),
        "test_bits_per_character": metrics.get(names.BITS, math.nan),
        "best_baseline_loss": facts.baselines[-1].loss if facts and facts.baselines else math.nan,
        **{
            f"{number}_{stage}": metrics.get(names.at_stage(number, stage), math.nan)
            for number in (names.of_curve(name, state) for state in (HIDDEN, INPUTS) for name in names.AT_GAP)
            for stage in (INIT, END)
        },
        "seconds": metrics.get(names.SECONDS, math.nan),
        names.MILLISECONDS: metrics.get(names.MILLISECONDS, math.nan),
        "workers": float(params.get("workers", math.nan)),
        "fingerprint": tags[names.FINGERPRINT],
        "copies": run.copies,
        "git_revision": params.get("git_revision", ""),
        **{key: value for key, value in params.items() if key.startswith(("task.", "model.", "training.", "version."))},
    }


def label(runs: pd.DataFrame) -> pd.DataFrame:
    """Runs of one cell (task, arm, gap) that differ in a further setting become arms, or tasks, of their own.

    So `model.hidden_size=32,64` gives the arms "lstm, hidden_size=32" and "lstm, hidden_size=64"; so does `device`. A
    setting that follows the gap, as in chrono initialisation, does not split its arm. Beside arms that are trained as a
    whole, those whose core is frozen say so ("lstm, freeze_core=True"), and the others keep their name. Nor does a
    learning rate that was tuned split its arm: at its own rate it has its plain name, and beside it that at the common
    rate bears it. A stack always says what it is ("lstm, layers=2"), so that a core alone keeps its name beside it.
    """
    for column in [column for column in ONE_CORE if column in runs]:
        stacked = runs[column].fillna(ONE_CORE[column]) != ONE_CORE[column]
        runs.loc[stacked, "arm"] += ", " + column.removeprefix("model.") + "=" + runs[column][stacked]
    told = runs.assign(**{RATE: runs[RATE].mask(runs.tuning != "")})
    cells = told.groupby(["task", "arm", "gap"])
    for prefix, name in (("task.", "task"), ("model.", "arm"), ("training.", "arm"), ("device", "arm")):
        for column in [c for c in runs.columns if c.startswith(prefix) and c not in ("task.gap", FROZEN)]:
            varies = cells[column].transform("nunique") > 1
            named = runs[name].isin(runs[name][varies]) & told[column].notna()
            setting = column.rpartition(".")[2]
            runs.loc[named, name] += f", {setting}=" + told.loc[named, column].astype(str)
    untrained = frozen(runs)
    if not untrained.all():
        runs.loc[untrained, "arm"] += ", freeze_core=True"
    own = runs.tuning[(runs.search != "") & (runs.search != runs.tuning)]
    common = (runs.search == runs.tuning) & (runs.tuning != "") & runs.tuning.isin(own)
    runs.loc[common, "arm"] += ", learning_rate=" + runs.loc[common, RATE].astype(str)
    return runs


def _refusals(experiment: Experiment) -> tuple[Refusal, ...]:
    return tuple(Refusal(*refusal) for refusal in json.loads(experiment.tags.get(names.REFUSALS, "[]")))


def _settings(experiment: Experiment, kind: str, make: Callable[[Any], Settings]) -> dict[str, Settings]:
    """Of all searches, or tunings, by id."""
    prefix = f"{kind}."
    tags = {key: value for key, value in sorted(experiment.tags.items()) if key.startswith(prefix)}
    return {key.removeprefix(prefix): make(json.loads(value)) for key, value in tags.items()}


def _tuning(settings: Mapping[str, Any]) -> Tuning:
    return Tuning(**settings)


def _facts(text: str) -> TaskFacts:
    try:
        return facts_of(json.loads(text))
    except (LookupError, TypeError, ValueError) as error:
        raise LookupError(f"a run's tag {names.FACTS} does not say what its task is: {text[:60]!r}") from error
