"""What was typed: lines in Hydra's grammar become axes with their values, and settings of the whole plan."""

import math
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any

from hydra.core.config_loader import ConfigLoader
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Glob, Override, RangeSweep
from omegaconf import DictConfig

from seqbench.config import Fault, clipped, nearest, shown
from seqbench.planning.grammar import NOT_AN_AXIS, UNREADABLE, as_typed, is_axis, read, unusable
from seqbench.planning.mistyped import unreadable

#: So many runs a plan has at most: they are planned within a minute, in half a gigabyte.
MOST_RUNS = 100_000
PARTS = "name fewer values, or several commands with the same name=NAME, which share a record"


class Reader:
    """Reads lines; `options` are the names that each group has, and what is wrong goes into `faults`."""

    def __init__(self, loader: ConfigLoader, options: Mapping[str, Sequence[str]], faults: list[Fault]) -> None:
        self.loader, self.options, self.faults = loader, options, faults

    def parse(self, lines: Sequence[str]) -> list[Override]:
        """Lines as Hydra reads them; a fault for each that it cannot read."""
        parsed = []
        for line in lines:
            try:
                parsed += OverridesParser.create(config_loader=self.loader).parse_overrides([line])
            except UNREADABLE as error:
                self.faults.append(Fault(line, unreadable(line, error, self.options)))
        return parsed

    def sort(self, overrides: Sequence[Override]) -> tuple[dict[str, list[Any]], list[str]]:
        """Axes with their values (often just one), and the lines that say how to carry out the plan."""
        axes, lines = dict[str, list[Any]](), []
        for override in overrides:
            key, line = override.key_or_group, str(override.input_line)
            problem = unusable(override)
            if problem:
                self.faults.append(Fault(line, problem))
                continue
            values = self._values(override)
            if not values:  # its fault is known, and the default serves to look for further faults
                continue
            if is_axis(key):
                axes[key] = values
            else:
                lines.append(f"{line.partition('=')[0]}={as_typed(values[0])}" if key in self.options else line)
        return axes, lines

    def axes_of_experiment(self, config: DictConfig) -> dict[str, list[Any]]:
        """Those that an experiment file names under `hydra.sweeper.params`."""
        params = config.hydra.sweeper.params or {}
        if not isinstance(params, Mapping):
            self.faults.append(Fault("hydra.sweeper.params", f"{params!r} is not allowed; it should name axes"))
            return {}
        nested = [key for key, value in params.items() if isinstance(value, Mapping)]
        told = "it should be the values of one axis, such as task.gap: 10,20"
        self.faults += [Fault(f"hydra.sweeper.params.{key}", told) for key in nested]
        axes = {key: value for key, value in params.items() if key not in nested}
        lines = [f"{key}={'null' if value is None else value}" for key, value in axes.items()]
        axes, others = self.sort(self.parse(lines))
        self.faults += [Fault(line, NOT_AN_AXIS) for line in others]
        return axes

    def _values(self, override: Override) -> list[Any]:
        """The values that exist; a fault for each that does not, and for each that is named twice."""
        key, line = override.key_or_group, str(override.input_line)
        pattern: Any = override.value()
        if isinstance(pattern, RangeSweep) and (problem := _too_long(pattern)):
            self.faults.append(Fault(line, problem))
            return []
        values = [_unquoted(value) for value in self._named(override, pattern)]
        if key in self.options:
            values = [value if isinstance(value, str) else self._option(key, value) for value in values]
        if not values:
            self.faults.append(Fault(line, "names no value"))
        self.faults += [Fault(line, f"names {shown(value)} twice") for value in _twice(values)]
        return [value for value in values if self._is_option(key, value)]

    def _named(self, override: Override, pattern: Any) -> Iterable[Any]:
        if isinstance(pattern, Glob):
            return pattern.filter(list(self.options.get(override.key_or_group, [])))
        return override.sweep_iterator() if override.is_sweep_override() else [pattern]

    def _option(self, group: str, value: Any) -> str:
        """The name that was typed: options are names, whatever else null, nan or 5 are in Hydra's grammar."""
        return next((name for name in self.options[group] if repr(read(name)) == repr(value)), as_typed(value))

    def _is_option(self, group: str, value: Any) -> bool:
        if group not in self.options or value in self.options[group]:
            return True
        hint = nearest(str(value), self.options[group])
        self.faults.append(Fault(f"{group}={value}", f"there is no such {group}{hint}"))
        return False


def _unquoted(value: Any) -> Any:
    """A value of Hydra's grammar as a plain one."""
    if isinstance(value, Mapping):
        return {_unquoted(key): _unquoted(inner) for key, inner in value.items()}
    return [_unquoted(inner) for inner in value] if isinstance(value, list) else getattr(value, "text", value)


def too_many(number: int) -> Fault | None:
    """Of a plan with more runs than are planned at once."""
    if number <= MOST_RUNS:
        return None
    return Fault("plan", f"has {clipped(f'{number:,}')} runs, and may have {MOST_RUNS:,}; {PARTS}")


def _too_long(numbers: RangeSweep) -> str | None:
    """What is wrong with a range, without going through it."""
    start, stop, step = numbers.start, numbers.stop, numbers.step
    assert start is not None
    assert stop is not None
    if step == 0:
        return "a range with a step of 0 has no end"
    count = -((start - stop) // step)
    if count <= MOST_RUNS:
        return None
    told = f"{clipped(f'{int(count):,}')} values" if count < math.inf else "values without end"
    return f"names {told}, and a plan may have {MOST_RUNS:,} runs; {PARTS}"


def _twice(values: Iterable[Any]) -> list[Any]:
    """Those that come again; 1 and 1.0 are one."""
    counts = Counter(value if isinstance(value, Hashable) else repr(value) for value in values)
    return [value for value, count in counts.items() if count > 1]
