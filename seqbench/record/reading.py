"""How the record is read: experiments, their runs, and the points of each run's metrics.

MLflow's client takes seconds to import and some milliseconds per run and per curve, and its bulk request for curves
leaves out points. So a SQLite database is read directly. MLflow does not promise its tables: a database whose tables
are not as expected, and every other store, is read through the client, with the same result.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from seqbench.record import names, store

#: Metric, step and value of each point of a run, sorted by metric, step, time of recording and value.
Points = list[tuple[str, int, float]]


@dataclass(frozen=True)
class Experiment:
    """An experiment of the store."""

    id: str
    name: str
    active: bool
    """Whether it is not deleted in MLflow's sense."""
    tags: Mapping[str, str]


@dataclass(frozen=True)
class Recorded:
    """A run as it stands in the record; of each metric the last value."""

    run_id: str
    run_name: str
    status: str
    active: bool
    artifact_uri: str
    params: Mapping[str, str]
    metrics: Mapping[str, float]
    tags: Mapping[str, str]
    copies: int = 1
    """How many active runs have its fingerprint, where they were counted; more than one is somebody's mistake."""


class Reader(ABC):
    """A store that is open for reading."""

    @abstractmethod
    def experiments(self) -> list[Experiment]:
        """All that are active."""

    @abstractmethod
    def experiment(self, name: str) -> Experiment | None:
        """The one of this name, deleted or not."""

    @abstractmethod
    def newest(self) -> Experiment | None:
        """The active one whose run of seqbench was started last."""

    @abstractmethod
    def runs(self, experiment_id: str, deleted: bool = False) -> list[Recorded]:
        """All runs of an experiment that are active, oldest first; with `deleted`, those that are not, too."""

    @abstractmethod
    def run(self, run_id: str) -> Recorded | None:
        """The run of this whole id, deleted or not."""

    @abstractmethod
    def points(self, run: Recorded) -> Points:
        """Every point of every metric of a run."""


@contextmanager
def reading(uri: str) -> Iterator[Reader]:
    """The quickest way to read a store that exists. Raises Unavailable where MLflow cannot open it either."""
    from seqbench.record.database_reader import opened

    file = store.database(uri)
    with opened(file) as reader:
        if reader is not None:
            yield reader
            return
    from seqbench.record.client_reader import ClientReader

    yield ClientReader(store.connect(uri))


def is_deleted(experiment: str) -> bool:
    """Whether there is such an experiment, and it is deleted in MLflow's sense. Raises Unavailable."""
    uri = store.tracking_uri()
    store.require(uri)
    if not store.exists(uri):
        return False
    with reading(uri) as reader:
        found = reader.experiment(experiment)
        return found is not None and not found.active


def counted(runs: Sequence[Recorded]) -> list[Recorded]:
    """One run for each fingerprint, as every reader counts them: the first that finished, or else the last."""
    alike: dict[str, list[Recorded]] = {}
    for run in runs:
        alike.setdefault(run.tags.get(names.FINGERPRINT, run.run_id), []).append(run)
    chosen = {_chosen(group).run_id: len(group) for group in alike.values()}
    return [replace(run, copies=chosen[run.run_id]) for run in runs if run.run_id in chosen]


def _chosen(alike: Sequence[Recorded]) -> Recorded:
    return next((run for run in alike if run.status == "FINISHED"), alike[-1])


def finished_runs(experiment: str) -> set[str]:
    """The fingerprints of what is finished in an experiment; nothing is created. Raises Unavailable.

    Of one that is deleted, as if it were back: of the runs of a fingerprint the last one counts.
    """
    uri = store.tracking_uri()
    store.require(uri)
    if not store.exists(uri):
        return set()
    with reading(uri) as reader:
        found = reader.experiment(experiment)
        runs = reader.runs(found.id, deleted=not found.active) if found else []
    own = [run for run in runs if names.FINGERPRINT in run.tags]
    if found and not found.active:
        own = list({run.tags[names.FINGERPRINT]: run for run in own}.values())
    return {run.tags[names.FINGERPRINT] for run in own if run.status == "FINISHED"}
