"""A report on the disk is whole or not there: its manifest comes last and has a checksum of every other file."""

import json
import os
import re
import sys
from collections.abc import Iterable, Mapping
from itertools import count
from pathlib import Path
from shutil import rmtree
from typing import Any

from seqbench.config import whole
from seqbench.config.cache import sha256
from seqbench.config.locks import Lock
from seqbench.record.store import Unavailable

MANIFEST, PAGE = "manifest.json", "index.html"
FILES = "files"
"""Where the checksums stand in the manifest."""
_NAME = re.compile(r"(figures/)?[^/]+")


def checksums(content: Mapping[str, bytes]) -> dict[str, str]:
    """What the manifest says of these files."""
    return {name: sha256(content[name]) for name in sorted(content)}


def write(content: Mapping[str, bytes], manifest: Mapping[str, object], folder: Path) -> None:
    """Put the files of a report and then its manifest into `folder`, and take away what is left of an earlier one.

    Only what the manifest of the earlier one lists, as it was written then, is taken away: all else is somebody's own.
    Raises Unavailable.
    """
    text = json.dumps(manifest, indent=1, ensure_ascii=False) + "\n"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with Lock(folder.resolve(), "report"):
            for unfinished in folder.glob(f"{whole.UNFINISHED}*"):
                rmtree(unfinished, ignore_errors=True)
            earlier = _listed(_read(folder))
            _make_way({*content, MANIFEST}, folder)
            whole.write({**content, MANIFEST: text.encode()}, folder)
            for name in earlier.keys() - content.keys():
                if _is(earlier[name], folder / name):
                    (folder / name).unlink()
    except OSError as error:
        raise Unavailable(f"the report cannot be written to {folder} ({error.strerror or error})") from error


def whole_in(folder: Path) -> Mapping[str, Any]:
    """The manifest of the report in `folder`, if each of its files is there as it was written; else an empty one."""
    manifest = _read(folder)
    files = _listed(manifest)
    return manifest if PAGE in files and all(_is(files[name], folder / name) for name in files) else {}


def _read(folder: Path) -> Mapping[str, Any]:
    """The manifest in `folder`; an empty one where there is none, or none of ours."""
    try:
        file = folder / MANIFEST
        found = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    except (OSError, ValueError, RecursionError):
        found = {}
    return found if isinstance(found, dict) else {}


def _listed(manifest: Mapping[str, object]) -> dict[str, str]:
    """The files of a report with their checksums; nothing that could not be one of its files."""
    files = manifest.get(FILES)
    pairs = files.items() if isinstance(files, dict) else ()
    return {name: checksum for name, checksum in pairs if _NAME.fullmatch(name) and isinstance(checksum, str)}


def _is(checksum: str, file: Path) -> bool:
    """Whether a file has this checksum."""
    try:
        return file.is_file() and sha256(file.read_bytes()) == checksum
    except OSError:  # it cannot be read
        return False


def _make_way(names: Iterable[str], folder: Path) -> None:
    """A folder where a file of the report goes is somebody's own, and so is a file where a folder goes."""
    for place in (folder / name for name in names):
        if os.path.lexists(place.parent) and not place.parent.is_dir():
            _set_aside(place.parent)
        if place.is_dir() and not place.is_symlink():
            _set_aside(place)


def _set_aside(place: Path) -> None:
    """Under a name that is free."""
    others = (place.with_name(f"{place.name}.{number}") for number in count(1))
    other = place.rename(next(other for other in others if not os.path.lexists(other)))
    print(f"seqbench: {place} was in the way of the report and is now {other}", file=sys.stderr)
