"""Child processes on this machine. Where the platform has it, a server forks them that has imported torch for all."""

import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from multiprocessing.connection import Connection, wait
from types import ModuleType

from seqbench.executors import printing

FORKED = "forkserver" in multiprocessing.get_all_start_methods()
_CONTEXT = multiprocessing.get_context("forkserver") if FORKED else multiprocessing.get_context("spawn")
#: What a starting child sees of this process is set for a moment, by one thread at a time.
_STARTING = threading.RLock()
#: Children run side by side, so that more threads would only get in each other's way.
_ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
#: Seconds between the attempts to start a child.
PAUSES = (0.1, 1.0)
#: What multiprocessing takes for the exit code of a child whose server has died before it.
LOST = 255


def start_server() -> None:
    """Start the server unless it is running; it imports meanwhile, nobody waits for it. All of a process share one."""
    if not FORKED:
        return
    from multiprocessing import forkserver, resource_tracker

    resource_tracker.ensure_running()  # first: it unblocks interrupts
    # The server finds modules where this process does, and a folder that happens to be the working one hides none.
    path = os.pathsep.join(map(os.path.abspath, sys.path))
    settings = {"PYTHONPATH": path, "PYTHONSAFEPATH": "1", **_ONE_THREAD}
    with _STARTING, _environment(settings), _interrupts_blocked():
        forkserver.set_forkserver_preload(["seqbench.executors.preloaded"])
        forkserver.ensure_running()


class Child:
    """A process that carries out `work`, a function of a module, with its end of a pipe; here is the other end.

    It ends when this process does, however that ends.
    """

    def __init__(self, work: Callable[[Connection], None]) -> None:
        self.connection, remote = _CONTEXT.Pipe()
        self.exitcode: int | None = None
        try:
            with _without_script():
                self.process = _CONTEXT.Process(target=_live, args=(work, remote, dict(os.environ)), daemon=True)
                self._start()
        except BaseException:
            self.connection.close()
            raise
        finally:
            remote.close()

    def _start(self) -> None:
        """Again, if the server dies in this very moment: once it counts as dead, there is a new one."""
        for pause in (*PAUSES, None):
            try:
                start_server()
                self.process.start()
                break
            except (EOFError, OSError) as error:
                if pause is None:
                    raise RuntimeError(f"no worker process can be started: {error}") from error
                time.sleep(pause)

    @property
    def is_gone(self) -> bool:
        """Whether it has ended, or has lost the server, which alone would tell of its end."""
        return not self.process.is_alive()

    def stop(self) -> None:
        """End the process, whatever it is doing; kill it if it does not end within seconds."""
        self.process.terminate()
        self.process.join(5)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()
        self.exitcode = self.process.exitcode
        self.connection.close()
        if self.exitcode == LOST:
            self.process.close()  # which looks to the child like the end of its parent


def _live(work: Callable[[Connection], None], connection: Connection, environment: Mapping[str, str]) -> None:
    """A child's life. Ctrl-C is not for it: the driver ends its children in order."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ.clear()  # it is that of the server, from when that was started
    os.environ.update(environment)
    printing.bound()
    threading.Thread(target=_end_with_parent, daemon=True).start()
    work(connection)


def _end_with_parent() -> None:
    """The parent is the process that asked for this one, not the server that forked it."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    wait([parent.sentinel])
    os._exit(1)


@contextmanager
def _interrupts_blocked() -> Iterator[None]:
    """What is started here does not see Ctrl-C, and forks children that do not; this process sees it afterwards."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _environment(settings: Mapping[str, str]) -> Iterator[None]:
    """What is started here has these settings in its environment."""
    before = {key: os.environ.get(key) for key in settings}
    os.environ.update(settings)
    try:
        yield
    finally:
        for key, value in before.items():
            if value is None:
                del os.environ[key]
            else:
                os.environ[key] = value


@contextmanager
def _without_script() -> Iterator[None]:
    """Children started here do not import the script that the driver runs in.

    They would, to find functions that it defines, and start a sweep in it again where no `if __name__ == "__main__"`
    stands before it. What they carry out lies in modules.
    """
    with _STARTING:
        script = sys.modules["__main__"]
        sys.modules["__main__"] = ModuleType("__main__")
        try:
            yield
        finally:
            sys.modules["__main__"] = script
