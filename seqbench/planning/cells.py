"""The runs of a cell: what a search and a tuning set from run to run in what the rest of the plan has composed."""

from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import Any

from omegaconf import DictConfig

from seqbench.config import ConfigError, Fault
from seqbench.plan import Job, told
from seqbench.planning.check import Checker
from seqbench.planning.grammar import as_typed, command

#: What tuning sets from run to run.
TUNED = "training.learning_rate"


def job_of(
    config: DictConfig,
    setting: Mapping[str, Any],
    choice: tuple[str, ...],
    kept: list[str],
    search: str,
    axis: str,
    place: int,
    seed: int,
    rate: float | None = None,
    apart: str = "",
) -> Job:
    """A run of a cell, at its own `rate` if one is given; `apart` tells the cell from others of its task and arm.

    `axis` is the setting that is searched, and `place` its value.
    The configuration is shared by cells: everything that they set is set anew. Raises ConfigError.
    """
    faults: list[Fault] = []
    complete = {**setting, axis: place, "seed": seed, **({} if rate is None else {TUNED: rate})}
    checker = Checker(faults)
    with closing(checker.asking):
        run = checker.run(config, complete, built=False)
    if run is None:
        raise ConfigError(faults)
    at_rate = "" if rate is None else told("learning_rate", run.training.learning_rate)
    apart = " ".join(filter(None, (apart, at_rate)))
    return Job(run, command(kept, choice + all_typed(complete)), search, apart=apart)


def spent(budgets: Sequence[int]) -> dict[str, list[Any]]:
    """How the runs of a search train that is to tell of these budgets; as configured where it names none."""
    *shorter, longest = budgets or [0]
    return {"training.max_steps": [longest], "training.budgets": [shorter]} if longest else {}


def all_typed(setting: Mapping[str, Any]) -> tuple[str, ...]:
    """Settings as one types them."""
    return tuple(f"{key}={as_typed(value)}" for key, value in setting.items())
