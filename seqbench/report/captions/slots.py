"""Which of the items that had to be held were held."""

from collections.abc import Mapping

import pandas as pd

from seqbench import wording
from seqbench.analysis import arms as palette
from seqbench.analysis.cells import at_longest_gap
from seqbench.events import TaskFacts


def slots(scores: pd.DataFrame, tasks: Mapping[str, TaskFacts]) -> list[str]:
    """The profile of each arm at the longest gap of each task."""
    parts = ["Test score of the first, second, ... answer of a sequence; dotted: what a model without memory scores."]
    for task, rows in at_longest_gap(scores).groupby("task"):
        medians = rows.groupby(["arm", "slot"]).value.median()
        told = [
            f"{arm} {' / '.join(wording.level(value) for value in medians[arm].sort_index())}"
            for arm in palette.ordered(rows.arm)
        ]
        name = tasks[task].score_name
        parts.append(f"Median {name} by slot on {task} at gap {rows.gap.max()}: {'; '.join(told)}.")
    return parts
