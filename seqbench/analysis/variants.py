"""What trained models scored on variants of their task: shorter contexts of a text, longer gaps of a sentence."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pandas as pd

from seqbench import wording
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
    """A row per task and arm: `words` (effective context of the mean curve of seeds), low, high, by_perplexity, seeds.

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
    contexts, curve = list(losses.columns), losses.to_numpy().mean(axis=0)
    low, high = effective_context_interval(contexts, losses.to_numpy(), rng=np.random.default_rng(0))
    return {
        "task": key[0],
        "arm": key[1],
        "words": effective_context(contexts, curve),
        "low": low,
        "high": high,
        "by_perplexity": effective_context(contexts, perplexities.to_numpy().mean(axis=0)),
        "seeds": len(losses),
        "longest": contexts[-1],
        "rises": bool(curve[-1] > (1 + TOLERANCE) * curve.min()),
    }


def more_words(table: pd.DataFrame) -> str:
    """Which arms of a task use more words: one of two does if their intervals do not overlap; `table` is of the task.

    Arms with one seed have no interval.
    """
    arms = table[table.seeds > 1]
    if len(arms) < 2:
        return ""
    more = {one.arm: [other.arm for other in arms.itertuples() if one.low > other.high] for one in arms.itertuples()}
    told = [f"{arm} uses more words than {wording.listed(others)}" for arm, others in more.items() if others]
    alike = [f"{a} and {b}" for a, b in combinations(arms.arm, 2) if b not in more[a] and a not in more[b]]
    rest = f"not told apart: {'; '.join(alike)}" if alike else ""
    return f"By intervals that do not overlap, {'; '.join(filter(None, [*told, rest]))}."


def words(number: float, longest: float) -> str:
    """An effective context as text: "8.4", "52", "> 200" beyond all that was measured."""
    if number > longest:
        return f"> {longest:.0f}"
    return f"{number:.0f}" if number >= 10 or number == round(number) else f"{number:.1f}"


def with_interval(row: pd.Series) -> str:
    """ "8.4 (5.1 to 12)", "12 or more", "> 200"; why there is no interval with one seed."""
    number = words(row.words, row.longest)
    if row.seeds < 2:
        return f"{number} (one seed, no interval)"
    low, high = (None if end > row.longest else words(end, row.longest) for end in (row.low, row.high))
    return number if low is None else wording.estimate(number, low, high)
