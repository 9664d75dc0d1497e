"""One run after the other, in this process: simplest to debug."""

from collections.abc import Iterable, Iterator

from seqbench.events import Event
from seqbench.executors.base import Executor, events_of
from seqbench.plan import Job


class Serial(Executor):
    """No workers, no pipes."""

    def execute(self, jobs: Iterable[Job | None]) -> Iterator[tuple[Job, Event]]:
        for job in jobs:
            if job is None:
                return
            for event in events_of(job.run):
                yield job, event
