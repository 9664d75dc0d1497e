"""The only writer to MLflow: the events of a sweep become runs, in one process."""

import json
import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from types import TracebackType
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from seqbench.events import Event, Failed, Finished
from seqbench.horizon.search import Search
from seqbench.plan import Job, Plan, RunSpec
from seqbench.record import bulk, names, store
from seqbench.record.open_run import OpenRun

if TYPE_CHECKING:
    from mlflow.entities import Run

#: Characters that a tag of an experiment holds, less some room.
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
        self.open: dict[str, OpenRun] = {}
        self.forgotten: dict[str, dict[str, str]] = {}
        self.changed = False
        """Whether the record says anything else than it did when it was opened."""

    def __enter__(self) -> "Tracker":
        try:
            self.lock.acquire(timeout=0)
        except Timeout as error:
            raise store.Unavailable(f"another seqbench is running the experiment {self.plan.options.name!r}") from error
        self.client = store.connect(self.uri)
        self.experiment_id = self._experiment()
        self.known = self._close_the_abandoned()
        if self.plan.controls:
            self._write_claims()
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

    def _write_claims(self) -> None:
        """What the plan claims holds from now on, of all runs and of no others; what was refused has no run."""
        self._tag(names.REFUSALS, json.dumps(_refusals(self.plan)))
        for fingerprint, runs in self.known.items():
            self._tag_runs(runs, names.CLAIMS, json.dumps(_claims(self.plan, fingerprint)))

    def _tag(self, key: str, value: str) -> None:
        if self.client.get_experiment(self.experiment_id).tags.get(key) != value:
            self.client.set_experiment_tag(self.experiment_id, key, value)
            self.changed = True

    def _tag_runs(self, runs: "Iterable[Run]", key: str, value: str) -> None:
        for run in runs:
            if run.data.tags.get(key) != value:
                self.client.set_tag(run.info.run_id, key, value)
                self.changed = True

    def _close_the_abandoned(self) -> "dict[str, list[Run]]":
        """Its runs by fingerprint; those that a killed driver left RUNNING are closed: nobody writes to them."""
        known: dict[str, list[Run]] = {}
        for run in bulk.runs_of(self.client, self.experiment_id):
            fingerprint = run.data.tags.get(names.FINGERPRINT)
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
                self.forgotten[spec.fingerprint] = run.data.tags
                self.client.delete_run(run.info.run_id)

    def adopt(self, searches: Mapping[str, Search], jobs: Iterable[Job]) -> None:
        """Record the settings of searches, by id, and to which of them these jobs of an earlier plan belong."""
        for search_id, search in searches.items():
            self._tag(f"{names.SEARCH}.{search_id}", json.dumps(asdict(search)))
        for job in jobs:
            self._tag_runs(self.known.get(job.run.fingerprint, ()), names.SEARCH, job.search)

    def describe(self, text: str, begins: str) -> None:
        """Set the description of the experiment, unless somebody wrote one that does not begin in this way."""
        present = self.client.get_experiment(self.experiment_id).tags.get(names.NOTE, "")
        if not present or present.startswith(begins):
            self.client.set_experiment_tag(self.experiment_id, names.NOTE, text[:LONGEST_NOTE])

    def write(self, job: Job, event: Event) -> None:
        """Record an event. Events that come again, after a worker died, change nothing."""
        name = job.run.fingerprint
        if name not in self.open:
            self.forget([job.run])  # what an unfinished attempt left
            self.open[name] = self._start(job)
        self.changed = True
        run = self.open[name]
        run.write(event)
        if isinstance(event, Finished | Failed):
            run.flush()
            self.client.set_terminated(run.run_id, "FINISHED" if isinstance(event, Finished) else "FAILED")
            del self.open[name]

    def _start(self, job: Job) -> OpenRun:
        """What was claimed of an attempt before holds, and so does its search, where the plan says nothing of them."""
        before = self.forgotten.get(job.run.fingerprint, {})
        claims = json.dumps(_claims(self.plan, job.run.fingerprint)) if self.plan.controls else before.get(names.CLAIMS)
        search = job.search or before.get(names.SEARCH)
        tags = {
            names.FINGERPRINT: job.run.fingerprint,
            names.SPEC: job.run.to_json(),
            names.COMMAND: job.command,
            names.CLAIMS: claims or "[]",
            names.NOTE: f"To repeat this run alone:\n\n    {job.command}",
            **({names.SEARCH: search} if search else {}),
        }
        run = self.client.create_run(self.experiment_id, run_name=job.run.run_name, tags=tags)
        return OpenRun(self.client, run, job.run)


def _claims(plan: Plan, fingerprint: str) -> list[tuple[str, str, str]]:
    """Requirement, control and expected verdict of each claim that a run bears on."""
    return [(c.requirement, c.control, c.expected) for c in plan.controls if fingerprint in c.fingerprints]


def _refusals(plan: Plan) -> list[tuple[str, str, str | None]]:
    """Requirement, control and reason of each claim that something is refused; a tag does not hold long reasons."""
    refused = [control for control in plan.controls if control.expected == "refused"]
    return [(c.requirement, c.control, c.refusal and textwrap.shorten(c.refusal, LONGEST_REASON)) for c in refused]
