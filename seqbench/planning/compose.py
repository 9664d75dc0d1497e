"""One configuration from lines of the command line; where that cannot be, a fault for each line that is to blame."""

from collections.abc import Mapping, Sequence
from dataclasses import fields

from hydra.core.config_loader import ConfigLoader
from hydra.errors import HydraException
from hydra.types import RunMode
from omegaconf import DictConfig
from omegaconf.errors import OmegaConfBaseException
from yaml import YAMLError  # type: ignore[import-untyped]

from seqbench import wording
from seqbench.config import Fault, Options
from seqbench.planning.grammar import AXES, dotted, in_one_line, key_of, no_such
from seqbench.planning.hydra_inside import sets_hydra_itself

CONFIG_NAME = "config"
#: Everything at the top of a configuration that is read.
READ = (
    "hydra", "executor", "controls", "horizon", "tuning", "match", *AXES, *(field.name for field in fields(Options))
)  # fmt: skip
#: Groups of settings of which a file names only some; the others can be typed without a plus sign, too.
OPTIONAL = ("horizon", "tuning")
#: What is wrong with a configuration that cannot be composed.
REFUSALS = (HydraException, OmegaConfBaseException, YAMLError)


class Composer:
    """`groups` are the options of each group; what is wrong is added to `faults`."""

    def __init__(self, loader: ConfigLoader, groups: Mapping[str, Sequence[str]], faults: list[Fault]) -> None:
        self.loader, self.groups, self.faults = loader, groups, faults

    def compose(self, lines: Sequence[str]) -> DictConfig:
        """The configuration of these lines. Raises one of REFUSALS."""
        added = [
            f"++{line}" if key_of(line).partition(".")[0] in OPTIONAL and line[0] not in "+~" else line
            for line in lines
        ]
        try:
            return self.loader.load_configuration(CONFIG_NAME, added, RunMode.MULTIRUN, from_shell=False)
        except AttributeError as error:
            if not sets_hydra_itself(error):
                raise
            raise HydraException("hydra: it should be a group of settings, not a value") from error

    def composed(self, lines: list[str]) -> tuple[list[str], DictConfig]:
        """The lines that compose and their configuration; a fault for each of the others."""
        try:
            return lines, self.compose(lines)
        except REFUSALS:
            applied: list[str] = []
            for line in sorted(lines, key=self._rank):  # each together with what it may rest on
                if self._applies(line, applied):
                    applied.append(line)
            return applied, self.compose(applied)

    def _rank(self, line: str) -> tuple[bool, bool]:
        return not key_of(line).startswith("hydra."), key_of(line) not in self.groups

    def _applies(self, line: str, applied: Sequence[str]) -> bool:
        try:
            self.compose([*applied, line])
        except REFUSALS as error:
            valid = [*dotted(self.compose(applied)), *self.groups]
            known = key_of(line) in valid or key_of(line).startswith("hydra.")
            told = self._of_others(line, applied) or no_such(key_of(line), valid)
            self.faults.append(Fault(line, in_one_line(error) if known else told))
            return False
        return True

    def _of_others(self, line: str, applied: Sequence[str]) -> str:
        """Which other executors have a setting that this one has not, in words; empty if none has it."""
        group, rest = "executor", [one for one in applied if key_of(one) != "executor"]
        if not key_of(line).startswith(f"{group}."):
            return ""
        choices = [f"{group}={name}" for name in self.groups[group]]
        able = [choice for choice in choices if self._composes([*rest, choice, line])]
        have = "have" if len(able) > 1 else "has"
        return f"this executor has no such setting; {wording.listed(able)} {have}" if able else ""

    def _composes(self, lines: Sequence[str]) -> bool:
        try:
            self.compose(lines)
        except REFUSALS:
            return False
        return True

    def check_keys(self, config: DictConfig) -> None:
        """A key that nothing reads, from a file or added by a plus sign."""
        valid = [key for key in (*dotted(config), *self.groups) if key.partition(".")[0] in (*READ, *self.groups)]
        for key in (str(key) for key in config if key not in READ):
            misplaced = f"a file of this group must begin with '# @package _global_' to set anything outside of {key}.*"
            self.faults.append(Fault(key, misplaced if key in self.groups else no_such(key, valid)))
