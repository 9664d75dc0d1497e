"""From a composed configuration to a run spec: imported, checked against the constructors, tried."""

from collections.abc import Mapping
from typing import Any

from omegaconf import DictConfig, OmegaConf

from seqbench.config import Component, Fault, Options, Repetition, Training, knobs, load_class, validate
from seqbench.executors.base import Executor
from seqbench.horizon.search import FEWEST_RUNS, Search
from seqbench.models.base import Model
from seqbench.plan import RunSpec
from seqbench.planning.grammar import plain
from seqbench.tasks.base import Task
from seqbench.training.build import try_out

#: Groups that make different runs.
GROUPS = ("task", "model")
CONTRACTS: Mapping[str, type] = {"task": Task, "model": Model, "executor": Executor}
#: What is wrong with a class of a script or notebook.
NOT_IMPORTABLE = (
    "{!r} lies in a script or notebook, which no worker process can import; "
    "move it to a file of its own, or choose executor=serial"
)


class Checker:
    """Makes components and run specs; what is wrong with them goes into `faults`."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults, self.built = faults, dict[str, bool]()

    def run(self, config: DictConfig, setting: Mapping[str, Any], built: bool = True) -> RunSpec | None:
        """The run with these plain values set, or None if there are faults; `built`: the model is tried out, too."""
        for key, value in setting.items():
            OmegaConf.update(config, key, value)
        before = len(self.faults)
        task, model = (self.component(group, config) for group in GROUPS)
        training, faults = validate(Training, self._section("training", config), "training.")
        seed, seed_faults = validate(Repetition, {"seed": config.seed})
        self.faults += faults + seed_faults
        if len(self.faults) > before:
            return None
        run = RunSpec(task, model, Training(**training), seed["seed"])
        return run if not built or self._builds(run) else None

    def component(self, group: str, config: DictConfig) -> Component:
        """The task, model or executor that is configured; meaningless if there are faults."""
        settings = self._section(group, config)
        target = settings.pop("_target_", None)
        try:
            cls = load_class(str(target), CONTRACTS[group])
        except ValueError as error:
            self.faults.append(Fault(f"{group}._target_", str(error)))
            return Component("", "", {})
        clean, faults = validate(cls, settings, f"{group}.")
        self.faults += faults
        if group == "task" and "gap" not in knobs(cls) and not hasattr(cls, "gap"):
            self.faults.append(Fault("task._target_", f"{target!r} has no knob named 'gap', which every task needs"))
        if cls.__module__ == "__main__" and self._imports_by_name(config):
            self.faults.append(Fault(f"{group}._target_", NOT_IMPORTABLE.format(target)))
        name, data = config.hydra.runtime.choices[group], ""
        if group == "task" and not faults:
            data = self._data(cls, clean)
        return Component(name, target, clean, getattr(cls, "version", 1), data)

    def _imports_by_name(self, config: DictConfig) -> bool:
        """Whether the executor needs classes that another process can import; False if it is at fault itself."""
        try:
            executor: type[Executor] = load_class(str(config.executor.get("_target_")), Executor)
        except ValueError:
            return False
        return executor.imports_by_name

    def _data(self, task: type[Task], settings: Mapping[str, Any]) -> str:
        try:
            return task.data(**settings)
        except ValueError as error:
            self.faults.append(Fault("task", str(error)))
            return ""

    def _section(self, group: str, config: DictConfig) -> dict[str, Any]:
        settings = config[group]
        if isinstance(settings, DictConfig):
            return plain(settings)
        self.faults.append(Fault(group, f"{settings!r} is not allowed; it should be a group of settings"))
        return {}

    def _builds(self, run: RunSpec) -> bool:
        """Whether the model takes a sequence of the task; asked once for each task and model."""
        key = repr((run.task, run.model, run.training.truncate, run.training.batch_size))
        if key not in self.built:
            self.built[key] = True
            try:
                try_out(run)
            except Exception as error:  # whatever the constructors of other people raise
                self.built[key] = False
                self.faults.append(Fault(f"task={run.task.name} model={run.model.name}", str(error).partition("\n")[0]))
        return self.built[key]

    def horizon(self, config: DictConfig) -> dict[str, Any]:
        """The settings of the search that is configured; empty if there is none, or if there are faults."""
        settings = {} if config.horizon is None else self._section("horizon", config)
        if not settings:
            return {}
        clean, faults = validate(Search, settings, "horizon.")
        low, high = settings.get("min_gap"), settings.get("max_gap")
        if isinstance(low, int) and isinstance(high, int) and low >= high:
            faults.append(Fault("horizon.min_gap", f"{low} is not allowed; it should be less than max_gap, {high}"))
        if config.controls:
            faults.append(Fault("horizon", "an experiment that states controls cannot search as well"))
        self.faults += faults
        return {} if faults else clean

    def affords(self, settings: Mapping[str, Any], run: RunSpec) -> bool:
        """Whether the steps that a search may spend are enough to bracket a gap with runs like this one."""
        most, needed = settings["max_steps"], FEWEST_RUNS * run.training.max_steps
        if most is not None and most < needed:
            told = f"{most} is too few to bracket a gap: {FEWEST_RUNS} runs of training.max_steps may take {needed}"
            self.faults.append(Fault("horizon.max_steps", told))
            return False
        return True

    def options(self, config: DictConfig) -> Options:
        """How to carry out the plan; meaningless if there are faults."""
        keys = ("name", "reports", "dry_run", "rerun")
        clean, faults = validate(Options, {key: config[key] for key in keys})
        self.faults += faults
        return Options(**clean) if clean else Options(name="")
