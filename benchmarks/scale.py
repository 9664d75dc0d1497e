"""Many runs from one driver: how fast they are recorded, what the driver keeps, how soon a large plan is listed.

python benchmarks/scale.py [--runs 1000] [--zero 10000] [--listed 100000]

Recorded runs are made up: 800 points each, the losses and norms of 2,000 steps and the gradient of three states at 50
lags; 32 points of a curve go to MLflow, then as many as by default. Everything lies in a scratch folder.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import chdir
from dataclasses import replace
from pathlib import Path

import records

from seqbench.events import Event, Finished, GradientByLag, Metrics, Saved, Started, TaskFacts
from seqbench.planning.make_plan import make_plan
from seqbench.record.writer import Tracker

FACTS = TaskFacts("mean squared error", "mse", "mse below 0.01", (), level=0.01)
LAGS = tuple(-0.1 * lag for lag in range(50))
NORMS = ("gradient/norm", "gradient/recurrent", "gradient/readout", "train/loss")
WAYS = (32, 100)


def story(seed: int) -> Iterator[Event]:
    """800 points: four curves of 100, two of 40, three states with their spreads at 50 lags, and 20 single ones."""
    yield Started(4545, 50, FACTS)
    for state in ("c", "direct_mean", "direct_best"):
        yield GradientByLag(state, "init", 0, LAGS, tuple(0.01 + seed % 7 for _ in LAGS))
    for step in range(20, 2001, 20):
        yield Metrics(step, dict.fromkeys(NORMS, 1 / (step + seed)))
    for step in range(50, 2001, 50):
        yield Metrics(step, {"validation/loss": 1 / step, "validation/mse": 1 / step})
    yield Metrics(2000, {f"about/{number}": float(number) for number in range(14)})
    yield Saved(2000, b"x" * 20_000)
    yield Finished("unsolved", 2000, None, {"loss": 0.1, "mse": 0.1}, {}, "learning", "", 20.0, 9.0)


def recorded(runs: int, most: int) -> float:
    """Runs a minute, with so many points of a curve for MLflow."""
    plan = make_plan(f"seed=range({runs})", f"name=of_{most}", "task.gap=50", "reports=null")
    plan = replace(plan, options=replace(plan.options, curve_points=most))
    with Tracker(plan) as tracker:
        tracker.connect()
        began = time.perf_counter()
        for job in plan.jobs:
            for event in story(job.run.seed):
                tracker.write(job, event)
        tracker.shipping.settle()
        return 60 * runs / (time.perf_counter() - began)


def main() -> None:
    """Each figure once; a number of 0 leaves it out."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--zero", type=int, default=10_000)
    parser.add_argument("--listed", type=int, default=100_000)
    options = parser.parse_args()
    os.environ["PYTHONPATH"] = str(Path(__file__).resolve().parents[1])
    os.environ.pop("MLFLOW_TRACKING_URI", None)
    with tempfile.TemporaryDirectory() as folder, chdir(folder):
        for most in WAYS if options.runs else ():
            print(f"{most} points of a curve: {recorded(options.runs, most):.0f} runs a minute", flush=True)
        sweep = ["-m", "seqbench", "training.max_steps=0", "training.test_sequences=10", "reports=null"]
        if options.zero:
            many = [f"seed=range({options.zero})", "name=zero", "task.gap=5", "training.save_model=false"]
            records.measured(f"{options.zero:,} runs of no steps", *sweep, *many)
        if options.listed:
            records.measured(f"{options.listed:,} runs listed", *sweep, f"seed=range({options.listed})", "dry_run=true")


if __name__ == "__main__":
    sys.exit(main())
