"""Which text is read, and reading it in a stream: no more than a chunk of it is held at a time."""

import codecs
import hashlib
import io
import os
import platform
import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

#: A file of a folder is text if its name ends so.
SUFFIXES = (".txt", ".text", ".md", ".rst")
#: Stands between two documents: a paragraph's end.
JOINT = "\n\n"
#: Bytes read at a time.
CHUNK = 2**20


@dataclass(frozen=True)
class Text:
    """Documents in a fixed order: files, or bytes in memory.

    `sha256` identifies their content, whatever they are called; `characters` counts it as `stream` yields it.
    """

    name: str
    documents: tuple[Path | bytes, ...]
    sha256: str
    characters: int

    def stream(self, chunk: int = CHUNK) -> Iterator[str]:
        """The characters of all documents, `JOINT` between two, line ends as `\\n`, in strings of at most a chunk."""
        for index, document in enumerate(self.documents):
            if index:
                yield JOINT
            yield from _decoded(document, chunk)

    def changed(self, chunk: int = CHUNK) -> bool:
        """Whether the documents now hold something else than when they were first read."""
        return _scanned(self.name, self.documents, chunk) != self


def read(path: str | None = None, chunk: int = CHUNK) -> Text:
    """The text at `path`, read once to the end; without a path, the documentation that comes with this Python.

    `path` names a UTF-8 file, a folder (its files that end in `SUFFIXES`, recursively, sorted by name, hidden and empty
    ones left out), or several of both with `os.pathsep` between them, as in PATH.
    Raises ValueError if something named is missing, empty, named twice or not UTF-8 (with the offset of the first bad
    byte), or if a folder holds no text.
    """
    if path is None:
        return _scanned(f"the documentation of Python {platform.python_version()}", documentation(), chunk)
    return _scanned(path, _files(path), chunk)


def documentation() -> tuple[bytes, ...]:
    """The topics of `pydoc_data`, in order of their names, each paragraph once.

    Topics repeat sections of one another, a fifth of the whole, and a test on what stood in the training part would be
    no test. A paragraph that recurs stays in the longest topic, where it has its context.
    """
    from pydoc_data.topics import topics  # half a megabyte, and only the default text needs it

    seen: set[str] = set()
    kept: dict[str, str] = {}
    for topic in sorted(topics, key=lambda topic: (-len(topics[topic]), topic)):
        new = []
        for paragraph in re.split(r"\n\s*?\n", topics[topic]):
            if paragraph.strip() not in seen:
                seen.add(paragraph.strip())
                new.append(paragraph.rstrip())
        kept[topic] = JOINT.join(new)
    return tuple(kept[topic].encode() for topic in sorted(kept) if kept[topic].strip())


def _files(path: str) -> tuple[Path, ...]:
    named = [path] if _exists(path) else path.split(os.pathsep)
    files = tuple(file for name in named for file in _files_of(name))
    times = Counter(file.resolve() for file in files)
    for file in files:
        if times[file.resolve()] > 1:
            raise ValueError(f"path={path!r} names {str(file)!r} twice: the test would ask for what was trained on")
    return files


def _files_of(name: str) -> list[Path]:
    place = Path(name)
    if not name or not _exists(name):
        raise ValueError(
            f"path={name!r} does not exist; name a file or a folder of text, or several with {os.pathsep!r}"
        )
    if place.is_file():
        if place.stat().st_size == 0:
            raise ValueError(f"path={name!r} is empty; name a file of text")
        return [place]
    if not place.is_dir():
        raise ValueError(f"path={name!r} is neither a file nor a folder")
    found = {file.relative_to(place): file for file in place.rglob("*") if file.suffix.lower() in SUFFIXES}
    shown = {short: file for short, file in found.items() if not any(part.startswith(".") for part in short.parts)}
    files = [shown[short] for short in sorted(shown, key=Path.as_posix) if _holds_something(shown[short])]
    if not files:
        raise ValueError(f"path={name!r} is a folder without text; files that end in {', '.join(SUFFIXES)} are read")
    return files


def _exists(name: str) -> bool:
    try:
        return Path(name).exists()
    except OSError:  # longer than a path can be, or in a folder that is closed to us
        return False


def _holds_something(file: Path) -> bool:
    return file.is_file() and file.stat().st_size > 0


def _scanned(name: str, documents: tuple[Path | bytes, ...], chunk: int) -> Text:
    characters, whole = len(JOINT) * (len(documents) - 1), hashlib.sha256()
    for document in documents:
        digest = hashlib.sha256()
        characters += sum(map(len, _decoded(document, chunk, digest.update)))
        whole.update(digest.digest())  # of fixed length, so that documents cannot run into one another
    return Text(name, documents, whole.hexdigest(), characters)


def _decoded(document: Path | bytes, chunk: int, observe: Callable[[bytes], object] | None = None) -> Iterator[str]:
    decoder = io.IncrementalNewlineDecoder(codecs.getincrementaldecoder("utf-8-sig")(), translate=True)
    offset = 0
    with _opened(document) as file:
        while True:
            block = file.read(chunk)
            if observe:
                observe(block)
            offset += len(block)
            try:
                yield decoder.decode(block, not block)
            except UnicodeDecodeError as error:  # its object ends where the block ends, and may begin before it
                bad = offset - len(error.object) + error.start
                advice = "save it as UTF-8, or leave it out"
                raise ValueError(
                    f"path={str(document)!r} is not UTF-8 text at byte offset {bad:,}; {advice}"
                ) from error
            if not block:
                return


def _opened(document: Path | bytes) -> AbstractContextManager[IO[bytes]]:
    if isinstance(document, bytes):
        return io.BytesIO(document)
    try:
        return document.open("rb")
    except OSError as error:
        raise ValueError(f"path={str(document)!r} cannot be read ({error.strerror}); change its permissions") from error
