"""Plans and events as training would tell them, and a record to write them to."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from builders import make_spec

from seqbench.config import Component, Options
from seqbench.events import (
    Baseline,
    Event,
    Exactness,
    Failed,
    Finished,
    GradientByLag,
    Metrics,
    Saved,
    Started,
    TaskFacts,
    Timescales,
)
from seqbench.executors import serial
from seqbench.plan import Job, Plan, RunSpec
from seqbench.record import database, store
from seqbench.record.reading import Recorded, reading
from seqbench.record.writer import Tracker

#: What MLflow's own code does wrong.
MLFLOW_WARNINGS = pytest.mark.filterwarnings("ignore:The .*noload.* loader strategy:DeprecationWarning")
EXPERIMENT = "study"
FACTS = TaskFacts("cross-entropy (nats)", "accuracy", "at least 99 %", (Baseline("no memory", 2.0, 0.125),), level=0.99)
STARTED = Started(33, 2, FACTS, family="gated", state_size=16, auxiliary=("m", "n"))


def put_database(folder: Path, name: str = "mlflow.db") -> Path:
    """An empty record."""
    database.create(folder / name)
    return folder / name


def played_at_once(
    folder: Path, monkeypatch: pytest.MonkeyPatch, outcome: Callable[[RunSpec], Finished]
) -> list[RunSpec]:
    """The runs that are begun from now on: a record in the working folder, and runs that end at once."""
    put_database(folder)
    begun: list[RunSpec] = []

    def events(run: RunSpec) -> Iterable[Event]:
        begun.append(run)
        return [STARTED, outcome(run)]

    monkeypatch.setattr(serial, "events_of", events)
    return begun


def plan_of(*runs: RunSpec, experiment: str = EXPERIMENT) -> Plan:
    options = Options(name=experiment, reports=None)
    return Plan(options, Component("serial", "seqbench.executors.serial.Serial", {}), tuple(map(job_of, runs)))


def unthinned(*runs: RunSpec) -> Plan:
    """A plan whose curves MLflow gets whole."""
    plan = plan_of(*runs)
    return replace(plan, options=replace(plan.options, curve_points=None))


def job_of(run: RunSpec) -> Job:
    return Job(run, f"python -m seqbench seed={run.seed}")


SPEC = make_spec(gap=2, seed=3)


def progress(loss: float = 0.5) -> list[Event]:
    """What a run tells before its end."""
    return [
        STARTED,
        GradientByLag("h", "init", 0, (0.0, -1.0, -2.0), (0.0, 0.1, 0.2)),
        GradientByLag("c", "init", 0, (float("nan"), -1.5, -2.5), (float("nan"), 0.3, 0.4)),
        GradientByLag("direct_mean", "init", 0, (0.0, -0.25, -0.5), (0.0, 0.0, 0.0)),
        Timescales("init", (1.5, 2.5)),
        Metrics(2, {"gradient/norm": 3.0, "gradient/recurrent": 1.0, "train/loss": loss}),
        Metrics(3, {"validation/loss": 0.4, "validation/accuracy": 0.75}),
        Exactness("init", 2.5e-13),
        Metrics(4, {"gradient/norm": 2.0, "gradient/recurrent": 0.5, "train/loss": loss / 2}),
        GradientByLag("h", "step_4", 4, (0.0, -0.75, -1.5), (0.0, 0.05, 0.1)),
        GradientByLag("h", "end", 6, (0.0, -0.5, -0.75), (0.0, 0.01, 0.02)),
        Saved(3, b"the parameters"),
    ]


SOLVED = Finished(
    "solved", 6, 6, {"loss": 0.01, "accuracy": 0.995}, {}, "solved", "", seconds=1.5, milliseconds_per_step=2.5
)
SLOTS = [{"loss": 0.5, "accuracy": 0.5}, {"loss": 1.5, "accuracy": 0.0}]
VARIANTS = [{"length": 20.0, "accuracy": 0.75}, {"length": 40.0, "accuracy": 0.5}]
UNSOLVED = Finished(
    "unsolved",
    6,
    None,
    {"loss": 1.0, "accuracy": 0.25},
    {"slots": SLOTS, "variants": VARIANTS},
    "partial",
    "its loss is lower",
    seconds=2.5,
)
DIVERGED = Finished("diverged", 5, None, {}, {}, "diverged", "not finite at step 5", seconds=0.5)
CRASHED = Failed("RuntimeError: no luck", "Traceback ...")


def record(plan: Plan, stories: Iterable[tuple[RunSpec, Sequence[Event]]]) -> None:
    """Write stories, one after the other, to the record in the working folder."""
    with Tracker(plan) as tracker:
        for run, events in stories:
            for event in events:
                tracker.write(job_of(run), event)


def recorded(experiment: str = EXPERIMENT) -> list[Recorded]:
    """The runs that stand in the record."""
    if not store.exists(store.tracking_uri()):
        return []
    with reading(store.tracking_uri()) as reader:
        found = reader.experiment(experiment)
        return reader.runs(found.id) if found else []


def history(run: Recorded, key: str) -> list[tuple[int, float]]:
    points = store.connect(store.tracking_uri()).get_metric_history(run.run_id, key)
    return sorted((point.step, point.value) for point in points)
