"""What trained models scored on variants of their task: shorter contexts of a text, longer gaps of a sentence."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from seqbench.analysis.cells import in_order
from seqbench.analysis.outcomes import finished
from seqbench.record.values import Record
from seqbench.statistics.effective_context import TOLERANCE, effective_context, effective_context_interval

KEYS = ["run_id", "task", "arm", "gap", "seed"]


def by_context(record: Record) -> pd.DataFrame:
    """A row per finished run and context: `KEYS`, context (last words given), loss."""
    return _wide(record, ["context", "loss"])


def by_sentence(record: Record) -> pd.DataFrame:
    """A row per finished run and kind of sentence: `KEYS`, tested_gap, attractors, accuracy, perplexity.

    `gap` is the gap that the run was trained on.
    """
    return _wide(record, ["tested_gap", "attractors", "accuracy", "perplexity"])


def _wide(record: Record, columns: Sequence[str]) -> pd.DataFrame:
    """Variants that have all of these metrics."""
    own = record.variants[record.variants.run_id.isin(finished(record.runs).run_id)]
    named = own.assign(metric=own.metric.replace("gap", "tested_gap"), value=own.value.astype(float))
    table = named.pivot(index=[*KEYS, "row"], columns="metric", values="value").rename_axis(columns=None)
    whole = table.reindex(columns=list(columns)).replace([np.inf, -np.inf], np.nan).dropna()
    return in_order(whole.reset_index(), ["task", "arm", "gap", "seed", "row"])


def context_table(contexts: pd.DataFrame) -> pd.DataFrame:
    """A row per task and arm: `words` (the effective context, the median over seeds), low, high, by_perplexity, seeds.

    `contexts` are the rows of `by_context`; the interval is that of `effective_context_interval`. `longest` is the
    longest context measured, beyond which infinity lies.
    """
    rows = [_context(key, group) for key, group in contexts.groupby(["task", "arm"], sort=True)]
    columns = ["task", "arm", "words", "low", "high", "by_perplexity", "seeds", "longest", "rises"]
    known = [row for row in rows if row]
    return in_order(pd.DataFrame(known, columns=columns), ["task", "arm"])


def _context(key: tuple[str, str], rows: pd.DataFrame) -> dict[str, object]:
    """Nothing where there are fewer than two contexts; a run that lacks some is left out."""
    losses = rows.pivot_table(index="run_id", columns="context", values="loss").dropna()
    perplexities = np.exp(losses)
    if losses.shape[1] < 2 or losses.empty:
        return {}
    contexts, values = list(losses.columns), losses.to_numpy()
    low, high = effective_context_interval(contexts, values, rng=np.random.default_rng(0))
    return {
        "task": key[0],
        "arm": key[1],
        "words": _median(contexts, values),
        "low": low,
        "high": high,
        "by_perplexity": _median(contexts, perplexities.to_numpy()),
        "seeds": len(losses),
        "longest": contexts[-1],
        "rises": bool(np.median(values[:, -1]) > (1 + TOLERANCE) * np.median(values, axis=0).min()),
    }


def _median(contexts: Sequence[float], values: np.ndarray) -> float:
    return float(np.median([effective_context(contexts, row) for row in values]))


def words(number: float, longest: float) -> str:
    """An effective context as text: "8.4", "52", "> 200" beyond all that was measured."""
    if number > longest:
        return f"> {longest:.0f}"
    return f"{number:.0f}" if number >= 10 or number == round(number) else f"{number:.1f}"


def words_interval(row: pd.Series) -> str:
    """ "5.1 to 12"; why there is none with one seed."""
    if row.seeds < 2:
        return "one seed"
    low, high = words(row.low, row.longest), words(row.high, row.longest)
    return low if low == high else f"{low} to {high}"
