"""What follows when that which carries out a run is lost: the run starts over, or counts as failed."""

from collections import Counter, deque
from collections.abc import Iterator
from typing import Literal, Protocol, runtime_checkable

from seqbench.events import Event, Failed, Retried
from seqbench.executors.elsewhere import ATTEMPTS, died
from seqbench.plan import Job

#: A worker that died, which its run may have done; a machine that was lost, which it has not; its own limit.
Cause = Literal["worker", "machine", "limit"]
#: How often a run may meet each before it counts as failed.
MOST: dict[Cause, int] = {"worker": ATTEMPTS, "machine": 5, "limit": 1}


@runtime_checkable
class Lost(Protocol):
    """What had runs to carry out, the running one first."""

    assigned: deque[Job]
    how: str
    """How it ended, in words that go on from "its worker died", or all of them where it met its limit."""
    cause: Cause


class Deaths:
    """Of a sweep, by run and cause."""

    def __init__(self) -> None:
        self.counts = Counter[tuple[str, Cause]]()
        self.suspects = set[str]()
        """Fingerprints of runs whose worker died while it carried them out."""

    def of(self, lost: Lost, queue: deque[Job]) -> Iterator[tuple[Job, Event]]:
        """Put its jobs back; the one that was running only as often as it may start."""
        if not lost.assigned:
            return
        running, *waiting = lost.assigned
        queue.extendleft(reversed(waiting))
        name = running.run.fingerprint
        self.suspects.add(name)
        self.counts[name, lost.cause] += 1
        times = self.counts[name, lost.cause]
        if times < MOST[lost.cause]:
            queue.appendleft(running)
            yield running, Retried(lost.how)
        else:
            yield running, Failed(lost.how if lost.cause == "limit" else died(times, lost.how), "")
