"""Arms made alike: the hidden size of each is found while planning, and remembered, because it takes torch."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from omegaconf import DictConfig, OmegaConf

from seqbench.config import Fault
from seqbench.config.cache import keep, read, sha256
from seqbench.plan import RunSpec
from seqbench.planning.check import Checker
from seqbench.planning.compose import Composer
from seqbench.planning.foreign import hidden_size_for
from seqbench.planning.grammar import key_of
from seqbench.planning.sections import match

HIDDEN_SIZE = "model.hidden_size"
#: What lines set that an experiment file may have made, and that no model depends on.
MADE_BY_EXPERIMENTS = ("experiment", "horizon", "tuning", "controls")
GIVEN = "is solved for, because match is set, and cannot be given"


class Matching:
    """What a plan matches, in its configuration before groups are chosen by the lines `how`; often nothing."""

    def __init__(self, checker: Checker, composer: Composer, how: Sequence[str], config: DictConfig) -> None:
        self.checker, self.composer, self.how = checker, composer, how
        asked = match(config, checker.faults)
        self.targets, self.within = asked.targets, asked.within
        self.known, self.found = dict[str, int | None](), dict[str, dict[str, Any]]()
        self.seen, self.files = dict[int, tuple[DictConfig, bool]](), dict[str, Any]()
        if len(self.targets) > 1:
            told = f"{' and '.join(self.targets)} cannot be matched together: one hidden size has to do for both"
            checker.faults.append(Fault("match", told))

    def of(self, config: DictConfig, setting: Mapping[str, Any]) -> dict[str, Any]:
        """What has to be set beside these plain values; nothing where nothing is matched, or where there are faults."""
        if len(self.targets) != 1 or self._is_given(config, setting):
            return {}
        alike = self.checker.without_seed(config, setting, built=False)
        if alike not in self.found or not alike:
            self.found[alike] = self._of(config, setting)
        return self.found[alike]

    def _of(self, config: DictConfig, setting: Mapping[str, Any]) -> dict[str, Any]:
        run = self.checker.run(config, setting, built=False)
        size = None if run is None else self._size(run)
        if run is None or size is None:
            return {}
        set_now = {HIDDEN_SIZE: size}
        sized = self.checker.run(config, {**setting, **set_now}, built=False)
        if sized is not None and replace(sized, model=_sized(sized, 0)) != replace(run, model=_sized(run, 0)):
            self._fault(HIDDEN_SIZE, "is solved for, because match is set, and no other setting can follow it")
        return set_now

    def _is_given(self, config: DictConfig, setting: Mapping[str, Any]) -> bool:
        """On the command line, as an axis, or by an experiment: anywhere but in the file of the model."""
        if id(config) not in self.seen:
            self.seen[id(config)] = config, self._is_given_by_experiment(config)
        given = HIDDEN_SIZE in setting or self.seen[id(config)][1]
        if given:
            self._fault(HIDDEN_SIZE, GIVEN)
        return given

    def _is_given_by_experiment(self, config: DictConfig) -> bool:
        """Whether the model would have another one without it; asked before anything is set."""
        model = config.hydra.runtime.choices.model
        if not any(key_of(line) == "experiment" for line in self.how):
            return False
        lines = [line for line in self.how if key_of(line).partition(".")[0] not in MADE_BY_EXPERIMENTS]
        if model not in self.files:
            self.files[model] = OmegaConf.select(self.composer.compose([*lines, f"model={model}"]), HIDDEN_SIZE)
        return bool(OmegaConf.select(config, HIDDEN_SIZE) != self.files[model])

    def _size(self, run: RunSpec) -> int | None:
        if "hidden_size" not in run.model.settings:
            told = "has no hidden_size, so that nothing can be matched"
            self.checker.faults.append(Fault("", told, f"model={run.model.name}"))
            return None
        question = repr((self.targets, self.within, run.task, _sized(run, 0)))
        if question not in self.known:
            self.known[question] = self._remembered(run, question) or self._solved(run, question)
        return self.known[question]

    def _remembered(self, run: RunSpec, question: str) -> int | None:
        code = self.checker.code(run)
        kept = read(_name(question, code)) if code and not self.checker.forms.fresh else None
        return None if kept is None else int(kept)

    def _solved(self, run: RunSpec, question: str) -> int | None:
        ((what, count),) = self.targets.items()
        found = self.checker.asking.about(run, "matching", hidden_size_for, what, count, self.within)
        if isinstance(found, Fault):
            self.checker.faults.append(found)
            return None
        if code := self.checker.code(run):
            keep(_name(question, code), str(found).encode())
        return found

    def _fault(self, key: str, problem: str) -> None:
        self.checker.faults.append(Fault(key, problem))


def _sized(run: RunSpec, size: int) -> Any:
    """The model of a run at this hidden size."""
    return replace(run.model, settings={**run.model.settings, "hidden_size": size})


def _name(question: str, code: str) -> str:
    return f"matches/{sha256(repr((question, code)).encode())[:32]}"
