"""What a run tells while it goes: the only thing that travels from training to the record."""

from dataclasses import dataclass, field
from typing import Literal

from seqbench.config import Scalar

Outcome = Literal["solved", "unsolved", "diverged"]


@dataclass(frozen=True)
class Started:
    """First event of a run: what its task and model are, as far as a reader of the record needs it.

    `words` is the vocabulary of a task over words, `about` what its data are.
    """

    num_parameters: int
    evidence_lag: int
    loss_name: str
    score_name: str
    criterion: str
    baselines: tuple[tuple[str, float, float], ...]  # name, loss, score
    words: tuple[str, ...] | None = field(default=None, repr=False)
    about: dict[str, Scalar] = field(default_factory=dict)


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
    to that lag.
    """

    state: str
    stage: str
    step: int
    mean: tuple[float, ...]
    spread: tuple[float, ...]
    not_finite: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class Timescales:
    """Steps after which each unit has forgotten to 1/e, by its mean keep gate; shortest first."""

    stage: str
    values: tuple[float, ...]


@dataclass(frozen=True)
class Saved:
    """The model at its lowest validation loss, as the bytes of a safetensors file."""

    step: int
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class Finished:
    """Last event of a run that was trained to its end, whatever it learned.

    `tables` are further results of the test by name, as rows (see `seqbench.training.evaluation.tables`); `label` says
    why an unsolved run failed (see `seqbench.training.diagnosis`), and `evidence` what that rests on.
    """

    outcome: Outcome
    steps: int
    steps_to_solve: int | None
    test: dict[str, float]
    tables: dict[str, list[dict[str, float]]]
    label: str
    evidence: str
    seconds: float = field(compare=False)


@dataclass(frozen=True)
class Failed:
    """Last event of a run that could not be trained to its end: a crash, not a result."""

    reason: str
    traceback: str


Event = Started | Metrics | GradientByLag | Timescales | Saved | Finished | Failed
