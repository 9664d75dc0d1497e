"""A part of the work on a report, done beside the rest by a fork of this process."""

import ctypes
import gc
import io
import os
import pickle
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterable
from contextlib import suppress
from multiprocessing.connection import wait
from typing import Any, BinaryIO, Generic, TypeVar, TypeVarTuple

from seqbench.config import resources

#: Of Linux, <sys/prctl.h>.
PR_SET_PDEATHSIG = 1
Given = TypeVarTuple("Given")
Answer = TypeVar("Answer")


def cores() -> int:
    """How many processes there should be: one where a fork is not safe, beside other threads and on other systems."""
    if sys.platform != "linux" or threading.active_count() > 1:
        return 1
    return resources.cores()


class Fork(Generic[Answer]):
    """`function(*given)`, begun now in a process of its own; its result must be picklable."""

    def __init__(self, function: Callable[[*Given], Answer], *given: *Given) -> None:
        self.here: Callable[[], Answer] = lambda: function(*given)
        """The same in this process, where there is no other or it did not come to an end."""
        self.process, self.content, self.end = _forked(self.here) if cores() > 1 else (0, io.BytesIO(), -1)

    @property
    def is_over(self) -> bool:
        """Whether the result need not be waited for."""
        return bool(wait([self.end], 0)) if self.process else True

    def result(self) -> Answer:
        """What the function gives; what went wrong in the fork shows itself here, where the work is done again."""
        self._leave()
        with self.content, suppress(EOFError, pickle.UnpicklingError):
            self.content.seek(0)
            answer: Answer = pickle.load(self.content)
            return answer
        return self.here()

    def stop(self) -> None:
        """Nobody wants the result any more."""
        if self.process:
            os.kill(self.process, signal.SIGKILL)
        self._leave()
        self.content.close()

    def _leave(self) -> None:
        if self.process:
            os.waitpid(self.process, 0)
            os.close(self.end)
        self.process = 0


def wait_for_one(forks: Iterable[Fork[Any]]) -> None:
    """Until at least one of them is over."""
    wait([fork.end for fork in forks])


def _forked(work: Callable[[], Any]) -> tuple[int, BinaryIO, int]:
    """The process, the file that it writes what the work gives to, and a pipe that closes when it ends."""
    content = os.fdopen(os.memfd_create("result"), "w+b")
    end, open_until_then = os.pipe()
    with warnings.catch_warnings():
        # It warns of threads: those of numerical libraries, which are not called.
        warnings.simplefilter("ignore", DeprecationWarning)
        parent, process = os.getpid(), os.fork()
    if process:
        os.close(open_until_then)
        return process, content, end
    try:
        os.close(end)
        _end_with(parent)
        gc.freeze()  # looking for garbage would copy all that is shared
        with content:
            pickle.dump(work(), content)
    finally:
        os._exit(0)


def _end_with(parent: int) -> None:
    """Let Linux kill this process when that one ends, however that ends."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(0)
