"""Workers of a Ray cluster: a task for each batch of runs, whose events it streams back.

Tasks and not actors, because a pool of actors waits for ever for one whose machine is lost. Ray starts none again: how
often a run starts over is the same as with processes.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib.util import find_spec

from seqbench.config import ConfigError, Count, Fault, Positive
from seqbench.config.resources import cores
from seqbench.events import Event
from seqbench.executors import interrupts
from seqbench.executors.base import Answer, Executor, Given
from seqbench.executors.cluster.batch import Batch
from seqbench.executors.cluster.connection import Connection
from seqbench.executors.cluster.luggage import Luggage
from seqbench.executors.cluster.machines import require_alike
from seqbench.executors.cluster.post import Post
from seqbench.executors.cluster.waiting import Waiting
from seqbench.executors.elsewhere import in_a_child
from seqbench.executors.silence import Patience
from seqbench.plan import Job, RunSpec


class Ray(Executor):
    """`workers` runs at a time, by default as many as the cluster has CPUs.

    Without an `address`, Ray is started on this machine, and ends with the sweep. `silent_after`, `ended_after` and
    `limit` are those of processes.
    """

    imports_by_name = True

    def __init__(
        self,
        *,
        address: str | None = None,
        workers: Count | None = None,
        silent_after: Positive = 600.0,
        ended_after: Positive | None = None,
        limit: Positive | None = None,
    ) -> None:
        if find_spec("ray") is None:
            raise ConfigError([Fault("executor=ray", 'Ray is not installed: pip install "seqbench[ray]"')])
        self.most, self.patience = workers, Patience(silent_after, ended_after, limit)
        self.connection = Connection(address, workers or cores())
        self.luggage: Luggage | None = None

    @property
    def workers(self) -> int:  # type: ignore[override]  # it changes with the cluster
        """How many runs may go on at a time: before the cluster is known, what was asked for."""
        if census := self.connection.census:
            return min(max(census.cpus, 1), self.most or census.cpus or 1)
        return self.most or (0 if self.connection.address else self.connection.workers)

    def prepare(self) -> None:
        """Start Ray, if it is to be started: its workers import torch while the driver imports what it needs."""
        if not self.connection.address:
            self.connection.open()

    def ready(self, runs: Sequence[RunSpec]) -> None:
        """Joins the cluster, whose machines must have what these runs need; leaves it where they have not."""
        self.connection.open()
        self.luggage = Luggage.of(runs)
        if not self.connection.address:  # this machine is like itself
            return
        try:
            require_alike(runs, self.luggage)
        except BaseException:
            self.connection.close()
            raise

    def elsewhere(self, function: Callable[[*Given], Answer], *given: *Given) -> Answer:
        """In a child on this machine."""
        return in_a_child(function, *given)

    def execute(self, jobs: Iterable[Job | None]) -> Iterator[tuple[Job, Event]]:
        """Events in the order in which they arrive; a run whose worker died starts over with its first event."""
        waiting, batches = Waiting(jobs), list[Batch]()
        if waiting.over:
            return
        try:
            census, post = self.connection.open(), Post(self.luggage)
            while True:
                while runs := waiting.batch(len(batches), self.workers, ahead=self.most is None):
                    batches.append(post.sent(runs))
                if not batches:
                    return
                for batch in _heard(batches, self.patience.seconds_left(batches)):
                    yield from waiting.timed(batch.events())
                census.look()
                for batch in [*batches]:
                    if not batch.over:
                        yield from self._watch(batch)
                    if batch.over:
                        batches.remove(batch)
                        yield from waiting.lost(batch)
        finally:
            for batch in batches:
                batch.cancel()
            self.connection.close()

    def _watch(self, batch: Batch) -> Iterator[tuple[Job, Event]]:
        """Say that nothing is heard of it, and end it if that has lasted too long."""
        yield from self.patience.told(batch)
        if end := self.patience.lost_with(batch):
            batch.end(*end)


def _heard(batches: Sequence[Batch], seconds: float | None) -> list[Batch]:
    """Those that have told something or are over; none if that does not happen in time."""
    import ray

    streams = {id(batch.stream): batch for batch in batches}
    interrupts.check()
    ray.wait([batch.stream for batch in batches], timeout=min(interrupts.TICK, seconds or interrupts.TICK))
    interrupts.check()
    ready, _ = ray.wait([batch.stream for batch in batches], num_returns=len(batches), timeout=0)
    return [streams[id(stream)] for stream in ready]
