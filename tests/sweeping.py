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
from typing import NamedTuple

from recording import put_database
from scripted import wait_until

import seqbench
from seqbench.executors import interrupts

SMALL = ("training.max_steps=80", "training.test_sequences=200")


class Running:
    """A command in a folder; its output goes to files, as a pipe would not be a terminal either."""

    WITHIN: tuple[str, ...] = ()
    """What is put before the command."""

    def __init__(self, folder: Path, words: Sequence[str], **variables: str) -> None:
        source = str(Path(seqbench.__file__).parents[1])
        environment = {**os.environ, **variables}
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, [source, os.environ.get("PYTHONPATH")]))
        self.folder, self.files = folder, (folder / "stdout.txt", folder / "stderr.txt")
        with self.files[0].open("w") as out, self.files[1].open("w") as err:
            self.process = subprocess.Popen(
                [*self.WITHIN, sys.executable, "-P", "-m", *words],
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

    def processes(self) -> list[int]:
        """All that are left of its session: itself, the server, workers, forks."""
        return [one.pid for one in _table() if one.session == self.process.pid and not one.state.startswith("Z")]

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
        return [one.pid for one in _table() if one.parent == self.process.pid and "forkserver" in one.args]

    def workers(self) -> list[int]:
        servers = self.server()
        return [one.pid for one in _table() if one.parent in servers]


class OnAnotherHost(Sweep):
    """As on a machine of another name, whose processes have numbers of their own."""

    WITHIN = ("unshare", "-u", "-p", "--mount-proc", "--kill-child", "sh", "-c", 'hostname far-away; "$@"', "sh")

    @classmethod
    def is_possible(cls) -> bool:
        """Where the system lets us be another one."""
        try:
            return subprocess.run([*cls.WITHIN, "true"], capture_output=True, timeout=10).returncode == 0
        except OSError:
            return False


def _as_from_a_shell() -> None:
    for number in interrupts.SIGNALS:
        signal.signal(number, signal.SIG_DFL)


def _caught(pid: int) -> set[int]:
    """The signals that a process has handlers for."""
    masks = re.findall(r"^SigCgt:\s*(\w+)", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    return {number for number in interrupts.SIGNALS for mask in masks if int(mask, 16) >> (number - 1) & 1}


class Process(NamedTuple):
    """One of this machine."""

    pid: int
    parent: int
    session: int
    state: str
    args: str


def _table() -> list[Process]:
    format_ = "pid=,ppid=,sid=,stat=,args="
    table = subprocess.run(["ps", "-wweo", format_], capture_output=True, text=True, check=True).stdout
    rows = (line.split(maxsplit=4) for line in table.splitlines())
    return [Process(int(pid), int(parent), int(sid), state, *args) for pid, parent, sid, state, *args in rows]


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
    named = "tags AS others" if table == "others" else table
    join = "" if table in ("runs", "tags") else f"JOIN {named} ON {table}.run_uuid = runs.run_uuid"
    # not read-only: what a killed writer left half written has to be rolled back first
    with closing(sqlite3.connect(folder / "mlflow.db")) as connection:
        return connection.execute(query.format(join)).fetchall()


def statuses(folder: Path) -> Counter[str]:
    return Counter(str(status) for (status,) in rows(folder, "runs.status"))
