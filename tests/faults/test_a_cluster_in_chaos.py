"""Workers are killed and a machine comes and goes, at random: every run ends as it would alone.

The number of runs is SEQBENCH_CHAOS_RUNS, 60 by default.
"""

import os
import random
import signal
import time
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from builders import make_spec
from clusters import NEEDS_RAY, machine, machines
from recording import job_of
from stories import told

from seqbench.events import Event, Finished, Retried
from seqbench.executors.base import events_of
from seqbench.executors.cluster.executor import Ray
from seqbench.plan import Job, RunSpec

pytestmark = [NEEDS_RAY, pytest.mark.long]

RUNS = int(os.environ.get("SEQBENCH_CHAOS_RUNS", "60"))
#: Seconds between two misfortunes, at least and at most, and how many of them are the loss of a machine.
BETWEEN, LOST = (1.0, 4.0), 0.25
CHANCE = random.Random(1)


class Chaos:
    """What befalls a cluster: `staying` keeps its machine, and `going` comes and goes."""

    def __init__(self, cluster: Any, staying: Any, going: Any) -> None:
        self.cluster, self.staying, self.going = cluster, staying, going
        self.killed = self.removed = 0
        self.due = time.monotonic()

    def strike(self) -> None:
        """If it is time again; within the sweep, because Ray adds machines in the main thread alone."""
        if time.monotonic() > self.due:
            (self.remove if CHANCE.random() < LOST else self.kill)()
            self.due = time.monotonic() + CHANCE.uniform(*BETWEEN)

    def kill(self) -> None:
        """One of the processes that carry out runs now."""
        import psutil

        raylets = [one.process.pid for node in (self.staying, self.going) for one in node.all_processes["raylet"]]
        with suppress(psutil.Error, IndexError):
            workers = [child for pid in raylets for child in psutil.Process(pid).children()]
            busy = [worker for worker in workers if worker.cmdline()[0].startswith("ray::carry_out")]
            os.kill(CHANCE.choice(busy).pid, signal.SIGKILL)
            self.killed += 1

    def remove(self) -> None:
        self.cluster.remove_node(self.going)
        self.removed += 1
        self.going = machine(self.cluster, 1)


def runs() -> list[RunSpec]:
    base = make_spec()
    return [
        replace(base, seed=seed, training=replace(base.training, max_steps=200 if seed % 10 == 0 else seed % 3))
        for seed in range(RUNS)
    ]


def carried_out(executor: Ray, jobs: list[Job], chaos: Chaos) -> dict[str, list[Event]]:
    """What each run tells from its last start on."""
    story: dict[str, list[Event]] = {job.run.fingerprint: [] for job in jobs}
    for job, event in executor.execute(jobs):
        chaos.strike()
        if isinstance(event, Retried):
            story[job.run.fingerprint].clear()
        else:
            story[job.run.fingerprint].append(event)
    return story


def test_every_run_ends_as_it_would_alone(capsys: pytest.CaptureFixture[str]) -> None:
    """A run that is hit twice fails, as it should, and is carried out again, as if the command were typed again."""
    jobs, story, rounds = list(map(job_of, runs())), dict[str, list[Event]](), 0
    with machines(1, 1) as (cluster, nodes):
        chaos = Chaos(cluster, *nodes)
        while left := [job for job in jobs if not _finished(story.get(job.run.fingerprint, []))]:
            story |= carried_out(Ray(address=cluster.address), left, chaos)
            rounds += 1
    with capsys.disabled():
        print(f"{RUNS} runs, {chaos.killed} workers killed, {chaos.removed} machines lost, {rounds} rounds")
    assert chaos.killed
    assert chaos.removed
    for job in jobs:
        assert list(map(told, story[job.run.fingerprint])) == list(map(told, events_of(job.run)))


def _finished(events: list[Event]) -> bool:
    return bool(events) and isinstance(events[-1], Finished)
