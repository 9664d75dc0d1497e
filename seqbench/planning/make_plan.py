"""The Hydra seam: from files and the command line to a checked plan. Every fault is found before anything runs."""

import sys
from collections.abc import Sequence
from pathlib import Path

from hydra.core.config_loader import ConfigLoader

from seqbench.config import ConfigError
from seqbench.plan import Plan
from seqbench.planning import hydra_inside
from seqbench.planning.check import Checker
from seqbench.planning.compose import REFUSALS
from seqbench.planning.composition import Composition
from seqbench.planning.files import require_usable
from seqbench.planning.grammar import missing_folders, refusal
from seqbench.planning.mistyped import require_words
from seqbench.terminal import importable


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
        plan = Composition(loader, arguments, checker).plan(arguments)
    except REFUSALS as error:
        checker.faults.append(refusal(error))
    finally:
        checker.asking.close()
    if faults := [*checker.missing, *checker.faults]:
        raise ConfigError(faults)
    for module, changes in checker.forms.changes.items():
        told = f"importing {module} changes {changes}; no run begins with that"
        print(f"seqbench: {told}", file=sys.stderr)
    return plan
