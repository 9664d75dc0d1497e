"""Worker processes on this machine: one thread each, a new one for each that dies.

A run of a class from outside of seqbench is the last of its worker: whatever it leaves behind, from a patched library
to lost memory, no other run finds it.
"""

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from multiprocessing.connection import Connection
from pickle import UnpicklingError

from seqbench.config import Count, Positive
from seqbench.config.resources import cores
from seqbench.events import Event, Failed, Finished
from seqbench.executors.base import Answer, Executor, Given, events_of
from seqbench.executors.children import Child, start_server, stop_all
from seqbench.executors.deaths import Cause, Deaths
from seqbench.executors.elsewhere import by_exit, in_a_child
from seqbench.executors.interrupts import wait
from seqbench.executors.silence import Patience
from seqbench.plan import Job


class Processes(Executor):
    """`workers` processes (default: one for each core that it may use); a run whose worker dies is tried once more.

    A run of which nothing is heard is told after `silent_after` seconds; after `ended_after` its worker counts as dead.
    A run that takes more than `limit` seconds is ended, and fails.
    """

    imports_by_name = True

    def __init__(
        self,
        *,
        workers: Count | None = None,
        silent_after: Positive = 600.0,
        ended_after: Positive | None = None,
        limit: Positive | None = None,
    ) -> None:
        self.workers = workers or cores()
        self.patience = Patience(silent_after, ended_after, limit)

    def execute(self, jobs: Iterable[Job | None]) -> Iterator[tuple[Job, Event]]:
        """Events in the order in which they arrive; a run whose worker died starts over with its first event."""
        queue, source = (deque(jobs), iter(())) if isinstance(jobs, Sequence) else (deque[Job](), iter(jobs))
        deaths, workers = Deaths(), list[_Worker]()
        try:
            while True:
                _ask(source, self.workers, queue, workers)
                if not queue and not _busy(workers):
                    return
                _hire(self.workers, queue, workers)
                _assign(queue, workers)
                for worker in _ready(workers, self.patience.seconds_left(workers)):
                    yield from worker.events()
                for worker in [*workers]:
                    if not worker.died:
                        yield from self._watch(worker)
                    if worker.died:
                        workers.remove(worker)
                        yield from deaths.of(worker, queue)
        finally:
            stop_all(workers)

    def _watch(self, worker: "_Worker") -> Iterator[tuple[Job, Event]]:
        """Say that nothing is heard of it, and end it if that has lasted too long."""
        yield from self.patience.told(worker)
        if end := self.patience.lost_with(worker):
            worker.end(*end)

    def prepare(self) -> None:
        start_server()

    def elsewhere(self, function: Callable[[*Given], Answer], *given: *Given) -> Answer:
        """What the function gives or raises in a child. Raises WorkerLost if that dies as often as a run may."""
        return in_a_child(function, *given)


class _Worker(Child):
    """A process with the jobs that it has been given, the running one first."""

    machine = ""

    def __init__(self) -> None:
        super().__init__(_work)
        self.assigned = deque[Job]()
        self.died, self.named, self.heard, self.began = False, False, 0.0, 0.0
        self.how = ""
        self.cause: Cause = "worker"

    @property
    def pid(self) -> int:
        return self.process.pid or 0

    def takes(self, job: Job) -> bool:
        """Send a run to the worker, to be done after those it has; False if it is dead, which the next read tells."""
        try:
            self.connection.send(job.run)
        except OSError:
            return False
        if not self.assigned:
            self.heard, self.named = time.monotonic(), False
            self.began = self.heard
        self.assigned.append(job)
        return True

    def events(self) -> Iterator[tuple[Job, Event]]:
        """What has arrived; sets `died` when no more will."""
        gone = self.is_gone  # asked before the pipe is emptied: nothing can come after that
        try:
            while self.connection.poll():
                event = self.connection.recv()
                self.heard, self.named = time.monotonic(), False
                yield self.assigned[0], event
                if isinstance(event, Finished | Failed):
                    self.began = self.heard
                    if self.assigned.popleft().is_foreign:
                        gone = True
                        break
        except (EOFError, OSError, UnpicklingError):
            gone = True
            self.process.join(1)  # to learn how it ended by itself
        if gone:
            self.end()

    def end(self, how: str = "", cause: Cause = "worker") -> None:
        """It is dead, or counts as dead from now on; `how` in words, if not by itself."""
        self.died, self.cause = True, cause
        self.stop()
        self.how = how or by_exit(self.exitcode)


def _busy(workers: Sequence[_Worker]) -> int:
    return sum(bool(worker.assigned) for worker in workers)


def _ask(source: Iterator[Job | None], most: int, queue: deque[Job], workers: Sequence[_Worker]) -> None:
    """A job for each of the `most` workers that has none, as far as the source has any now."""
    while len(queue) < most - _busy(workers) and (job := next(source, None)) is not None:
        queue.append(job)


def _hire(most: int, queue: deque[Job], workers: list[_Worker]) -> None:
    """New workers up to `most`, and none without a job to do."""
    jobs_left = len(queue) + _busy(workers)
    while len(workers) < min(most, jobs_left):
        workers.append(_Worker())


def _assign(queue: deque[Job], workers: Sequence[_Worker]) -> None:
    """One job for every idle worker, and one ahead for each as long as that leaves none to wait for another."""
    for depth in (1, 2):
        for worker in workers:
            ahead = depth == 1 or (len(queue) > len(workers) and not any(job.is_foreign for job in worker.assigned))
            wants = len(worker.assigned) < depth and ahead
            if queue and wants and worker.process.is_alive() and worker.takes(queue[0]):
                queue.popleft()


def _ready(workers: Sequence[_Worker], seconds: float | None) -> list[_Worker]:
    """Workers that have told something or died, idle ones too; none if that does not happen in time."""
    ready = wait([told for worker in workers for told in (worker.connection, worker.process.sentinel)], seconds)
    return [worker for worker in workers if {worker.connection, worker.process.sentinel} & {*ready}]


def _work(connection: Connection) -> None:
    """A worker's life: receive a run, send its events, until the pipe closes."""
    try:
        while True:
            for event in events_of(connection.recv()):
                connection.send(event)
    except (EOFError, OSError):
        pass
