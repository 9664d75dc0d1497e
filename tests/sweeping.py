"""The real command in a folder of its own, and what it leaves in the record."""

import os
import re
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from recording import put_database
from scripted import wait_until

import seqbench
from seqbench.executors import interrupts

SMALL = ("training.max_steps=80", "training.test_sequences=200")


class Running:
    """A command in a folder; its output goes to files, as a pipe would not be a terminal either."""

    def __init__(self, folder: Path, words: Sequence[str], **variables: str) -> None:
        source = str(Path(seqbench.__file__).parents[1])
        environment = {**os.environ, **variables}
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, [source, os.environ.get("PYTHONPATH")]))
        self.files = folder / "stdout.txt", folder / "stderr.txt"
        with self.files[0].open("w") as out, self.files[1].open("w") as err:
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-m", *words],
                cwd=folder,
                env=environment,
                stdout=out,
                stderr=err,
                start_new_session=True,
                preexec_fn=_as_from_a_shell,
            )

    @property
    def out(self) -> str:
        return self.files[0].read_text()

    @property
    def err(self) -> str:
        return self.files[1].read_text()

    def wait(self) -> int:
        return self.process.wait(timeout=240)

    def wait_for_first_line(self) -> None:
        """Until it takes signals; Python itself leaves SIGTERM to the system."""
        wait_until(lambda: self.process.poll() is not None or signal.SIGTERM in _caught(self.process.pid))


class Sweep(Running):
    """`python -m seqbench` with the record in its folder."""

    def __init__(self, folder: Path, words: Sequence[str], **variables: str) -> None:
        super().__init__(folder, ["seqbench", *words], **{"MLFLOW_TRACKING_URI": "", **variables})

    @property
    def lines(self) -> list[str]:
        """Those that tell the end of a run."""
        return [line for line in self.out.splitlines() if line.startswith("[")]

    def wait_for_lines(self, count: int) -> None:
        wait_until(lambda: len(self.lines) >= count or self.process.poll() is not None)
        assert self.process.poll() is None, self.err

    def server(self) -> list[int]:
        """The process that workers are forked from, as soon as there is one."""
        return [pid for pid, args in _children(self.process.pid).items() if "forkserver" in args]

    def workers(self) -> list[int]:
        return [pid for server in self.server() for pid in _children(server)]


def _as_from_a_shell() -> None:
    for number in interrupts.SIGNALS:
        signal.signal(number, signal.SIG_DFL)


def _caught(pid: int) -> set[int]:
    """The signals that a process has handlers for."""
    masks = re.findall(r"^SigCgt:\s*(\w+)", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    return {number for number in interrupts.SIGNALS for mask in masks if int(mask, 16) >> (number - 1) & 1}


def _children(parent: int) -> dict[int, str]:
    """Command lines of the children of a process, by pid."""
    table = subprocess.run(["ps", "-wweo", "pid=,ppid=,args="], capture_output=True, text=True, check=True).stdout
    rows = (line.split(maxsplit=2) for line in table.splitlines())
    return {int(pid): args for pid, ppid, args in rows if int(ppid) == parent}


@dataclass(frozen=True)
class Result:
    code: int
    out: str
    err: str
    lines: list[str]


def seqbench_in(folder: Path, *words: str) -> Result:
    sweep = Sweep(folder, words)
    return Result(sweep.wait(), sweep.out, sweep.err, sweep.lines)


def new_folder(parent: Path, name: str) -> Path:
    folder = parent / name
    folder.mkdir()
    put_database(folder)
    return folder


def rows(folder: Path, what: str) -> list[tuple[object, ...]]:
    """Read the database without its library; runs that are deleted do not count."""
    query = (
        f"SELECT {what} FROM runs JOIN tags ON tags.run_uuid = runs.run_uuid AND tags.key = 'seqbench.fingerprint'"
        " {} WHERE runs.lifecycle_stage = 'active'"
    )
    table = what.partition(".")[0]
    join = "" if table in ("runs", "tags") else f"JOIN {table} ON {table}.run_uuid = runs.run_uuid"
    # not read-only: what a killed writer left half written has to be rolled back first
    with closing(sqlite3.connect(folder / "mlflow.db")) as connection:
        return connection.execute(query.format(join)).fetchall()


def statuses(folder: Path) -> Counter[str]:
    return Counter(str(status) for (status,) in rows(folder, "runs.status"))


def content(folder: Path) -> dict[str, list[tuple[object, ...]]]:
    """All points and parameters of all runs, but for what a clock or the checkout says."""
    points = rows(folder, "metrics.key, tags.value, metrics.step, metrics.value, metrics.is_nan")
    params = rows(folder, "params.key, tags.value, params.value")
    return {
        "points": sorted(point for point in points if point[0] != "seconds"),
        "parameters": sorted(param for param in params if param[0] != "git_revision"),
        "results": sorted(rows(folder, "tags.value, runs.status, runs.name")),
    }
