"""What a run tells while it goes: the only thing that travels from training to the record."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from seqbench.config import Scalar
from seqbench.wording import printable

Outcome = Literal["solved", "unsolved", "diverged"]
#: How a run solved its task, or why it did not (see `seqbench.training.diagnosis`), in the order in which it is shown.
Label = Literal["solved", "passed at the end", "memoryless", "partial", "learning", "unstable", "diverged"]

#: Characters of what a crash says that are kept.
MOST_OF_REASON, MOST_OF_TRACEBACK = 500, 7000
#: Characters of a name that a task gives to a loss, a score, a baseline or its criterion.
MOST_OF_NAME = 200
#: Stages of a probe; in between, after N steps, it is "step_N".
INIT, END = "init", "end"
#: Metrics told while training; scores of a validation, and gradient norms by block, begin like this.
TRAIN_LOSS, VALIDATION, GRADIENT = "train/loss", "validation/", "gradient/"
#: The gap that a run with a curriculum is trained at from a step on.
CURRICULUM_GAP = "curriculum/gap"
#: The state that every core has, its output, relative to which gradients are given.
HIDDEN = "h"
#: Curves of `GradientByLag` that are no state of the core: the inputs of one that states no step; then theory, the
#: bounds and the direct path through the gates that keep the state, by its best unit and by the mean of its units.
INPUTS = "inputs"
BOUNDS = PATH, SIGMA_MAX = "path", "sigma_max"
DIRECT = DIRECT_BEST, DIRECT_MEAN = "direct_best", "direct_mean"
#: Of a core whose direct path is exact: the gradient of its memory, carried back by that path alone.
EXACT = "exact"
#: All that is theory.
THEORY = (*BOUNDS, *DIRECT, EXACT)


def in_layer(name: str, layer: int) -> str:
    """What a state or gate of a layer of a stack is called; layers count from 1, the one that reads the input."""
    return f"{name} layer {layer}"


def of_layer(name: str) -> tuple[str, int | None]:
    """The inverse: what it is called in a core alone, and its layer; None where it is not of a stack."""
    found = re.fullmatch(r"(.+) layer (\d+)", name)
    return (found[1], int(found[2])) if found else (name, None)


@dataclass(frozen=True)
class Baseline:
    """What a model with a stated, limited memory scores on a task, in closed form."""

    name: str
    """Plain words: "no memory", "one operand remembered"."""
    loss: float
    score: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", printable(self.name, MOST_OF_NAME))


@dataclass(frozen=True)
class Level:
    """Where a test lies: the number that is compared with baselines, with its standard error over sequences."""

    name: str
    """ "loss"; the score that decides, where a task asks for less than it trains on."""
    value: float
    error: float
    best: float = 0.0
    """The best value that there is."""

    def of(self, baseline: Baseline) -> float:
        """This number of a baseline."""
        return baseline.loss if self.name == "loss" else baseline.score

    def at(self, baseline: Baseline) -> bool:
        """Whether it counts as being at this level, wherever that is said: its 95 % interval covers it."""
        return abs(self.value - self.of(baseline)) <= 1.96 * self.error

    def better_than(self, baseline: Baseline) -> bool:
        """Whether it lies nearer to the best value."""
        return abs(self.value - self.best) < abs(self.of(baseline) - self.best)

    def text(self, value: float) -> str:
        """A value as precisely as the test tells it: to the first digit of the half width of its interval."""
        half = 1.96 * self.error
        return f"{value:.{max(0, -math.floor(math.log10(half)))}f}" if 0 < half < math.inf else f"{value:.3g}"

    def __str__(self) -> str:
        return f"{self.name}, {self.text(self.value)} ± {1.96 * self.error:.1g},"


@dataclass(frozen=True)
class TaskFacts:
    """What has to be known about a task to read its results; one value from the task to the page."""

    loss_name: str
    """With its unit: "mean squared error", "cross-entropy (nats)"."""
    score_name: str
    """The score that decides: "mse", "accuracy"."""
    criterion: str
    """When a run counts as solved, in plain words: "at least 99 % of the symbols repeated correctly"."""
    baselines: tuple[Baseline, ...]
    """From worst to best."""
    about: Mapping[str, Scalar] = field(default_factory=dict)
    """What the data are, by name; nothing where the settings say it all."""
    level: float | None = None
    """The value of the score from which on a run counts as solved; None where another number decides."""
    distinct_sequences: int | None = None
    """How many different sequences there are, where they are few enough to count."""

    def __post_init__(self) -> None:
        """A task of anybody's may say anything: its texts are made printable."""
        for name in ("loss_name", "score_name", "criterion"):
            object.__setattr__(self, name, printable(getattr(self, name), MOST_OF_NAME))

    @classmethod
    def from_values(cls, values: Mapping[str, Any]) -> "TaskFacts":
        """The inverse of `dataclasses.asdict`, after JSON; baselines may be lists of their three values."""
        baselines = (Baseline(**b) if isinstance(b, Mapping) else Baseline(*b) for b in values["baselines"])
        return cls(**{**values, "baselines": tuple(baselines)})


@dataclass(frozen=True)
class Started:
    """First event of a run: what its task and model are, as far as a reader of the record needs it.

    `words` is the vocabulary of a task over words, `card` what the card calls itself that it is trained on, `family`
    one of `seqbench.models.families`. `state_size` is how many numbers the model carries from step to step, where it
    states a step, `auxiliary` those of its states that mean nothing by themselves.
    """

    num_parameters: int
    evidence_lag: int
    facts: TaskFacts
    words: tuple[str, ...] | None = field(default=None, repr=False)
    card: str = ""
    family: str = ""
    state_size: int | None = None
    auxiliary: tuple[str, ...] = ()


@dataclass(frozen=True)
class Metrics:
    """Values measured after `step` optimiser steps."""

    step: int
    values: dict[str, float]


@dataclass(frozen=True)
class GradientByLag:
    """log10 |dL/ds_(T-lag)| / |dL/dh_T| for lag 0, 1, ...: mean and standard deviation over probe sequences.

    NaN where no sequence has a gradient other than zero. `state` is that of the core, or a curve of
    `seqbench.gradients.theory`; `stage` is "init", "end" or "step_N", after `step` optimiser steps. `not_finite` is the
    first lag at which the gradient of a probe sequence was not finite, with that sequence: (lag, sample); it counts up
    to that lag. `zero` is the share of the sequences that reach so far back whose gradient is exactly zero at that lag:
    they count in no mean.
    """

    state: str
    stage: str
    step: int
    mean: tuple[float, ...]
    spread: tuple[float, ...]
    not_finite: tuple[tuple[int, int], ...] = ()
    zero: tuple[float, ...] = ()


@dataclass(frozen=True)
class Timescales:
    """Steps after which each unit has forgotten to 1/e, by its mean keep gate; shortest first.

    `layer` is that of a stack, None for a core alone.
    """

    stage: str
    values: tuple[float, ...]
    layer: int | None = None


@dataclass(frozen=True)
class Exactness:
    """How far the measured gradient of the memory lies from the exact one, where theory has one.

    In decades, the most over all lags and probe sequences; NaN where neither is a number.
    """

    stage: str
    apart: float


@dataclass(frozen=True)
class Saved:
    """The model at its lowest validation loss, as the bytes of a safetensors file."""

    step: int
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class Hold:
    """How far beyond the gap that it was trained at a run solves its task (see `seqbench.training.holding`)."""

    multiple: int
    """The longest multiple of its gap that it solved, and every shorter one; 0 where it does not solve its own gap."""
    tested: int
    """The longest that it was tested at: where that is the same, nobody knows what comes beyond."""


@dataclass(frozen=True)
class Finished:
    """Last event of a run that was trained to its end, whatever it learned.

    `steps_to_solve` is None for a run that only its last test found to have solved the task. `solved_by` has the
    verdict at each of the shorter budgets that its training was to tell of. `tables` are further results of the test by
    name, as rows (see `seqbench.training.evaluation.tables`); `label` says how it came to its outcome (see
    `seqbench.training.diagnosis`), and `evidence` what that rests on.
    """

    outcome: Outcome
    steps: int
    steps_to_solve: int | None
    test: dict[str, float]
    tables: dict[str, list[dict[str, float]]]
    label: str
    evidence: str
    seconds: float = field(compare=False)
    milliseconds_per_step: float | None = field(default=None, compare=False)
    """The median over its training steps; None without any, and for what is not trained."""
    solved_by: Mapping[int, bool] = field(default_factory=dict)
    hold: Hold | None = None
    """None where it was not asked for, or the task has no gap to set."""


@dataclass(frozen=True)
class Failed:
    """Last event of a run that could not be trained to its end: a crash, not a result.

    The reason is made one line, and both are made printable: they may be anybody's.
    """

    reason: str
    traceback: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "reason", printable(" ".join(self.reason.split()), MOST_OF_REASON))
        object.__setattr__(self, "traceback", printable(self.traceback, MOST_OF_TRACEBACK))


@dataclass(frozen=True)
class Silent:
    """Nothing was heard of a run for so many seconds: told by an executor, and not by training."""

    seconds: float
    process: int
    """Of its worker."""
    stopped: bool
    """Whether the system says that somebody has stopped it."""
    ended_after: float | None = None
    """Seconds of silence after which the executor ends it, if ever."""
    machine: str = ""
    """The address of the one that it runs on; empty for this one."""


@dataclass(frozen=True)
class Retried:
    """A worker died, or was ended, and its run starts over: told by an executor, and not by training."""

    how: str
    """How the worker ended, in words that go on from "its worker died"."""


Event = Started | Metrics | GradientByLag | Timescales | Exactness | Saved | Finished | Failed | Silent | Retried
