"""How long a person waits for a command, and what it takes of the processor together with all that it starts.

What `commands.py` measures with.
"""

import ctypes
import itertools
import os
import resource
import shlex
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

PR_SET_CHILD_SUBREAPER = 36
"""From Linux's <sys/prctl.h>."""


class Time(NamedTuple):
    """Seconds."""

    wall: float
    processor: float

    def __str__(self) -> str:
        return f"{self.wall:.2f} ({self.processor:.2f})"


def adopt_orphans() -> None:
    """Become the parent of what outlives its own, such as a server of workers: else the system does not count it."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def timed(command: Sequence[str], folder: Path, environment: Mapping[str, str], code: int = 0) -> Time:
    """Run a command to its end; it takes its children with it if this process is interrupted.

    Exits with what the command printed if its exit code is another one.
    """
    with tempfile.TemporaryFile() as printed:
        used, began = processor_of_children(), time.perf_counter()
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=printed,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            process.wait()
            wall = time.perf_counter() - began
            wait_for_orphans()
        except BaseException:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            wait_for_orphans()
            raise
        if process.returncode != code:
            printed.seek(0)
            sys.exit(f"{shlex.join(command)} ended with {process.returncode}:\n{printed.read().decode()}")
        return Time(wall, processor_of_children() - used)


def processor_of_children() -> float:
    """Seconds of all that have ended so far."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def wait_for_orphans() -> None:
    """Until this process has no child left."""
    with suppress(ChildProcessError):
        while True:
            os.wait()


def alternately(attempts: Mapping[str, Callable[[], Time]], rounds: int) -> dict[str, Time]:
    """Medians; each round takes all of them in turn, every second round backwards."""
    times: dict[str, list[Time]] = {name: [] for name in attempts}
    for number in range(rounds):
        for name in list(attempts)[:: -1 if number % 2 else 1]:
            times[name].append(attempts[name]())
    return {name: Time(*map(statistics.median, zip(*found, strict=True))) for name, found in times.items()}


class Checkout:
    """One side of a comparison: its code, and the records that this code made, by the commands that make them."""

    def __init__(self, name: str, code: Path, scratch: Path, records: Mapping[str, Sequence[str]]) -> None:
        self.name, self.code, self.records = name, code.resolve(), records
        self.scratch = scratch / name
        self.scratch.mkdir()
        self.numbers = itertools.count()
        self.made: dict[str, Path] = {}
        self._require_its_own_code()

    def _require_its_own_code(self) -> None:
        """An installed seqbench must not win over this one."""
        program = "import seqbench as a, hydra_plugins.seqbench_sweeper as b; print(a.__file__, b.__file__, sep='\\n')"
        environment = self._environment(self.scratch)
        printed = subprocess.check_output([sys.executable, "-c", program], cwd=self.scratch, env=environment, text=True)
        for file in printed.splitlines():
            if not Path(file).resolve().is_relative_to(self.code):
                sys.exit(f"python imports {file}, which is not in {self.code}")

    def run(self, words: str, where: str | None = None, cache: Path | None = None, code: int = 0) -> Time:
        """Run a command of Python; {new} in it becomes a name that was not used before.

        It runs in the folder of the record `where`, or else in an empty one, and with an empty cache if none is given.
        """
        command = [sys.executable, *shlex.split(words.format(new=f"new_{next(self.numbers)}"))]
        return timed(command, self._folder(where), self._environment(cache or self.new_folder()), code)

    def _folder(self, where: str | None) -> Path:
        """A record is made when it is first needed."""
        if where is None:
            return self.new_folder()
        if where not in self.made:
            self.made[where] = self.new_folder()
            for words in self.records[where]:
                self.run(words, where)
        return self.made[where]

    def new_folder(self) -> Path:
        """An empty one."""
        folder = self.scratch / f"folder_{next(self.numbers)}"
        folder.mkdir()
        return folder

    def _environment(self, cache: Path) -> dict[str, str]:
        """Nothing that somebody set for their own work; temporary files go where they are removed."""
        foreign = ("HYDRA_", "MLFLOW_", "PYTHON", "SEQBENCH_")
        inherited = {key: value for key, value in os.environ.items() if not key.startswith(foreign)}
        return inherited | {
            "MLFLOW_DISABLE_TELEMETRY": "true",
            "PYTHONPATH": str(self.code),
            "SEQBENCH_CACHE": str(cache),
            "TMPDIR": str(self.scratch),
        }
