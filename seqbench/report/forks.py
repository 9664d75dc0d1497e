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
from collections.abc import Callable
from contextlib import suppress
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
        self.process: int
        self.pipe: BinaryIO
        self.process, self.pipe = _forked(self.here) if cores() > 1 else (0, io.BytesIO())

    def result(self) -> Answer:
        """What the function gives; what went wrong in the fork shows itself here, where the work is done again."""
        with self.pipe:
            content = self.pipe.read()
        if self.process:
            os.waitpid(self.process, 0)
        with suppress(EOFError, pickle.UnpicklingError):
            answer: Answer = pickle.loads(content)
            return answer
        return self.here()


def _forked(work: Callable[[], Any]) -> tuple[int, BinaryIO]:
    """The process, and the pipe through which it sends what the work gives."""
    reader, writer = os.pipe()
    gc.freeze()  # in the fork, where looking for garbage would copy all that is shared
    with warnings.catch_warnings():
        # It warns of threads: those of numerical libraries, which are not called.
        warnings.simplefilter("ignore", DeprecationWarning)
        parent, process = os.getpid(), os.fork()
    if process:
        gc.unfreeze()
        os.close(writer)
        return process, os.fdopen(reader, "rb")
    try:
        os.close(reader)
        _end_with(parent)
        with os.fdopen(writer, "wb") as pipe:
            pickle.dump(work(), pipe)
    finally:
        os._exit(0)


def _end_with(parent: int) -> None:
    """Let Linux kill this process when that one ends, however that ends."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(0)
