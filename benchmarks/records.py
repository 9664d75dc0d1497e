"""A large record: planning its sweep again, writing its report, the size of its page.

python benchmarks/records.py [RUNS] [--folder FOLDER]

The runs are made up, in the numbers and shapes of points that real runs of `gap_sweep` have, and are written by the
real tracking code. Everything is measured as a command in a process of its own. FOLDER keeps the record, or has one.
"""

import argparse
import math
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

ARMS = ("rnn", "gru", "lstm", "lstm_default", "lstm_chrono")
CELLS = 2 * 3 * len(ARMS)
"""Tasks, gaps and arms."""
REACH = {"rnn": 15, "gru": 60, "lstm": 60, "lstm_default": 30, "lstm_chrono": 1000}
"""Gap up to which an arm solves its tasks, most of the time."""
DECAY = {"rnn": -0.3, "gru": -0.06, "lstm": -0.06, "lstm_default": -0.1, "lstm_chrono": -0.01}
"""Slope of log10 of the gradient, per step of lag."""
UNITS = 64


def sweep(runs: int) -> list[str]:
    """The arguments of the sweep that the record is of."""
    return ["+experiment=gap_sweep", f"model={','.join(ARMS)}", f"seed=range({runs // CELLS})"]


# -- making it ---------------------------------------------------------------------------------------------


def make(runs: int) -> None:
    """Write the record into the working folder."""
    written(runs)


def written(runs: int, *more: str) -> tuple[int, float, float]:
    """Write a record: how many runs it has, and the seconds and seconds of the processor that the writing took.

    The stories are told beforehand, so that this is what a driver does while others train.
    """
    from seqbench.planning.make_plan import make_plan
    from seqbench.record.writer import Tracker

    plan = make_plan(*sweep(runs), *more)
    writing = cpu = 0.0
    with Tracker(plan) as tracker:
        tracker.connect()
        for batch in (plan.jobs[at : at + 100] for at in range(0, len(plan.jobs), 100)):
            told = [(job, event) for job in batch for event in story(job.run)]
            began, used = time.perf_counter(), time.process_time()
            for job, event in told:
                tracker.write(job, event)
            tracker.shipping.settle()
            writing, cpu = writing + time.perf_counter() - began, cpu + time.process_time() - used
    return len(plan.jobs), writing, cpu


def story(spec) -> Iterator:
    """The events of a run; its model, untrained, is saved for the first seed and stands for the others'."""
    import numpy as np
    from safetensors.torch import save

    from seqbench.events import Finished, Metrics, Saved, Timescales
    from seqbench.training import fit as training
    from seqbench.training.build import build

    rng = np.random.default_rng(int(spec.fingerprint, 16))
    task, model = build(spec)
    yield training._introduce(task, model.core, spec.device, model.num_parameters)
    solved = int(spec.gap) <= REACH[spec.model.name] * rng.uniform(0.6, 2.5)
    steps = min(2000, 50 * int(rng.integers(4, 12) + int(spec.gap) / 8)) if solved else 2000
    gated = spec.model.name != "rnn"
    yield from probes(spec, task.evidence_lag, "init", 0, rng)
    if gated:
        yield Timescales("init", tuple(np.sort(rng.exponential(5, UNITS))))
    worst = task.baselines[0].loss
    for step in range(1, steps + 1):
        if step % spec.training.record_every == 0:
            blocks = ("norm", "recurrent", "input", "readout")
            norms = {f"gradient/{block}": float(rng.lognormal(-1, 0.7)) for block in blocks}
            yield Metrics(step, {**norms, "train/loss": worst * float(rng.lognormal(0, 0.05))})
        if step % spec.training.validate_every == 0:
            fall = 1.7 / (1 + math.exp(-14 * (step / steps - 0.7))) if solved else 0.0
            loss = worst * 10 ** float(rng.normal(-fall, 0.02))
            scores = {"loss": loss, task.score_name: loss, "in_whole": float(solved)}
            yield Metrics(step, {f"validation/{name}": value for name, value in scores.items()})
    yield from probes(spec, task.evidence_lag, "end", steps, rng)
    if gated:
        yield Timescales("end", tuple(np.sort(rng.exponential(9, UNITS))))
    yield Saved(steps, save(model.state_dict()) if spec.seed == 0 else b"")
    outcome, label = ("solved", "solved") if solved else ("unsolved", "memoryless")
    evidence = "" if solved else f"its loss, {loss:.4g}, is that of a model without memory"
    yield Finished(outcome, steps, steps if solved else None, scores, {}, label, evidence, seconds=steps * 0.01)


def probes(spec, evidence_lag: int, stage: str, step: int, rng) -> Iterator:
    """The gradient by lag, measured and in theory: what each kind of core has."""
    import numpy as np

    from seqbench.events import GradientByLag

    slopes = {
        "rnn": {"h": 1.0, "path": 0.5, "sigma_max": -0.2},
        "gru": {"h": 1.0, "direct_mean": 1.5, "direct_best": 0.9},
    }
    lstm = {"h": 1.0, "c": 1.0, "direct_mean": 1.5, "direct_best": 0.9}
    lags = np.arange(evidence_lag + (10 if spec.task.name == "adding" else 1))
    for state, slope in slopes.get(spec.model.name, lstm).items():
        decay = DECAY[spec.model.name] * slope * (1.0 if stage == "init" else 0.6) * rng.normal(1, 0.05)
        spread = tuple(rng.uniform(0, 0.3, len(lags)))
        yield GradientByLag(state, stage, step, tuple(decay * lags + 0.02 * rng.standard_normal(len(lags))), spread)


def plan_again(runs: int) -> None:
    """What a sweep does before its first run, in a process that has imported everything: compose, check, look up."""
    import mlflow  # noqa: F401

    from seqbench.planning.make_plan import make_plan
    from seqbench.record import store
    from seqbench.record.writer import Tracker

    store.connect(store.tracking_uri())
    began, cpu = time.perf_counter(), time.process_time()
    plan = make_plan(*sweep(runs))
    with Tracker(plan) as tracker:
        pending = len(plan.runs) - len(tracker.finished(plan.runs))
    wall, cpu = time.perf_counter() - began, time.process_time() - cpu
    print(
        f"planning {len(plan.runs):,} runs, {pending} to run: {wall:.1f} s, {cpu:.1f} s of processor time", flush=True
    )


# -- measuring it ------------------------------------------------------------------------------------------


def measured(what: str, *command: str) -> None:
    """Run a command of Python in its own process; print its wall and processor time and its peak of memory.

    This process holds next to nothing: the system counts what it held before the start to the peak of the command.
    """
    began = time.perf_counter()
    process = subprocess.Popen([sys.executable, *command], stdout=None if "--plan" in command else subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    wall, cpu = time.perf_counter() - began, usage.ru_utime + usage.ru_stime
    print(
        f"{what}: {wall:.1f} s, {cpu:.1f} s of processor time, peak {usage.ru_maxrss * 1024 / 1e6:.0f} MB", flush=True
    )
    if process.returncode:
        sys.exit(f"{' '.join(command)} ended with exit code {process.returncode}")


def main() -> None:
    """Make the record unless it is there, then measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", nargs="?", type=int, default=2000, help=f"rounded down to a multiple of {CELLS}")
    parser.add_argument("--folder", type=Path, help="where the record is kept, or found")
    parser.add_argument("--make", action="store_true", help="only write the record, into the working folder")
    parser.add_argument("--plan", action="store_true", help="only plan the sweep, in the working folder")
    options = parser.parse_args()
    if options.make or options.plan:
        return (make if options.make else plan_again)(options.runs)
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.folder or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        this = str(Path(__file__).resolve())
        os.environ["PYTHONPATH"] = str(Path(this).parents[1])
        os.environ.pop("MLFLOW_TRACKING_URI", None)
        os.chdir(folder)
        if not Path("mlflow.db").exists():
            measured(f"writing {options.runs // CELLS * CELLS:,} runs", this, str(options.runs), "--make")
        measured("report", "-m", "seqbench.report", "gap_sweep")
        measured("the same command again", "-m", "seqbench", *sweep(options.runs))
        measured("planning alone, with its imports", this, str(options.runs), "--plan")
        for file in ("reports/gap_sweep/index.html", "reports/gap_sweep/metrics.parquet", "mlflow.db"):
            if Path(file).exists():
                print(f"{Path(file).name}: {Path(file).stat().st_size / 1e6:.1f} MB")
    return None


if __name__ == "__main__":
    main()
