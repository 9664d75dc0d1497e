"""The command line: help, exit codes and errors without tracebacks around the only `@hydra.main`.

Exit codes: 0 all runs done, 1 some runs failed, 2 bad configuration, 3 store or folder unreachable, 130 interrupted.
"""

import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from seqbench import __version__
from seqbench.config import ConfigError, Fault, config_dir
from seqbench.config.importing import quickly
from seqbench.executors import interrupts
from seqbench.planning.help import help_text
from seqbench.planning.options import refused, settings_first
from seqbench.record.store import Unavailable
from seqbench.terminal import displayed, end_of, in_a_line, own_folder

#: Settings of Hydra's own, of which it takes many that mean nothing here, and a value without a key.
NOT_FOR_HYDRA = r"[+~]*(hydra(?!\.searchpath=)|=)"


def main() -> NoReturn:
    """Run the command line of this process and exit with its code."""
    with displayed():
        code = interrupts.concluded(lambda: _outcome(sys.argv[1:]), interrupts.LAST_WORDS)
    raise SystemExit(code)


def _outcome(words: Sequence[str]) -> tuple[int, list[str]]:
    """The exit code, and what is to be said of it."""
    interrupts.catch()
    try:
        return _ended(words), []
    except ConfigError as error:
        return 2, list(map(in_a_line, error.faults))
    except Unavailable as error:
        return 3, [in_a_line(error)]
    except Exception as error:
        code, line = end_of(error)
        return code, [in_a_line(f"{line}; the same command goes on where this one stopped")]


def _ended(words: Sequence[str]) -> int:
    """The code that the command ends with. Whatever became of a signal on its way, it is what ended the command."""
    try:
        _run(words)
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else bool(ended.code)
    finally:
        interrupts.check()
    return 0


def _run(words: Sequence[str]) -> None:
    folder, others = own_folder(words)
    if "--version" in others:
        print(f"seqbench {__version__}")
    elif {"--help", "-h"} & set(others):
        print(help_text([config_dir(), *([folder] if folder else [])]))
    elif faults := refused(others):
        raise ConfigError(faults)
    else:
        _run_hydra(folder)


def _run_hydra(folder: Path | None) -> None:
    """Hydra composes and calls the sweeper plugin, which exits; what Hydra refuses is explained like the rest."""
    with quickly():
        import hydra

        from seqbench.planning.files import require_usable
        from seqbench.planning.hydra_inside import VERSION_BASE, command_line, has_handed_over, require_assertions

    require_assertions()
    sys.argv[1:] = settings_first(sys.argv[1:])  # where Hydra reads them
    require_usable(folder, command_line().overrides)

    @hydra.main(config_path=str(config_dir()), config_name="config", version_base=VERSION_BASE)
    def run(_: object) -> None:
        raise ConfigError([Fault("hydra.mode", "cannot be set")])

    os.environ["HYDRA_FULL_ERROR"] = "1"  # exceptions arrive here instead of being printed
    if any(re.match(NOT_FOR_HYDRA, word) for word in sys.argv[1:]):
        _explain()
    try:
        run()
    except ConfigError:
        raise
    except Exception as error:
        if has_handed_over(error):
            raise
        _explain()


def _explain() -> NoReturn:
    """Hydra stops at the first fault, without the valid names: find all of them.

    Where there is none, Hydra has judged a setting by the default model or task; those that are swept do have it.
    """
    from seqbench.planning.hydra_inside import command_line
    from seqbench.planning.make_plan import make_plan

    typed = command_line()
    plan = make_plan(*typed.overrides, config_dir=typed.config_dir)
    from seqbench.driver.sweep import sweep

    raise SystemExit(sweep(plan))
