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
    before = {number: signal.getsignal(number) for number in interrupts.SIGNALS}
    hook = sys.unraisablehook
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        sys.unraisablehook = hook
        interrupts._noted.clear()
        interrupts._commanded.clear()
