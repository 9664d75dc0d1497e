"""What Ray costs beside processes: seconds until the first run has ended, and milliseconds a run of no steps.

python benchmarks/cluster.py --runs 500 --workers 2
"""

import argparse
import statistics
import tempfile
import time
from contextlib import chdir

from seqbench.events import Finished
from seqbench.executors.base import Executor
from seqbench.executors.cluster.executor import Ray
from seqbench.executors.processes import Processes
from seqbench.plan import Job
from seqbench.planning.make_plan import make_plan

ROUNDS = 3


def carried_out(executor: Executor, jobs: tuple[Job, ...]) -> tuple[float, float]:
    """Seconds from nothing to the first end of a run, and from there to the last, by run."""
    began = time.perf_counter()
    executor.prepare()
    executor.ready([job.run for job in jobs])
    ends = [time.perf_counter() for _, event in executor.execute(jobs) if isinstance(event, Finished)]
    assert len(ends) == len(jobs)
    return ends[0] - began, (ends[-1] - ends[0]) / (len(ends) - 1)


def main() -> None:
    """Both, taking turns, without a record."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=500)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--steps", type=int, default=0)
    given = parser.parse_args()
    settings = f"seed=range({given.runs})", f"training.max_steps={given.steps}"
    with tempfile.TemporaryDirectory() as folder, chdir(folder):
        jobs = make_plan("task=copy", "task.gap=2", "model=rnn", *settings).jobs
        figures: dict[str, list[tuple[float, float]]] = {"processes": [], "ray": []}
        for _ in range(ROUNDS):
            figures["processes"].append(carried_out(Processes(workers=given.workers), jobs))
            figures["ray"].append(carried_out(Ray(workers=given.workers), jobs))
    medians = {name: tuple(map(statistics.median, zip(*rows, strict=True))) for name, rows in figures.items()}
    for name, (start, each) in medians.items():
        print(f"{name}: first run ended after {start:.1f} s, then {each * 1000:.1f} ms a run")
    start, each = (ours - theirs for ours, theirs in zip(medians["ray"], medians["processes"], strict=True))
    print(f"more with Ray: {start:.1f} s (target 4), {each * 1000:.1f} ms a run (target 10)")


if __name__ == "__main__":
    main()
