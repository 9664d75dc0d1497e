"""The only writer to MLflow: the events of a sweep become runs, in one process."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from functools import cached_property
from itertools import chain
from types import MappingProxyType, TracebackType
from typing import TYPE_CHECKING

from seqbench.config import config_dir
from seqbench.config.about import About
from seqbench.events import Event, Failed, Finished, Retried, Silent
from seqbench.plan import Job, Plan, RunSpec, apart
from seqbench.record import names, said, shown, store
from seqbench.record.database import folder_for
from seqbench.record.lease import Lease
from seqbench.record.open_run import OpenRun
from seqbench.record.reading import Experiment, Recorded, reading
from seqbench.record.run_tags import claims, refusals, tags_of
from seqbench.record.stored_run import StoredRun

if TYPE_CHECKING:
    from mlflow import MlflowClient

    from seqbench.horizon.search import Search
    from seqbench.horizon.tuning import Tuning


class Tracker:
    """The record of one experiment, open for writing: `with Tracker(plan) as tracker`.

    Raises Unavailable where the store cannot be reached, or another process is writing to this experiment.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan, self.uri = plan, store.tracking_uri()
        store.require(self.uri)
        store.require_known(self.uri)
        self.lease = Lease(plan.options.name, store.database(self.uri))
        self.open: dict[str, tuple[OpenRun, StoredRun]] = {}
        self._met: set[tuple[str, str]] = set()
        self.closed: set[str] = set()
        """Runs that were carried out and stand in the record as that."""
        self.forgotten: dict[str, Mapping[str, str]] = {}
        self.workers = 0
        """Processes that the runs share the machine with, their own among them; 0 for that of the driver."""
        self.changed = False
        """Whether the record says anything else than it did when it was opened."""

    def __enter__(self) -> "Tracker":
        try:
            self.lease.enter()
            self._open()
            self.lease.require_free(self.experiment.tags if self.experiment else {})
            self.known = self._close_the_abandoned()
            if self.restored:
                self._delete_replaced()
            if self.plan.controls:
                self._write_claims()
        except BaseException:
            self.lease.leave()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: BaseException | TracebackType | None) -> None:
        try:
            if self.lease.held:  # or others write by now, and nothing here is of concern to them
                self._close(unfinished=kind is not None)
        finally:
            self.lease.leave()

    def _close(self, unfinished: bool) -> None:
        for run, stored in self.open.values():
            stored.send(run.parcel(last=True))
            stored.end("KILLED")
        if unfinished:
            self._close_the_abandoned()  # a store that fails may have made a run all the same

    @cached_property
    def client(self) -> "MlflowClient":
        """What writes, and so holds the lease: made when there is something to write, because that takes seconds."""
        self.lease.claim(self._store, self.experiment_id)
        present = self._experiment()
        for key, value in shown.at_first(self.plan.question, present.tags if present else {}).items():
            self._store.set_experiment_tag(self.experiment_id, key, value)
        return self._store

    @cached_property
    def _store(self) -> "MlflowClient":
        return store.connect(self.uri)

    @cached_property
    def experiment_id(self) -> str:
        """That of the experiment, which is made where it is not there yet."""
        if self.experiment is not None:
            return self.experiment.id
        # MLflow would freeze its own choice of place for artifacts here
        database, name = store.database(self.uri), self.plan.options.name
        location = folder_for(name, database).as_uri() if database else None
        try:
            return self._store.create_experiment(name, artifact_location=location)
        except Exception:
            made = self._experiment()  # by another process just now, or by a request whose answer was lost
            if made is None:
                raise
            return made.id

    def connect(self) -> None:
        """Make sure that the record can be written, and is as it was when it was opened. Raises Unavailable."""
        _ = self.client
        before = {run.run_id for runs in self.known.values() for run in runs}
        if before != {run.run_id for run in self._runs() if names.FINGERPRINT in run.tags}:
            name = self.plan.options.name
            raise store.Unavailable(
                f"another process has just written to {name!r}; the same command goes on from there"
            )

    def _open(self) -> None:
        """Look the experiment up; one that was deleted comes back with its runs."""
        self.experiment = self._experiment()
        self.restored = self.experiment is not None and not self.experiment.active
        if self.experiment is not None and self.restored:
            self._store.restore_experiment(self.experiment.id)
            self.experiment = self._experiment()

    def _delete_replaced(self) -> None:
        """Runs that were deleted before their experiment was come back with it: the last one of each counts."""
        for runs in self.known.values():
            for run in runs[:-1]:
                self.client.delete_run(run.run_id)
            del runs[:-1]

    def _experiment(self) -> Experiment | None:
        """As it stands in the record now."""
        if not store.exists(self.uri):
            return None
        with reading(self.uri) as reader:
            return reader.experiment(self.plan.options.name)

    def _write_claims(self) -> None:
        """What the plan claims holds from now on, of all runs and of no others; what was refused has no run."""
        self._tag(names.REFUSALS, refusals(self.plan))
        for fingerprint, runs in self.known.items():
            self._tag_runs(runs, names.CLAIMS, claims(self.plan, fingerprint))

    def _tag(self, key: str, value: str) -> None:
        present = self._experiment()
        if present is None or present.tags.get(key) != value:
            self.client.set_experiment_tag(self.experiment_id, key, value)
            self.changed = True

    def _tag_runs(self, runs: Iterable[Recorded], key: str, value: str) -> None:
        for run in runs:
            if run.tags.get(key, "") != value:
                self.client.set_tag(run.run_id, key, value)
                self.changed = True

    def _close_the_abandoned(self) -> dict[str, list[Recorded]]:
        """Its runs by fingerprint; those that a killed driver left RUNNING are closed: nobody writes to them."""
        known: dict[str, list[Recorded]] = {}
        for run in self._runs():
            fingerprint = run.tags.get(names.FINGERPRINT)
            if fingerprint is None:
                continue  # somebody else's
            if run.status == "RUNNING":
                self.client.set_terminated(run.run_id, "KILLED")
            known.setdefault(fingerprint, []).append(run)
        return known

    def _runs(self) -> list[Recorded]:
        present = self._experiment()
        if present is None:
            return []
        with reading(self.uri) as reader:
            return reader.runs(present.id)

    def finished(self, runs: Iterable[RunSpec]) -> set[str]:
        """Fingerprints of those `runs` that stand finished in the record."""
        wanted = {run.fingerprint for run in runs}
        return {f for f in wanted for run in self.known.get(f, ()) if run.status == "FINISHED"}

    def forget(self, runs: Iterable[RunSpec]) -> None:
        """Take earlier results of these runs out of the record (deleted in MLflow's sense: they can be restored)."""
        for spec in runs:
            for run in self.known.pop(spec.fingerprint, ()):
                self.forgotten[spec.fingerprint] = run.tags
                self.client.delete_run(run.run_id)

    def adopt(
        self,
        searches: "Mapping[str, Search]",
        jobs: Iterable[Job],
        tunings: "Mapping[str, Tuning]" = MappingProxyType({}),
    ) -> None:
        """Record the settings of searches and tunings, by id, and which of them these jobs of an earlier plan are."""
        for kind, settings in ((names.SEARCH, searches), (names.TUNING, tunings)):
            for key, value in settings.items():
                self._tag(f"{kind}.{key}", json.dumps(asdict(value)))
        for job in jobs:
            runs = self.known.get(job.run.fingerprint, ())
            self._tag_runs(runs, names.SEARCH, job.search)
            if job.tuning:
                self._tag_runs(runs, names.TUNING, job.tuning)

    def describe(self, answer: str, report: str) -> None:
        """Say in the description of the experiment what came out, unless somebody wrote one of their own.

        An empty `report` leaves the place of an earlier one.
        """
        present = self._experiment()
        said = shown.at_last(self.plan.question, answer, report, present.tags if present else {})
        for key, value in said.items():
            self.client.set_experiment_tag(self.experiment_id, key, value)

    def write(self, job: Job, event: Event) -> None:
        """Record an event. Events that come again, after a worker died, change nothing; nor does its silence or death.

        Raises Unavailable if another process has taken over meanwhile.
        """
        if isinstance(event, Silent | Retried):
            return
        self.lease.require()
        name = job.run.fingerprint
        if name not in self.open:
            self.forget([job.run])  # what an unfinished attempt left
            self.open[name] = self._start(job)
        self.changed = True
        run, stored = self.open[name]
        run.write(event)
        if isinstance(event, Finished | Failed):
            stored.send(run.parcel(last=True))
            stored.end("FINISHED" if isinstance(event, Finished) else "FAILED")
            self.closed.add(stored.id)
            del self.open[name]
        elif run.is_due:
            stored.send(run.parcel())

    def leave_one_each(self, jobs: Iterable[Job]) -> None:
        """Delete what else is there of these jobs, which have all been carried out, and has not finished.

        A store that makes a run and whose answer is lost is asked again, and makes another.
        """
        planned = {job.run.fingerprint for job in jobs}
        for run in self._runs():
            others = run.run_id not in self.closed and run.status != "FINISHED"
            if run.tags.get(names.FINGERPRINT) in planned and others:
                self.client.delete_run(run.run_id)

    def _say(self, run: RunSpec) -> None:
        """What the task and the model of a run are, the first time that they are met."""
        if (pair := (run.task.name, run.model.name)) in self._met:
            return
        self._met.add(pair)
        self._said |= said.of_run(run, [folder for folder in (config_dir(), self.plan.config_dir) if folder])
        if self._said:
            self._tag(names.SAID, said.text(self._said))

    @cached_property
    def _said(self) -> dict[str, About]:
        """As the record has it, and what was said since."""
        return said.read(self.experiment.tags.get(names.SAID, "{}") if self.experiment else "{}")

    def _start(self, job: Job) -> tuple[OpenRun, StoredRun]:
        self._say(job.run)
        tags = tags_of(job, self.plan, self.forgotten.get(job.run.fingerprint, {}))
        stored = StoredRun(self.client, self.uri, self.experiment_id, self._name(job), tags)
        stored.create()
        return OpenRun(job.run, self.plan.options.curve_points, self.workers), stored

    def _name(self, job: Job) -> str:
        """That of the job; one that an earlier plan gave to another run is told apart from it by its settings."""
        earlier = [spec for spec in self._by_name.get(job.name, ()) if spec.fingerprint != job.run.fingerprint]
        differing = apart([job.run, *earlier]).get(job.run.fingerprint, "")
        return job.run.named(" ".join(filter(None, (job.apart, differing))))

    @cached_property
    def _by_name(self) -> Mapping[str, list[RunSpec]]:
        """What the record held when it was opened, by the names of today."""
        found = defaultdict[str, list[RunSpec]](list)
        for run in chain.from_iterable(self.known.values()):
            if names.SPEC in run.tags:
                spec = RunSpec.from_json(run.tags[names.SPEC])
                found[spec.run_name].append(spec)
        return found
