"""What has to be the same on every machine for a run to give the same numbers everywhere, and its record to be true."""

import functools
import hashlib
import platform
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import seqbench

Versions = Mapping[str, str]


@functools.cache
def versions() -> Versions:
    """By name: Python, the libraries that a run computes with, seqbench, and a hash of its code."""
    libraries = {name: _version(name) for name in ("torch", "numpy", "ray")}
    return {
        "Python": platform.python_version(),
        **libraries,
        "seqbench": seqbench.__version__,
        "the code of seqbench": _code(),
    }


def difference(ours: Versions) -> str:
    """Between these versions and those here, in words: "has torch 2.6.0, and the driver 2.7.0"; "" if there is none."""
    here = versions()
    told = [f"has {name} {here[name]}, and the driver {ours[name]}" for name in ours if here[name] != ours[name]]
    return "; ".join(told)


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return "(none)"


def _code() -> str:
    package = Path(seqbench.__file__).parent
    files = {str(file.relative_to(package)): file.read_bytes() for file in package.rglob("*.py")}
    return hashlib.sha256(repr(sorted(files.items())).encode()).hexdigest()[:8]
