"""Several requests to the store at once: each of them waits for a server most of its time."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
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
