"""The experiment of a plan while it is written to: as it stands in the store, and the client that writes."""

import gc
from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING

from seqbench.record import names, servers, shown, store
from seqbench.record.attached import path_of
from seqbench.record.database import folder_for
from seqbench.record.lease import Lease
from seqbench.record.reading import Experiment, Recorded, reading

if TYPE_CHECKING:
    from mlflow import MlflowClient

FIRST = "0"
"""The id of the experiment that MLflow makes by itself."""


class OpenExperiment:
    """Raises Unavailable where the store cannot be reached."""

    def __init__(self, name: str, question: str) -> None:
        self.name, self.question, self.uri = name, question, store.tracking_uri()
        store.require(self.uri)
        store.require_known(self.uri)
        self.lease = Lease(name, store.database(self.uri))

    def open(self) -> None:
        """Look it up; one that was deleted comes back with its runs. Raises Unavailable where it is being written."""
        self.lease.enter()
        self.found = self.present()
        self.restored = self.found is not None and not self.found.active
        if self.found is not None and self.restored:
            self._store.restore_experiment(self.found.id)
            self.found = self.present()
        self.lease.require_free(self.found.tags if self.found else {})

    @cached_property
    def client(self) -> "MlflowClient":
        """What writes, and so holds the lease: made when there is something to write, because that takes seconds."""
        self._require_place_for_files()
        self.lease.claim(self._store, self.id)
        present = self.present()
        for key, value in shown.at_first(self.question, present.tags if present else {}).items():
            self._store.set_experiment_tag(self.id, key, value)
        gc.freeze()  # a sixth of what a run costs the driver was to look through all that MLflow imports for garbage
        return self._store

    def close(self) -> None:
        """Let others write."""
        gc.unfreeze()
        self.lease.leave()

    @cached_property
    def _store(self) -> "MlflowClient":
        return store.connect(self.uri)

    @cached_property
    def id(self) -> str:
        """Of the experiment, which is made where it is not there yet."""
        if self.found is not None:
            return self.found.id
        # MLflow would freeze its own choice of place for artifacts here
        database = store.database(self.uri)
        location = folder_for(self.name, database).as_uri() if database else None
        try:
            return self._store.create_experiment(self.name, artifact_location=location)
        except Exception:
            made = self.present()  # by another process just now, or by a request whose answer was lost
            if made is None:
                raise
            return made.id

    def _require_place_for_files(self) -> None:
        """A server without a proxy for files names a folder of its own, into which this machine can write nothing.

        Where there is no experiment yet, MLflow's own first one tells; that may be from before there was a proxy.
        """
        if not servers.is_tracking_server(self.uri) or (self.found is None and servers.takes_files(self.uri)):
            return
        place = path_of(self._store.get_experiment(self.found.id if self.found else FIRST).artifact_location)
        if place is not None and not place.parent.is_dir():
            told = f"the tracking server {self.uri} takes no files: its runs keep them in {place.parent}"
            raise store.Unavailable(f"{told}, which is no folder here; start it with --serve-artifacts")

    def require_unchanged(self, known: Iterable[Recorded]) -> None:
        """Make sure that it can be written, and has the runs that it had when it was opened. Raises Unavailable."""
        _ = self.client
        if {run.run_id for run in known} != {run.run_id for run in self.runs() if names.FINGERPRINT in run.tags}:
            raise store.Unavailable(
                f"another process has just written to {self.name!r}; the same command goes on from there"
            )

    def present(self) -> Experiment | None:
        """As it stands in the record now."""
        if not store.exists(self.uri):
            return None
        with reading(self.uri) as reader:
            return reader.experiment(self.name)

    def runs(self) -> list[Recorded]:
        """All that stand in the record now, oldest first."""
        present = self.present()
        if present is None:
            return []
        with reading(self.uri) as reader:
            return reader.runs(present.id)

    def tag(self, key: str, value: str) -> bool:
        """Say something of it; whether that is news."""
        present = self.present()
        if present is not None and present.tags.get(key) == value:
            return False
        self.client.set_experiment_tag(self.id, key, value)
        return True

    def describe(self, answer: str, report: str) -> None:
        """Say in its description what came out, unless somebody wrote one of their own.

        An empty `report` leaves the place of an earlier one.
        """
        present = self.present()
        for key, value in shown.at_last(self.question, answer, report, present.tags if present else {}).items():
            self.client.set_experiment_tag(self.id, key, value)
