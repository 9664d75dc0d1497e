"""Workers of which nothing is heard, named after a time and ended after another; runs that take too long."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

from seqbench.events import Event, Silent
from seqbench.executors.deaths import Cause
from seqbench.plan import Job


@runtime_checkable
class Heard(Protocol):
    """A worker, as far as it is listened to."""

    heard: float
    """When it told something last, or was given something to do."""
    named: bool
    """Whether its silence has been told since."""
    began: float
    """When its running run began."""

    @property
    def assigned(self) -> Sequence[Job]:
        """What it was given and has not finished, the running one first."""

    @property
    def pid(self) -> int:
        """Of its process, on the machine that it runs on."""

    @property
    def machine(self) -> str:
        """The address of the one that it runs on; empty for this one."""


@dataclass(frozen=True)
class Patience:
    """Seconds without an event after which a worker is named, and after which it is ended, if ever.

    `limit` is how many seconds a run may take, if that is limited.
    """

    named_after: float
    ended_after: float | None
    limit: float | None = None

    def seconds_left(self, workers: Sequence[Heard]) -> float | None:
        """Until there is something to do about the next one; None if nothing can come."""
        now, busy = time.monotonic(), [worker for worker in workers if worker.assigned]
        ends = [worker.heard + self.named_after for worker in busy if not worker.named]
        ends += [worker.heard + self.ended_after for worker in busy if self.ended_after is not None]
        ends += [worker.began + self.limit for worker in busy if self.limit is not None]
        return max(min(ends) - now, 0) if ends else None

    def spent_on(self, worker: Heard) -> str:
        """How it is to end, in words; empty as long as it is not."""
        if self.ended_after is None or not worker.assigned or _silence(worker) < self.ended_after:
            return ""
        return f"because it was ended after {self.ended_after:g} s without an event"

    def overdue(self, worker: Heard) -> str:
        """That its run has taken too long, in words; empty as long as it has not."""
        if self.limit is None or not worker.assigned or time.monotonic() - worker.began < self.limit:
            return ""
        return f"ended after {self.limit:g} s, the limit of a run (executor.limit)"

    def lost_with(self, worker: Heard) -> tuple[str, Cause] | None:
        """How and why it is to end, if it is."""
        if how := self.overdue(worker):
            return how, "limit"
        return (how, "worker") if (how := self.spent_on(worker)) else None

    def told(self, worker: Heard) -> Iterator[tuple[Job, Event]]:
        """That nothing is heard of it: once, when it is due."""
        if worker.assigned and not worker.named and (seconds := _silence(worker)) >= self.named_after:
            worker.named = True
            yield (
                worker.assigned[0],
                Silent(
                    seconds, worker.pid, not worker.machine and _stopped(worker.pid), self.ended_after, worker.machine
                ),
            )


def _silence(worker: Heard) -> float:
    return time.monotonic() - worker.heard


def _stopped(pid: int) -> bool:
    """False also where the system does not tell."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return False
    return state in "Tt"
