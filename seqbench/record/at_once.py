"""Several requests to the store at once: each of them waits for a server most of its time."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from threading import Semaphore
from typing import TypeVar

from seqbench.record import store

Item = TypeVar("Item")
Answer = TypeVar("Answer")
#: Requests that are under way to one server, and what waits its turn, as many times that.
THREADS, AHEAD = 16, 2


def threads_for(uri: str) -> int:
    """How many are worth their while; 0 for a SQLite database, which takes one writer and is read from one thread."""
    return THREADS if store.database(uri) is None else 0


def in_order(function: Callable[[Item], Answer], items: Iterable[Item], uri: str) -> Iterator[Answer]:
    """What `map` gives, of a few items at a time."""
    threads = threads_for(uri)
    if not threads:
        yield from map(function, items)
        return
    waiting = deque[Future[Answer]]()
    with ThreadPoolExecutor(threads) as pool:
        for item in items:
            waiting.append(pool.submit(function, item))
            if len(waiting) > AHEAD * threads:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


class Shipping:
    """Sends to the store, several things at once where that pays, those of one run in the order in which they come.

    What fails is raised by the next call, and what waits its turn then is not sent.
    """

    def __init__(self, uri: str) -> None:
        threads = threads_for(uri)
        self.pool = ThreadPoolExecutor(threads, "ship") if threads else None
        self.room = Semaphore(AHEAD * threads)
        self.under_way: dict[str, Future[None]] = {}
        self.failure: Exception | None = None

    def send(self, run: str, action: Callable[[], None]) -> None:
        """Waits only where much is under way, so that what trains is never far ahead of the record."""
        if self.pool is None:
            action()
            return
        self._raise()
        self.room.acquire()
        self.under_way = {name: sent for name, sent in self.under_way.items() if not sent.done()}
        self.under_way[run] = self.pool.submit(self._carry_out, action, self.under_way.get(run))

    def settle(self) -> None:
        """Wait until all is sent."""
        wait(self.under_way.values())
        self._raise()

    def close(self) -> None:
        """Nothing is sent any more; what has begun is waited for."""
        if self.pool is not None:
            self.pool.shutdown()

    def _carry_out(self, action: Callable[[], None], before: "Future[None] | None") -> None:
        try:
            if before is not None:
                wait([before])  # a thread has it already: they take what comes first
            if self.failure is None:
                action()
        except Exception as error:
            self.failure = self.failure or error
        finally:
            self.room.release()

    def _raise(self) -> None:
        if self.failure is not None:
            wait(self.under_way.values())
            failure, self.failure = self.failure, None
            raise failure
