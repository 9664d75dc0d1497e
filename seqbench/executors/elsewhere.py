"""Questions that a child process answers, so that what they import or break does not touch this one."""

import pickle
import signal
import traceback
from collections.abc import Callable
from contextlib import closing
from multiprocessing.connection import Connection
from pickle import UnpicklingError

from seqbench.config import message
from seqbench.executors.base import Answer, Given, WorkerLost
from seqbench.executors.children import Child
from seqbench.executors.interrupts import wait

#: How often a run or a question may take its process with it before it counts as failed.
ATTEMPTS = 2


class Elsewhere:
    """One process for all questions, begun with the first; it is followed by another if it dies."""

    def __init__(self) -> None:
        self.child: Child | None = None

    def ask(self, function: Callable[[*Given], Answer], *given: *Given) -> Answer:
        """What the function gives or raises there. Raises WorkerLost if the process dies as often as a run may."""
        exitcode: int | None = None
        for _ in range(ATTEMPTS):
            child = self.child = self.child or Child(_answer)
            try:
                child.connection.send((function, given))
                wait([child.connection])
                answer, error = child.connection.recv()
            except (EOFError, OSError, UnpicklingError):
                child.process.join(1)  # to learn how it ended by itself
                self.close()
                exitcode = child.exitcode
                continue
            except BaseException:  # an answer that nobody waited for would be taken for the next one
                self.close()
                raise
            if error is not None:
                raise error
            result: Answer = answer
            return result
        raise WorkerLost(died(ATTEMPTS, by_exit(exitcode)))

    def close(self) -> None:
        """End the process."""
        if self.child is not None:
            self.child.stop()
            self.child = None


def in_a_child(function: Callable[[*Given], Answer], *given: *Given) -> Answer:
    """What the function gives or raises there, asked once. Raises WorkerLost as `Elsewhere.ask` does."""
    with closing(Elsewhere()) as place:
        return place.ask(function, *given)


def died(times: int, how: str) -> str:
    """How the processes of a run or a question ended: "its worker died 2 times, last with exit code -11 (SIGSEGV)"."""
    return f"its worker died {times} times, last {how}"


def by_exit(exitcode: int | None) -> str:
    """How one that ended by itself did: "with exit code -11 (SIGSEGV)"."""
    by_signal = exitcode is not None and -exitcode in {*signal.Signals}
    return f"with exit code {exitcode}" + (f" ({signal.Signals(-exitcode).name})" if by_signal and exitcode else "")


def _answer(connection: Connection) -> None:
    """Receive functions with their arguments; of what each gives and raises, one is None."""
    try:
        while True:
            function, given = connection.recv()
            try:
                connection.send((function(*given), None))
            except Exception as raised:  # also an answer that cannot be sent
                raised.add_note(traceback.format_exc())
                connection.send((None, _sendable(raised)))
            except BaseException as raised:  # nobody interrupts a child: it is foreign code that would end it
                connection.send((None, WorkerLost(message(raised))))
    except (EOFError, OSError):
        pass


def _sendable(error: Exception) -> Exception:
    """The error, or one with its words where it does not survive the way."""
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:
        return RuntimeError(f"{type(error).__name__}: {message(error)}")
    return error
