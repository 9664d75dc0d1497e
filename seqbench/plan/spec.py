"""A run as a value, with a fingerprint that names its result."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from seqbench import wording
from seqbench.config import CPU, Component, Layers, Scalar, Training

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
        """All fields as plain values, without what records from before did not have, such as a source or a device.

        `dataclasses.asdict` takes ten times as long, and a plan may have ten thousand runs.
        """
        parts = {name: dict(vars(part)) for name, part in (("task", self.task), ("model", self.model))}
        for part in parts.values():
            part["stack"] = part["stack"].stated
            for later in ("source", "stack"):
                if not part[later]:
                    del part[later]
        elsewhere = {"device": self.device} if self.device != CPU else {}
        return {**parts, "training": self.training.values, "seed": self.seed, **elsewhere}

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
            **{f"training.{key}": value for key, value in _one_by_one(self.training.values)},
        }


def _one_by_one(settings: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """What is in a setting that is a map by its own dotted key, a list in it as one types it."""
    for key, value in settings.items():
        if not isinstance(value, Mapping):
            yield key, value
        for inner, of_inner in value.items() if isinstance(value, Mapping) else ():
            yield f"{key}.{inner}", f"[{','.join(map(str, of_inner))}]" if isinstance(of_inner, list) else of_inner


#: Settings that are long to write and have a short name in the field, in names of runs.
SHORT = {"learning_rate": "lr"}


def told(setting: str, value: object) -> str:
    """A setting in the name of a run: "hidden_size=32", "lr=0.01", "no hold"."""
    return wording.setting(SHORT.get(setting, setting), value)
