"""The part of a font that a PDF embeds, kept in the user's cache: cutting fonts is half of the work on a PDF.

The one file that touches what matplotlib keeps to itself. Where that is not as it was tested, fonts are cut each time.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from functools import cache
from importlib.metadata import version
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

from matplotlib.backends import _backend_pdf_ps

from seqbench.config import cache as kept
from seqbench.config.cache import sha256

Cutting = Callable[[Any, Iterable[int]], AbstractContextManager[Any]]
backend: Any = _backend_pdf_ps


FOLDER = "fonts"
"""In the user's cache."""
MOST = 200
"""Parts that are kept, of about 80 kB each; beyond that, those that were made first go."""


class Cut(NamedTuple):
    """A font that was cut, as the backend for PDF looks at it."""

    font: "Saved"
    glyph_index_map: dict[int, int]


class Saved(NamedTuple):
    """The bytes of a font."""

    content: bytes

    def save(self, file: BytesIO, reorderTables: bool | None = False) -> None:
        """As of fontTools' `TTFont`."""
        file.write(self.content)


@contextmanager
def remembered() -> Iterator[None]:
    """Within, each part is cut once."""
    cut = backend.get_glyphs_subset
    if hasattr(backend, "SubsetResults"):
        backend.get_glyphs_subset = _remembering(cut)
    try:
        yield
    finally:
        backend.get_glyphs_subset = cut


def _remembering(cut: Cutting) -> Cutting:
    @contextmanager
    def remembering(font: Any, glyphs: Iterable[int]) -> Iterator[Cut]:
        """What `cut` gives of these glyphs; from the cache, if it was ever asked for them."""
        name = _name(str(font), getattr(font, "face_index", 0), sorted(glyphs))
        found = kept.read(name)
        if found is None:
            with cut(font, glyphs) as result:
                found = _packed(backend.font_as_file(result.font).getvalue(), result.glyph_index_map)
            kept.keep(name, found)
            _make_room()
        yield _unpacked(found)

    return remembering


def _name(path: str, face: int, glyphs: list[int]) -> str:
    """Of the file in the cache: by all that decides what is in it."""
    parts = [version("matplotlib"), version("fonttools"), _of_file(path), face, glyphs]
    return f"{FOLDER}/{sha256(json.dumps(parts).encode())}"


@cache
def _of_file(path: str) -> str:
    return sha256(Path(path).read_bytes())


def _make_room() -> None:
    with suppress(OSError):  # another process may do the same
        kept_files = sorted((kept.folder() / FOLDER).iterdir(), key=lambda file: file.stat().st_mtime)
        for file in kept_files[:-MOST]:
            file.unlink()


def _packed(content: bytes, numbers: dict[int, int]) -> bytes:
    return json.dumps([[int(old), int(new)] for old, new in numbers.items()]).encode() + b"\n" + content


def _unpacked(packed: bytes) -> Cut:
    numbers, _, content = packed.partition(b"\n")
    return Cut(Saved(content), dict(json.loads(numbers)))
