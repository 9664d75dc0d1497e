"""What is carried out on the machines of a cluster; Ray imports it there by name."""

import os
import socket
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from seqbench.config import Fault, load_class, message
from seqbench.events import Event, Failed, Finished
from seqbench.executors import interrupts
from seqbench.executors.base import events_of
from seqbench.executors.cluster.luggage import Luggage
from seqbench.executors.cluster.versions import Versions, difference
from seqbench.plan import RunSpec

#: Seconds for which events may be kept back to be sent together.
TOGETHER = 0.1


@dataclass(frozen=True)
class Refused:
    """A machine would give other numbers, or a record that is not true: its name, and why."""

    machine: str
    told: str


@dataclass(frozen=True)
class Told:
    """Events of one run in their order, and where it is carried out."""

    process: int
    machine: str
    events: tuple[Event, ...]


def carry_out(runs: Sequence[RunSpec], luggage: Luggage, versions: Versions) -> Iterator[Told | Refused]:
    """The events of runs, one run after the other; before anything else, that the first one begins."""
    if told := difference(versions):
        yield Refused(socket.gethostname(), told)
        return
    interrupts.unattended()
    import seqbench.executors.preloaded  # noqa: F401  # no run is the one that waits for torch

    luggage.unpack()
    process, machine = os.getpid(), socket.gethostname()
    yield Told(process, machine, ())
    for run in runs:
        for events in together(events_of(run)):
            yield Told(process, machine, events)


def together(events: Iterable[Event]) -> Iterator[tuple[Event, ...]]:
    """Those of one run, in groups: each message costs the driver a millisecond."""
    kept, last = list[Event](), time.monotonic()
    for event in events:
        kept.append(event)
        if isinstance(event, Finished | Failed) or time.monotonic() - last > TOGETHER:
            yield tuple(kept)
            kept, last = [], time.monotonic()


def refusals(runs: Sequence[RunSpec], luggage: Luggage, versions: Versions) -> list[str]:
    """Why this machine cannot carry out these runs."""
    if told := difference(versions):
        return [told]
    luggage.unpack()
    return list(dict.fromkeys(str(fault) for run in runs if (fault := _lacks(run))))


def _lacks(run: RunSpec) -> Fault | None:
    """What is not here as it was where the run was planned: a class, or what its task reads."""
    from seqbench.tasks.base import Task
    from seqbench.training.build import changed

    if fault := changed(run):
        return fault
    task: type[Task] = load_class(run.task.target, Task)
    try:
        same = task.data(**run.task.settings) == run.task.data
    except Exception as error:  # of other people's code, or of a file that is not there
        return Fault(f"task={run.task.name}", message(error))
    return (
        None if same else Fault(f"task={run.task.name}", "what it reads is not what it was where the run was planned")
    )
