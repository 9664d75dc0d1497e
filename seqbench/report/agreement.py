"""Agreement of verb and noun as tables: by trained gap, and on sentences of gaps and attractors not trained on."""

import pandas as pd

from seqbench.analysis import cells as tables


def runs_of(runs: pd.DataFrame) -> pd.DataFrame:
    """The finished runs of tasks that ask for agreement across attractors, with accuracy and perplexity."""
    needed = ["task.attractors", "test_perplexity"]
    done = tables.finished(runs.reindex(columns=runs.columns.union(needed)))
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


def accuracy(share: float) -> str:
    """Three decimals: .99 decides."""
    return f"{share:.3f}"
