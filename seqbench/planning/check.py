"""From a composed configuration to a run spec: imported, checked against the constructors, tried."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

from omegaconf import DictConfig, OmegaConf

from seqbench.config import CPU, Component, Device, Fault, Layers, Repetition, told_apart, validate
from seqbench.executors.base import WorkerLost
from seqbench.plan import RunSpec
from seqbench.planning.foreign import Asking, data_of, device_of, found_of
from seqbench.planning.forms import Forms
from seqbench.planning.grammar import plain
from seqbench.planning.mistyped import several
from seqbench.planning.regime import beside_task, training_of
from seqbench.planning.sections import section
from seqbench.planning.trials import Trials, tried_with

#: Groups that make different runs.
GROUPS = ("task", "model")
#: What is wrong with a class of a script or notebook.
NOT_IMPORTABLE = (
    "{!r} lies in a script or notebook, which no worker process can import; "
    "move it to a file of its own, or choose executor=serial"
)


class Checker:
    """Makes components and run specs; what is wrong with them goes into `faults`."""

    def __init__(self, faults: list[Fault], fresh: bool = False) -> None:
        self.faults, self.asking = faults, Asking()
        self.forms, self.trials = Forms(self.asking, fresh), Trials(fresh)
        self.built, self.found, self.on_trust = dict[str, bool](), dict[str, str](), list[RunSpec]()
        self.devices, self.missing = dict[str, str](), list[Fault]()
        self.made, self.seeded = dict[str, tuple[DictConfig, RunSpec | None]](), dict[int, tuple[DictConfig, bool]]()

    def run(self, config: DictConfig, setting: Mapping[str, Any], built: bool = True) -> RunSpec | None:
        """The run with these plain values set, or None if there are faults; `built`: the model is tried out, too."""
        known = self.without_seed(config, setting, built)
        if known in self.made:
            return self._of_seed(self.made[known][1], setting["seed"])
        for key, value in setting.items():
            # A map where a list was is a fault, and no reason to stop.
            OmegaConf.update(config, key, value, merge=False, force_add=True)
        run = self._run(config, built)
        if known:
            self.made[known] = config, run  # the configuration is kept, and with it its id
        return run

    def without_seed(self, config: DictConfig, setting: Mapping[str, Any], built: bool) -> str:
        """What runs that differ in their seed alone have in common; "" where something may follow the seed."""
        if id(config) not in self.seeded:
            self.seeded[id(config)] = config, _follows_the_seed(config)
        others = repr([id(config), {key: value for key, value in setting.items() if key != "seed"}, built])
        return "" if self.seeded[id(config)][1] or "seed" not in setting or "${" in others else others

    def _of_seed(self, run: RunSpec | None, seed: Any) -> RunSpec | None:
        """A run that is known with another seed."""
        clean, faults = validate(Repetition, {"seed": seed})
        self.faults += _of_axis(faults, {"seed": seed})
        return None if faults or run is None else replace(run, seed=clean["seed"])

    def _run(self, config: DictConfig, built: bool) -> RunSpec | None:
        before = len(self.faults)
        task, model = (self.component(group, config) for group in GROUPS)
        training = training_of(config, self.asking, self.faults)
        seed, faults = validate(Repetition, {"seed": config.seed})
        self.faults += _of_axis(faults, {"seed": config.seed})
        if training is None or len(self.faults) > before:
            return None
        if wrong := beside_task(training, task):
            self.faults += wrong
            return None
        run = RunSpec(task, model, training, seed["seed"], str(config.device))
        return run if not built or self._builds(run) else None

    def device(self, named: Any) -> str:
        """The one that is meant by a name, `auto` among them; that of which there is none goes into `missing`."""
        key = repr(named)
        if key not in self.devices:
            found = self._device(named)
            self.missing += [found] if isinstance(found, Fault) else []
            self.devices[key] = CPU if isinstance(found, Fault) else found
        return self.devices[key]

    def _device(self, named: Any) -> str | Fault:
        clean, faults = validate(Device, {"device": named})
        if faults:
            return _of_axis(faults, {"device": named})[0]
        if clean["device"] == CPU:
            return CPU
        try:
            return self.asking.ask(f"asking torch for device={named}", [], device_of, named, apart=True)
        except (ValueError, WorkerLost) as error:
            return Fault(f"device={named}", str(error))

    def component(self, group: str, config: DictConfig) -> Component:
        """The task, model or executor that is configured; meaningless if there are faults."""
        settings = section(group, config, self.faults)
        target = str(settings.pop("_target_", ""))
        try:
            if not target:
                file = f"{group}/{config.hydra.runtime.choices[group]}.yaml"
                raise ValueError(f"is missing in {file}; it names the class, as in module.Class")
            form = self.forms.of(group, target)
        except ValueError as error:
            self.faults.append(Fault(f"{group}._target_", str(error)))
            return Component("", "", {})
        stack = self._layers(settings, form.schema.knobs) if group == "model" else Layers()
        clean, faults = form.schema.validate(settings, f"{group}.")
        self.faults += _of_axis(faults, settings, f"{group}.") if group in GROUPS else faults
        if group == "task" and not form.has_gap:
            self.faults.append(Fault("task._target_", f"{target!r} has no knob named 'gap', which every task needs"))
        if form.module == "__main__" and self._imports_by_name(config):
            self.faults.append(Fault(f"{group}._target_", NOT_IMPORTABLE.format(target)))
        data = self._data(target, clean) if form.reads and not faults else ""
        name, own = config.hydra.runtime.choices[group], told_apart(clean, form.later)
        return Component(name, target, own, form.version, data, form.source, stack)

    def _layers(self, settings: dict[str, Any], knobs: Sequence[str]) -> Layers:
        """Taken out of the settings of a model: what is no knob of its class by the same name."""
        given = {part.name: settings.pop(part.name) for part in fields(Layers) if part.name in {*settings} - {*knobs}}
        clean, faults = validate(Layers, given, "model.")
        layers = Layers(**clean)
        self.faults += _of_axis(faults, given, "model.")
        self.faults += [Fault(f"model.{name}", told) for name, told in layers.contradictions().items()]
        return layers

    def _imports_by_name(self, config: DictConfig) -> bool:
        """Whether the executor needs classes that another process can import; False if it is at fault itself."""
        try:
            return self.forms.of("executor", str(config.executor.get("_target_"))).imports_by_name
        except ValueError:
            return False

    def _data(self, target: str, settings: Mapping[str, Any]) -> str:
        try:
            return self.asking.ask(f"asking {target} what it reads", [target], data_of, target, settings)
        except (ValueError, WorkerLost) as error:
            self.faults.append(Fault("task", str(error)))
            return ""

    def _builds(self, run: RunSpec) -> bool:
        """Whether the model takes a sequence of the task; asked once for each task and model."""
        key = repr((run.task, run.model, tried_with(run.training), run.device))
        if key not in self.built:
            found = self._remembered(run) or self._tried(run)
            self.built[key] = found is not None
            if found:
                self.found[run.model.name] = found
        return self.built[key]

    def _remembered(self, run: RunSpec) -> str | None:
        found = self.trials.remembered(run, self.code(run))
        if found:
            self.on_trust.append(run)
        return found

    def _tried(self, run: RunSpec) -> str | None:
        found = self.asking.about(run, "trying", found_of)
        if isinstance(found, Fault):
            self.faults.append(found)
            return None
        self.trials.remember(run, self.code(run), found)
        return found

    def code(self, run: RunSpec) -> str:
        """What a run's task and model rest on; "" where that is not known."""
        states = [self.forms.of(*of).state for of in (("task", run.task.target), ("model", run.model.target))]
        return " ".join(states) if all(states) else ""


def _of_axis(faults: Iterable[Fault], settings: Mapping[str, Any], prefix: str = "") -> list[Fault]:
    """Faults of settings that may have several values, with how these are written."""
    return [several(fault, settings.get(fault.key.removeprefix(prefix))) for fault in faults]


def _follows_the_seed(config: DictConfig) -> bool:
    """Whether a setting says that it is made from the seed."""
    sections = [config[group] for group in ("task", "model", "training")]
    trees = [plain(section, resolve=False) for section in sections if isinstance(section, DictConfig)]
    return any("${" in value and "seed" in value for value in _leaves(trees) if isinstance(value, str))


def _leaves(tree: Any) -> Iterator[Any]:
    if isinstance(tree, Mapping | list):
        for value in tree.values() if isinstance(tree, Mapping) else tree:
            yield from _leaves(value)
    else:
        yield tree
