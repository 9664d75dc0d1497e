"""What a child prints: enough to look for a fault with, and not so much that it buries what others have to say."""

import sys
from collections.abc import Iterable
from contextlib import suppress
from typing import Any, TextIO

#: Characters that each child may print to each of its two streams.
MOST = 1_000_000


class Bounded:
    """A stream that takes so many characters and says once that it takes no more.

    One that cannot be written to, such as a pipe that nobody reads, is no reason for a run to fail.
    """

    def __init__(self, stream: TextIO, most: int = MOST) -> None:
        self._stream, self._left = stream, most

    def write(self, text: str) -> int:
        """All that was given counts as written."""
        if self._left > 0:
            more = text if len(text) < self._left else f"{text[: self._left]}\nseqbench: a worker prints no more\n"
            self._left -= len(text)
            with suppress(OSError, ValueError):
                self._stream.write(more)
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        """One after the other."""
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        """As far as that is possible."""
        with suppress(OSError, ValueError):
            self._stream.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def bound() -> None:
    """From now on for this process."""
    sys.stdout, sys.stderr = Bounded(sys.stdout), Bounded(sys.stderr)
