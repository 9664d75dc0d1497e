"""Child processes on this machine. Where the platform has it, a server forks them that has imported torch for all."""

import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection, wait
from types import ModuleType

from seqbench.executors import interrupts, printing

FORKED = "forkserver" in multiprocessing.get_all_start_methods()
_CONTEXT = multiprocessing.get_context("forkserver") if FORKED else multiprocessing.get_context("spawn")
#: What a starting child sees of this process is set for a moment, by one thread at a time.
_STARTING = threading.RLock()
#: What a terminal sends to all its processes.
_FROM_TERMINALS = {signal.SIGINT, getattr(signal, "SIGHUP", signal.SIGINT)}
#: Children run side by side, so that more threads would only get in each other's way.
_ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
#: Seconds between the attempts to start a child.
PAUSES = (0.1, 1.0)
#: What multiprocessing takes for the exit code of a child whose server has died before it.
LOST = 255
#: Seconds that children have to end once they are told to, and once they are killed: who waits for a disk may never.
GRACE, AFTER_KILL = 5.0, 1.0
#: How they are told: one that is stopped goes on first, or it would not notice. Windows has one way for all.
_ENDING = [getattr(signal, name) for name in ("SIGTERM", "SIGCONT") if hasattr(signal, name)]
_KILLING = getattr(signal, "SIGKILL", signal.SIGTERM)


def start_server() -> None:
    """Start the server unless it is running; it imports meanwhile, nobody waits for it. All of a process share one."""
    if not FORKED:
        return
    from multiprocessing import forkserver, resource_tracker

    interrupts.end_too(stop_server)
    resource_tracker.ensure_running()  # first: it unblocks interrupts
    # The server finds modules where this process does, and a folder that happens to be the working one hides none.
    path = os.pathsep.join(map(os.path.abspath, sys.path))
    settings = {"PYTHONPATH": path, "PYTHONSAFEPATH": "1", **_ONE_THREAD}
    with _STARTING, _environment(settings), _interrupts_blocked():
        forkserver.set_forkserver_preload(["seqbench.executors.preloaded"])
        forkserver.ensure_running()


def stop_server() -> None:
    """End the server, for a command that ends: it would import to the end first, and keep standard output open."""
    if not FORKED:
        return
    from multiprocessing import forkserver

    running = forkserver._forkserver._forkserver_pid  # type: ignore[attr-defined]
    if running is not None:
        with suppress(ProcessLookupError):
            os.kill(running, _KILLING)


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
        stop_all([self])

    def tell(self, number: int) -> None:
        """Send it a signal, if it is alive."""
        if self.process.is_alive() and self.process.pid:
            with suppress(ProcessLookupError):
                os.kill(self.process.pid, number)

    def leave(self) -> None:
        """Close what connects with it, once it has ended or nothing more can be done."""
        self.exitcode = self.process.exitcode
        self.connection.close()
        if self.exitcode == LOST:
            self.process.close()  # which looks to the child like the end of its parent


def stop_all(children: Sequence[Child]) -> None:
    """End processes together, whatever they do; those that take seconds, or all after a second signal, are killed."""
    for number in _ENDING:
        for child in children:
            child.tell(number)
    _wait_for(children, GRACE, until=interrupts.at_once)
    for child in children:
        child.tell(_KILLING)
    _wait_for(children, AFTER_KILL)
    for child in children:
        child.leave()


def _wait_for(children: Sequence[Child], seconds: float, until: Callable[[], bool] = lambda: False) -> None:
    deadline = time.monotonic() + seconds
    while living := [child.process.sentinel for child in children if child.process.is_alive()]:
        if until() or time.monotonic() > deadline:
            return
        wait(living, interrupts.TICK)


def _live(work: Callable[[Connection], None], connection: Connection, environment: Mapping[str, str]) -> None:
    """A child's life. What ends a command is not for it: the driver ends its children in order."""
    for number in _FROM_TERMINALS:
        signal.signal(number, signal.SIG_IGN)
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
    """What is started here sees neither Ctrl-C nor a hangup, nor do its children; this process sees them afterwards."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _FROM_TERMINALS)
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
