"""One run after the other, in this process: simplest to debug."""

from collections.abc import Iterable, Iterator

from seqbench.events import Event
from seqbench.executors.base import Executor, events_of
from seqbench.plan import RunSpec


class Serial(Executor):
    """No workers, no pipes."""

    def execute(self, runs: Iterable[RunSpec | None]) -> Iterator[tuple[RunSpec, Event]]:
        for run in runs:
            if run is None:
                return
            for event in events_of(run):
                yield run, event
