"""What can be set, of which type and in which range; every fault is found, not only the first.

A component (task, model) declares its knobs where it uses them: as annotated keyword-only parameters of its
constructor. The same check reads the dataclasses below. There is no second list of names to keep in step.
"""

import difflib
import functools
import importlib
import inspect
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, get_type_hints

import pydantic
from annotated_types import Ge, Gt, Lt

Count = Annotated[int, Ge(1)]
Positive = Annotated[float, Gt(0), pydantic.AllowInfNan(False)]
Finite = Annotated[float, pydantic.AllowInfNan(False)]
Scalar = bool | int | float | str | None
Optimizer = Literal[
    "Adam", "AdamW", "SGD", "RMSprop", "Adagrad", "Adadelta", "Adamax", "NAdam", "RAdam", "ASGD", "Rprop"
]


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong with a configuration: `key` as typed, and the problem in plain words."""

    key: str
    problem: str

    def __str__(self) -> str:
        return f"{self.key}: {self.problem}"


def config_dir() -> Path:
    """`conf/`, inside the installed package or beside it in a checkout."""
    package = Path(__file__).parent
    candidates = (package / "conf", package.parent / "conf")
    return next(folder for folder in candidates if (folder / "config.yaml").exists())


class ConfigError(ValueError):
    """A configuration that must not run, with everything that is wrong with it."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(dict.fromkeys(faults))
        super().__init__("\n".join(map(str, self.faults)))


@dataclass(frozen=True, kw_only=True)
class Training:
    """How a model is trained, and when it counts as done. Steps are optimiser steps of one batch each."""

    max_steps: Annotated[int, Ge(0)] = 2000
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
    save_model: bool = True
    dropout: Annotated[float, Ge(0), Lt(1)] = 0.0
    schedule: Literal["constant", "linear", "cosine"] = "constant"
    warmup_steps: Annotated[int, Ge(0)] = 0
    patience: Count | None = None
    variant_sequences: Count = 1000

    def learning_rate_factor(self, steps: int) -> float:
        """Of the learning rate after so many steps: a linear rise, then the schedule down to 0 at the budget."""
        if steps < self.warmup_steps:
            return (steps + 1) / self.warmup_steps
        done = min(1.0, (steps - self.warmup_steps) / max(1, self.max_steps - self.warmup_steps))
        return {"constant": 1.0, "linear": 1 - done, "cosine": (1 + math.cos(math.pi * done)) / 2}[self.schedule]


@dataclass(frozen=True, kw_only=True)
class Repetition:
    """Which repetition of a run this is: the root of all its randomness, data and initialisation alike."""

    seed: Annotated[int, Ge(0)]


@dataclass(frozen=True, kw_only=True)
class Options:
    """How and where a plan is carried out: nothing here can change a result."""

    name: Annotated[str, pydantic.StringConstraints(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.-]*$")]
    reports: Annotated[str, pydantic.StringConstraints(min_length=1)] | None = "reports"
    dry_run: bool = False
    rerun: bool = False


@dataclass(frozen=True)
class Component:
    """A task, model or executor as configured: the name of its file in `conf/`, its class and its knobs.

    `data` is a hash of what a task reads from elsewhere.
    """

    name: str
    target: str
    settings: Mapping[str, Scalar]
    version: int = 1
    data: str = ""


def load_class(target: str, contract: type) -> type:
    """The class that `target` ("package.module.Class") names.

    Raises ValueError, with the reason in plain words, unless it is a subclass of `contract`.
    """
    kind = contract.__name__
    module_name, _, class_name = target.rpartition(".")
    try:
        found = getattr(importlib.import_module(module_name), class_name)
    except Exception as error:  # whatever the import of other people's code raises
        raise ValueError(f"{target!r} cannot be imported: {error}") from error
    if not (isinstance(found, type) and issubclass(found, contract)) or inspect.isabstract(found):
        raise ValueError(f"{target!r} is not a {kind}: name a subclass of {contract.__module__}.{kind}")
    return found


@functools.cache
def knobs(cls: type) -> dict[str, inspect.Parameter]:
    """The keyword-only parameters of a constructor: exactly what a configuration file may set."""
    parameters = inspect.signature(cls).parameters.values()
    return {p.name: p for p in parameters if p.kind is inspect.Parameter.KEYWORD_ONLY}


@functools.cache
def _schema(cls: type) -> type[pydantic.BaseModel]:
    hints = get_type_hints(cls.__init__, include_extras=True)  # type: ignore[misc]  # the class itself, not an instance
    fields: dict[str, Any] = {
        name: (hints.get(name, Any), ... if knob.default is knob.empty else knob.default)
        for name, knob in knobs(cls).items()
    }
    options = pydantic.ConfigDict(extra="forbid", strict=True, protected_namespaces=())
    return pydantic.create_model(cls.__name__, __config__=options, **fields)


def validate(cls: type, settings: Mapping[str, Any], prefix: str = "") -> tuple[dict[str, Any], list[Fault]]:
    """The settings as `cls` will receive them (defaults filled in, 1 for a float as 1.0), and all that is wrong.

    `prefix` goes before each key named in a fault. With faults, the settings are empty.
    """
    try:
        return _schema(cls).model_validate(dict(settings)).model_dump(), []
    except pydantic.ValidationError as error:
        return {}, list(_faults(error.errors(), cls, prefix))


def _faults(errors: Iterable[Any], cls: type, prefix: str) -> Iterable[Fault]:
    problems: dict[str, list[str]] = {}
    for error in errors:
        problems.setdefault(str(error["loc"][0]), []).append(_in_words(error, cls))
    for key, found in problems.items():
        yield Fault(f"{prefix}{key}", " or ".join(dict.fromkeys(found)))


def _in_words(error: Any, cls: type) -> str:
    if error["type"] == "extra_forbidden":
        return "there is no such key" + nearest(str(error["loc"][0]), knobs(cls))
    if error["type"] == "missing":
        return "is missing"
    if error["type"] == "string_pattern_mismatch":
        return f"{error['input']!r} is not allowed; use letters, digits, '.', '_' and '-' only, and none of '.-' first"
    if error["type"] == "string_too_short":
        return f"{error['input']!r} is not allowed; it should not be empty"
    allowed = re.sub(r"^Input should be ", "", error["msg"])
    return f"{error['input']!r} is not allowed; it should be {allowed}"


def nearest(name: str, valid: Iterable[str], prefix: str = "") -> str:
    """ "; did you mean 'x'?" with the nearest valid name, else the list of valid names, each after `prefix`."""
    names = sorted(valid)
    if not names:
        return ""
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.55)
    if close:
        return f"; did you mean {prefix + close[0]!r}?"
    return f"; choose from {', '.join(prefix + name for name in names)}"
