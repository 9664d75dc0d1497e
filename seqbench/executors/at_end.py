"""What is carried out when this process ends, however it ends: a child waits for the end of a pipe of this one."""

import subprocess
from typing import Any


class AtEnd:
    """`with AtEnd("rm", file)`: at the end of the block, or of this process, if that is killed within."""

    def __init__(self, *command: str, **options: Any) -> None:
        quiet: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        waits = ["sh", "-c", 'cat; "$@"', "sh", *command]
        self.process = subprocess.Popen(waits, start_new_session=True, **quiet, **options)

    def __enter__(self) -> None:
        """The child waits already."""

    def __exit__(self, *_: object) -> None:
        self.process.communicate()
