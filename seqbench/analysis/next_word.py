"""How well an arm predicts the next word, beside models that count words."""

import pandas as pd

from seqbench import wording
from seqbench.events import Baseline

ENOUGH = 0.8
"""Share of its seeds in which an arm has to predict better than a model to beat it."""


def measured(done: pd.DataFrame) -> pd.DataFrame:
    """Finished runs of tasks without a gap of which some have a perplexity."""
    known = done.reindex(columns=done.columns.union(["test_perplexity", "test_bits_per_character"]))
    texts = known.task[(known.gap == 0) & known.test_perplexity.notna()]
    return known[known.task.isin(texts)]


def beats(runs: pd.DataFrame, best: Baseline) -> bool:
    """Whether these runs of an arm do, in `ENOUGH` of its seeds; diverged ones do not."""
    return _beaten(runs, best) >= ENOUGH * len(runs)


def _beaten(runs: pd.DataFrame, best: Baseline) -> int:
    return int((runs.test_loss < best.loss).sum())


def verdict(arm: str, runs: pd.DataFrame, best: Baseline) -> str:
    """Whether the arm beats the best of the models that count."""
    diverged = int((runs.outcome == "diverged").sum())
    mark = f"the {best.name} model (perplexity {number(best.score)})"
    comes = "beats" if beats(runs, best) else "does not beat"
    told = f"{arm} {comes} {mark}: it does in {wording.tally(_beaten(runs, best), len(runs))} seeds"
    return f"{told}; {wording.plural(diverged, 'run')} diverged." if diverged else f"{told}."


def number(value: float) -> str:
    """Four significant digits: runs that differ by a per cent are to be told apart."""
    return f"{value:#.4g}".rstrip(".") if abs(value) < 1e4 else wording.count(value)
