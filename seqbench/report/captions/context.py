"""How many of the words before it each arm uses to predict the next."""

from collections.abc import Mapping

import pandas as pd

from seqbench import wording
from seqbench.events import TaskFacts
from seqbench.report import variants


def context(
    contexts: pd.DataFrame, effective: pd.DataFrame, tasks: Mapping[str, TaskFacts], test_words: int | None
) -> list[str]:
    """What was measured, the effective context of each arm per text, and how that is defined."""
    seeds = sorted(effective.seeds.unique())
    number = f"{seeds[0]}" if len(seeds) == 1 else f"{seeds[0]} to {seeds[-1]}"
    predicted = "the same words" if test_words is None else f"the same {wording.count(test_words)} words"
    parts = [
        "Test loss when only the last k words before a word may be used to predict it: the model starts from its "
        f"initial state k words before. For every k {predicted} of the test text are predicted. Line: median over "
        f"seeds ({number} to an arm); band: from the least to the greatest. {_dotted(contexts, tasks)}"
    ]
    parts += [_found(str(task), rows) for task, rows in effective.groupby("task")]
    parts.append(
        "The effective context is the fewest words from which on no longer context lowers the loss by more than 1 % of "
        "its lowest value (after Khandelwal et al. 2018, who take 1 % of the perplexity, which is stricter: in "
        "brackets), read off on the logarithmic scale; the median over seeds. Its 95 % interval comes from drawing the "
        "seeds anew (bootstrap), and with few seeds is too narrow. “>” stands where the loss still falls by more than "
        "1 % at the last doubling of the context: the longest measured is needed, and perhaps more."
    )
    return parts


def _dotted(contexts: pd.DataFrame, tasks: Mapping[str, TaskFacts]) -> str:
    names = list(dict.fromkeys(b.name for task in sorted(contexts.task.unique()) for b in tasks[task].baselines))
    return f"Dotted: {wording.listed(names)}, on the whole test text." if names else ""


def _found(task: str, rows: pd.DataFrame) -> str:
    told = [_told(row) for _, row in rows.iterrows()]
    worse = [row.arm for _, row in rows.iterrows() if row.rises]
    harm = f" With the longest context, {wording.listed(worse)} did worse than with a shorter one by more than 1 %."
    return f"Effective context on {task}, in words: {'; '.join(told)}.{harm if worse else ''}"


def _told(row: pd.Series) -> str:
    """ "lstm 24 (95 % interval 18 to 31) [47]"."""
    interval = "one seed, no interval" if row.seeds < 2 else f"95 % interval {variants.words_interval(row)}"
    number, by_perplexity = (variants.words(value, row.longest) for value in (row.words, row.by_perplexity))
    return f"{row.arm} {number} ({interval}) [{by_perplexity}]"
