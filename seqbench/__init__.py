"""seqbench: how long a dependency can a sequence model bridge, and why does it fail beyond that?

What stands here is for scripts and notebooks, and stays where it is; `docs/python.md` shows it at work.
"""

import importlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from seqbench.config.faults import ConfigError
    from seqbench.driver.sweep import sweep
    from seqbench.models.base import Core
    from seqbench.planning.make_plan import make_plan
    from seqbench.record.results import load
    from seqbench.record.store import NoSuchExperiment
    from seqbench.report.figures import draw as figures
    from seqbench.tasks.base import Task
    from seqbench.training.fit import fit

__version__ = "0.1.0"
__all__ = ["ConfigError", "Core", "NoSuchExperiment", "Task", "figures", "fit", "load", "make_plan", "sweep"]

#: The module of each name, imported when the name is first used: torch, Hydra and MLflow take seconds.
_HOMES = {
    "ConfigError": "seqbench.config.faults",
    "Core": "seqbench.models.base",
    "NoSuchExperiment": "seqbench.record.store",
    "Task": "seqbench.tasks.base",
    "figures": "seqbench.report.figures.draw",
    "fit": "seqbench.training.fit",
    "load": "seqbench.record.results",
    "make_plan": "seqbench.planning.make_plan",
    "sweep": "seqbench.driver.sweep",
}


# A command, and no script that imports seqbench: while Python looks for the module of `python -m`, its name is "-m".
if Path(*sys.argv[:1]).name in ("-m", "seqbench"):
    # Reports fit many small models, on which the threads of OpenBLAS spend far more time than they save.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # The word before the arguments: "seqbench", "seqbench.report", or the file of the same name.
    _typed = Path(*sys.orig_argv[-len(sys.argv) :][:1]).name.removeprefix("-m")
    if _typed.partition(".")[0] == "seqbench":
        from seqbench.executors import interrupts

        interrupts.catch_at_once(interrupts.LAST_WORDS if _typed == "seqbench" else interrupts.INTERRUPTED)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'seqbench' has no attribute {name!r}")
    module = importlib.import_module(_HOMES[name])
    return module if name == "figures" else getattr(module, name)


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
