"""From words to a plan: groups are composed once per choice, plain values are set, and faults are collected."""

import itertools
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from hydra.core.config_loader import ConfigLoader
from hydra.core.object_type import ObjectType
from omegaconf import DictConfig

from seqbench.config import CPU, Fault, config_dir
from seqbench.config.comments import question
from seqbench.config.regime import MAPS
from seqbench.horizon.axis import AXES
from seqbench.plan import Cell, Control, Job, Plan, RunSpec, apart, duplicates
from seqbench.planning import hydra_inside, sections
from seqbench.planning.axes import Reader, too_many
from seqbench.planning.cells import TUNED, all_typed, job_of, spent
from seqbench.planning.check import GROUPS, Checker
from seqbench.planning.claims import claims_of
from seqbench.planning.compose import Composer
from seqbench.planning.grammar import as_typed, command, dotted, key_of, no_such, search_path
from seqbench.planning.matching import Matching

#: A run with the choices that make it, as typed: ("task=copy", "task.gap=10", ...).
Found = tuple[tuple[str, ...], RunSpec]
#: Options that say how to carry out a plan now, and do not belong into a command that repeats one run; a run that met a
#: limit would meet it again.
TRANSIENT = ("dry_run", "rerun", "reports", "curve_points", "executor.limit", "executor.ended_after")


class Composition:
    """Of one plan; what is wrong with it goes into the faults of its checker."""

    def __init__(self, loader: ConfigLoader, arguments: Sequence[str], checker: Checker) -> None:
        self.folder, self.faults, self.checker = hydra_inside.own_folder(loader), checker.faults, checker
        folders = [line for line in arguments if key_of(line) == "hydra.searchpath"]
        groups = loader.get_group_options("", ObjectType.GROUP, overrides=folders)
        options = {name: loader.get_group_options(name, overrides=folders) for name in groups if name != "hydra"}
        self.reader, self.composer = Reader(loader, options, self.faults), Composer(loader, options, self.faults)

    def plan(self, arguments: Sequence[str]) -> Plan:
        """Meaningful only if there are no faults afterwards."""
        typed, lines = self.reader.sort(self.reader.parse(arguments))
        how, config = self.composer.composed(lines)
        self.composer.check_keys(config)
        self.matching = Matching(self.checker, self.composer, how, config)
        controls = [self._control(entry, how, config, typed) for entry in claims_of(config, self.faults)]
        horizon = sections.horizon(config, self.faults)
        tuning = sections.tuning(config, horizon, self.faults)
        kept = self._kept(how, config)
        axes = {**self.reader.axes_of_experiment(config), **typed}
        if tuning and len(axes.get(TUNED, [])) > 1:
            told = "is tuned for each arm; give one value, the common rate, or set tuning=null"
            self.faults.append(Fault(TUNED, told))
        cells = self._cells(horizon, how, kept, config, axes) if horizon else []
        found = [each for _, of_control in controls for each in of_control]  # claims may share runs
        if not controls and not config.horizon:
            found = list(self._runs(how, config, axes))
            self._require_different(run for _, run in found)
        return Plan(
            options=sections.options(config, self.faults),
            executor=self.checker.component("executor", config),
            jobs=_jobs(found, kept),
            controls=tuple(control for control, _ in controls),
            horizon=horizon,
            tuning=tuning,
            cells=tuple(cells),
            config_dir=self.folder,
            question=self._question(arguments),
            found=self.checker.found,
            on_trust=tuple(self.checker.on_trust),
        )

    def _question(self, arguments: Sequence[str]) -> str:
        """That of the experiment which is named in these words; empty where none is."""
        named = [line.partition("=")[2] for line in arguments if key_of(line) == "experiment"]
        own = [self.folder] if self.folder else []
        return question("".join(named[-1:]), [config_dir(), *own, *search_path(arguments)])

    def _kept(self, how: Sequence[str], config: DictConfig) -> list[str]:
        """What the command of a single run begins with: no claims, no search, and nothing to solve for."""
        of_many = ("controls", "horizon", "tuning", "match")
        set_by = {key: [line for line in how if key_of(line).partition(".")[0] == key] for key in of_many}
        given = {**config, "match": self.matching.targets}
        single = [f"{key}=null" for key in of_many if given[key] or set_by[key]]
        left_out = list(itertools.chain(*set_by.values()))
        kept = [line for line in how if key_of(line) not in TRANSIENT and line not in left_out]
        folder = [] if self.folder is None else ["--config-dir", str(self.folder)]
        return [*folder, *kept, *single]

    # -- controls ------------------------------------------------------------------------------------------

    def _control(
        self, entry: Mapping[str, Any], lines: list[str], config: DictConfig, typed: Mapping[str, list[Any]]
    ) -> tuple[Control, list[Found]]:
        """A claim and its runs; what is typed wins over its axes. Of a refusal there is the reason and no run."""
        control = Control(str(entry["requirement"]), str(entry["control"]), str(entry["expected"]))
        axes, _ = self.reader.sort(self.reader.parse([f"{key}={value}" for key, value in entry["axes"].items()]))
        before = len(self.faults)
        found = list(self._runs(lines, config, {**axes, **typed}))
        if control.expected != "refused":
            return replace(control, fingerprints=tuple(run.fingerprint for _, run in found)), found
        reasons = [fault.problem for fault in self.faults[before:]]
        del self.faults[before:]
        return replace(control, refusal="; ".join(dict.fromkeys(reasons)) or None), []

    # -- runs ----------------------------------------------------------------------------------------------

    def _runs(self, lines: list[str], without_choice: DictConfig, axes: Mapping[str, list[Any]]) -> Iterator[Found]:
        """Every combination of the axes as typed (("task=copy", "task.gap=10", ...)) with its run."""
        for choice, config, setting in self._combinations(lines, without_choice, axes):
            setting |= self.matching.of(config, setting)
            run = self.checker.run(config, setting)
            if run is not None:
                yield choice + all_typed(setting), run

    def _combinations(
        self, lines: list[str], without_choice: DictConfig, axes: Mapping[str, list[Any]]
    ) -> Iterator[tuple[tuple[str, ...], DictConfig, dict[str, Any]]]:
        """Every choice of groups as typed, its configuration, and the plain values to set in it."""
        groups = {key: values for key, values in axes.items() if key in GROUPS}
        plain = {key: values for key, values in axes.items() if key not in GROUPS}
        if fault := too_many(math.prod(map(len, axes.values()))):
            self.faults.append(fault)
            return
        for names in itertools.product(*groups.values()):
            choice = tuple(f"{group}={as_typed(name)}" for group, name in zip(groups, names, strict=True))
            config = self.composer.compose([*lines, *choice]) if choice else without_choice
            known = self._placed(self._known(plain, config, choice), config)
            for values in itertools.product(*known.values()):
                yield choice, config, dict(zip(known, values, strict=True))

    def _placed(self, plain: Mapping[str, list[Any]], config: DictConfig) -> dict[str, list[Any]]:
        """With the devices that are meant, so that the command of a run names its own; those of the CPU need none."""
        named = plain.get("device", [config.device])
        return {**plain, "device": [self.checker.device(name) for name in named]} if named != [CPU] else dict(plain)

    def _require_different(self, runs: Iterable[RunSpec]) -> None:
        """A fault for each that is there twice; not where the CPU stands in for a device that is missing."""
        self.faults += [] if self.checker.missing else duplicates(runs)

    # -- searches ------------------------------------------------------------------------------------------

    def _cells(
        self,
        search: Mapping[str, Any],
        lines: list[str],
        kept: list[str],
        without_choice: DictConfig,
        axes: Mapping[str, list[Any]],
    ) -> list[Cell]:
        """A cell for every combination of the axes, with which a search can begin; a fault for what is searched."""
        told, given = "is set by the search for the horizon and cannot be given", spent(search["budgets"])
        axis = AXES[search["over"]]
        along, none = axis.setting, f"has no {axis.name} to set, which is searched"
        self.faults += [Fault(key, told) for key in (along, "seed", *given) if key in axes]
        others = {**{key: values for key, values in axes.items() if key not in (along, "seed")}, **given}
        cells: list[tuple[RunSpec, Cell]] = []
        for choice, config, setting in self._combinations(lines, without_choice, others):
            if axis.name in config.task.keys():  # noqa: SIM118  # one that is to be given, ???, is not "in" it
                cells += self._cell(search, kept, choice, config, {**setting, along: None})
            else:
                self.faults.append(Fault(f"task={config.hydra.runtime.choices.task}", none))
        self._require_different(first for first, _ in cells)
        apart_by = apart(first for first, _ in cells)
        return [partial(cell, apart=apart_by.get(first.fingerprint, "")) for first, cell in cells]

    def _cell(
        self,
        search: Mapping[str, Any],
        kept: list[str],
        choice: tuple[str, ...],
        config: DictConfig,
        setting: dict[str, Any],
    ) -> list[tuple[RunSpec, Cell]]:
        """A cell with its run at the shortest gap; none if there are faults."""
        axis = AXES[search["over"]]
        least, most = ({axis.setting: search[end], "seed": 0} for end in axis.ends)
        with sections.as_typed(search, axis.ends[0], self.faults):
            setting |= self.matching.of(config, {**setting, **least})
            shortest = self.checker.run(config, {**setting, **least})
        with sections.as_typed(search, axis.ends[1], self.faults):
            longest = self.checker.run(config, {**setting, **most})
        if not shortest or not longest or not sections.affords(search, shortest, self.faults):
            return []
        common = {TUNED: shortest.training.learning_rate} if config.tuning else {}
        own = axis.search_id(shortest.fingerprint), axis.setting
        return [(shortest, partial(job_of, config, {**setting, **common}, choice, kept, *own))]

    def _known(
        self, plain: Mapping[str, list[Any]], config: DictConfig, choice: tuple[str, ...]
    ) -> dict[str, list[Any]]:
        valid = dotted(config)
        known = {key: values for key, values in plain.items() if key in valid or key.rpartition(".")[0] in MAPS}
        self.faults += [Fault(key, no_such(key, valid), " ".join(choice)) for key in plain if key not in known]
        return known


def _jobs(found: Sequence[Found], kept: Sequence[str]) -> tuple[Job, ...]:
    """One for each run, whose command begins with what is kept of the plan's."""
    told = apart(run for _, run in found)
    jobs = {
        run.fingerprint: Job(run, command(kept, choice), apart=told.get(run.fingerprint, "")) for choice, run in found
    }
    return tuple(jobs.values())
