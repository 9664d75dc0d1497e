"""The contract of an executor, and what every executor does with one run."""

import traceback
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar, TypeVarTuple

from seqbench.config import Fault, message
from seqbench.events import Event, Failed
from seqbench.executors import interrupts
from seqbench.plan import Job, RunSpec

Given = TypeVarTuple("Given")
Answer = TypeVar("Answer")


class WorkerLost(RuntimeError):
    """What was asked for took its processes along, or tried to."""


class Executor(ABC):
    """Carries out runs. Its knobs are annotated keyword-only parameters (see `seqbench.config`)."""

    #: Whether runs are carried out by processes that import their classes by name, and know no script or notebook.
    imports_by_name = False
    #: How many processes are started for the runs; 0 where there are none to wait for.
    workers = 0

    @abstractmethod
    def execute(self, jobs: Iterable[Job | None]) -> Iterator[tuple[Job, Event]]:
        """The events of all runs as they come, those of one run in order, its last one `Finished` or `Failed`.

        Jobs that are no sequence are asked for one by one, each when there is a worker free for it: what comes next
        may depend on what has ended. `None` means that there is nothing to do before a run under way has ended, and
        ends the execution when none is.

        A run whose worker died starts over: its events come again from `Started` on. `Silent` may come at any moment,
        and `Retried` where it starts over.
        Closing the iterator ends everything that it started.
        """

    def prepare(self) -> None:  # noqa: B027  # most have nothing to prepare
        """Begin what takes time before the first job, without waiting for it: called once there are jobs to come."""

    def ready(self, runs: Sequence[RunSpec]) -> None:  # noqa: B027  # a process is there when it is needed
        """Wait until these can be carried out; nothing has been written. Raises ConfigError where they cannot be."""

    def elsewhere(self, function: Callable[[*Given], Answer], *given: *Given) -> Answer:
        """What `function(*given)` gives or raises, carried out where a run would be.

        With workers that is a process of its own: what the function imports or breaks does not touch this one.
        Function, arguments and result must be picklable.
        """
        return function(*given)


def events_of(run: RunSpec) -> Iterator[Event]:
    """The events of one run; whatever its code raises becomes its last event instead of the end of the sweep."""
    try:
        from seqbench.training.fit import fit  # torch takes seconds, and the driver needs none of it

        yield from fit(run)
    except GeneratorExit:  # not of its code
        raise
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt) and interrupts.may_be_a_person():
            raise
        yield Failed(f"{type(error).__name__}: {message(error)}", traceback.format_exc())


def faults_of(runs: Sequence[RunSpec]) -> list[Fault]:
    """What is wrong with runs that were planned without looking at their classes."""
    from seqbench.training.build import changed, found_of

    told = (changed(run) or found_of(run) for run in runs)
    return [one for one in told if isinstance(one, Fault)]
