"""A made-up record with the shapes of a real one, for tests of the report; knobs make the odd cases."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from seqbench.analysis.findings import findings
from seqbench.events import Baseline, TaskFacts
from seqbench.record.values import Record, no_slots
from seqbench.report.traces import looked_into
from seqbench.trace.values import Trace

BUDGET, VALIDATE_EVERY, RECORD_EVERY = 2000, 50, 40

TASKS = {
    "adding": TaskFacts(
        loss_name="mean squared error",
        score_name="mse",
        criterion="test MSE below 0.01",
        level=0.01,
        baselines=(Baseline("no memory", 1 / 6, 1 / 6), Baseline("one operand remembered", 1 / 12, 1 / 12)),
    ),
    "copy": TaskFacts(
        loss_name="cross-entropy (nats)",
        score_name="accuracy",
        criterion="test accuracy of at least 99 % on the recalled symbols",
        level=0.99,
        baselines=(Baseline("no memory", float(np.log(8)), 0.125),),
    ),
}

PLAIN = {"h": (1.0, 0.0), "path": (0.5, 0.0), "sigma_max": (-0.2, 0.0)}
GATED = {"h": (1.0, 0.0), "c": (1.0, 0.5), "direct_mean": (1.5, 0.0), "direct_best": (0.9, 0.0)}
STEPLESS = {"inputs": (1.0, 0.0)}
"""Curves of an arm: slope relative to that of h, and the value at lag 0; bounds lie above h."""

LONGEST = {"rnn": 15, "lstm": 60, "lstm_chrono": 1000}
"""Gaps up to which an arm solves its task; others solve up to 30."""

DECAY = {"rnn": -0.3, "lstm": -0.06, "lstm_chrono": -0.005}
"""Slope of log10 of the gradient, per step of lag."""

Cell = tuple[str, str, int, int]


def record(
    arms: Sequence[str] = ("rnn", "lstm", "lstm_chrono"),
    tasks: Sequence[str] = ("adding", "copy"),
    gaps: Sequence[int] = (10, 20, 50, 100),
    seeds: Sequence[int] = range(5),
    outcomes: Mapping[Cell, str] | None = None,
) -> Record:
    """A run per task, arm, gap and seed. `outcomes` overrides what some of them (by that key) came to."""
    cells = [(task, arm, gap, seed) for task in tasks for arm in arms for gap in gaps for seed in seeds]
    given = outcomes or {}
    runs = pd.DataFrame([_run(cell, given.get(cell) or expected(cell)) for cell in cells])
    return Record(
        experiment="synthetic",
        runs=runs,
        curves=_frame([(run, _curves(run)) for run in runs.to_dict("records")], ["metric", "step", "value"]),
        lags=_frame([(run, _lags(run)) for run in runs.to_dict("records")], LAG_COLUMNS),
        tasks={task: TASKS[task] for task in tasks},
        slots=_frame([(run, _slots(run)) for run in runs.to_dict("records")], ["metric", "slot", "value"]),
    )


KEYS = ["run_id", "task", "arm", "gap", "seed"]
LAG_COLUMNS = ["state", "stage", "lag", "log10_gradient", "spread"]


def expected(cell: Cell) -> str:
    """Solved up to the arm's longest gap; the last seed is a little less lucky."""
    _, arm, gap, seed = cell
    return "solved" if gap * (1.3 if seed == 4 else 1) <= LONGEST.get(arm, 30) else "unsolved"


def without(whole: Record, **cell: object) -> Record:
    """The record without the runs whose columns have these values: without(record, arm="lstm", gap=100)."""
    gone = np.logical_and.reduce([whole.runs[column] == value for column, value in cell.items()])
    left = whole.runs[~gone].reset_index(drop=True)
    return replace(
        whole,
        runs=left,
        curves=whole.curves[whole.curves.run_id.isin(left.run_id)].reset_index(drop=True),
        lags=whole.lags[whole.lags.run_id.isin(left.run_id)].reset_index(drop=True),
        slots=whole.slots[whole.slots.run_id.isin(left.run_id)].reset_index(drop=True),
    )


def _rng(run: Mapping[str, object], purpose: str) -> np.random.Generator:
    return np.random.default_rng(list(f"{run['run_id']}/{purpose}".encode()))


def _run(cell: Cell, outcome: str) -> dict[str, object]:
    task, arm, gap, seed = cell
    name = f"{task}-{arm}-gap{gap}-seed{seed}"
    rng = _rng({"run_id": name}, "run")
    ended = {"solved": int(150 + 8 * gap + 50 * rng.integers(0, 6)), "diverged": 400, "failed": 200}
    steps = min(BUDGET, -(-ended.get(outcome, BUDGET) // VALIDATE_EVERY) * VALIDATE_EVERY)
    decay, solved = DECAY.get(arm, -0.1), outcome == "solved"
    finished, level = outcome in ("solved", "unsolved"), TASKS[task].baselines[0].loss
    of = "input_" if arm == "stepless" else ""
    return {
        "run_id": name, "run_name": name, "status": "FAILED" if outcome == "failed" else "FINISHED",
        "outcome": outcome, "reason": "worker died (signal 9)" if outcome == "failed" else "",
        "label": {"unsolved": "memoryless", "failed": ""}.get(outcome, outcome),
        "evidence": {"unsolved": f"its loss after seed {seed} is that of a model with no memory",
                     "diverged": f"a loss or gradient was not finite at step {steps:,}"}.get(outcome, ""),
        "task": task, "arm": arm, "plain_task": task, "plain_arm": arm,
        "gap": gap, "load": 2 if task == "adding" else 3, "seed": seed,
        "parameters": 4545 if arm == "rnn" else 17_985, "steps": steps, "budget": BUDGET,
        "steps_to_solve": float(steps) if solved else np.nan,
        "test_loss": 0.004 if solved else level if finished else np.nan,
        "test_loss_error": 0.004 * level if finished else np.nan,
        "test_score": (0.004 if task == "adding" else 0.998) if solved else 0.15 if finished else np.nan,
        f"{of}gradient_at_gap_init": decay * gap + 0.1 * rng.standard_normal() if outcome != "failed" else np.nan,
        f"{of}gradient_at_gap_end": 0.5 * decay * gap + 0.1 * rng.standard_normal() if finished else np.nan,
        f"{of}decay_init": -np.log(10) * decay + 0.001 * seed if outcome != "failed" else np.nan,
        f"{of}decay_end": -0.5 * np.log(10) * decay if finished else np.nan,
        "seconds": steps * 0.01, "fingerprint": f"fingerprint of {name}",
        "task.gap": gap, "model.hidden_size": 64,
        "model.forget_bias": {"lstm": "1.0", "lstm_chrono": "chrono"}.get(arm),
        "training.learning_rate": 0.003, "training.optimizer": "Adam", "training.clip_norm": 1.0,
        "training.max_steps": BUDGET, "version.seqbench": "0.1.0", "version.torch": "2.13.0",
        "device": "cpu", "card": "", "git_revision": "0123456789abcdef",
    }  # fmt: skip


Rows = Sequence[Sequence[object]]
"""Values by column, of which those of the last columns are arrays; the others hold for all of them."""


def _curves(run: Mapping[str, object]) -> Rows:
    """Loss falls from its baseline to solved, or stays there; norms rise and fall with noise."""
    rng, steps = _rng(run, "curves"), int(run["steps"])
    validated, recorded = np.arange(50, steps + 1, VALIDATE_EVERY), np.arange(RECORD_EVERY, steps + 1, RECORD_EVERY)
    start = TASKS[str(run["task"])].baselines[0].loss
    fall = 1 / (1 + np.exp(-(validated / steps - 0.7) * 14)) if run["outcome"] == "solved" else np.zeros(len(validated))
    loss = start * 10 ** (-1.7 * fall + 0.02 * rng.standard_normal(len(validated)))
    if run["outcome"] == "diverged":
        loss[-3:] = start * 3, start * 50, np.nan
    parts = [("validation/loss", validated, loss), ("train/loss", validated, loss)]
    for block, scale in {"norm": 1.0, "recurrent": 0.3, "input": 0.2, "readout": 0.8}.items():
        norm = scale * 10 ** (-0.3 + 0.35 * rng.standard_normal(len(recorded)))
        parts.append((f"gradient/{block}", recorded, norm))
    return parts


def _lags(run: Mapping[str, object]) -> Rows:
    if run["outcome"] == "failed":
        return []
    rng, lags = _rng(run, "lags"), np.arange(int(run["gap"]) + 3)
    slope = DECAY.get(str(run["arm"]), -0.1)
    parts = []
    curves = GATED if str(run["arm"]).startswith("lstm") else STEPLESS if run["arm"] == "stepless" else PLAIN
    for state, (more, start) in curves.items():
        for stage, factor in {"init": 1.0, "step_100": 0.9, "end": 0.5 if run["outcome"] == "solved" else 0.8}.items():
            value = factor * slope * more * lags * (rng.normal(1, 0.05) if state in ("h", "c", "inputs") else 1) + start
            if run["outcome"] == "diverged" and stage == "end":
                value = np.full(len(lags), np.nan)
            parts.append((state, stage, lags, value, np.full(len(lags), 0.1)))
    return parts


def _slots(run: Mapping[str, object]) -> Rows:
    """Three symbols, of which the first is held best; the other task asks once."""
    if run["task"] != "copy" or run["outcome"] not in ("solved", "unsolved"):
        return []
    value = [0.999, 0.998, 0.997] if run["outcome"] == "solved" else [0.5, 0.25, 0.125]
    return [("accuracy", np.arange(3), np.array(value))]


def without_training(whole: Record) -> Record:
    """The same runs with a budget of 0 steps: the initialisation alone."""
    unknown = dict.fromkeys(["decay_end", "gradient_at_gap_end", "steps_to_solve"], np.nan)
    return replace(
        whole,
        runs=whole.runs.assign(outcome="unsolved", steps=0, budget=0, **unknown),
        curves=whole.curves.iloc[:0],
        lags=whole.lags[whole.lags.stage == "init"].reset_index(drop=True),
    )


def before_the_diagnosis(whole: Record) -> Record:
    """The same runs as they were recorded before there were labels, decays, theory, snapshots and slots."""
    measured = whole.lags.state.isin(["h", "c"]) & whole.lags.stage.isin(["init", "end"])
    return replace(
        whole,
        runs=whole.runs.drop(columns=["label", "evidence", "decay_init", "decay_end"]),
        lags=whole.lags[measured].reset_index(drop=True),
        slots=no_slots(),
    )


def traces(whole: Record) -> dict[str, Trace]:
    """Made-up looks into the models that a report of this record wants to look into."""
    return {run_id: _trace() for run_id in looked_into(findings(whole))}


def _trace() -> Trace:
    """Twelve steps of two features and four units: evidence at steps 0 and 2, the question at step 10."""
    rng = np.random.default_rng(0)
    return Trace(
        inputs=rng.random((2, 12)),
        gates={name: rng.random((4, 12)) for name in ("forget", "input", "output")},
        states={name: rng.standard_normal((4, 12)) for name in ("c", "h")},
        order="timescale, longest on top",
        evidence=(0, 2),
        question=10,
        gradient={"h": np.linspace(-5, 0, 11), "c": np.linspace(-3, 0, 11)},
        answer="answer: class 3, right is 3",
        sequence="sequence 2 of its test",
    )


def _frame(parts: Sequence[tuple[Mapping[str, object], Rows]], columns: Sequence[str]) -> pd.DataFrame:
    """The rows of all runs: made at once, because a frame for each takes as long as the tests that ask for it."""
    rows = [([run[key] for key in KEYS] + list(values), len(values[-1])) for run, found in parts for values in found]
    if not rows:
        return pd.DataFrame(columns=KEYS + list(columns))
    whole = [[value if np.ndim(value) else np.repeat(value, size) for value in values] for values, size in rows]
    return pd.DataFrame(dict(zip(KEYS + list(columns), map(np.concatenate, zip(*whole, strict=True)), strict=True)))
