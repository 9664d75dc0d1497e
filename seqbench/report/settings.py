"""What the runs were configured with, as text."""

import pandas as pd

from seqbench import wording
from seqbench.record.labels import REGIME


def of(runs: pd.DataFrame, prefix: str) -> dict[str, str]:
    """By setting ("model.", "training.", "task."), all values that occur; one that is None everywhere says nothing."""
    runs = runs.fillna({column: usual for column, usual in REGIME.items() if column in runs})
    columns = [column for column in runs.columns if column.startswith(prefix)]
    found = {column: runs[column][runs[column].astype(str) != "None"].dropna().unique() for column in columns}
    return {
        column: wording.listed(sorted([_text(value) for value in values], key=lambda text: _natural(str(text))))
        for column, values in sorted(found.items())
        if len(values)
    }


def _text(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _natural(text: str) -> tuple[float, str]:
    """Numbers by size, before words."""
    try:
        return float(text), text
    except ValueError:
        return float("inf"), text


def by_character(runs: pd.DataFrame) -> str:
    """What the word "word" means for texts that are read by character; nothing where there are none."""
    levels = runs.get("task.level", pd.Series(index=runs.index, dtype=str))
    texts = sorted(set(runs.task[levels == "character"]))
    return f"{wording.listed(texts)} is read by character: each of its words is one character." if texts else ""
