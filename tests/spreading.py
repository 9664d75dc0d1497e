"""A made-up record of runs whose states latch, drift or leak, and that were tested beyond their gap."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import synthetic

from seqbench.record import names
from seqbench.record.values import Record

GAP = 80
LAGS = np.array([0.5, 1, 1.25, 1.5, 1.75, 2]) * GAP
KINDS = {"lstm": "drift", "gru": "leak", "rnn": "latch"}
"""By arm, what becomes of its states."""
HELD = {"lstm": 4, "gru": 2, "rnn": 64}


def states(kind: str) -> tuple[np.ndarray, np.ndarray]:
    """W and B: a ratio that is .1 at the gap, and doubles in 40 steps, or stays."""
    flat, doubled = np.ones_like(LAGS), 2 ** ((LAGS - GAP) / 40)
    return {"drift": (doubled, 10 * flat), "leak": (flat, 10 / doubled), "latch": (flat, 10 * flat)}[kind]


def points(run_id: str, kind: str, factor: float) -> list[tuple[str, str, int, float]]:
    """What the record has of a run: id, metric, row, value."""
    within, between = states(kind)
    told = [
        (run_id, f"{names.SPREAD}{name}", row, float(value))
        for name, values in {"lag": LAGS, "within": within, "between": between, "moved": 0 * LAGS}.items()
        for row, value in enumerate(values)
    ]
    return [*told, (run_id, f"{names.SPREAD}factor", int(np.argmax(LAGS == GAP)), factor)]


def record(
    arms: Sequence[str] = ("rnn", "gru", "lstm"), tasks: Sequence[str] = ("copy",), seeds: Sequence[int] = range(3)
) -> Record:
    """Runs that solved their task; the readouts of seeds 0, 1, 2 err at 8, 16, 32 times the deviations at the gap."""
    cells = {(task, arm, GAP, seed): "solved" for task in tasks for arm in arms for seed in seeds}
    found = synthetic.record(arms=arms, tasks=tasks, gaps=(GAP,), seeds=seeds, outcomes=cells)
    told = [
        point
        for run in found.runs.itertuples()
        for point in points(run.run_id, KINDS[run.arm], 8.0 * 2.0 ** float(run.seed))
    ]
    metrics = pd.DataFrame(told, columns=["run_id", "metric", "step", "value"])
    whose = found.runs[["run_id", "task", "arm", "gap", "seed"]]
    held = found.runs.arm.map(HELD)
    runs = found.runs.assign(hold_multiple=held, hold_tested=(2 * held).clip(upper=64))
    return replace(found, runs=runs, metrics=whose.merge(metrics, on="run_id"))
