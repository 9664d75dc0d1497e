"""What was typed: lines in Hydra's grammar become axes with their values, and settings of the whole plan."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from hydra.core.config_loader import ConfigLoader
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Glob, Override
from hydra.errors import HydraException
from omegaconf import DictConfig

from seqbench.config import Fault, nearest
from seqbench.planning.grammar import NOT_AN_AXIS, is_axis, unusable


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
            except HydraException as error:
                self.faults.append(Fault(line, f"cannot be read: {str(error).splitlines()[0]}"))
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
                lines.append(line)
        return axes, lines

    def axes_of_experiment(self, config: DictConfig) -> dict[str, list[Any]]:
        """Those that an experiment file names under `hydra.sweeper.params`."""
        params = config.hydra.sweeper.params or {}
        if not isinstance(params, Mapping):
            self.faults.append(Fault("hydra.sweeper.params", f"{params!r} is not allowed; it should name axes"))
            return {}
        lines = [f"{key}={'null' if value is None else value}" for key, value in params.items()]
        axes, others = self.sort(self.parse(lines))
        self.faults += [Fault(line, NOT_AN_AXIS) for line in others]
        return axes

    def _values(self, override: Override) -> list[Any]:
        """The values that exist; a fault for each that does not, and for each that is named twice."""
        key, line = override.key_or_group, str(override.input_line)
        values = [getattr(value, "text", value) for value in self._named(override)]
        if not values:
            self.faults.append(Fault(line, "names no value"))
        for value in {repr(v): v for v in values if values.count(v) > 1}.values():
            self.faults.append(Fault(line, f"names {value!r} twice"))
        return [value for value in values if self._is_option(key, value)]

    def _named(self, override: Override) -> Iterable[Any]:
        pattern: Any = override.value()
        if isinstance(pattern, Glob):
            return pattern.filter(list(self.options.get(override.key_or_group, [])))
        return override.sweep_iterator() if override.is_sweep_override() else [pattern]

    def _is_option(self, group: str, value: Any) -> bool:
        if group not in self.options or value in self.options[group]:
            return True
        hint = nearest(str(value), self.options[group])
        self.faults.append(Fault(f"{group}={value}", f"there is no such {group}{hint}"))
        return False
