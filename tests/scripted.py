"""A worker that plays the events of a run instead of training it: ready in a moment, and it dies on cue."""

import os
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path

from seqbench.config import Component, Training
from seqbench.events import Event, Finished, Metrics, Started, TaskFacts
from seqbench.executors.base import events_of
from seqbench.plan import RunSpec

#: Seconds that something may take to happen that must happen.
PATIENCE = 120.0


def wait_until(holds: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)


def is_running(pid: int) -> bool:
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True).stdout.strip()
    return bool(state) and not state.startswith("Z")


def is_reaped(pid: int) -> bool:
    """Whether nothing is left of a process: the first thread of one that was killed may be dead before the others."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def scripted(seed: int, *, deaths: int = 0, how: str = "killed", waits_for: str = "", notes: Path) -> RunSpec:
    """A run that takes its first `deaths` workers along; once started it waits for a file; it keeps `notes`."""
    script = {"deaths": deaths, "how": how, "waits_for": waits_for, "notes": str(notes)}
    return RunSpec(Component("copy", "", {"gap": 1, **script}), Component("rnn", "", {}), Training(), seed)


def events(run: RunSpec) -> list[Event]:
    """What a run tells if nobody dies."""
    losses: list[Event] = [Metrics(step, {"train/loss": run.seed + 1 / step}) for step in (1, 2)]
    return [
        Started(1, 1, TaskFacts("loss", "score", "never", ())),
        *losses,
        Finished("solved", 2, 2, {"score": 1.0}, {}, "solved", "", 0.0),
    ]


def attempts(run: RunSpec) -> list[int]:
    """Pids of the workers that have tried a run, from its notes."""
    notes = Path(str(run.task.settings["notes"])) / f"{run.seed}"
    return [int(line) for line in notes.read_text().splitlines()] if notes.exists() else []


def dies_first(note: str) -> str:
    """The process that is asked first is killed."""
    if not Path(note).exists():
        Path(note).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return "alive"


def loaded_after(run: RunSpec) -> set[str]:
    """The modules that this process holds once it has carried out a run."""
    *_, end = events_of(run)
    assert isinstance(end, Finished)
    return set(sys.modules)


def work(connection: Connection) -> None:
    """Play runs until the pipe closes."""
    try:
        while True:
            run = connection.recv()
            for event in _play(run, connection):
                connection.send(event)
            if run.task.settings["how"] == "after its last event":
                os._exit(0)
    except (EOFError, OSError):
        pass


def _play(run: RunSpec, connection: Connection) -> Iterator[Event]:
    script, (started, *most, last) = run.task.settings, events(run)
    tried = len(attempts(run))
    with (Path(str(script["notes"])) / f"{run.seed}").open("a") as notes:
        notes.write(f"{os.getpid()}\n")
    yield started
    while script["waits_for"] and not Path(str(script["waits_for"])).exists():
        time.sleep(0.02)
    yield from most
    if tried < int(script["deaths"] or 0):
        if script["how"] == "in the middle of a message":
            os.write(connection.fileno(), struct.pack("!i", 1000) + b"only a part")
        os.kill(os.getpid(), signal.SIGKILL)
    yield last
