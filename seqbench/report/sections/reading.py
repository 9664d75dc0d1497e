"""How to read the page: what the words mean, what each task asks, what each arm is."""

from dataclasses import dataclass
from itertools import count

import pandas as pd

from seqbench import wording
from seqbench.analysis.findings import Findings
from seqbench.events import TaskFacts
from seqbench.report import settings
from seqbench.report.drawn import Drawn
from seqbench.report.sections import failures, next_word
from seqbench.statistics import rates


@dataclass(frozen=True)
class Arm:
    """An arm as a reader has to know it to judge its results."""

    name: str
    parameters: str
    settings: str


def values(found: Findings, drawn: Drawn) -> dict[str, object]:
    """The tasks, the arms, and which other sections and figures have words to be explained."""
    tasks = found.record.tasks
    return {
        "tasks": [(name, tasks[name], about(tasks[name])) for name in sorted(tasks)],
        "validations": settings.of(found.runs, "training.").get("training.validations_to_solve"),
        "arms": arms(found),
        "seeds_needed": seeds_needed(),
        "failed": len(failures.labelled(found.done)) > 0,
        "searched": bool(found.board),
        "texts": len(next_word.measured(found.done)) > 0,
        "drawn": drawn.names,
    }


def arms(found: Findings) -> list[Arm]:
    """Every arm with its number of trainable parameters and its settings, the initialisation among them."""
    return [_arm(name, found.runs[found.runs.arm == name]) for name in found.looks]


def _arm(name: str, runs: pd.DataFrame) -> Arm:
    own = [f"{key.removeprefix('model.')}: {value}" for key, value in settings.of(runs, "model.").items()]
    parameters = sorted(int(value) for value in runs.parameters.dropna().unique() if value > 0)
    return Arm(
        name=name,
        parameters=" or ".join(wording.count(value) for value in parameters) or "n/a",
        settings="; ".join(own) or "none recorded",
    )


def about(facts: TaskFacts) -> dict[str, str]:
    """What the data of a task are; the shares of unknown words as such, numbers with thousands separated."""
    return {name: _of_data(name, value) for name, value in facts.about.items()}


def _of_data(name: str, value: object) -> str:
    if isinstance(value, float) and name.startswith("unknown"):
        return f"{100 * value:.1f} %"
    return wording.count(value) if isinstance(value, int) else str(value)


def seeds_needed() -> int:
    """The fewest seeds that, all successful, can make a gap reliable."""
    return next(n for n in count(1) if rates.wilson_interval(n, n)[0] >= 0.5)
