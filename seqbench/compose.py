"""The Hydra seam: from files and the command line to a checked plan. Every fault is found before anything runs."""

import itertools
import shlex
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from hydra import initialize_config_dir
from hydra.core.config_loader import ConfigLoader
from hydra.core.global_hydra import GlobalHydra
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from hydra.errors import HydraException
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from seqbench.config import (
    Component,
    ConfigError,
    Fault,
    Options,
    Repetition,
    Training,
    config_dir,
    load_class,
    nearest,
    validate,
)
from seqbench.executors.base import Executor
from seqbench.models.base import Core
from seqbench.plan import Plan, RunSpec, duplicates
from seqbench.tasks.base import Task
from seqbench.training import build

CONFIG_NAME = "config"
#: What makes a run the run that it is, and can therefore be swept.
GROUPS = ("task", "model")
CONTRACTS: Mapping[str, type] = {"task": Task, "model": Core, "executor": Executor}
AXES = ("task", "model", "training", "seed")
#: Options that say how to carry out a plan now, and do not belong into a command that repeats one run.
TRANSIENT = ("dry_run", "rerun", "reports")


def make_plan(loader: ConfigLoader, arguments: Sequence[str]) -> Plan:
    """The plan that the command line asks for. Raises ConfigError with everything that is wrong with it."""
    composition = _Composition(loader)
    try:
        plan = composition.plan(arguments)
    except (HydraException, OmegaConfBaseException) as error:
        composition.faults.append(Fault("configuration", " ".join(str(error).split())))
    if composition.faults:
        raise ConfigError(composition.faults)
    return plan


def plan_from(*arguments: str) -> Plan:
    """The plan of a command line, without one: `plan_from("task=copy", "model=gru,lstm")`."""
    GlobalHydra.instance().clear()
    with initialize_config_dir(str(config_dir()), version_base="1.3"):
        return make_plan(GlobalHydra.instance().config_loader(), arguments)


class _Composition:
    """Composes once per choice of groups, sets plain values directly, and collects faults while it goes."""

    def __init__(self, loader: ConfigLoader) -> None:
        self.loader, self.faults, self.built = loader, list[Fault](), dict[str, bool]()
        self.options = {name: loader.get_group_options(name) for name in loader.list_groups("") if name != "hydra"}

    def plan(self, arguments: Sequence[str]) -> Plan:
        """Meaningful only if there are no faults afterwards."""
        typed, how = self._sort(self._parse(arguments))
        how = [line for line in how if self._applies(line)]
        config = self._compose(how)
        params = config.hydra.sweeper.params or {}
        of_experiment, _ = self._sort(self._parse([f"{key}={value}" for key, value in params.items()]))
        runs = dict(self._runs(how, {**of_experiment, **typed}))
        self.faults += duplicates(runs.values())
        kept = self._config_dir() + [line for line in how if line.partition("=")[0] not in TRANSIENT]
        commands = {run.fingerprint: _command(kept, choice) for choice, run in runs.items()}
        return Plan(self._options(config), self._component("executor", config), tuple(runs.values()), commands)

    # -- what was typed ------------------------------------------------------------------------------------

    def _parse(self, lines: Sequence[str]) -> list[Override]:
        parsed = []
        for line in lines:
            try:
                parsed += OverridesParser.create(config_loader=self.loader).parse_overrides([line])
            except HydraException as error:
                self.faults.append(Fault(line, f"cannot be read: {str(error).splitlines()[0]}"))
        return parsed

    def _sort(self, overrides: Sequence[Override]) -> tuple[dict[str, list[Any]], list[str]]:
        """Axes with their values (often just one), and the lines that say how to carry out the plan."""
        axes, lines = dict[str, list[Any]](), []
        for override in overrides:
            key, line = override.key_or_group, str(override.input_line)
            values = self._values(override)
            if key.partition(".")[0] in AXES:
                if values:  # else its fault is known, and the default serves to look for further faults
                    axes[key] = values
            elif override.is_sweep_override():
                self.faults.append(Fault(line, f"cannot be swept; only {', '.join(AXES)} and what is in them can"))
            elif values or override.is_delete():
                lines.append(line)
        return axes, lines

    def _values(self, override: Override) -> list[Any]:
        """The values that exist; a fault for each that does not, and for each that is named twice."""
        key, line = override.key_or_group, str(override.input_line)
        if override.is_sweep_override() and not override.is_discrete_sweep():
            self.faults.append(Fault(line, "an interval does not say which values: name them"))
            return []
        found = override.sweep_iterator() if override.is_sweep_override() else [override.value()]
        values = [getattr(value, "text", value) for value in found]
        for value in {repr(v): v for v in values if values.count(v) > 1}.values():
            self.faults.append(Fault(line, f"names {value!r} twice"))
        return [value for value in values if self._is_option(key, value)]

    def _is_option(self, group: str, value: Any) -> bool:
        if group not in self.options or value in self.options[group]:
            return True
        hint = nearest(str(value), self.options[group])
        self.faults.append(Fault(f"{group}={value}", f"there is no such {group}{hint}"))
        return False

    # -- composing -----------------------------------------------------------------------------------------

    def _compose(self, lines: Sequence[str]) -> DictConfig:
        return self.loader.load_configuration(CONFIG_NAME, list(lines), RunMode.MULTIRUN, from_shell=False)

    def _applies(self, line: str) -> bool:
        try:
            self._compose([line])
        except (HydraException, OmegaConfBaseException) as error:
            key = line.partition("=")[0].lstrip("+~")
            valid = [*_dotted(self._compose([])), *self.options]
            self.faults.append(Fault(line, str(error).splitlines()[0] if key in valid else _no_such(key, valid)))
            return False
        return True

    def _config_dir(self) -> list[str]:
        """The user's own configuration folder as typed again."""
        paths = [source.path for source in self.loader.get_sources() if source.provider == "command-line"]
        return [word for path in paths for word in ("--config-dir", path.removeprefix("file://"))]

    # -- runs ----------------------------------------------------------------------------------------------

    def _runs(self, lines: list[str], axes: Mapping[str, list[Any]]) -> Iterator[tuple[tuple[str, ...], RunSpec]]:
        """Every combination of the axes as typed (("task=copy", "task.gap=10", ...)) with its run."""
        groups = {key: values for key, values in axes.items() if key in GROUPS}
        plain = {key: values for key, values in axes.items() if key not in GROUPS}
        for names in itertools.product(*groups.values()):
            choice = tuple(f"{group}={name}" for group, name in zip(groups, names, strict=True))
            config = self._compose([*lines, *choice])
            known = self._known(plain, config, choice)
            for values in itertools.product(*known.values()):
                setting = dict(zip(known, values, strict=True))
                run = self._run(config, setting)
                if run is not None:
                    yield choice + tuple(f"{key}={_as_typed(value)}" for key, value in setting.items()), run

    def _known(
        self, plain: Mapping[str, list[Any]], config: DictConfig, choice: tuple[str, ...]
    ) -> dict[str, list[Any]]:
        valid = _dotted(config)
        where = f" with {' '.join(choice)}" if choice else ""
        self.faults += [Fault(key, _no_such(key, valid, where)) for key in plain if key not in valid]
        return {key: values for key, values in plain.items() if key in valid}

    def _run(self, config: DictConfig, setting: Mapping[str, Any]) -> RunSpec | None:
        for key, value in setting.items():
            OmegaConf.update(config, key, value)
        before = len(self.faults)
        task, model = (self._component(group, config) for group in GROUPS)
        training, faults = validate(Training, _plain(config.training), "training.")
        seed, seed_faults = validate(Repetition, {"seed": config.seed})
        self.faults += faults + seed_faults
        if len(self.faults) > before:
            return None
        run = RunSpec(task, model, Training(**training), seed["seed"])
        return run if self._builds(run) else None

    def _component(self, group: str, config: DictConfig) -> Component:
        settings = _plain(config[group])
        target = settings.pop("_target_", None)
        try:
            cls = load_class(str(target), CONTRACTS[group])
        except ValueError as error:
            self.faults.append(Fault(f"{group}._target_", str(error)))
            return Component("", "", {})
        clean, faults = validate(cls, settings, f"{group}.")
        self.faults += faults
        return Component(config.hydra.runtime.choices[group], target, clean, getattr(cls, "version", 1))

    def _builds(self, run: RunSpec) -> bool:
        """Whether the constructors accept the settings together; asked once for each task and model."""
        key = repr((run.task, run.model))
        if key not in self.built:
            self.built[key] = True
            try:
                build(run)
            except (ValueError, TypeError) as error:
                self.built[key] = False
                self.faults.append(Fault(f"task={run.task.name} model={run.model.name}", str(error)))
        return self.built[key]

    def _options(self, config: DictConfig) -> Options:
        keys = ("name", "reports", "dry_run", "rerun")
        clean, faults = validate(Options, {key: config[key] for key in keys})
        self.faults += faults
        return Options(**clean) if clean else Options(name="")


def _plain(config: DictConfig, resolve: bool = True) -> dict[str, Any]:
    return cast(dict[str, Any], OmegaConf.to_container(config, resolve=resolve))


def _dotted(config: DictConfig) -> list[str]:
    """Every key of a configuration by its path, apart from Hydra's own and the classes."""
    flat = []
    for key, value in _plain(config, resolve=False).items():
        if isinstance(value, dict):
            flat += [f"{key}.{inner}" for inner in value if inner != "_target_"]
        else:
            flat.append(key)
    return [key for key in flat if not key.startswith("hydra")]


def _no_such(key: str, valid: Sequence[str], where: str = "") -> str:
    """With the nearest key there is, or those that stand beside it."""
    beside = [other for other in valid if other.partition(".")[0] == key.partition(".")[0]]
    return f"there is no such key{where}{nearest(key, beside or [k for k in valid if '.' not in k])}"


def _as_typed(value: Any) -> str:
    """A plain value in Hydra's grammar."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return str(value)


def _command(lines: Sequence[str], choice: Sequence[str]) -> str:
    return shlex.join(["python", "-m", "seqbench", *lines, *choice])
