"""What a run takes to another machine: the files of classes from outside of seqbench, and where the driver stands."""

import hashlib
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
        Elsewhere they are laid out once for all processes: one that is killed clears nothing away.
        """
        with suppress(OSError):
            os.chdir(self.folder)
        places = sorted({folder for folder, *_ in self.files}, key=self._order)
        whole = None if self._is_here() else self._laid_out(_scratch())
        sys.path[:0] = [str(whole / _flat(place)) if whole else place for place in places]
        sys.path += [place for place in self.path if place not in sys.path]

    def _order(self, place: str) -> int:
        """As the driver looks into them."""
        return self.path.index(place) if place in self.path else len(self.path)

    def _is_here(self) -> bool:
        return all(_content(Path(folder) / name) == content for folder, name, content in self.files)

    def _laid_out(self, scratch: Path) -> Path:
        """A folder with the files, each place in one of its own."""
        whole = scratch / hashlib.sha256(repr(self.files).encode()).hexdigest()[:16]
        if not whole.is_dir():
            scratch.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=scratch, ignore_cleanup_errors=True) as begun:
                part = Path(begun) / "part"
                for place, name, content in self.files:
                    file = part / _flat(place) / name
                    file.parent.mkdir(parents=True, exist_ok=True)
                    file.write_bytes(content)
                with suppress(OSError):  # another process has done it
                    part.rename(whole)
        return whole


def _scratch() -> Path:
    """A folder of this machine that goes with what else Ray leaves behind there."""
    from ray._private import worker

    return Path(worker._global_node.get_session_dir_path()) / "seqbench"


def _flat(place: str) -> str:
    return place.strip(os.sep).replace(os.sep, "-")


def _content(file: Path) -> bytes | None:
    try:
        return file.read_bytes()
    except OSError:
        return None
