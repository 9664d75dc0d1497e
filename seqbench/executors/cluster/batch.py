"""What one task of Ray carries out, and what is heard of it."""

import math
import time
from collections import deque
from collections.abc import Collection, Iterator
from typing import Any

from seqbench.config import ConfigError, Fault
from seqbench.events import Event, Failed, Finished
from seqbench.executors.cluster.work import Refused
from seqbench.executors.deaths import Cause
from seqbench.plan import Job


class Batch:
    """Runs that one task of Ray carries out one after the other, the running one first."""

    def __init__(self, jobs: Collection[Job], stream: Any) -> None:
        self.assigned, self.stream, self.over = deque(jobs), stream, False
        self.pid, self.machine, self.named = 0, "", False
        self.heard = self.began = math.inf  # until it has a worker
        self.how = ""
        self.cause: Cause = "worker"

    def events(self) -> Iterator[tuple[Job, Event]]:
        """The next ones that have arrived; sets `over` when no more will. Raises ConfigError if a machine refuses."""
        import ray

        try:
            told = ray.get(next(self.stream))
        except StopIteration:
            self.over = True
            return
        except ray.exceptions.RayError as error:
            self._lost(error)
            return
        if isinstance(told, Refused):
            problem = f"{told.told}; when the sweep began, all machines were alike"
            raise ConfigError([Fault(f"executor: the machine {told.machine}", problem)])
        self.pid, self.machine, self.named = told.process, told.machine, False
        self.heard = time.monotonic()
        self.began = min(self.began, self.heard)
        for event in told.events:
            yield self.assigned[0], event
            if isinstance(event, Finished | Failed):
                self.assigned.popleft()
                self.began = self.heard

    def end(self, how: str, cause: Cause) -> None:
        """It counts as lost from now on."""
        self.cancel()
        self.over, self.how, self.cause = True, how, cause

    def cancel(self) -> None:
        """End its worker, whatever that is doing."""
        import ray

        ray.cancel(self.stream, force=True)

    def _lost(self, error: Exception) -> None:
        import ray

        if isinstance(error, ray.exceptions.RayTaskError):  # of no run: one that fails says so
            where = f"executor: the machine {error.ip}"
            raise ConfigError([Fault(where, " ".join(str(error.cause).split()))]) from error
        own = isinstance(error, ray.exceptions.WorkerCrashedError | ray.exceptions.OutOfMemoryError)
        self.over, self.cause = True, "worker" if own and self.pid else "machine"
        self.how = _in_words(type(error).__name__, self.machine)


def _in_words(kind: str, machine: str) -> str:
    """What Ray says of a task that was lost."""
    on, named = (f" on {machine}", f" {machine}") if machine else ("", "")
    words = {
        "WorkerCrashedError": f"without a word{on}",
        "OutOfMemoryError": f"for want of memory{on} (Ray ended it)",
        "NodeDiedError": f"when its machine{named} was lost",
    }
    return words.get(kind, f"with {kind}{on}")
