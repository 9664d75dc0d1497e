"""Everything around the training steps: instrumentation, recording, idle workers, the second core, planning.

python benchmarks/sweeping.py
"""

import math
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import chdir
from dataclasses import replace

from seqbench.compose import plan_from
from seqbench.events import Finished, Started
from seqbench.executors.processes import Processes
from seqbench.plan import Plan, RunSpec
from seqbench.tracking import Tracker
from seqbench.training import Run, build, fit

ROUNDS = 7


def instrumentation() -> float:
    """Share of a run's time that the two probes and the records of loss and norms cost."""
    (spec,) = plan_from("task=adding", "task.gap=50", "model=rnn", "training.max_steps=1000").runs
    pairs = [(seconds(instrumented, spec), seconds(uninstrumented, spec)) for _ in range(ROUNDS)]
    return statistics.median(1 - without / whole for whole, without in pairs)


def instrumented(spec: RunSpec) -> None:
    """A run as it is."""
    for _ in fit(spec):
        pass


def uninstrumented(spec: RunSpec) -> None:
    """The same training, validation and test, and nothing else."""
    run = Run(replace(spec, training=replace(spec.training, record_every=10**9)), *build(spec))
    for _ in run.train():
        pass
    run.verdict(0.0)


def seconds(work: Callable[[RunSpec], None], spec: RunSpec) -> float:
    """How long it takes."""
    began = time.perf_counter()
    work(spec)
    return time.perf_counter() - began


def recording() -> float:
    """Seconds that the driver spends on writing one run, as a share of the seconds that the run took."""
    plan = plan_from("task=adding", "task.gap=50", "model=rnn", f"seed=range({ROUNDS})", "training.max_steps=1000")
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


def sweep_rate(plan: Plan, workers: int) -> tuple[float, float]:
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


def planning(runs: int) -> float:
    """Seconds to compose and check a plan over two tasks, three arms and as many seeds as it takes."""
    began = time.perf_counter()
    plan = plan_from(
        "task=adding,copy", "model=rnn,lstm,lstm_chrono", "task.gap=10,20,50,100", f"seed=range({runs // 24})"
    )
    assert len(plan.runs) == runs // 24 * 24
    return time.perf_counter() - began


def main() -> None:
    """Each figure once, in a scratch folder with a record of its own."""
    with tempfile.TemporaryDirectory() as folder, chdir(folder):
        print(f"instrumentation, share of a run's time: {instrumentation():.1%}")
        print(f"recording, driver's time as a share of the run's: {recording():.1%}", flush=True)
        plans = [
            plan_from("task=adding", "task.gap=20", "training.max_steps=300", f"name=w{n}", "seed=range(24)")
            for n in (1, 2)
        ]
        (idle_1, rate_1), (idle_2, rate_2) = (sweep_rate(plan, n) for n, plan in enumerate(plans, 1))
        print(
            f"idle time of a warm worker between two runs: {idle_1 * 1000:.0f} ms alone, {idle_2 * 1000:.0f} ms of two"
        )
        print(f"work of two workers over work of one: {rate_2 / rate_1:.2f} ({os.cpu_count()} cores)", flush=True)
        print(f"planning 2,000 runs: {statistics.median(planning(2000) for _ in range(3)):.2f} s")


if __name__ == "__main__":
    main()
