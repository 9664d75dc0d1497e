"""The only writer to MLflow: the events of a sweep become runs, in one process."""

import json
import math
import re
import tempfile
import textwrap
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from filelock import FileLock, Timeout

from seqbench import store
from seqbench.events import Event, Failed, Finished, GradientByLag, Metrics, Saved, Started, Timescales
from seqbench.plan import Plan, RunSpec
from seqbench.provenance import provenance
from seqbench.statistics import decay_per_step

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run

#: Points of a run that are held back at most, and for how many seconds, before they are sent.
MOST_POINTS, MOST_SECONDS = 1000, 5.0
#: Curves of which the gradient at the gap and its decay are told; a core has the second if it states no step.
FOLLOWED = ("h", "inputs")
#: A tag holds at most 8,000 characters.
LONGEST_TAG = 7500
#: And one of an experiment 5,000.
LONGEST_NOTE = 4900
#: Characters of a refusal's reason that are kept.
LONGEST_REASON = 300


class Tracker:
    """The record of one experiment, open for writing: `with Tracker(plan) as tracker`.

    Raises Unavailable where the store cannot be reached, or another process is writing to this experiment.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan, self.uri = plan, store.tracking_uri()
        store.require(self.uri)
        self.lock = FileLock(store.lock_file(f"write {store.database(self.uri) or self.uri} {plan.options.name}"))
        self.open: dict[str, _OpenRun] = {}

    def __enter__(self) -> Self:
        try:
            self.lock.acquire(timeout=0)
        except Timeout as error:
            raise store.Unavailable(f"another seqbench is running the experiment {self.plan.options.name!r}") from error
        self.client = store.connect(self.uri)
        self.experiment_id = self._experiment()
        self._write_refusals()
        self.known = self._close_the_abandoned()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: BaseException | TracebackType | None) -> None:
        try:
            for run in self.open.values():
                run.flush()
                self.client.set_terminated(run.run_id, "KILLED")
            if kind is not None:
                self._close_the_abandoned()  # an interrupt may come after a run was made and before it is in `open`
        finally:
            self.lock.release()

    def _experiment(self) -> str:
        name, database = self.plan.options.name, store.database(self.uri)
        found = self.client.get_experiment_by_name(name)
        if found is None:
            # MLflow would freeze its own choice of place for artifacts here
            location = str(database.parent / "mlruns" / name) if database else None
            return self.client.create_experiment(name, artifact_location=location)
        if found.lifecycle_stage == "deleted":
            self.client.restore_experiment(found.experiment_id)
        return found.experiment_id

    def _write_refusals(self) -> None:
        """What was refused has no run to tell of it."""
        if self.plan.controls:
            self.client.set_experiment_tag(self.experiment_id, store.REFUSALS_TAG, json.dumps(_refusals(self.plan)))

    def _close_the_abandoned(self) -> "dict[str, list[Run]]":
        """Its runs by fingerprint; those that a killed driver left RUNNING are closed: nobody writes to them."""
        known: dict[str, list[Run]] = {}
        for run in store.runs_of(self.client, self.experiment_id):
            fingerprint = run.data.tags.get("seqbench.fingerprint")
            if fingerprint is None:
                continue  # somebody else's
            if run.info.status == "RUNNING":
                self.client.set_terminated(run.info.run_id, "KILLED")
            known.setdefault(fingerprint, []).append(run)
        return known

    def finished(self, runs: Iterable[RunSpec]) -> set[str]:
        """Fingerprints of those `runs` that stand finished in the record."""
        wanted = {run.fingerprint for run in runs}
        return {f for f in wanted for run in self.known.get(f, ()) if run.info.status == "FINISHED"}

    def forget(self, runs: Iterable[RunSpec]) -> None:
        """Take earlier results of these runs out of the record (deleted in MLflow's sense: they can be restored)."""
        for spec in runs:
            for run in self.known.pop(spec.fingerprint, ()):
                self.client.delete_run(run.info.run_id)

    def adopt(self, searches: Iterable[str]) -> None:
        """Record the settings of searches, by id, and to which of them runs of an earlier plan belong."""
        for search in searches:
            key = f"{store.SEARCH_TAG}.{search}"
            self.client.set_experiment_tag(self.experiment_id, key, json.dumps(dict(self.plan.horizon)))
        for fingerprint, search in self.plan.searches.items():
            for run in self.known.get(fingerprint, ()):
                if run.data.tags.get(store.SEARCH_TAG) != search:
                    self.client.set_tag(run.info.run_id, store.SEARCH_TAG, search)

    def describe(self, text: str, begins: str) -> None:
        """Set the description of the experiment, unless somebody wrote one that does not begin in this way."""
        present = self.client.get_experiment(self.experiment_id).tags.get(store.NOTE_TAG, "")
        if not present or present.startswith(begins):
            self.client.set_experiment_tag(self.experiment_id, store.NOTE_TAG, text[:LONGEST_NOTE])

    def write(self, spec: RunSpec, event: Event) -> None:
        """Record an event. Events that come again, after a worker died, change nothing."""
        if spec.fingerprint not in self.open:
            self.forget([spec])  # what an unfinished attempt left
            self.open[spec.fingerprint] = self._start(spec)
        run = self.open[spec.fingerprint]
        run.write(event)
        if isinstance(event, Finished | Failed):
            run.flush()
            self.client.set_terminated(run.run_id, "FINISHED" if isinstance(event, Finished) else "FAILED")
            del self.open[spec.fingerprint]

    def _start(self, spec: RunSpec) -> "_OpenRun":
        command = self.plan.commands[spec.fingerprint]
        tags = {
            "seqbench.fingerprint": spec.fingerprint,
            "seqbench.spec": spec.to_json(),
            "seqbench.command": command,
            "seqbench.controls": json.dumps(_claims(self.plan, spec)),
            store.NOTE_TAG: f"To repeat this run alone:\n\n    {command}",
        }
        if spec.fingerprint in self.plan.searches:
            tags[store.SEARCH_TAG] = self.plan.searches[spec.fingerprint]
        run = self.client.create_run(self.experiment_id, run_name=spec.run_name, tags=tags)
        return _OpenRun(self.client, run, spec)


class _OpenRun:
    """One MLflow run with the points that have not been sent yet."""

    def __init__(self, client: "MlflowClient", run: "Run", spec: RunSpec) -> None:
        self.client, self.run_id = client, run.info.run_id
        self.began, self.sent = run.info.start_time, time.monotonic()
        self.points: list[tuple[str, float, int]] = []
        self.params: dict[str, object] = _identity(spec) | provenance()
        self.tags: dict[str, str] = {}
        self.not_finite: list[str] = []
        self.evidence_lag = 0

    def write(self, event: Event) -> None:
        """Turn an event into points, parameters and tags, and send them now and then."""
        match event:
            case Started():
                self.points.clear()
                self.not_finite.clear()
                self.evidence_lag = event.evidence_lag
                self.params |= {"num_parameters": event.num_parameters, "evidence_lag": event.evidence_lag}
                self.params |= {f"about.{name.replace(' ', '_')}": value for name, value in event.about.items()}
                self.tags["seqbench.facts"] = json.dumps(_facts(event))
                if event.words is not None:
                    self._save(store.WORDS_FILE, json.dumps(event.words, ensure_ascii=False).encode())
            case Metrics(step, values):
                self.points += [(key, value, step) for key, value in values.items()]
            case GradientByLag(state, stage, step, mean, spread, not_finite):
                key = f"gradient_by_lag/{state}_{stage}"
                self.points += [(key, value, lag) for lag, value in enumerate(mean)]
                self.points += [(f"{key}_spread", value, lag) for lag, value in enumerate(spread)]
                if state in FOLLOWED:
                    self.points += _in_numbers(mean, self.evidence_lag, stage, step)
                if not_finite:
                    self.not_finite.append(_where_not_finite(state, stage, not_finite))
                    self.tags["seqbench.not_finite"] = "; ".join(self.not_finite)
            case Timescales(stage, values):
                self.points += [(f"timescale/{stage}", value, unit) for unit, value in enumerate(values)]
            case Saved(step, content):
                self.points.append(("saved_step", step, step))
                self._save(store.MODEL_FILE, content)
            case Finished():
                self._write_result(event)
            case Failed(reason, traceback):
                self.tags |= {
                    "seqbench.outcome": "failed",
                    "seqbench.reason": reason,
                    "seqbench.traceback": traceback,
                }
        if len(self.points) > MOST_POINTS or time.monotonic() - self.sent > MOST_SECONDS:
            self.flush()

    def _write_result(self, event: Finished) -> None:
        self.tags |= {"seqbench.outcome": event.outcome, "seqbench.label": event.label}
        self.tags["seqbench.evidence"] = event.evidence
        for table, rows in event.tables.items():
            for row, values in enumerate(rows):
                self.points += [(f"{table}/{name}", value, row) for name, value in values.items()]
        result = {f"test/{name}": value for name, value in event.test.items()}
        result |= {"steps": event.steps, "seconds": event.seconds}
        if event.steps_to_solve is not None:
            result["steps_to_solve"] = event.steps_to_solve
        self.points += [(key, value, event.steps) for key, value in result.items()]

    def _save(self, name: str, content: bytes) -> None:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / name
            file.write_bytes(content)
            self.client.log_artifact(self.run_id, str(file))

    def flush(self) -> None:
        """Send everything. A point's time is derived from its step, so that sending it again stores nothing new."""
        from mlflow.entities import Metric, Param, RunTag

        metrics = [
            Metric(_name(key), value, self.began + step, step)
            for key, value, step in self.points
            if math.isfinite(value)
        ]
        params = [Param(key, str(value)) for key, value in self.params.items()]
        tags = [RunTag(key, value[:LONGEST_TAG]) for key, value in self.tags.items()]
        for i in range(0, max(len(metrics), 1), 1000):
            self.client.log_batch(self.run_id, metrics[i : i + 1000], params, tags)
            params, tags = [], []
        self.points, self.params, self.tags = [], {}, {}
        self.sent = time.monotonic()


def _name(key: str) -> str:
    """A metric's name in letters that MLflow takes: "error, %" becomes "error_ _"."""
    return re.sub(r"[^\w.\- /]", "_", key)


def _in_numbers(curve: Sequence[float], lag: int, stage: str, step: int) -> list[tuple[str, float, int]]:
    """The gradient at the gap and its decay per step up to it: by stage, and as a curve over training."""
    numbers = {
        "gradient_at_gap": curve[lag] if lag < len(curve) else math.nan,
        "decay": decay_per_step(curve[: lag + 1]),
    }
    by_stage = [(f"{name}/{stage}", value, lag) for name, value in numbers.items() if stage in ("init", "end")]
    return by_stage + [(f"flow/{name}", value, step) for name, value in numbers.items()]


def _where_not_finite(state: str, stage: str, places: Sequence[tuple[int, int]]) -> str:
    """ "h at init: from lag 3 on in sample 7, and in 4 other samples"."""
    (lag, sample), more = min(places), len(places) - 1
    others = f", and in {more} other sample{'s' if more > 1 else ''}" if more else ""
    return f"{state} at {stage}: from lag {lag} on in sample {sample}{others}"


def _identity(spec: RunSpec) -> dict[str, object]:
    """What names the run comes after its settings: `task` and `arm` are names, `load` is there for every task."""
    load = spec.task.settings.get("load", 1)
    return {
        **spec.settings,
        "arm": spec.model.name,
        "gap": spec.gap,
        "load": load,
        "fingerprint": spec.fingerprint,
    }


def _facts(started: Started) -> dict[str, object]:
    return {
        "loss_name": started.loss_name,
        "score_name": _name(started.score_name),
        "criterion": started.criterion,
        "baselines": started.baselines,
        "about": started.about,
    }


def _claims(plan: Plan, spec: RunSpec) -> list[tuple[str, str, str]]:
    """Requirement, control and expected verdict of each claim that the run bears on."""
    return [(c.requirement, c.control, c.expected) for c in plan.controls if spec.fingerprint in c.fingerprints]


def _refusals(plan: Plan) -> list[tuple[str, str, str | None]]:
    """Requirement, control and reason of each claim that something is refused; a tag does not hold long reasons."""
    refused = [control for control in plan.controls if control.expected == "refused"]
    return [(c.requirement, c.control, c.refusal and textwrap.shorten(c.refusal, LONGEST_REASON)) for c in refused]
