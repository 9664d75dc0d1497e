"""Arrays of word ids, kept in files and used from there: many processes may ask for the same one at once.

What is kept under a key is an array and a description of it. Every entry is checked against its checksums when it is
opened; one that is not whole is made again. The folder may be deleted at any time.
"""

import hashlib
import json
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import UInt

from seqbench.config import naming
from seqbench.config.cache import VARIABLE, folder, sealed, unsealed
from seqbench.config.locks import Lock


class Entry(NamedTuple):
    """What is kept: ids, mapped into memory and read-only, and whatever was said about them (JSON)."""

    description: dict[str, Any]
    ids: UInt[np.ndarray, " words"]


#: The pieces of an array in order, and what gives their description once they are all drawn.
Recipe = tuple[Iterable[UInt[np.ndarray, " words"]], Callable[[], dict[str, Any]]]


def kept(key: str, make: Callable[[], Recipe]) -> Entry:
    """The entry under `key`; where there is none that is whole, it is made, by one process at a time.

    Nothing of it is written before `make` returns. Raises ValueError if the folder cannot be written.
    """
    entry = _load(key)
    if entry is not None:
        return entry
    lock = Lock(folder() / key, "make")
    with _refused():
        lock.take(-1)
    try:
        entry = _load(key)  # another process may have made it meanwhile
        if entry is None:
            recipe = make()
            with _refused():
                _save(key, *recipe)
            entry = _load(key)
    finally:
        lock.give()
    assert entry is not None, "an entry that was just written must load"
    return entry


@contextmanager
def _refused() -> Iterator[None]:
    """Within, what cannot be written raises ValueError."""
    try:
        yield
    except OSError as error:
        reason = f"the cache {folder()} cannot be written ({error.strerror})"
        raise ValueError(f"{reason}; set {VARIABLE} to a folder with free space that can") from error


def _files(place: Path, key: str) -> tuple[Path, Path]:
    return place / f"{key}.ids", place / f"{key}.json"


def _load(key: str) -> Entry | None:
    """None for whatever `_save` did not write under this key, in whole."""
    ids, sheet = _files(folder(), key)
    try:
        content = unsealed(sheet.read_bytes())
        if content is None:
            return None
        about = json.loads(content)
        with ids.open("rb") as file:
            whole = hashlib.file_digest(file, "sha256").hexdigest()
        if (about["key"], about["ids"]) != (key, whole):
            return None
        return Entry(about["description"], np.memmap(ids, dtype=about["dtype"], mode="r"))
    except OSError:
        return None


def _save(key: str, pieces: Iterable[np.ndarray], describe: Callable[[], dict[str, Any]]) -> None:
    """Both files under another name first, then in place; the sheet last, because it vouches for the ids."""
    folder().mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder(), prefix="unfinished-") as unfinished:
        ids, sheet = _files(Path(unfinished), key)
        digest, dtype = hashlib.sha256(), ""
        with naming.of(folder() / ids.name), ids.open("wb") as file:
            for piece in pieces:
                dtype = piece.dtype.str
                digest.update(piece.tobytes())
                file.write(piece.tobytes())
        about = {"key": key, "ids": digest.hexdigest(), "dtype": dtype, "description": describe()}
        sheet.write_bytes(sealed(json.dumps(about, ensure_ascii=False).encode()))
        for made, place in zip((ids, sheet), _files(folder(), key), strict=True):
            made.replace(place)
