"""The seal of a report: whether writing it again would change anything."""

import json
import sys
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import seqbench
from seqbench.config.cache import sha256
from seqbench.record import archive
from seqbench.record.addresses import dashboard
from seqbench.record.values import Record
from seqbench.report import on_disk

KEY = "seal"
"""Where the seal stands in the manifest."""
LIBRARIES = (
    "contourpy", "fonttools", "jinja2", "kiwisolver", "matplotlib", "numpy", "pandas", "pillow", "pyarrow", "scipy",
    "torch",
)  # fmt: skip
"""What a report is made with."""


def seal(manifest: Mapping[str, object]) -> str:
    """A hash of the manifest, which has a checksum of every other file, of where runs are, and of the code."""
    rest = {key: value for key, value in manifest.items() if key != KEY}
    parts = [rest, dashboard(), _code(), sys.version, [_version(name) for name in LIBRARIES]]
    return sha256(json.dumps(parts).encode())


def unchanged(record: Record, folder: Path) -> Path | None:
    """The page in `folder` if its report is whole, bears a seal, and this record would give the same; None otherwise.

    The archive of a report holds its whole record, so that two records are the same if their archives are.
    """
    manifest = on_disk.whole_in(folder)
    if KEY not in manifest or manifest[KEY] != seal(manifest):
        return None
    archived = (folder / archive.NAME).read_bytes()
    return folder / on_disk.PAGE if archive.content(record) == archived else None


def _code() -> dict[str, str]:
    """A hash of each file of seqbench, by its place."""
    package = Path(seqbench.__file__).parent
    files = sorted(file for file in package.rglob("*.*") if file.suffix in (".py", ".html", ".css", ".js"))
    return {file.relative_to(package).as_posix(): sha256(file.read_bytes()) for file in files}


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:  # installed in some other way
        return ""
