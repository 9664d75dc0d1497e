"""Everything around the training steps: instrumentation, recording, idle workers, the second core, planning.

    python benchmarks/sweeping.py
"""

import math
import os
import statistics
import tempfile
import time
from collections.abc import Sequence
from contextlib import chdir
from dataclasses import replace

from seqbench.compose import plan_from
from seqbench.events import Finished, Started
from seqbench.executors.processes import Processes
from seqbench.plan import Plan, RunSpec
from seqbench.tracking import Tracker
from seqbench.training import fit

ROUNDS = 7


def instrumentation() -> float:
    """Share of a run's time that records of loss and norms and the two probes cost, against a run without."""
    (spec,) = plan_from("task=adding", "task.gap=50", "model=rnn", "training.max_steps=400").runs
    never = replace(spec, training=replace(spec.training, record_every=10**9, probe_sequences=1))
    pairs = [(_seconds(spec), _seconds(never)) for _ in range(ROUNDS)]
    return statistics.median(1 - without / whole for whole, without in pairs)


def _seconds(spec: RunSpec) -> float:
    return next(event.seconds for event in fit(spec) if isinstance(event, Finished))


def recording() -> float:
    """Seconds that the driver spends on writing one run, as a share of the seconds that the run took."""
    plan = plan_from("task=adding", "task.gap=50", "model=rnn", f"seed=range({ROUNDS})", "training.max_steps=400")
    shares = []
    with Tracker(plan) as tracker:
        for run in plan.runs:
            writing = 0.0
            for event in fit(run):
                began = time.perf_counter()
                tracker.write(run, event)
                writing += time.perf_counter() - began
            assert isinstance(event, Finished)
            shares.append(writing / event.seconds)
    return statistics.median(shares)


def idle(plan: Plan, workers: int) -> tuple[float, float]:
    """Runs as a sweep does them, recorded: seconds that a warm worker idles between two runs, and runs a second."""
    began, busy, runs = math.nan, 0.0, 0
    with Tracker(plan) as tracker:
        for run, event in Processes(workers=workers).execute(plan.runs):
            if isinstance(event, Started) and math.isnan(began):
                began = time.perf_counter()
            tracker.write(run, event)
            if isinstance(event, Finished):
                busy, runs, ended = busy + event.seconds, runs + 1, time.perf_counter()
    return ((ended - began) * workers - busy) / runs, runs / (ended - began)
