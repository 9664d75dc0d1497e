"""What a configuration has beside task, model and training: what is matched, searched and tuned, and how it is done.

What is wrong goes into `faults`.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from omegaconf import DictConfig

from seqbench.config import Fault, Match, Options, validate
from seqbench.horizon.axis import AXES, GAP, Axis
from seqbench.plan import RunSpec
from seqbench.planning.grammar import plain

#: How a plan is carried out.
OPTIONS = ("name", "reports", "dry_run", "rerun", "curve_points")


def section(group: str, config: DictConfig, faults: list[Fault]) -> dict[str, Any]:
    """Its settings; none where it is no group of settings."""
    settings = config[group]
    if isinstance(settings, DictConfig):
        return plain(settings)
    faults.append(Fault(group, f"{settings!r} is not allowed; it should be a group of settings"))
    return {}


def match(config: DictConfig, faults: list[Fault]) -> Match:
    """What is matched; nothing if there are faults."""
    clean, wrong = validate(Match, {} if config.match is None else section("match", config, faults), "match.")
    faults += wrong
    return Match(**clean)


def options(config: DictConfig, faults: list[Fault]) -> Options:
    """How to carry out the plan; meaningless if there are faults."""
    clean, wrong = validate(Options, {key: config[key] for key in OPTIONS})
    faults += wrong
    return Options(**clean) if clean else Options(name="")


def horizon(config: DictConfig, faults: list[Fault]) -> dict[str, Any]:
    """The settings of the search that is configured; empty if there is none, or if there are faults."""
    settings = {} if config.horizon is None else section("horizon", config, faults)
    if not settings:
        return {}
    from seqbench.horizon.search import Search  # SciPy takes its time, and few plans search

    clean, wrong = validate(Search, settings, "horizon.")
    over = settings.get("over", GAP.name)
    wrong += _of_range(settings, AXES[over]) if over in AXES else []
    budgets = list(clean.get("budgets", ()))
    if budgets != sorted({*budgets}):
        wrong.append(Fault("horizon.budgets", f"{budgets} is not allowed; they should rise"))
    if config.controls:
        wrong.append(Fault("horizon", "an experiment that states controls cannot search as well"))
    faults += wrong
    return {} if wrong else clean


def _of_range(settings: Mapping[str, Any], axis: Axis) -> list[Fault]:
    """What is wrong with the ends of the range that is searched; those of another axis would mean nothing."""
    others = [end for other in AXES.values() if other != axis for end in other.ends]
    told = f"means nothing in a search over the {axis.name}; set it to null"
    wrong = [Fault(f"horizon.{end}", "is missing") for end in axis.ends if settings.get(end) is None]
    wrong += [Fault(f"horizon.{end}", told) for end in others if settings.get(end) is not None]
    low, high = (settings.get(end) for end in axis.ends)
    if isinstance(low, int) and isinstance(high, int) and low >= high:
        told = f"{low} is not allowed; it should be less than {axis.ends[1]}, {high}"
        wrong.append(Fault(f"horizon.{axis.ends[0]}", told))
    return wrong


@contextmanager
def as_typed(search: Mapping[str, Any], end: str, faults: list[Fault]) -> Iterator[None]:
    """Within, faults that speak of a run's place are those of the end of the range, which is what was typed."""
    before, axis = len(faults), AXES[search["over"]]
    yield
    place = f"{axis.name}={search[end]}"
    faults[before:] = [
        replace(fault, key=f"horizon.{end}") if fault.key == axis.setting or place in fault.problem else fault
        for fault in faults[before:]
    ]


def tuning(config: DictConfig, search: Mapping[str, Any], faults: list[Fault]) -> dict[str, Any]:
    """The settings by which the learning rate of each arm is chosen; empty if it is not, or if there are faults."""
    if config.tuning is None:
        return {}
    from seqbench.horizon.tuning import Tuning

    settings = section("tuning", config, faults)
    clean, wrong = validate(Tuning, settings, "tuning.") if isinstance(config.tuning, DictConfig) else ({}, [])
    if not config.horizon:
        told = "goes with a search for the horizon; without one, name the rates: training.learning_rate=0.001,0.003"
        wrong.append(Fault("tuning", told))
    first, most = clean.get("first_seed"), search.get("max_runs")
    if first and most and first < most:
        told = f"{first} is not allowed; a search of {most} runs may use it: it should be {most} or more"
        wrong.append(Fault("tuning.first_seed", told))
    faults += wrong
    return {} if wrong else clean


def affords(settings: Mapping[str, Any], run: RunSpec, faults: list[Fault]) -> bool:
    """Whether the steps that a search may spend are enough to bracket a horizon with runs like this one."""
    from seqbench.horizon.search import FEWEST_RUNS

    most, needed = settings["max_steps"], FEWEST_RUNS * run.training.max_steps
    if most is not None and most < needed:
        few = f"{most} is too few to bracket a {settings['over']}"
        told = f"{few}: {FEWEST_RUNS} runs of training.max_steps may take {needed}"
        faults.append(Fault("horizon.max_steps", told))
        return False
    return True
