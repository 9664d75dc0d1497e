"""A thread for calls of Ray that may never come back: who waits for one looks for signals, and can give up."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, wait
from queue import SimpleQueue
from typing import Any, TypeVar

from seqbench.executors.interrupts import check, renew

Answer = TypeVar("Answer")
#: Seconds between two looks: Ray's compiled part puts a handler beneath ours at some moment, and a signal before it is
#: back kills this process without a word.
TICK = 0.02


class Aside:
    """Carries out one call after the other; what is given up on keeps those after it waiting.

    It stays until `end`: Linux ends what Ray has started here with the thread that started it. And off the main thread,
    Ray leaves Python's handlers of signals alone.
    """

    def __init__(self) -> None:
        self._calls = SimpleQueue[tuple[Callable[[], Any], Future[Any]] | None]()
        threading.Thread(target=self._work, name="ray", daemon=True).start()

    def call(self, function: Callable[[], Answer], seconds: float, look: Callable[[], None] = check) -> Answer:
        """What it gives or raises. Raises TimeoutError after so many seconds, those before it included, and whatever
        `look` raises meanwhile."""
        answer, end = self.later(function), time.monotonic() + seconds
        while not wait([answer], TICK).done:
            renew()
            look()
            if time.monotonic() > end:
                raise TimeoutError
        renew()
        return answer.result()

    def later(self, function: Callable[[], Answer]) -> "Future[Answer]":
        """The same, without waiting."""
        answer = Future[Answer]()
        self._calls.put((function, answer))
        return answer

    def end(self) -> None:
        """After the calls that were asked for."""
        self._calls.put(None)

    def _work(self) -> None:
        while given := self._calls.get():
            function, answer = given
            try:
                answer.set_result(function())
            except BaseException as error:  # of whoever waits for it
                answer.set_exception(error)
