"""Signals are data: they are noted, and what a signal is to end looks for them where it can be left.

An exception out of a handler may come in the midst of anything: within a callback it is lost, and between the making of
a run and its entry in a list it leaves the run behind.
"""

import atexit
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any

#: What a person or a scheduler ends a command with; all are alike.
SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
#: Seconds between two looks for a signal.
TICK = 0.2
#: Seconds that a command has left to end in good order once it is to end at once.
PATIENCE = 2.0
#: How a command ends that was interrupted, and what a sweep says of it.
CODE, INTERRUPTED = 130, "seqbench: interrupted"
LAST_WORDS = f"{INTERRUPTED}; the same command goes on where this one stopped"

_noted: list[int] = []
#: The line with which this command ends if it is interrupted, and its code once that is settled.
_words, _settled = [LAST_WORDS], list[int]()
#: Whether this process is a command, and not a script or a notebook that goes on.
_commanded = threading.Event()
#: Whether it is a worker that others have started.
_unattended = threading.Event()
#: Who holds it has the last word.
_ending = threading.Lock()
#: What ends this command soon, whatever it does.
_timers = list[threading.Timer]()
#: What ends with this process however it ends; nothing in it waits.
_companions = list[Callable[[], None]]()


def catch() -> None:
    """For commands: from now on a signal raises KeyboardInterrupt, where it is not only noted.

    Whatever that comes to, the process ends with code 130 within `PATIENCE`, or at a second signal, with a last line.
    """
    _noted.clear()
    call_off()
    _commanded.set()
    if _ending.locked():
        _ending.release()
    sys.unraisablehook = _told_unless_interrupted
    _install(_raise)


def catch_at_once(words: str) -> None:
    """For the first line of a process that is a command: until it begins anything, a signal ends it with these words.

    What is registered first is carried out last: beyond it, Python would give signals their default effect again.
    """
    _words[:] = [words]
    catch()
    _install(lambda *_: _end())
    atexit.register(_leave)
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=_be_no_command)


def end_too(end: Callable[[], None]) -> None:
    """Call this when the process ends, even where it ends at once, so that nothing which it has started outlives it."""
    if end not in _companions:
        _companions.append(end)


def begin() -> None:
    """What follows is to be left in order: where this process is a command, as `catch`."""
    if _commanded.is_set():
        catch()


def concluded(outcome: Callable[[], tuple[int, Iterable[str]]], words: str) -> int:
    """Settle the code and the lines that this comes to, and give the code; these words if it is interrupted."""
    try:
        code, lines = outcome()
        settle(code, lines)
    except KeyboardInterrupt:  # once: a second signal ends a command
        code = CODE
        settle(code, [words])
    return code


def settle(code: int, lines: Iterable[str]) -> None:
    """Nothing is left to be interrupted: say the last lines; a signal then only hastens the end, with this code."""
    if _commanded.is_set():
        _install(lambda *_: None)
        _ending.acquire(timeout=PATIENCE)  # and keep it: no timer has the last word any more
    with suppress(OSError, ValueError):  # where the terminal is gone, too
        for line in lines:
            print(line, file=sys.stderr)
        sys.stdout.flush()
    if _commanded.is_set():
        _settled[:] = [code]
        _install(lambda *_: _exit(code))


@contextmanager
def only_noted() -> Iterator[None]:
    """Within, a signal interrupts nothing until it is looked for; at the end, it raises KeyboardInterrupt."""
    try:
        with _handled(_note):
            yield
    finally:
        if _noted:
            if not _commanded.is_set():
                _noted.clear()  # what comes after is not concerned
            raise KeyboardInterrupt


@contextmanager
def raised() -> Iterator[None]:
    """Within `only_noted`, around what writes nothing and may take long: signals raise KeyboardInterrupt at once."""
    check()
    with _handled(_raise):
        yield


def check() -> None:
    """Raise KeyboardInterrupt if a signal was noted."""
    if _noted:
        raise KeyboardInterrupt


def may_be_a_person() -> bool:
    """Whether KeyboardInterrupt may come of a signal: not in a child, which takes none, nor where they are noted."""
    from multiprocessing import parent_process  # takes its time, which a signal should not meet us in

    reachable = parent_process() is None and not _unattended.is_set()
    return bool(_noted) or (reachable and signal.getsignal(signal.SIGINT) is not _note)


def unattended() -> None:
    """For a worker that is no child of the driver: no signal to it is a person's."""
    _unattended.set()


def at_once() -> bool:
    """Whether there was a second signal: nothing is waited for any more."""
    return len(_noted) > 1


def wait(objects: Sequence[Any], seconds: float | None = None) -> list[Any]:
    """As `multiprocessing.connection.wait`; raises KeyboardInterrupt as soon as a signal is noted."""
    from multiprocessing import connection  # takes its time, which a signal should not meet us in

    end = None if seconds is None else time.monotonic() + seconds
    while True:
        check()
        left = TICK if end is None else min(TICK, end - time.monotonic())
        ready = connection.wait(objects, max(left, 0))
        if ready or left <= 0:
            return ready


def renew() -> None:
    """Put the handlers of signals back, beneath which a library may have put its own."""
    if threading.current_thread() is threading.main_thread():
        for number in SIGNALS:
            if (handler := signal.getsignal(number)) is not None:  # one that Python knows
                signal.signal(number, handler)


def _note(number: int, _: FrameType | None) -> None:
    _noted.append(number)
    if len(_noted) == 2:
        _end_soon()


def _raise(number: int, _: FrameType | None) -> None:
    _noted.append(number)
    if at_once() and _commanded.is_set():
        _end()
    _end_soon()
    raise KeyboardInterrupt


def _end_soon() -> None:
    if _commanded.is_set():
        timer = threading.Timer(PATIENCE, _end)
        timer.daemon = True
        _timers.append(timer)
        timer.start()


def call_off() -> None:
    """A command that this process has been is over: no timer of it ends what the process is now."""
    while _timers:
        _timers.pop().cancel()


def _end() -> None:
    """Without a way back: buffers may be in use, so the line goes past them."""
    if _ending.acquire(blocking=False):
        with suppress(OSError):
            os.write(2, f"{_words[0]}\n".encode())
        _exit(CODE)


def _exit(code: int) -> None:
    for end in _companions:
        end()
    os._exit(code)


def _be_no_command() -> None:
    """A fork of a command ends without a word: that is said once."""
    _commanded.clear()
    _settled.clear()
    _companions.clear()
    _install(lambda *_: os._exit(CODE))


def _leave() -> None:
    """End the process, if it is settled how; all else that was to be done at its end is done."""
    if _settled:
        with suppress(OSError, ValueError):
            sys.stdout.flush()
        _exit(_settled[0])


def _told_unless_interrupted(lost: Any) -> None:
    """What a callback loses is noted all the same, and no news."""
    if lost.exc_type is not KeyboardInterrupt:
        sys.__unraisablehook__(lost)


@contextmanager
def _handled(handler: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    """Python has handlers in its main thread alone; elsewhere nothing changes."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = _install(handler)
    try:
        yield
    finally:
        for number, one in before.items():
            signal.signal(number, one)


def _install(handler: Callable[[int, FrameType | None], None]) -> dict[int, Any]:
    """Gives the handlers before. A hangup that is ignored stays so: `nohup` asks for that."""
    before = {number: signal.getsignal(number) for number in SIGNALS}
    kept = [
        number for number, one in before.items() if one is None or (number != signal.SIGINT and one is signal.SIG_IGN)
    ]
    for number in before.keys() - kept:
        signal.signal(number, handler)
    return {number: one for number, one in before.items() if number not in kept}
