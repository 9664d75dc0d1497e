"""Agreement of verb and noun: which runs ask for it, and how far beyond their training they still get it right."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from seqbench.analysis.cells import in_order
from seqbench.analysis.outcomes import finished
from seqbench.events import TaskFacts


def runs_of(runs: pd.DataFrame) -> pd.DataFrame:
    """The finished runs of tasks that ask for agreement across attractors, with accuracy and perplexity."""
    needed = ["task.attractors", "test_perplexity"]
    done = finished(runs.reindex(columns=runs.columns.union(needed)))
    own = done[done["task.attractors"].notna() & done.test_score.notna()]
    return own.rename(columns={"test_score": "accuracy", "test_perplexity": "perplexity"})


def chosen(runs: pd.DataFrame) -> pd.DataFrame:
    """Of each task, the runs trained at the longest gap that some arm solved in half of its seeds; else at the longest.

    What a model does on longer gaps says something only where it has learned its own.
    """
    share = runs.assign(solved=runs.outcome == "solved").groupby(["task", "arm", "gap"]).solved.mean()
    learned = share[share >= 0.5].reset_index().groupby("task").gap.max()
    gaps = learned.combine_first(runs.groupby("task").gap.max())
    return runs[runs.gap == runs.task.map(gaps)]


_COLUMNS = ["task", "trained_gap", "arm", "holds_to_gap", "longest_gap_tested", "median_accuracy_at_longest"]


def generalisation_table(sentences: pd.DataFrame, tasks: Mapping[str, TaskFacts]) -> pd.DataFrame:
    """A row per task and arm: up to which gap the median over seeds meets the criterion of the task, NaN at none.

    It has to on every kind of sentence, that is with each number of attractors. The accuracy is the median over all
    kinds. `sentences` are rows of `variants.by_sentence`.
    """
    rows = [_row(str(task), str(arm), own, tasks[str(task)]) for (task, arm), own in sentences.groupby(["task", "arm"])]
    return in_order(pd.DataFrame(rows, columns=_COLUMNS), ["task", "arm"])


def _row(task: str, arm: str, own: pd.DataFrame, facts: TaskFacts) -> dict[str, object]:
    longest = own.tested_gap.max()
    return {
        "task": task,
        "trained_gap": int(own.gap.max()),
        "arm": arm,
        "holds_to_gap": _holds_to(own, facts.level),
        "longest_gap_tested": int(longest),
        "median_accuracy_at_longest": own.accuracy[own.tested_gap == longest].median(),
    }


def _holds_to(own: pd.DataFrame, level: float | None) -> float:
    """The longest tested gap up to which the least of the medians by attractors meets the criterion."""
    worst = own.groupby(["tested_gap", "attractors"]).accuracy.median().groupby("tested_gap").min()
    met = (worst >= (np.inf if level is None else level)).cummin()
    return float(met[met].index[-1]) if met.any() else np.nan


def accuracy(share: float) -> str:
    """Three decimals: .99 decides."""
    return f"{share:.3f}"
