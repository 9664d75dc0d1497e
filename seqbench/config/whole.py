"""Files that are whole or not there: written beside their places and renamed."""

import tempfile
from collections.abc import Mapping
from pathlib import Path

from seqbench.config import naming

UNFINISHED = ".seqbench-unfinished-"
"""What a folder begins with that somebody was stopped in writing to."""


def write(content: Mapping[str, bytes], folder: Path) -> None:
    """Put files into `folder`, by their places in it: once all of them are written, one after the other.

    Raises OSError.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=UNFINISHED) as unfinished:
        for name, one in content.items():
            with naming.of(folder / name):
                _beneath(Path(unfinished), name).write_bytes(one)
        for name in content:
            Path(unfinished, name).replace(_beneath(folder, name))


def _beneath(folder: Path, name: str) -> Path:
    """The place of a file, in a folder that is there."""
    place = folder / name
    place.parent.mkdir(parents=True, exist_ok=True)
    return place
