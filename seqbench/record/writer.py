"""The only writer to MLflow: the events of a sweep become runs, in one process."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from contextlib import nullcontext, suppress
from dataclasses import asdict
from functools import cached_property, partial
from itertools import chain
from types import MappingProxyType, TracebackType
from typing import TYPE_CHECKING

from seqbench.config import config_dir
from seqbench.config.about import About
from seqbench.events import Event, Failed, Finished, Retried, Silent
from seqbench.plan import Job, Plan, RunSpec, apart
from seqbench.record import names, said
from seqbench.record.at_once import Shipping
from seqbench.record.open_experiment import OpenExperiment
from seqbench.record.open_run import OpenRun, Parcel
from seqbench.record.reading import Recorded
from seqbench.record.run_tags import claims, refusals, tags_of
from seqbench.record.stored_run import StoredRun

if TYPE_CHECKING:
    from seqbench.horizon.search import Search
    from seqbench.horizon.tuning import Tuning


class Tracker:
    """The record of one experiment, open for writing: `with Tracker(plan) as tracker`.

    Raises Unavailable where the store cannot be reached, or another process is writing to this experiment.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.experiment = OpenExperiment(plan.options.name, plan.question)
        self.shipping = Shipping(self.experiment.uri)
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
            self.experiment.open()
            self.known = self._close_the_abandoned()
            if self.experiment.restored:
                self._delete_replaced()
            if self.plan.controls:
                self._write_claims()
        except BaseException:
            self.experiment.close()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: BaseException | TracebackType | None) -> None:
        try:
            if self.experiment.lease.held:  # or others write by now, and nothing here is of concern to them
                self._close(unfinished=kind is not None)
        finally:
            self.shipping.close()
            self.experiment.close()

    def _close(self, unfinished: bool) -> None:
        with suppress(Exception) if unfinished else nullcontext():  # the failure that ends the sweep, or another one
            self.shipping.settle()
        for name, (run, stored) in self.open.items():
            if stored.id:
                self._send(name, stored, run.parcel(last=True), "KILLED")
        self.shipping.settle()
        if unfinished:
            self._close_the_abandoned()  # a store that fails may have made a run all the same

    def connect(self) -> None:
        """Make sure that the record can be written, and is as it was when it was opened. Raises Unavailable."""
        self.experiment.require_unchanged(chain.from_iterable(self.known.values()))

    def _delete_replaced(self) -> None:
        """Runs that were deleted before their experiment was come back with it: the last one of each counts."""
        for runs in self.known.values():
            for run in runs[:-1]:
                self.experiment.client.delete_run(run.run_id)
            del runs[:-1]

    def _write_claims(self) -> None:
        """What the plan claims holds from now on, of all runs and of no others; what was refused has no run."""
        self._tag(names.REFUSALS, refusals(self.plan))
        for fingerprint, runs in self.known.items():
            self._tag_runs(runs, names.CLAIMS, claims(self.plan, fingerprint))

    def _tag(self, key: str, value: str) -> None:
        self.changed |= self.experiment.tag(key, value)

    def _tag_runs(self, runs: Iterable[Recorded], key: str, value: str) -> None:
        for run in runs:
            if run.tags.get(key, "") != value:
                self.experiment.client.set_tag(run.run_id, key, value)
                self.changed = True

    def _close_the_abandoned(self) -> dict[str, list[Recorded]]:
        """Its runs by fingerprint; those that a killed driver left RUNNING are closed: nobody writes to them."""
        known: dict[str, list[Recorded]] = {}
        for run in self.experiment.runs():
            fingerprint = run.tags.get(names.FINGERPRINT)
            if fingerprint is None:
                continue  # somebody else's
            if run.status == "RUNNING":
                self.experiment.client.set_terminated(run.run_id, "KILLED")
            known.setdefault(fingerprint, []).append(run)
        return known

    def finished(self, runs: Iterable[RunSpec]) -> set[str]:
        """Fingerprints of those `runs` that stand finished in the record."""
        wanted = {run.fingerprint for run in runs}
        return {f for f in wanted for run in self.known.get(f, ()) if run.status == "FINISHED"}

    def forget(self, runs: Iterable[RunSpec]) -> None:
        """Take earlier results of these runs out of the record (deleted in MLflow's sense: they can be restored)."""
        for spec in runs:
            for run in self.known.pop(spec.fingerprint, ()):
                self.forgotten[spec.fingerprint] = run.tags
                self._ship(spec.fingerprint, partial(self.experiment.client.delete_run, run.run_id))

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

    def write(self, job: Job, event: Event) -> None:
        """Record an event. Events that come again, after a worker died, change nothing; nor does its silence or death.

        Raises Unavailable if another process has taken over meanwhile.
        """
        if isinstance(event, Silent | Retried):
            return
        name = job.run.fingerprint
        if name not in self.open:
            self.forget([job.run])  # what an unfinished attempt left
            self.open[name] = self._start(job)
        self.changed = True
        run, stored = self.open[name]
        run.write(event)
        if isinstance(event, Finished | Failed):
            del self.open[name]
            self._send(name, stored, run.parcel(last=True), "FINISHED" if isinstance(event, Finished) else "FAILED")
        elif run.is_due:
            self._send(name, stored, run.parcel())

    def _send(self, name: str, stored: StoredRun, parcel: Parcel, status: str = "") -> None:
        """A run ends in the record after all that it told: what is FINISHED there is whole."""

        def send() -> None:
            stored.send(parcel)
            if status:
                stored.end(status)
                self.closed.add(stored.id)

        self._ship(name, send)

    def _ship(self, name: str, action: Callable[[], object]) -> None:
        """As the experiment's writer: by the time that a thread comes to it, another one may be that."""

        def held() -> None:
            self.experiment.lease.require()
            action()

        self.shipping.send(name, held)

    def leave_one_each(self, jobs: Iterable[Job]) -> None:
        """Delete what else is there of these jobs, which have all been carried out, and has not finished.

        A store that makes a run and whose answer is lost is asked again, and makes another.
        """
        self.shipping.settle()
        planned = {job.run.fingerprint for job in jobs}
        for run in self.experiment.runs():
            others = run.run_id not in self.closed and run.status != "FINISHED"
            if run.tags.get(names.FINGERPRINT) in planned and others:
                self.experiment.client.delete_run(run.run_id)

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
        return said.read(self.experiment.found.tags.get(names.SAID, "{}") if self.experiment.found else "{}")

    def _start(self, job: Job) -> tuple[OpenRun, StoredRun]:
        self._say(job.run)
        tags = tags_of(job, self.plan, self.forgotten.get(job.run.fingerprint, {}))
        stored = StoredRun(self.experiment, self._name(job), tags)
        self._ship(job.run.fingerprint, stored.create)
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
