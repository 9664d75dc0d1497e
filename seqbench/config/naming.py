"""Errors of the system that say which file they are about: a write that fails does not know its file."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def of(file: Path) -> Iterator[None]:
    """Within, an error that names no file, or only a scratch one, names this."""
    try:
        yield
    except OSError as error:
        error.filename = str(file)
        raise
