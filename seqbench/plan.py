"""A plan is a value: runs, each with a fingerprint that names its result, and how to carry them out."""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from seqbench.config import CPU, Component, Fault, Layers, Options, Scalar, Training

#: Raised whenever training or probing changes so that an old result no longer stands for the new code.
TRAINING_VERSION = 2


@dataclass(frozen=True)
class RunSpec:
    """One training run, complete: the same spec gives the same records on any executor, in any order."""

    task: Component
    model: Component
    training: Training
    seed: int
    device: str = CPU

    @cached_property
    def fingerprint(self) -> str:
        """16 hexadecimal digits that change exactly when something changes that can change the result."""
        content = json.dumps([self._values, TRAINING_VERSION], sort_keys=True)
        return hashlib.sha256(content.encode()).hexdigest()[:16]

    def to_json(self) -> str:
        """The whole spec, to be stored with its result."""
        return json.dumps(self._values, sort_keys=True)

    @property
    def _values(self) -> dict[str, object]:
        """All fields as plain values, without a source, stack or device that records from before did not have.

        `dataclasses.asdict` takes ten times as long, and a plan may have ten thousand runs.
        """
        parts = {name: dict(vars(part)) for name, part in (("task", self.task), ("model", self.model))}
        for part in parts.values():
            part["stack"] = part["stack"].stated
            for later in ("source", "stack"):
                if not part[later]:
                    del part[later]
        elsewhere = {"device": self.device} if self.device != CPU else {}
        return {**parts, "training": vars(self.training), "seed": self.seed, **elsewhere}

    @classmethod
    def from_json(cls, text: str) -> "RunSpec":
        """The inverse of `to_json`."""
        values = json.loads(text)
        training = values["training"]
        training["budgets"] = tuple(training.get("budgets", ()))
        model = values["model"]
        model["stack"] = Layers(**model.get("stack", {}))
        parts = Component(**values["task"]), Component(**model), Training(**training)
        return cls(*parts, values["seed"], values.get("device", CPU))

    @property
    def gap(self) -> Scalar:
        """The dependency gap of the task, in steps; 0 for a task that has none to set."""
        return self.task.settings.get("gap", 0)

    @property
    def load(self) -> Scalar:
        """The number of items that the task has to be held in memory; 1 where there is nothing to set."""
        return self.task.settings.get("load", 1)

    @property
    def place(self) -> tuple[str, ...]:
        """What its random numbers depend on beside the seed: runs of one seed at several gaps or loads share none."""
        return f"gap={self.gap}", f"load={self.load}"

    @property
    def run_name(self) -> str:
        """How a person recognises the run, in the terminal and in the dashboard: "s3 lstm gap=20 copy"."""
        return self.named()

    def named(self, apart: str = "") -> str:
        """Its name with the settings that tell it from others: "s3 hidden_size=32 lstm gap=20 copy".

        What differs most often comes first: lists cut a name at its end.
        """
        gap, stack = f"gap={self.gap}" if self.gap else "", self.model.stack.stated.items()
        arm = " ".join([self.model.name, *(told(key, value) for key, value in stack)])
        return " ".join(filter(None, (f"s{self.seed}", apart, arm, gap, self.task.name)))

    @cached_property
    def settings(self) -> dict[str, Scalar | tuple[int, ...]]:
        """Every setting by its dotted key, as one types it on the command line; of a stack, what makes it one."""
        return {
            "task": self.task.name,
            "model": self.model.name,
            "seed": self.seed,
            "device": self.device,
            **{f"task.{key}": value for key, value in self.task.settings.items()},
            **{f"model.{key}": value for key, value in {**self.model.settings, **self.model.stack.stated}.items()},
            **{f"training.{key}": value for key, value in vars(self.training).items()},
        }


#: Settings that are long to write and have a short name in the field, in names of runs.
SHORT = {"learning_rate": "lr"}

#: What a control may be expected to come to.
VERDICTS = ("solves", "fails", "refused")


@dataclass(frozen=True)
class Control:
    """A claim about an arm that lacks something: what its runs must come to if the benchmark is sound.

    `expected` is "solves", "fails" or "refused". Of what is refused there are no runs; `refusal` is the reason that
    was given, None if it was accepted after all.
    """

    requirement: str
    control: str
    expected: str
    fingerprints: tuple[str, ...] = ()
    refusal: str | None = None


@dataclass(frozen=True)
class Job:
    """A run as it is handed out: with the command that repeats it alone, and the id of its search, if it has one.

    `tuning` is the id of the tuning of its cell, if the learning rate is tuned. A run with a tuning and no search is
    one that the rate is chosen by. `apart` has the settings that tell it from runs of its plan with the same name.
    """

    run: RunSpec
    command: str
    search: str = ""
    tuning: str = ""
    apart: str = ""

    @property
    def name(self) -> str:
        """How a person tells it from all others of the plan: "s3 hidden_size=32 lstm gap=20 copy"."""
        return self.run.named(self.apart)


#: A task and an arm at any gap: what a gap and a seed give is a run of them, at the learning rate of the plan or at
#: that which follows. Raises ConfigError where there can be no such run.
Cell = Callable[..., Job]


@dataclass(frozen=True)
class Plan:
    """What one command asks for: jobs, and how to carry them out.

    A plan with `horizon`, the settings of a search, has cells instead of jobs: each is searched for its horizon. With
    `tuning`, the settings of one, each is searched at a learning rate of its own, too.
    `config_dir` is the user's own folder, and `question` what its experiment asks. `found` says of each model what was
    found when it was tried. `on_trust` has a run for each model and task that were not tried with one another for this
    plan, because they took each other before: to be tried before anything is run.
    """

    options: Options
    executor: Component
    jobs: tuple[Job, ...]
    controls: tuple[Control, ...] = ()
    horizon: Mapping[str, Scalar] = field(default_factory=dict)
    tuning: Mapping[str, Scalar] = field(default_factory=dict)
    cells: tuple[Cell, ...] = ()
    config_dir: Path | None = None
    question: str = ""
    found: Mapping[str, str] = field(default_factory=dict)
    on_trust: tuple[RunSpec, ...] = ()

    @property
    def runs(self) -> tuple[RunSpec, ...]:
        """Those of the jobs, in their order."""
        return tuple(job.run for job in self.jobs)


def apart(runs: Iterable[RunSpec]) -> dict[str, str]:
    """By fingerprint, the settings that tell a run from others with the same name: "hidden_size=32 lr=0.01"."""
    named: dict[str, list[RunSpec]] = {}
    for run in runs:
        named.setdefault(run.run_name, []).append(run)
    return {run.fingerprint: _told(run, _varied(alike)) for alike in named.values() if len(alike) > 1 for run in alike}


def _varied(alike: Sequence[RunSpec]) -> list[str]:
    return [key for key in alike[0].settings if len({run.settings.get(key) for run in alike}) > 1]


def _told(run: RunSpec, keys: Iterable[str]) -> str:
    return " ".join(told(key.rpartition(".")[2], run.settings.get(key)) for key in keys)


def told(setting: str, value: object) -> str:
    """A setting in the name of a run: "hidden_size=32", "lr=0.01"."""
    return f"{SHORT.get(setting, setting)}={value}"


def duplicates(runs: Iterable[RunSpec]) -> list[Fault]:
    """A fault for every run that is the same as an earlier one, however its settings were written."""
    seen: set[str] = set()
    faults = []
    for run in runs:
        if run.fingerprint in seen:
            faults.append(Fault("", "is in the plan twice", run.run_name))
        seen.add(run.fingerprint)
    return faults
