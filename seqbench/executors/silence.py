"""Workers of which nothing is heard: named after a time, ended after another."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

from seqbench.events import Event, Silent
from seqbench.plan import Job


@runtime_checkable
class Heard(Protocol):
    """A worker, as far as it is listened to."""

    heard: float
    """When it told something last, or was given something to do."""
    named: bool
    """Whether its silence has been told since."""

    @property
    def assigned(self) -> Sequence[Job]: ...

    @property
    def pid(self) -> int: ...


@dataclass(frozen=True)
class Patience:
    """Seconds without an event after which a worker is named, and after which it is ended, if ever."""

    named_after: float
    ended_after: float | None

    def seconds_left(self, workers: Sequence[Heard]) -> float | None:
        """Until there is something to do about the next one; None if nothing can come."""
        now, busy = time.monotonic(), [worker for worker in workers if worker.assigned]
        ends = [worker.heard + self.named_after for worker in busy if not worker.named]
        ends += [worker.heard + self.ended_after for worker in busy if self.ended_after is not None]
        return max(min(ends) - now, 0) if ends else None

    def spent_on(self, worker: Heard) -> str:
        """How it is to end, in words; empty as long as it is not."""
        if self.ended_after is None or not worker.assigned or _silence(worker) < self.ended_after:
            return ""
        return f"ended after {self.ended_after:g} s without an event"

    def told(self, worker: Heard) -> Iterator[tuple[Job, Event]]:
        """That nothing is heard of it: once, when it is due."""
        if worker.assigned and not worker.named and (seconds := _silence(worker)) >= self.named_after:
            worker.named = True
            yield worker.assigned[0], Silent(seconds, worker.pid, _stopped(worker.pid), self.ended_after)


def _silence(worker: Heard) -> float:
    return time.monotonic() - worker.heard


def _stopped(pid: int) -> bool:
    """False also where the system does not tell."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return False
    return state in "Tt"
