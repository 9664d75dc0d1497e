"""Runs that are handed out together, so that a short one costs little more than it takes."""

import math
from collections import deque
from collections.abc import Iterable, Iterator, Sequence

from seqbench.events import Event, Finished
from seqbench.executors.deaths import Deaths, Lost
from seqbench.plan import Job

#: Seconds of work that a batch should have, and the most runs whatever they take.
WORK, MOST = 2.0, 200
#: How much the last run counts in what a run takes.
NEWS = 0.2


class Pace:
    """How long a run takes, from those that have ended."""

    def __init__(self) -> None:
        self.seconds: float | None = None

    def update(self, event: Event) -> None:
        """Take in an event: only the last one of a run tells."""
        if isinstance(event, Finished):
            self.seconds = (
                event.seconds if self.seconds is None else self.seconds + NEWS * (event.seconds - self.seconds)
            )

    def size(self, left: int, places: int) -> int:
        """Runs of the next batch, of which every place that waits gets as much as another; one until it is known."""
        if self.seconds is None:
            return 1
        return max(1, min(int(WORK / max(self.seconds, 1e-3)), math.ceil(left / max(places, 1)), MOST))


class Waiting:
    """The jobs of a sweep that have no worker yet, those among them that have lost one."""

    def __init__(self, jobs: Iterable[Job | None]) -> None:
        self.known = isinstance(jobs, Sequence)
        self.queue = deque(jobs if isinstance(jobs, Sequence) else ())
        self.source = iter(() if isinstance(jobs, Sequence) else jobs)
        self.deaths, self.pace = Deaths(), Pace()

    @property
    def over(self) -> bool:
        """Whether nothing can come, as far as that is known."""
        return self.known and not self.queue

    def batch(self, under_way: int, workers: int, ahead: bool) -> list[Job]:
        """What to hand out beside so many batches; nothing if there is nothing now, or no worker for it.

        What is asked for job by job depends on what has ended, so it is handed out one by one, and none ahead.
        """
        if under_way >= workers * (2 if self.known and ahead else 1):
            return []
        if not self.queue and (job := next(self.source, None)) is not None:
            self.queue.append(job)
        return self._taken(self.pace.size(len(self.queue), workers)) if self.queue else []

    def _taken(self, size: int) -> list[Job]:
        """From the queue, at most so many; one of a foreign class, or whose worker died, is alone."""
        batch = [self.queue.popleft()]
        while self.queue and len(batch) < size and not (self._alone(batch[0]) or self._alone(self.queue[0])):
            batch.append(self.queue.popleft())
        return batch

    def _alone(self, job: Job) -> bool:
        return job.is_foreign or job.run.fingerprint in self.deaths.suspects

    def timed(self, events: Iterable[tuple[Job, Event]]) -> Iterator[tuple[Job, Event]]:
        """The same, and how long a run takes is learned from them."""
        for job, event in events:
            self.pace.update(event)
            yield job, event

    def lost(self, batch: Lost) -> Iterator[tuple[Job, Event]]:
        """Put back what a batch has left."""
        yield from self.deaths.of(batch, self.queue)
