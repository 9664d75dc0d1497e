"""The machines of a cluster as they are now, asked for beside the sweep, and whether the head still answers."""

import errno
import sys
import time
from concurrent.futures import Future
from typing import Any

from seqbench.executors.cluster.aside import Aside
from seqbench.wording import printable

#: Seconds between two questions, and without an answer to one after which the head is lost: a busy one takes some, and
#: after a minute Ray itself ends this process, whatever it does.
REFRESH, LOST = 1.0, 25.0
#: Seconds without a machine for any run after which that is said.
NOBODY = 10.0


class Census:
    """Of the cluster that this process is connected with; `look` has to be called again and again."""

    def __init__(self, ray: Aside, address: str, seconds: float) -> None:
        self.address, self._ray = address, ray
        self.nodes: list[dict[str, Any]] = ray.call(_nodes, seconds)
        self._answer: Future[list[dict[str, Any]]] | None = None
        self._looked = self._answered = self._staffed = time.monotonic()
        self._silence = 0.0
        self._told = False

    @property
    def cpus(self) -> int:
        """Of all machines."""
        there = (node for node in self.nodes if node["Alive"])
        return int(sum(node["Resources"].get("CPU", 0) for node in there))

    @property
    def is_lost(self) -> bool:
        """Whether nobody answers any more."""
        return self._silence > LOST

    def look(self) -> None:
        """Take in what has been answered, and ask again. Raises OSError once nothing has been for too long."""
        now = time.monotonic()
        self._silence += min(now - self._looked, REFRESH)  # while this process is stopped, nobody is silent
        self._looked = now
        if self._answer and self._answer.done():
            self._take(self._answer, now)
        if not self._answer and now - self._answered > REFRESH:
            self._answer = self._ray.later(_nodes)
        if self.is_lost:
            where = f" at {self.address}" if ":" in self.address else ""
            raise OSError(errno.EHOSTDOWN, f"the head of the Ray cluster{where} has not answered for {LOST:g} s")

    def _take(self, answer: "Future[list[dict[str, Any]]]", now: float) -> None:
        self._answer, self._answered = None, now
        if answer.exception() is None:
            self.nodes, self._silence = answer.result(), 0.0
        if self.cpus:
            self._staffed = now
        elif now - self._staffed > NOBODY and not self._told:
            self._told = True
            _say("the Ray cluster has no CPUs for runs; they wait until a machine joins")


def _nodes() -> list[dict[str, Any]]:
    import ray

    nodes: list[dict[str, Any]] = ray.nodes()
    return nodes


def _say(line: str) -> None:
    print(f"seqbench: {printable(line)}", file=sys.stderr)
