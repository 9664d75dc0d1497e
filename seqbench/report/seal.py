"""The seal of a report: whether writing it again would change anything."""

import json
import sys
import tempfile
from collections.abc import Collection, Iterable, Mapping
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import seqbench
from seqbench.record import archive
from seqbench.record.values import Record

MANIFEST = "manifest.json"
KEY = "seal"
"""Where the seal stands in the manifest."""
FILES = (".html", ".csv", ".md", ".tex", ".parquet", ".svg", ".pdf")
"""What a report is made of, beside the manifest."""
LIBRARIES = (
    "contourpy", "fonttools", "jinja2", "kiwisolver", "matplotlib", "numpy", "pandas", "pillow", "pyarrow", "scipy",
    "torch",
)  # fmt: skip
"""What a report is made with."""


def seal(manifest: Mapping[str, object], folder: Path) -> str:
    """A hash of the manifest, of every other file of the report, and of the code that made them."""
    rest = {key: value for key, value in manifest.items() if key != KEY}
    files = (*folder.glob("*.*"), *folder.glob("figures/*.*"))
    parts = [rest, _contents(folder, files, FILES), _code(), sys.version, [_version(name) for name in LIBRARIES]]
    return sha256(json.dumps(parts).encode()).hexdigest()


def unchanged(record: Record, folder: Path) -> Path | None:
    """The page in `folder` if it bears a seal and this record would give the same; None if it has to be written.

    The archive of a report holds its whole record, so that two records are the same if their archives are.
    """
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        whole = KEY in manifest and manifest[KEY] == seal(manifest, folder)
        return folder / "index.html" if whole and _archive(record) == (folder / archive.NAME).read_bytes() else None
    except (OSError, ValueError, TypeError, AttributeError):  # no report, or none of ours
        return None


def _archive(record: Record) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        archive.write(record, Path(folder) / archive.NAME)
        return (Path(folder) / archive.NAME).read_bytes()


def _code() -> dict[str, str]:
    package = Path(seqbench.__file__).parent
    return _contents(package, package.rglob("*.*"), (".py", ".html", ".css"))


def _contents(folder: Path, files: Iterable[Path], suffixes: Collection[str]) -> dict[str, str]:
    """A hash of each of these files, by its place in the folder."""
    found = sorted(file for file in files if file.suffix in suffixes)
    return {file.relative_to(folder).as_posix(): sha256(file.read_bytes()).hexdigest() for file in found}


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:  # installed in some other way
        return ""
