"""A process of the tests that takes signals as a command does, and is itself again afterwards."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from seqbench.executors import interrupts


@contextmanager
def as_a_command(monkeypatch: pytest.MonkeyPatch, patience: float = 60.0) -> Iterator[None]:
    """Within, `interrupts.catch` may be called; the process is not ended before so many seconds have passed."""
    monkeypatch.setattr(interrupts, "PATIENCE", patience)
    hook = sys.unraisablehook
    try:
        with as_from_a_shell():
            yield
    finally:
        sys.unraisablehook = hook
        interrupts.call_off()
        interrupts._noted.clear()
        interrupts._settled.clear()
        interrupts._commanded.clear()


@contextmanager
def as_from_a_shell() -> Iterator[None]:
    """Within, hangups are not ignored, as in a process that `nohup` started; afterwards all handlers are as before."""
    before = {number: signal.getsignal(number) for number in interrupts.SIGNALS}
    if before.get(signal.SIGHUP) is signal.SIG_IGN:
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
