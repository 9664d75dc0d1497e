"""What a run takes to another machine: the files of classes from outside of seqbench, and where the driver stands."""

import functools
import os
import sys
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from seqbench.config.source import files_behind, is_ours
from seqbench.plan import RunSpec


@dataclass(frozen=True)
class Luggage:
    """The working folder and the path of the driver, and files: a folder to import from, a place in it, a text."""

    folder: str
    path: tuple[str, ...]
    files: tuple[tuple[str, str, bytes], ...]

    @classmethod
    def of(cls, runs: Iterable[RunSpec]) -> "Luggage":
        """What these runs need."""
        targets = {part.target for run in runs for part in (run.task, run.model) if not is_ours(part.target)}
        files = {(str(folder), name, text) for target in targets for folder, name, text in files_behind(target)}
        return cls(str(Path.cwd()), tuple(map(os.path.abspath, sys.path)), tuple(sorted(files)))

    def unpack(self) -> None:
        """Make the classes importable in this process, which stands where the driver stands if there is such a folder.

        Where a machine has the very same files in the same places, they are used there, beside whatever they read.
        """
        with suppress(OSError):
            os.chdir(self.folder)
        places = {folder for folder, *_ in self.files}
        sys.path[:0] = sorted(places if self._is_here() else {self._unpacked(place) for place in places})
        sys.path += [place for place in self.path if place not in sys.path]

    def _is_here(self) -> bool:
        return all(_content(Path(folder) / name) == content for folder, name, content in self.files)

    def _unpacked(self, place: str) -> str:
        """A folder of this process with the files that lie in that place."""
        unpacked = Path(_scratch().name) / place.strip(os.sep).replace(os.sep, "-")
        for folder, name, content in self.files:
            if folder == place:
                (unpacked / name).parent.mkdir(parents=True, exist_ok=True)
                (unpacked / name).write_bytes(content)
        return str(unpacked)


@functools.cache
def _scratch() -> "tempfile.TemporaryDirectory[str]":
    return tempfile.TemporaryDirectory(prefix="seqbench-", ignore_cleanup_errors=True)


def _content(file: Path) -> bytes | None:
    try:
        return file.read_bytes()
    except OSError:
        return None
