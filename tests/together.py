"""What takes long is made once for all processes that the tests run in."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock


def once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """The folder of this name, which whoever comes first fills."""
    own = factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / name
    unfinished = folder.with_name(f"{name}-unfinished")
    with FileLock(f"{folder}.lock"):
        if not folder.exists():
            make(unfinished)
            unfinished.rename(folder)
    return folder
