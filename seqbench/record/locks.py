"""What processes of one machine must not do at the same time."""

import hashlib
import os
import tempfile
from pathlib import Path


def lock_file(what: str) -> Path:
    """The file that stands for `what` among the processes of this machine."""
    return Path(tempfile.gettempdir()) / f"seqbench-{hashlib.sha256(os.fsencode(what)).hexdigest()[:16]}.lock"
