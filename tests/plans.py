"""Command lines and what comes of them: a plan, or all that is wrong."""

import shlex
from pathlib import Path
from typing import Any

import pytest
from builders import options
from omegaconf import OmegaConf

from seqbench import config
from seqbench.config import ConfigError
from seqbench.plan import Plan
from seqbench.planning.make_plan import make_plan

MODELS = options("model")
#: Experiments that are the product of their axes; the others state claims, or search.
GRIDS = [name for name in options("experiment") if name not in ("controls", "horizon")]
#: What the file of an experiment begins with.
GLOBAL = "# @package _global_\n"


def faults_of(*arguments: str, config_dir: Path | None = None) -> list[str]:
    """What is wrong with a command line, a line for each fault."""
    with pytest.raises(ConfigError) as raised:
        make_plan(*arguments, config_dir=config_dir)
    assert raised.value.faults
    return [str(fault) for fault in raised.value.faults]


def column(plan: Plan, key: str) -> list[Any]:
    return [run.settings[key] for run in plan.runs]


def axes_of(experiment: str) -> Any:
    """The axes as the file states them."""
    return OmegaConf.load(config.config_dir() / "experiment" / f"{experiment}.yaml").hydra.sweeper.params


def repeated(command: str) -> Plan:
    """The plan that a command asks for, typed again."""
    python, dash_m, package, *words = shlex.split(command)
    assert (python, dash_m, package) == ("python", "-m", "seqbench")
    folder = None
    if words[:1] == ["--config-dir"]:
        folder, words = Path(words[1]), words[2:]
    return make_plan(*words, config_dir=folder)


def assert_each_command_repeats_its_run(plan: Plan, sample: int = 1) -> None:
    """Of a large plan only every `sample`th command is composed again."""
    for job in plan.jobs[::sample]:
        again = repeated(job.command)
        assert again.runs == (job.run,), job.command
        assert again.options.name == plan.options.name
        assert again.executor == plan.executor
        assert not again.options.dry_run
        assert not again.options.rerun
