"""The learning rate of each arm, with the grid that it was chosen from."""

from itertools import groupby

from seqbench.analysis import tuning
from seqbench.analysis.findings import Findings
from seqbench.report.drawn import Drawn


def values(found: Findings, _: Drawn) -> dict[str, object] | None:
    """A sentence and a table per task, and the cost of all; no section where nothing was tuned."""
    if not found.tuned:
        return None
    by_task = [(task, list(own)) for task, own in groupby(found.tuned, key=lambda one: one.task)]
    tables = [(tuning.sentence(task, own), task, tuning.printed(own).drop(columns="task")) for task, own in by_task]
    return {"tables": tables, "cost": tuning.cost(found.tuned), "places": tuning.places(found.tuned)}
