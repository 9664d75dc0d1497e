"""One run while it goes on: its events become points, parameters, tags and files, which are sent in parcels."""

import json
import math
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace

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
from seqbench.record import names, points
from seqbench.record.provenance import provenance
from seqbench.record.thinning import Growing, Point, by_logarithm, evenly
from seqbench.statistics.rates import decay_per_step
from seqbench.wording import printable

#: Seconds for which points of a run are held back at most before some of them are sent.
MOST_SECONDS = 5.0
#: A tag holds at most 8,000 characters, and a parameter 6,000.
LONGEST_TAG, LONGEST_PARAM = 7500, 5500


@dataclass(frozen=True)
class Parcel:
    """What is sent of a run at once: points, parameters, tags, and files by their names."""

    points: list[Point]
    params: dict[str, str]
    tags: dict[str, str]
    files: dict[str, bytes]


class OpenRun:
    """What one run has told; of a curve, MLflow gets `most` points."""

    def __init__(self, spec: RunSpec, most: int | None, workers: int) -> None:
        self.most, self.budget, self.sent = most, spec.training.max_steps, time.monotonic()
        self.params: dict[str, object] = _identity(spec) | provenance() | {"workers": workers}
        self.tags: dict[str, str] = {}
        self.files: dict[str, bytes] = {}
        self.evidence_lag = 0
        self._begin()

    def _begin(self) -> None:
        self.all: list[Point] = []
        self.chosen: list[Point] = []
        self.growing: dict[str, Growing] = {}
        self.not_finite: list[str] = []

    def write(self, event: Event) -> None:
        """Turn an event into points, parameters, tags and files."""
        match event:
            case Started():
                self._begin()
                self._write_start(event)
            case Metrics(step, values):
                self._grow([(key, step, value) for key, value in values.items()])
            case GradientByLag(state, stage, not_finite=not_finite):
                self._write_curve(event)
                if state in (HIDDEN, INPUTS):
                    self._write_numbers(event)
                if not_finite:
                    self.not_finite.append(_where_not_finite(state, stage, not_finite))
                    self.tags[names.NOT_FINITE] = "; ".join(self.not_finite)
            case Timescales(stage, values, layer):
                self._write_row(names.of_time_constants(stage, layer), values)
            case Exactness(stage, apart):
                self._tell([(f"{names.EXACT_APART}{stage}", 0, apart)])
            case Saved(step, content):
                self._tell([(names.SAVED_STEP, step, step)])
                self.files[names.MODEL_FILE] = content
            case Finished():
                self._write_result(event)
            case Failed(reason, traceback):
                self.tags |= {names.OUTCOME: "failed", names.REASON: reason, names.TRACEBACK: traceback}

    @property
    def is_due(self) -> bool:
        """Whether some of it is to be sent, for those who look on: a short run is sent once, when it has ended."""
        return time.monotonic() - self.sent > MOST_SECONDS

    def parcel(self, *, last: bool = False) -> Parcel:
        """What is to be sent now; the `last` one has the file with all points."""
        for curve in self.growing.values():
            self.chosen += curve.rest() if last else curve.now()
        if last and self.all:
            self.files[names.POINTS_FILE] = points.content(self.all)
            self.tags[names.POINTS] = str(len(set(self.all)))
        params = {key: printable(value, LONGEST_PARAM) for key, value in self.params.items()}
        tags = {key: printable(value, LONGEST_TAG) for key, value in self.tags.items()}
        parcel = Parcel(self.chosen, params, tags, self.files)
        self.chosen, self.params, self.tags, self.files = [], {}, {}, {}
        self.sent = time.monotonic()
        return parcel

    def _write_start(self, event: Started) -> None:
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
            self.files[names.WORDS_FILE] = words.encode(errors="backslashreplace")

    def _write_curve(self, event: GradientByLag) -> None:
        """Its points by lag; of the shares that are nearly always 0, those that are not, and the first."""
        curve, kept = names.ByLag(event.state, event.stage), by_logarithm(len(event.mean), self.most)
        told = {curve.metric: event.mean, curve.spread: event.spread}
        for name, values in told.items():
            self._tell([(name, lag, value) for lag, value in enumerate(values)], kept)
        zero = [(curve.zero, lag, share if share or not lag else math.nan) for lag, share in enumerate(event.zero)]
        self._tell(zero, kept)

    def _write_numbers(self, event: GradientByLag) -> None:
        """The numbers of `names.AT_GAP`, by stage, and as a curve over training."""
        lag, stage = self.evidence_lag, event.stage
        values = _at(event.mean, lag), decay_per_step(event.mean[: lag + 1]), _at(event.zero, lag)
        told = {names.of_curve(name, event.state): value for name, value in zip(names.AT_GAP, values, strict=True)}
        if stage in (INIT, END):
            self._tell([(names.at_stage(name, stage), lag, value) for name, value in told.items()])
        self._grow([(names.through_training(name), event.step, value) for name, value in told.items()])

    def _write_row(self, name: str, values: Sequence[float]) -> None:
        """A curve over places: of units, of asked positions."""
        self._tell([(name, place, value) for place, value in enumerate(values)], evenly(len(values), self.most))

    def _write_result(self, event: Finished) -> None:
        self.tags |= {names.OUTCOME: event.outcome, names.LABEL: event.label}
        self.tags[names.EVIDENCE] = event.evidence
        for table, rows in event.tables.items():
            for name in dict.fromkeys(name for row in rows for name in row):
                self._write_row(f"{table}/{name}", [row.get(name, math.nan) for row in rows])
        result = {f"{names.TEST}{name}": value for name, value in event.test.items()}
        result |= {names.STEPS: event.steps, names.SECONDS: event.seconds}
        if event.milliseconds_per_step is not None:
            result[names.MILLISECONDS] = event.milliseconds_per_step
        if event.hold is not None:
            result |= {names.HOLD_MULTIPLE: event.hold.multiple, names.HOLD_TESTED: event.hold.tested}
        if event.steps_to_solve is not None:
            result[names.STEPS_TO_SOLVE] = event.steps_to_solve
        result |= {f"{names.SOLVED_BY}{budget}": float(solved) for budget, solved in event.solved_by.items()}
        self._tell([(key, event.steps, value) for key, value in result.items()])

    def _tell(self, told: Sequence[Point], kept: Iterable[int] | None = None) -> None:
        """Points that are there at once, of which MLflow gets those at the places that are kept."""
        stored = [_stored(point) for point in told]
        self.all += filter(None, stored)
        self.chosen += filter(None, stored if kept is None else [stored[place] for place in kept if place < len(told)])

    def _grow(self, told: Iterable[Point]) -> None:
        """Points of curves through training."""
        for point in filter(None, map(_stored, told)):
            self.all.append(point)
            self.growing.setdefault(point[0], Growing(self.most, self.budget)).left.append(point)


def _stored(point: Point) -> Point | None:
    """As MLflow takes it, if it does: a value that is no number is left out."""
    name, step, value = point
    return (names.storable(name), step, float(value)) if math.isfinite(value) else None


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
