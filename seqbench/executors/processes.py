"""Worker processes on this machine: one thread each, a new one for each that dies."""

import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from multiprocessing.connection import Connection, wait
from pickle import UnpicklingError

from seqbench.config import Count
from seqbench.events import Event, Failed, Finished
from seqbench.executors.base import Answer, Executor, Given, WorkerLost, events_of
from seqbench.executors.children import Child, start_server
from seqbench.plan import Job
from seqbench.resources import cores

#: How often a run may take its worker with it before it counts as failed.
ATTEMPTS = 2


class Processes(Executor):
    """`workers` processes (default: one for each core that it may use); a run whose worker dies is tried once more."""

    imports_by_name = True

    def __init__(self, *, workers: Count | None = None) -> None:
        self.workers = workers or cores()

    def execute(self, jobs: Iterable[Job | None]) -> Iterator[tuple[Job, Event]]:
        """Events in the order in which they arrive; a run whose worker died starts over with its first event."""
        queue, source = (deque(jobs), iter(())) if isinstance(jobs, Sequence) else (deque[Job](), iter(jobs))
        deaths, workers = dict[str, int](), list[_Worker]()
        try:
            while True:
                _ask(source, self.workers, queue, workers)
                if not queue and not _busy(workers):
                    return
                _hire(self.workers, queue, workers)
                _assign(queue, workers)
                for worker in _ready(workers):
                    yield from worker.events()
                    if worker.died:
                        workers.remove(worker)
                        yield from _lost(worker, queue, deaths)
        finally:
            for worker in workers:
                worker.stop()

    def prepare(self) -> None:
        start_server()

    def elsewhere(self, function: Callable[[*Given], Answer], *given: *Given) -> Answer:
        """What the function gives or raises in a child. Raises WorkerLost if that dies as often as a run may."""
        for _ in range(ATTEMPTS):
            child = Child(_answer)
            try:
                child.connection.send((function, given))
                answer, error = child.connection.recv()
            except (EOFError, OSError, UnpicklingError):
                child.process.join(1)  # to learn how it ended by itself
                continue
            finally:
                child.stop()
            if error is not None:
                raise error
            result: Answer = answer
            return result
        raise WorkerLost(f"its worker died {ATTEMPTS} times, last with exit code {child.exitcode}")


class _Worker(Child):
    """A process with the jobs that it has been given, the running one first."""

    def __init__(self) -> None:
        super().__init__(_work)
        self.assigned = deque[Job]()
        self.died = False

    def takes(self, job: Job) -> bool:
        """Send a run to the worker, to be done after those it has; False if it is dead, which the next read tells."""
        try:
            self.connection.send(job.run)
        except OSError:
            return False
        self.assigned.append(job)
        return True

    def events(self) -> Iterator[tuple[Job, Event]]:
        """What has arrived; sets `died` when no more will."""
        gone = self.is_gone  # asked before the pipe is emptied: nothing can come after that
        try:
            while self.connection.poll():
                event = self.connection.recv()
                yield self.assigned[0], event
                if isinstance(event, Finished | Failed):
                    self.assigned.popleft()
        except (EOFError, OSError, UnpicklingError):
            gone = True
            self.process.join(1)  # to learn how it ended by itself
        if gone:
            self.died = True
            self.stop()


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
            wants = len(worker.assigned) < depth and (depth == 1 or len(queue) > len(workers))
            if queue and wants and worker.process.is_alive() and worker.takes(queue[0]):
                queue.popleft()


def _ready(workers: Sequence[_Worker]) -> list[_Worker]:
    """Workers that have told something or died, idle ones too."""
    ready = wait([told for worker in workers for told in (worker.connection, worker.process.sentinel)])
    return [worker for worker in workers if {worker.connection, worker.process.sentinel} & {*ready}]


def _lost(worker: _Worker, queue: deque[Job], deaths: dict[str, int]) -> Iterator[tuple[Job, Event]]:
    """Put the jobs of a dead worker back; the one that was running at most `ATTEMPTS` times."""
    if not worker.assigned:
        return
    running, *waiting = worker.assigned
    queue.extendleft(reversed(waiting))
    name = running.run.fingerprint
    deaths[name] = deaths.get(name, 0) + 1
    if deaths[name] < ATTEMPTS:
        queue.appendleft(running)
    else:
        reason = f"its worker died {ATTEMPTS} times, last with exit code {worker.exitcode}"
        yield running, Failed(reason, "")


def _work(connection: Connection) -> None:
    """A worker's life: receive a run, send its events, until the pipe closes."""
    try:
        while True:
            for event in events_of(connection.recv()):
                connection.send(event)
    except (EOFError, OSError):
        pass


def _answer(connection: Connection) -> None:
    """Receive one function with its arguments, send what it gives and what it raises; one of the two is None."""
    try:
        function, given = connection.recv()
        answer, error = function(*given), None
    except Exception as raised:
        raised.add_note(traceback.format_exc())
        answer, error = None, raised
    connection.send((answer, error))
