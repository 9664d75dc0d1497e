"""Which code made a result: versions and revision, recorded with every run."""

import functools
import platform
import subprocess
from importlib import metadata
from pathlib import Path


@functools.cache
def provenance() -> dict[str, str]:
    """`version.*` of seqbench, Python and the packages that results depend on, and `git_revision`."""
    versions = {"seqbench": metadata.version("seqbench"), "python": platform.python_version()}
    versions |= {name: metadata.version(name) for name in ("torch", "numpy", "hydra-core", "mlflow")}
    return {f"version.{name}": version for name, version in versions.items()} | {"git_revision": git_revision()}


def git_revision() -> str:
    """The commit of the checkout that seqbench runs from, with "+changes" if files differ; "" outside of one."""
    root = Path(__file__).parents[2]
    if not (root / ".git").exists():
        return ""
    revision = _git(root, "rev-parse", "HEAD")
    return revision + ("+changes" if revision and _git(root, "status", "--porcelain", "-uno") else "")


def _git(root: Path, *words: str) -> str:
    try:
        return subprocess.run(
            ["git", "-C", str(root), *words], capture_output=True, text=True, timeout=10
        ).stdout.strip()
    except (OSError, subprocess.TimeoutExpired):
        return ""
