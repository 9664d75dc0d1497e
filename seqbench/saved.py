"""Models back from the record: of which runs there is one, and that model as it was at its lowest validation loss."""

import os
import re
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from safetensors import SafetensorError
from safetensors.torch import load

from seqbench import bulk, store
from seqbench.building import build
from seqbench.models.base import SequenceModel
from seqbench.plan import RunSpec
from seqbench.tasks.base import Task

if TYPE_CHECKING:
    from mlflow.entities import Run

#: Runs that a message lists at most.
MOST_LISTED = 30


class NoSuchModel(LookupError):
    """There is no model to load, or not just one; the message says of which runs there is."""


@dataclass(frozen=True)
class SavedModel:
    """A trained model with the run that it comes from."""

    run_id: str
    run_name: str
    outcome: str
    spec: RunSpec
    task: Task
    model: SequenceModel


def load_saved(run: str, experiment: str | None = None, uri: str | None = None) -> SavedModel:
    """The model of the one run of this id, unique beginning of an id, or name. Raises NoSuchModel, Unavailable."""
    place = uri or store.tracking_uri()
    found = _find(run, _of_id(run, place) or list(_runs(place, experiment)))
    try:
        spec = RunSpec.from_json(found.data.tags["seqbench.spec"])
        task, model = build(spec)
        assert isinstance(model, SequenceModel)
        model.load_state_dict(load(_content(found, place)))
    except (ValueError, TypeError, RuntimeError, OSError, SafetensorError) as error:
        reason = str(error).strip().partition("\n")[0]
        own = "; --config-dir FOLDER says where classes of your own are" if "cannot be imported" in reason else ""
        raise NoSuchModel(f"the model of {_in_words(found)} cannot be built again: {reason}{own}") from error
    name, outcome = found.info.run_name, found.data.tags.get("seqbench.outcome", "unfinished")
    return SavedModel(found.info.run_id, name, outcome, spec, task, model.eval())


def _runs(uri: str, experiment: str | None) -> "Iterator[Run]":
    """All runs of seqbench, or those of one experiment."""
    store.require(uri)
    if not store.exists(uri):
        return
    client = store.connect(uri)
    for found in client.search_experiments():
        if experiment in (None, found.name):
            runs = bulk.runs_of(client, found.experiment_id)
            yield from (run for run in runs if "seqbench.spec" in run.data.tags)


def _of_id(run: str, uri: str) -> "list[Run]":
    """The run itself where its whole id is given: no others have to be read."""
    if not re.fullmatch("[0-9a-f]{32}", run) or not store.exists(uri):
        return []
    store.require(uri)
    client = store.connect(uri)
    from mlflow.exceptions import MlflowException

    try:
        found = client.get_run(run)
    except MlflowException:
        return []
    return [found] if found.info.lifecycle_stage == "active" and "seqbench.spec" in found.data.tags else []


def _find(wanted: str, runs: "Sequence[Run]") -> "Run":
    matching = [run for run in runs if wanted == run.info.run_name or (wanted and run.info.run_id.startswith(wanted))]
    saved = [run for run in matching if _was_saved(run)]
    if len(saved) == 1:
        return saved[0]
    if saved:
        raise NoSuchModel(f"{wanted!r} is more than one run; choose one by its id:\n{_listed(saved)}")
    problem = f"the model of {_in_words(matching[0])} was not saved" if matching else f"there is no run {wanted!r}"
    raise NoSuchModel(f"{problem}; {_showable([run for run in runs if _was_saved(run)])}")


def _was_saved(run: "Run") -> bool:
    return "saved_step" in run.data.metrics


def _showable(saved: "Sequence[Run]") -> str:
    if not saved:
        return "the record has no run with a saved model (training.save_model=true saves them)"
    return f"these runs have a saved model:\n{_listed(saved)}"


def _listed(runs: "Sequence[Run]") -> str:
    lines = [f"  {run.info.run_id}  {run.info.run_name}  {_outcome(run)}" for run in runs[:MOST_LISTED]]
    more = len(runs) - MOST_LISTED
    return "\n".join([*lines, f"  and {more} more; experiment=NAME names fewer"] if more > 0 else lines)


def _in_words(run: "Run") -> str:
    return f"run {run.info.run_id[:8]} ({run.info.run_name}, {_outcome(run)})"


def _outcome(run: "Run") -> str:
    return run.data.tags.get("seqbench.outcome", "unfinished")


def _content(run: "Run", uri: str) -> bytes:
    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    from mlflow.exceptions import MlflowException

    with tempfile.TemporaryDirectory() as folder:
        try:
            file = store.connect(uri).download_artifacts(run.info.run_id, store.MODEL_FILE, folder)
        except MlflowException as error:
            raise OSError(f"its file {store.MODEL_FILE} is gone") from error
        return Path(file).read_bytes()
