"""What is kept in the user's cache folder, to save time and nothing else.

The folder may be deleted at any time. Nothing in it is believed that is not whole, and where it cannot be written,
everything is made anew each time.
"""

import hashlib
import os
from contextlib import suppress
from pathlib import Path

from platformdirs import user_cache_dir

from seqbench.config import whole

VARIABLE = "SEQBENCH_CACHE"


def folder() -> Path:
    """SEQBENCH_CACHE, or the place that the operating system has for caches."""
    return Path(os.environ.get(VARIABLE) or user_cache_dir("seqbench"))


def read(name: str) -> bytes | None:
    """What was kept under a name; None if it is not there, or not whole."""
    try:
        return unsealed((folder() / name).read_bytes())
    except OSError:
        return None


def keep(name: str, content: bytes) -> None:
    """Keep it if that is possible; whoever reads the name meanwhile finds it whole or not at all."""
    if read(name) == content:
        return
    with suppress(OSError):
        whole.write({name: sealed(content)}, folder())


def sealed(content: bytes) -> bytes:
    """With a checksum as its first line."""
    return sha256(content).encode() + b"\n" + content


def unsealed(kept: bytes) -> bytes | None:
    """The inverse of `sealed`; None for anything that it did not make."""
    checksum, _, content = kept.partition(b"\n")
    return content if checksum == sha256(content).encode() else None


def sha256(content: bytes) -> str:
    """64 hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()
