"""What can be set beside the components, of which type and in which range."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Annotated, Any, Literal

import pydantic
from annotated_types import Ge, Gt, Le, Lt

#: The largest whole number that a column of a table holds.
LARGEST = 2**63 - 1
Count = Annotated[int, Ge(1), Le(LARGEST)]
Positive = Annotated[float, Gt(0), pydantic.AllowInfNan(False)]
Finite = Annotated[float, pydantic.AllowInfNan(False)]
Scalar = bool | int | float | str | None
#: The forms of a name and of a device.
NAME, DEVICE = r"^[A-Za-z0-9_][A-Za-z0-9_.-]*$", r"^(auto|cpu|cuda(:[0-9]{1,3})?)$"
#: The device that results are from where nothing is said.
CPU = "cpu"
Optimizer = Literal[
    "Adam", "AdamW", "SGD", "RMSprop", "Adagrad", "Adadelta", "Adamax", "NAdam", "RAdam", "ASGD", "Rprop"
]


def config_dir() -> Path:
    """`conf/`, inside the installed package or beside it in a checkout."""
    package = Path(__file__).parents[1]
    candidates = (package / "conf", package.parent / "conf")
    return next(folder for folder in candidates if (folder / "config.yaml").exists())


@dataclass(frozen=True, kw_only=True)
class Training:
    """How a model is trained, and when it counts as done. Steps are optimiser steps of one batch each."""

    max_steps: Annotated[int, Ge(0), Le(LARGEST)] = 2000
    batch_size: Count = 32
    optimizer: Optimizer = "Adam"
    learning_rate: Positive = 3e-3
    clip_norm: Positive | None = 1.0
    record_every: Count = 20
    validate_every: Count = 50
    validation_sequences: Count = 256
    validations_to_solve: Count = 3
    test_sequences: Count = 10_000
    probe_sequences: Count = 32
    probe_every: Count | None = None
    truncate: Count | None = None
    shuffle_targets: bool = False
    freeze_core: bool = False
    save_model: bool = True
    dropout: Annotated[float, Ge(0), Lt(1)] = 0.0
    schedule: Literal["constant", "linear", "cosine"] = "constant"
    warmup_steps: Annotated[int, Ge(0), Le(LARGEST)] = 0
    patience: Count | None = None
    variant_sequences: Count = 1000
    budgets: Annotated[tuple[Count, ...], pydantic.Strict(False)] = ()
    optimizer_options: dict[str, Any] | None = None
    clip: dict[str, Any] | None = None
    curriculum: dict[str, Any] | None = None
    initial_state: Literal["zero", "passed"] = "zero"
    hold: Annotated[int, Ge(2), Le(LARGEST)] | None = 64

    @property
    def values(self) -> dict[str, Any]:
        """All settings; of those that records from before did not have, what sets a run apart from theirs."""
        given = vars(self).items()
        return {name: value for name, value in given if name not in LATER or value != getattr(Training, name)}

    def contradictions(self) -> dict[str, str]:
        """By name, what is wrong with a setting beside the others, in plain words."""
        if self.budgets and sorted({*self.budgets, self.max_steps}) != [*self.budgets, self.max_steps]:
            given, most = list(self.budgets), f"training.max_steps, {self.max_steps}"
            return {"budgets": f"{given} is not allowed; they should rise, and all be less than {most}"}
        if self.budgets and (self.schedule != "constant" or self.patience is not None):
            told = "a run tells of shorter budgets only with a constant schedule and without patience"
            return {"budgets": told}
        if self.curriculum and self.patience is not None:
            told = "cannot go with patience: while shorter gaps are learned, the loss at that of the task need not fall"
            return {"curriculum": told}
        if self.hold is not None and self.hold.bit_count() > 1:
            return {"hold": f"{self.hold} is not allowed; it should be one of 2, 4, 8, ..., or null"}
        return {}

    def learning_rate_factor(self, steps: int) -> float:
        """Of the learning rate after so many steps: a linear rise, then the schedule down to 0 at the budget."""
        if steps < self.warmup_steps:
            return (steps + 1) / self.warmup_steps
        done = min(1.0, (steps - self.warmup_steps) / max(1, self.max_steps - self.warmup_steps))
        return {"constant": 1.0, "linear": 1 - done, "cosine": (1 + math.cos(math.pi * done)) / 2}[self.schedule]


#: Settings of training that there were not once: at their defaults they change no fingerprint.
LATER = ("optimizer_options", "clip", "curriculum", "initial_state", "hold")


@dataclass(frozen=True, kw_only=True)
class Repetition:
    """Which repetition of a run this is: the root of all its randomness, data and initialisation alike."""

    seed: Annotated[int, Ge(0), Le(LARGEST)]


@dataclass(frozen=True, kw_only=True)
class Device:
    """Where a run is trained and tested; its bits are those of this kind of device."""

    device: Annotated[str, pydantic.StringConstraints(pattern=DEVICE)] = CPU


@dataclass(frozen=True, kw_only=True)
class Match:
    """What all arms are to have alike, so that their hidden sizes are solved for: one of the two, or nothing."""

    parameters: Annotated[int, Ge(1), Le(10_000_000)] | None = None
    state: Annotated[int, Ge(1), Le(100_000)] | None = None
    within: Annotated[float, Ge(0), Le(1)] = 0.02

    @property
    def targets(self) -> dict[str, int]:
        """Those that are given."""
        given = {"parameters": self.parameters, "state": self.state}
        return {what: count for what, count in given.items() if count is not None}


@dataclass(frozen=True, kw_only=True)
class Layers:
    """How many cores an arm has one above the other, and what is around each: see `seqbench.models.stack`."""

    layers: Annotated[int, Ge(1), Le(100)] = 1
    block: Literal["plain", "residual"] = "plain"
    feed_forward: Annotated[int, Ge(0), Le(100)] = 0
    convolution: Literal[0, 4] = 0

    @property
    def stated(self) -> dict[str, Scalar]:
        """What sets it apart from one bare core, of which there is nothing to say."""
        return {part.name: value for part in fields(self) if (value := getattr(self, part.name)) != part.default}

    def contradictions(self) -> dict[str, str]:
        """By name, what is wrong with a setting beside the others, in plain words."""
        if self.block == "residual":
            return {}
        asked = [name for name in ("feed_forward", "convolution") if name in self.stated]
        told = "is not allowed with block=plain, a bare core; it goes with model.block=residual"
        return {name: f"{self.stated[name]} {told}" for name in asked}


@dataclass(frozen=True, kw_only=True)
class Options:
    """How and where a plan is carried out: nothing here can change a result."""

    name: Annotated[str, pydantic.StringConstraints(pattern=NAME, max_length=100)]
    reports: Annotated[str, pydantic.StringConstraints(min_length=1)] | None = "reports"
    dry_run: bool = False
    rerun: bool = False
    curve_points: Annotated[int, Ge(2), Le(LARGEST)] | None = 100


@dataclass(frozen=True)
class Component:
    """A task, model or executor as configured: the name of its file in `conf/`, its class and its knobs.

    `data` is a hash of what a task reads from elsewhere, `source` one of the code of a class from outside of seqbench,
    and `stack` says how a model is made of several of its class.
    """

    name: str
    target: str
    settings: Mapping[str, Scalar]
    version: int = 1
    data: str = ""
    source: str = ""
    stack: Layers = field(default_factory=Layers)

    @property
    def label(self) -> str:
        """Its name, with what it is made of: "lstm", "lstm, layers=2"."""
        return ", ".join([self.name, *(f"{key}={value}" for key, value in self.stack.stated.items())])
