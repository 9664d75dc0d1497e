"""One MLflow run while it is written: events become points, parameters and tags, sent in batches."""

import json
import math
import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from functools import partial
from typing import TYPE_CHECKING

from seqbench.events import (
    END,
    HIDDEN,
    INIT,
    INPUTS,
    Event,
    Exactness,
    Failed,
    Finished,
    GradientByLag,
    Metrics,
    Saved,
    Started,
    Timescales,
)
from seqbench.plan import RunSpec
from seqbench.record import names
from seqbench.record.attached import attach
from seqbench.record.provenance import provenance
from seqbench.statistics.rates import decay_per_step
from seqbench.wording import printable

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run

#: Points of a run that are held back at most, and for how many seconds, before they are sent.
MOST_POINTS, MOST_SECONDS = 1000, 5.0
#: A tag holds at most 8,000 characters, and a parameter 6,000.
LONGEST_TAG, LONGEST_PARAM = 7500, 5500


class OpenRun:
    """One MLflow run with the points that have not been sent yet."""

    def __init__(self, client: "MlflowClient", run: "Run", spec: RunSpec, uri: str, workers: int) -> None:
        self.client, self.run_id = client, run.info.run_id
        self.attach = partial(attach, run_id=run.info.run_id, artifact_uri=run.info.artifact_uri, uri=uri)
        self.began, self.sent = run.info.start_time, time.monotonic()
        self.points: list[tuple[str, float, int]] = []
        self.params: dict[str, object] = _identity(spec) | provenance() | {"workers": workers}
        self.tags: dict[str, str] = {}
        self.not_finite: list[str] = []
        self.evidence_lag = 0

    def write(self, event: Event) -> None:
        """Turn an event into points, parameters and tags, and send them now and then."""
        match event:
            case Started():
                self.points.clear()
                self.not_finite.clear()
                self.evidence_lag = event.evidence_lag
                self.params |= {"num_parameters": event.num_parameters, "evidence_lag": event.evidence_lag}
                self.params |= {"family": event.family} if event.family else {}
                self.params |= {"auxiliary_states": ", ".join(event.auxiliary)} if event.auxiliary else {}
                self.params |= {} if event.state_size is None else {"state_size": event.state_size}
                self.params |= {f"about.{name.replace(' ', '_')}": value for name, value in event.facts.about.items()}
                if event.card:
                    self.params["card"] = event.card
                facts = replace(event.facts, score_name=names.storable(event.facts.score_name))
                self.tags[names.FACTS] = json.dumps(asdict(facts))
                if event.words is not None:
                    words = json.dumps(event.words, ensure_ascii=False)
                    self.attach(names.WORDS_FILE, words.encode(errors="backslashreplace"))
            case Metrics(step, values):
                self.points += [(key, value, step) for key, value in values.items()]
            case GradientByLag(state, stage, not_finite=not_finite):
                self.points += _curve(event)
                if state in (HIDDEN, INPUTS):
                    self.points += _in_numbers(event, self.evidence_lag)
                if not_finite:
                    self.not_finite.append(_where_not_finite(state, stage, not_finite))
                    self.tags[names.NOT_FINITE] = "; ".join(self.not_finite)
            case Timescales(stage, values, layer):
                name = names.of_time_constants(stage, layer)
                self.points += [(name, value, unit) for unit, value in enumerate(values)]
            case Exactness(stage, apart):
                self.points.append((f"{names.EXACT_APART}{stage}", apart, 0))
            case Saved(step, content):
                self.points.append((names.SAVED_STEP, step, step))
                self.attach(names.MODEL_FILE, content)
            case Finished():
                self._write_result(event)
            case Failed(reason, traceback):
                self.tags |= {
                    names.OUTCOME: "failed",
                    names.REASON: reason,
                    names.TRACEBACK: traceback,
                }
        if len(self.points) > MOST_POINTS or time.monotonic() - self.sent > MOST_SECONDS:
            self.flush()

    def _write_result(self, event: Finished) -> None:
        self.tags |= {names.OUTCOME: event.outcome, names.LABEL: event.label}
        self.tags[names.EVIDENCE] = event.evidence
        for table, rows in event.tables.items():
            for row, values in enumerate(rows):
                self.points += [(f"{table}/{name}", value, row) for name, value in values.items()]
        result = {f"{names.TEST}{name}": value for name, value in event.test.items()}
        result |= {names.STEPS: event.steps, names.SECONDS: event.seconds}
        if event.milliseconds_per_step is not None:
            result[names.MILLISECONDS] = event.milliseconds_per_step
        if event.steps_to_solve is not None:
            result[names.STEPS_TO_SOLVE] = event.steps_to_solve
        result |= {f"{names.SOLVED_BY}{budget}": float(solved) for budget, solved in event.solved_by.items()}
        self.points += [(key, value, event.steps) for key, value in result.items()]

    def flush(self) -> None:
        """Send everything. A point's time is derived from its step, so that sending it again stores nothing new."""
        from mlflow.entities import Metric, Param, RunTag

        metrics = [
            Metric(names.storable(key), value, self.began + step, step)
            for key, value, step in self.points
            if math.isfinite(value)
        ]
        params = [Param(key, printable(value, LONGEST_PARAM)) for key, value in self.params.items()]
        tags = [RunTag(key, printable(value, LONGEST_TAG)) for key, value in self.tags.items()]
        for i in range(0, max(len(metrics), 1), 1000):
            self.client.log_batch(self.run_id, metrics[i : i + 1000], params, tags)
            params, tags = [], []
        self.points, self.params, self.tags = [], {}, {}
        self.sent = time.monotonic()


def _curve(event: GradientByLag) -> list[tuple[str, float, int]]:
    """Its points by lag; of the shares that are nearly always 0, those that are not, and the first."""
    curve = names.ByLag(event.state, event.stage)
    told = {curve.metric: event.mean, curve.spread: event.spread}
    points = [(name, value, lag) for name, values in told.items() for lag, value in enumerate(values)]
    return points + [(curve.zero, share, lag) for lag, share in enumerate(event.zero) if share or not lag]


def _in_numbers(event: GradientByLag, lag: int) -> list[tuple[str, float, int]]:
    """The numbers of `names.AT_GAP`, by stage, and as a curve over training."""
    values = _at(event.mean, lag), decay_per_step(event.mean[: lag + 1]), _at(event.zero, lag)
    told = {names.of_curve(name, event.state): value for name, value in zip(names.AT_GAP, values, strict=True)}
    stage = event.stage
    by_stage = [(names.at_stage(name, stage), value, lag) for name, value in told.items() if stage in (INIT, END)]
    return by_stage + [(names.through_training(name), value, event.step) for name, value in told.items()]


def _at(curve: Sequence[float], lag: int) -> float:
    return curve[lag] if lag < len(curve) else math.nan


def _where_not_finite(state: str, stage: str, places: Sequence[tuple[int, int]]) -> str:
    """ "h at init: from lag 3 on in sample 7, and in 4 other samples"."""
    (lag, sample), more = min(places), len(places) - 1
    others = f", and in {more} other sample{'s' if more > 1 else ''}" if more else ""
    return f"{state} at {stage}: from lag {lag} on in sample {sample}{others}"


def _identity(spec: RunSpec) -> dict[str, object]:
    """What names the run comes after its settings: `task` and `arm` are names, `load` is there for every task."""
    return {
        **spec.settings,
        "arm": spec.model.name,
        "gap": spec.gap,
        "load": spec.load,
    }
