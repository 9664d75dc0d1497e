"""Every name under which a run stands in the record, once, for the writer and the reader.

What training itself tells (metrics, states, stages) is named in `seqbench.events`; here is how it is stored. MLflow
shows these names, so they are chosen to be read, and a metric that is a logarithm or has a unit says so.
"""

import functools
import re
from typing import NamedTuple

from seqbench.events import INPUTS, in_layer

# -- tags of a run -----------------------------------------------------------------------------------------------

FINGERPRINT = "seqbench.fingerprint"
#: The whole spec of the run, and the command that repeats it alone.
SPEC, COMMAND = "seqbench.spec", "seqbench.command"
#: What has to be known about its task (`seqbench.events.TaskFacts`), as JSON.
FACTS = "seqbench.facts"
#: What it came to; for a crash the reason and the traceback, for an unsolved run its label and what that rests on.
OUTCOME, REASON, TRACEBACK = "seqbench.outcome", "seqbench.reason", "seqbench.traceback"
LABEL, EVIDENCE = "seqbench.label", "seqbench.evidence"
#: Where a probe met a gradient that was not finite.
NOT_FINITE = "seqbench.not_finite"
#: How many points its file of points has; a run without one has all of them in MLflow.
POINTS = "seqbench.points"
#: The claims that the run bears on: requirement, control and expected verdict of each, as JSON.
CLAIMS = "seqbench.controls"
#: The search that it belongs to. Of an experiment, followed by a dot and a search: that one's settings.
SEARCH = "seqbench.search"
#: The tuning of its cell; a run with one and without a search is one that a learning rate is chosen by. Of an
#: experiment as above.
TUNING = "seqbench.tuning"

# -- tags of an experiment ---------------------------------------------------------------------------------------

#: Who may write to it, and until when (`seqbench.config.locks.Holder`), as JSON.
LEASE = "seqbench.lease"
#: The controls that were refused, with their reasons.
REFUSALS = "seqbench.refusals"
#: By which MLflow opens an experiment on its runs, and not on its page for traces of language models.
KIND, OF_MODELS = "mlflow.experimentKind", "custom_model_development"
#: What MLflow shows as the description; of a run, too.
NOTE = "mlflow.note.content"
#: What the experiment asks, from its file, and where its last report is.
QUESTION, REPORT = "seqbench.question", "seqbench.report"
#: What its tasks and models are (`seqbench.record.said`), as JSON.
SAID = "seqbench.said"
#: A view of MLflow's table of runs that is kept in an experiment, and the key by which an address names it.
VIEW_KEY = "seqbench"
VIEW = f"mlflow.sharedViewState.{VIEW_KEY}"

# -- artifacts of a run ------------------------------------------------------------------------------------------

#: The parameters with the lowest validation loss.
MODEL_FILE = "model.safetensors"
#: The vocabulary of a run over words, in the order of their places.
WORDS_FILE = "vocabulary.json"
#: Every point of every metric.
POINTS_FILE = "points.parquet"

# -- metrics of a run --------------------------------------------------------------------------------------------

STEPS, STEPS_TO_SOLVE, SECONDS, SAVED_STEP = "steps", "steps_to_solve", "seconds", "saved_step"
MILLISECONDS = "milliseconds_per_step"
#: Beginnings of metrics: scores of the test, tables of the test by name, time constants by stage.
TEST, SLOTS, VARIANTS, TIME_CONSTANT = "test/", "slots/", "variants/", "time_constant_steps/"
#: Of the table of `seqbench.training.spread`.
SPREAD = "spread/"
#: Test scores at multiples of the gap; the longest multiple that was solved, and the longest that was tested.
HOLD, HOLD_MULTIPLE, HOLD_TESTED = "hold/", "hold_multiple", "hold_tested"
#: Before a budget that is shorter than the run's: whether the run would have solved its task by it, 1 or 0.
SOLVED_BY = "solved_by/"
#: By stage, how far the measured gradient of the memory lies from the exact one, where there is one.
EXACT_APART = "exact_apart_decades/"
PERPLEXITY, BITS = f"{TEST}perplexity", f"{TEST}bits_per_character"
#: The gradient at the gap, its decay per step up to it, and the share of sequences in which it is zero at the gap: by
#: stage, and through training.
GRADIENT_AT_GAP, DECAY, ZERO_AT_GAP, FLOW = "gradient_at_gap", "decay", "zero_at_gap", "flow/"
AT_GAP = (GRADIENT_AT_GAP, DECAY, ZERO_AT_GAP)

#: What a chart has to say of these numbers: a logarithm, or a unit.
_LOGARITHM, _PER_STEP = "log10_", "_nats_per_step"

BY_LAG, ZERO_BY_LAG = f"{_LOGARITHM}gradient_by_lag/", "zero_by_lag/"
_STAGE = r"(?:init|end|step_\d+)"
_BY_LAG = re.compile(rf"{BY_LAG}(?P<state>.+)_(?P<stage>{_STAGE})")


class ByLag(NamedTuple):
    """The curve of a state at a stage; a point's step is its lag."""

    state: str
    stage: str

    @property
    def metric(self) -> str:
        """The metric of its mean."""
        return f"{BY_LAG}{self.state}_{self.stage}"

    @property
    def spread(self) -> str:
        """The metric of its spread."""
        return f"{self.metric}_spread"

    @property
    def zero(self) -> str:
        """The metric of the share of sequences without any gradient: told at lag 0, and wherever it is not 0."""
        return f"{ZERO_BY_LAG}{self.state}_{self.stage}"

    @classmethod
    def parse(cls, metric: str) -> "ByLag | None":
        """The curve of which this is the mean; None for any other metric."""
        found = _BY_LAG.fullmatch(metric)
        return cls(found["state"], found["stage"]) if found else None


def of_curve(number: str, state: str) -> str:
    """The name of a number of `AT_GAP`: that of the hidden state is not named, that of inputs is "input_decay"."""
    return f"input_{number}" if state == INPUTS else number


def with_unit(number: str) -> str:
    """A number of `of_curve` as a chart names it: "log10_gradient_at_gap", "decay_nats_per_step"."""
    if number.endswith(GRADIENT_AT_GAP):
        return f"{_LOGARITHM}{number}"
    return f"{number}{_PER_STEP}" if number.endswith(DECAY) else number


def of_time_constants(stage: str, layer: int | None) -> str:
    """The metric of the time constants of a core at a stage, or of a layer of a stack; a point's step is its unit."""
    return f"{TIME_CONSTANT}{stage if layer is None else in_layer(stage, layer)}"


def at_stage(number: str, stage: str) -> str:
    """The metric of a number that is told at initialisation and at the end: "decay_nats_per_step/init"."""
    return f"{with_unit(number)}/{stage}"


def through_training(number: str) -> str:
    """The metric of a number that is told again and again: "flow/decay_nats_per_step"."""
    return f"{FLOW}{with_unit(number)}"


@functools.cache
def storable(name: str) -> str:
    """A metric's name in letters that MLflow takes: "error, %" becomes "error_ _"."""
    return re.sub(r"[^\w.\- /]", "_", name)


# -- from before -------------------------------------------------------------------------------------------------

#: Metrics as they were called when their names said no unit, and as they are called now.
_RENAMED = (
    (rf"gradient_by_lag/(.+_{_STAGE})_zero", rf"{ZERO_BY_LAG}\1"),
    (r"gradient_by_lag/(.+)", rf"{BY_LAG}\1"),
    (rf"({FLOW})?(input_)?{GRADIENT_AT_GAP}(/{_STAGE})?", rf"\1{_LOGARITHM}\2{GRADIENT_AT_GAP}\3"),
    (rf"({FLOW})?(input_)?{DECAY}(/{_STAGE})?", rf"\1\2{DECAY}{_PER_STEP}\3"),
    (r"timescale/(.+)", rf"{TIME_CONSTANT}\1"),
)


@functools.cache
def as_now(metric: str) -> str:
    """The name that a metric of any record has today."""
    for before, now in _RENAMED:
        if found := re.fullmatch(before, metric):
            return found.expand(now)
    return metric
