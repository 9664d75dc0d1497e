"""How to read the page: what the words mean, what each task asks, what each arm is."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count

import pandas as pd

from seqbench import wording
from seqbench.analysis import cells, leaderboard, next_word
from seqbench.analysis.findings import Findings
from seqbench.events import TaskFacts
from seqbench.horizon.axis import Axis
from seqbench.report import about as said
from seqbench.report import settings
from seqbench.report.drawn import Drawn
from seqbench.report.sections import failures
from seqbench.statistics import rates

NOT_WORTH_SAYING = 0.01
"""A smaller share of a test's sequences that training has shown is not told."""


@dataclass(frozen=True)
class Arm:
    """An arm as a reader has to know it to judge its results."""

    name: str
    says: str
    parameters: str
    settings: str


def values(found: Findings, drawn: Drawn) -> dict[str, object]:
    """The tasks, the arms, and which other sections and figures have words to be explained."""
    tasks = found.record.tasks
    return {
        "tasks": [(name, tasks[name], about(tasks[name])) for name in sorted(tasks)],
        "validations": settings.of(found.runs, "training.").get("training.validations_to_solve"),
        "known_data": known_data(found),
        "arms": arms(found),
        "seeds_needed": seeds_needed(),
        "failed": len(failures.labelled(found.done)) > 0,
        "searched": bool(found.board),
        "grid": not found.board or not found.grid_summary.empty,
        "along": along(leaderboard.axes(found.board)),
        "texts": len(next_word.measured(found.done)) > 0,
        "drawn": drawn.names,
    }


def along(axes: Sequence[Axis]) -> dict[str, str]:
    """The words for what was searched along: "gap50", "longest gap"; "gap50 or load50" where it was both."""
    words = {
        "halves": [axis.half for axis in axes],
        "names": [axis.name for axis in axes],
        "places": [f"{axis.name}s" for axis in axes],
        "farthest": [f"{axis.most} {axis.name}" for axis in axes],
        "most": [axis.most for axis in axes],
        "least": [axis.least for axis in axes],
    }
    return {name: wording.listed(told, "or") for name, told in words.items()}


def known_data(found: Findings) -> dict[str, str]:
    """Of tasks with so few different sequences that training shows many of them: how many, and what the test shows."""
    return {task: said for task, runs in found.runs.groupby("task") if (said := _known(found.record.tasks, task, runs))}


def _known(tasks: Mapping[str, TaskFacts], task: str, runs: pd.DataFrame) -> str:
    """The share that training has seen at the end of the budget, if it draws each with the same probability."""
    number = tasks[task].distinct_sequences if task in tasks else None
    if number is None:
        return ""
    drawn = int(runs.budget.max() * runs["training.batch_size"].astype(int).max())
    seen = -math.expm1(-drawn / number)
    if seen < NOT_WORTH_SAYING:
        return ""
    what = "the same sequences" if seen > 0.999 else f"{wording.percent(seen)} of the same sequences"
    return (
        f"There are {wording.count(number)} different sequences. Training draws {wording.count(drawn)} by the end of "
        f"the budget, so validation and test show {what}: they tell whether the gap is bridged, not whether what was "
        "learned carries over to new data."
    )


def arms(found: Findings) -> list[Arm]:
    """Every arm with its number of parameters, trained or not, and its settings, the initialisation among them."""
    return [_arm(found, name) for name in found.looks]


def _arm(found: Findings, name: str) -> Arm:
    runs = found.runs[found.runs.arm == name]
    own = [f"{key.removeprefix('model.')}: {value}" for key, value in settings.of(runs, "model.").items()]
    return Arm(
        name, said.arm(found, name), parameters=cells.parameters(runs), settings="; ".join(own) or "none recorded"
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
