"""The Hydra seam: from files and the command line to a checked plan. Every fault is found before anything runs."""

import itertools
import math
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from hydra.core.config_loader import ConfigLoader
from hydra.core.object_type import ObjectType
from omegaconf import DictConfig

from seqbench.config import CPU, ConfigError, Fault, config_dir
from seqbench.config.comments import question
from seqbench.plan import Cell, Control, Job, Plan, RunSpec, apart, duplicates
from seqbench.planning import hydra_inside
from seqbench.planning.axes import Reader, too_many
from seqbench.planning.cells import SEARCHED, TUNED, all_typed, job_of, spent
from seqbench.planning.check import GROUPS, Checker
from seqbench.planning.claims import claims_of
from seqbench.planning.compose import REFUSALS, Composer
from seqbench.planning.files import require_usable
from seqbench.planning.grammar import (
    as_typed,
    command,
    dotted,
    in_one_line,
    key_of,
    missing_folders,
    no_such,
    search_path,
)
from seqbench.planning.matching import Matching
from seqbench.planning.mistyped import require_words
from seqbench.terminal import importable

#: A run with the choices that make it, as typed: ("task=copy", "task.gap=10", ...).
Found = tuple[tuple[str, ...], RunSpec]
#: Options that say how to carry out a plan now, and do not belong into a command that repeats one run.
TRANSIENT = ("dry_run", "rerun", "reports")


def make_plan(*arguments: str, config_dir: Path | str | None = None) -> Plan:
    """The plan of a command line, without one: `make_plan("task=copy", "model=gru,lstm")`.

    `config_dir` is a folder of your own, as after `--config-dir`. Raises ConfigError with everything that is wrong.
    """
    require_words(arguments, config_dir)
    folder = None if config_dir is None else importable(config_dir)
    require_usable(folder, arguments)
    return plan_with(hydra_inside.loader(folder), arguments)


def plan_with(loader: ConfigLoader, arguments: Sequence[str]) -> Plan:
    """The plan that these words ask for, in what this loader of Hydra's finds. Raises ConfigError."""
    faults = missing_folders(arguments)
    if faults:
        raise ConfigError(faults)
    hydra_inside.parse_once(loader)
    checker = Checker(faults)
    try:
        return _plan(loader, arguments, checker)
    except ConfigError:
        if not checker.forms.believed:
            raise
    return _plan(loader, arguments, Checker([], fresh=True))


def _plan(loader: ConfigLoader, arguments: Sequence[str], checker: Checker) -> Plan:
    try:
        plan = _Composition(loader, arguments, checker).plan(arguments)
    except REFUSALS as error:
        checker.faults.append(Fault("configuration", in_one_line(error)))
    finally:
        checker.asking.close()
    if faults := [*checker.missing, *checker.faults]:
        raise ConfigError(faults)
    for module, changes in checker.forms.changes.items():
        told = f"importing {module} changes {changes}; no run begins with that"
        print(f"seqbench: {told}", file=sys.stderr)
    return plan


class _Composition:
    """Composes once per choice of groups, sets plain values directly, and collects faults while it goes."""

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
        horizon = self.checker.horizon(config)
        tuning = self.checker.tuning(config, horizon)
        kept = self._kept(how, config)
        axes = {**self.reader.axes_of_experiment(config), **typed}
        if tuning and len(axes.get(TUNED, [])) > 1:
            self.faults.append(
                Fault(TUNED, "is tuned for each arm; give one value, the common rate, or set tuning=null")
            )
        cells = self._cells(horizon, how, kept, config, axes) if horizon else []
        found = [each for _, of_control in controls for each in of_control]  # claims may share runs
        if not controls and not config.horizon:
            found = list(self._runs(how, config, axes))
            self.faults += duplicates(run for _, run in found)
        told = apart(run for _, run in found)
        jobs = {
            run.fingerprint: Job(run, command(kept, choice), apart=told.get(run.fingerprint, ""))
            for choice, run in found
        }
        return Plan(
            options=self.checker.options(config),
            executor=self.checker.component("executor", config),
            jobs=tuple(jobs.values()),
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
        self.faults += [Fault(key, told) for key in (*SEARCHED, *given) if key in axes]
        ends = [{"task.gap": search[end], "seed": 0} for end in ("min_gap", "max_gap")]
        others = {**{key: values for key, values in axes.items() if key not in SEARCHED}, **given}
        cells: list[tuple[RunSpec, Cell]] = []
        for choice, config, setting in self._combinations(lines, without_choice, {**others, "task.gap": [None]}):
            if "task.gap" not in setting:  # which is a fault by now
                continue
            setting |= self.matching.of(config, {**setting, **ends[0]})
            tried = [self.checker.run(config, {**setting, **end}) for end in ends]
            if tried[0] and tried[1] and self.checker.affords(search, tried[0]):
                common = {TUNED: tried[0].training.learning_rate} if config.tuning else {}
                cell = partial(job_of, config, {**setting, **common}, choice, kept, tried[0].fingerprint)
                cells.append((tried[0], cell))
        self.faults += duplicates(first for first, _ in cells)
        apart_by = apart(first for first, _ in cells)
        return [partial(cell, apart=apart_by.get(first.fingerprint, "")) for first, cell in cells]

    def _known(
        self, plain: Mapping[str, list[Any]], config: DictConfig, choice: tuple[str, ...]
    ) -> dict[str, list[Any]]:
        valid = dotted(config)
        self.faults += [Fault(key, no_such(key, valid), " ".join(choice)) for key in plain if key not in valid]
        return {key: values for key, values in plain.items() if key in valid}
