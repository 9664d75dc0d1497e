"""Everything around the training steps: instrumentation, recording, idle workers, the second core, planning.

python benchmarks/sweeping.py
"""

import os
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import chdir

from seqbench.events import Finished, Started
from seqbench.executors.processes import Processes
from seqbench.plan import RunSpec
from seqbench.planning.make_plan import make_plan
from seqbench.record.writer import Tracker
from seqbench.training.fit import Run, build, fit
from seqbench.training.numerics import stated

ROUNDS = 7
#: Runs of a few seconds that end at the same step.
SHORT = ("training.max_steps=600", "training.validations_to_solve=1000")


def instrumentation() -> float:
    """Share of a run's time that the two probes and the gradient norms by block cost; each is timed by itself."""
    spec = a_run()
    run = Run(spec, *build(spec))
    probing = 2 * median_seconds(lambda: list(run.probe("init")))
    run.parameters[0].sum().backward()
    norms = median_seconds(lambda: run._norms(1.0)) * spec.training.max_steps / spec.training.record_every
    return (probing + norms) / next(event.seconds for event in fit(spec) if isinstance(event, Finished))


def a_run(*arguments: str) -> RunSpec:
    """An unsolved run of medium length, half its usual budget."""
    return make_plan("task=adding", "task.gap=50", "model=rnn", "training.max_steps=1000", *arguments).runs[0]


def median_seconds(work: Callable[[], object]) -> float:
    """How long it takes."""
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return statistics.median(times)


def recording() -> float:
    """Seconds that the driver spends on writing one run, as a share of the seconds that the run took."""
    plan = make_plan("task=adding", "task.gap=50", "model=rnn", f"seed=range({ROUNDS})", "training.max_steps=1000")
    shares = []
    with Tracker(plan) as tracker:
        for job in plan.jobs:
            writing = 0.0
            for event in fit(job.run):
                began = time.perf_counter()
                tracker.write(job, event)
                writing += time.perf_counter() - began
            assert isinstance(event, Finished)
            shares.append(writing / event.seconds)
    return statistics.median(shares)


def sweep_rate(workers: int) -> tuple[float, float]:
    """A sweep of equal runs, recorded: seconds that a warm worker idles per run, and runs a second.

    Counted from when every worker has started its first run to the start of the last, so that all have work.
    """
    plan = make_plan("task=adding", "task.gap=50", "model=lstm_chrono", *SHORT, f"name=w{workers}", "seed=range(14)")
    live, idle, started, marks = 0, 0.0, 0, []
    with Tracker(plan) as tracker:
        for job, event in Processes(workers=workers).execute(plan.jobs):
            now = time.perf_counter()
            if marks and started < len(plan.jobs):
                idle += (workers - live) * (now - marks[-1])
            live += isinstance(event, Started) - isinstance(event, Finished)
            started += isinstance(event, Started)
            if live == workers or marks:
                marks.append(now)
            if started == len(plan.jobs):
                break
            tracker.write(job, event)
    return idle / (started - workers), (started - workers) / (marks[-1] - marks[0])


def planning(runs: int) -> float:
    """Seconds to compose and check a plan over two tasks, three arms and as many seeds as it takes."""
    began = time.perf_counter()
    plan = make_plan(
        "task=adding,copy", "model=rnn,lstm,lstm_chrono", "task.gap=10,20,50,100", f"seed=range({runs // 24})"
    )
    assert len(plan.runs) == runs // 24 * 24
    return time.perf_counter() - began


@stated(0)
def main() -> None:
    """Each figure once, in a scratch folder with a record of its own."""
    with tempfile.TemporaryDirectory() as folder, chdir(folder):
        print(f"instrumentation, share of a run's time: {instrumentation():.1%}")
        print(f"recording, driver's time as a share of the run's: {recording():.1%}", flush=True)
        (idle_1, rate_1), (idle_2, rate_2) = sweep_rate(1), sweep_rate(2)
        print(
            f"idle time of a warm worker between two runs: {idle_1 * 1000:.0f} ms of one, {idle_2 * 1000:.0f} ms of two"
        )
        print(f"work of two workers over work of one: {rate_2 / rate_1:.2f} ({os.cpu_count()} cores)", flush=True)
        print(f"planning 2,000 runs: {statistics.median(planning(2000) for _ in range(3)):.2f} s")


if __name__ == "__main__":
    main()
