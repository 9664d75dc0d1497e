"""The contract of an executor, and what every executor does with one run."""

import traceback
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator

from seqbench.events import Event, Failed
from seqbench.plan import Job, RunSpec
from seqbench.training.fit import fit


class Executor(ABC):
    """Carries out runs. Its knobs are annotated keyword-only parameters (see `seqbench.config`)."""

    #: Whether runs are carried out by processes that import their classes by name, and know no script or notebook.
    imports_by_name = False

    @abstractmethod
    def execute(self, jobs: Iterable[Job | None]) -> Iterator[tuple[Job, Event]]:
        """The events of all runs as they come, those of one run in order, its last one `Finished` or `Failed`.

        Jobs that are no sequence are asked for one by one, each when there is a worker free for it: what comes next
        may depend on what has ended. `None` means that there is nothing to do before a run under way has ended, and
        ends the execution when none is.

        A run whose worker died starts over: its events come again from `Started` on. Closing the iterator ends
        everything that it started.
        """


def events_of(run: RunSpec) -> Iterator[Event]:
    """The events of one run; an exception becomes its last event instead of the end of the sweep."""
    try:
        yield from fit(run)
    except Exception as error:
        yield Failed(f"{type(error).__name__}: {error}", traceback.format_exc())
