"""What the runs were configured with: per arm, in common, and where a cell mixes what should be one setting."""

from dataclasses import dataclass

import pandas as pd

from seqbench import wording
from seqbench.analysis import arms as palette
from seqbench.analysis import cells as tables
from seqbench.events import TaskFacts


@dataclass(frozen=True)
class Arm:
    """An arm as a reader has to know it to judge its results."""

    name: str
    look: palette.Look
    parameters: str
    settings: str


def arms(runs: pd.DataFrame) -> list[Arm]:
    """Every arm with its number of trainable parameters and its settings, the initialisation among them."""
    looks = palette.looks(runs.arm)
    return [_arm(arm, look, runs[runs.arm == arm]) for arm, look in looks.items()]


def _arm(name: str, look: palette.Look, runs: pd.DataFrame) -> Arm:
    settings = [f"{key.removeprefix('model.')}: {value}" for key, value in _values(runs, "model.").items()]
    parameters = sorted(int(value) for value in runs.parameters.dropna().unique() if value > 0)
    return Arm(
        name=name,
        look=look,
        parameters=" or ".join(wording.count(value) for value in parameters) or "n/a",
        settings="; ".join(settings) or "none recorded",
    )


def shared(runs: pd.DataFrame) -> dict[str, str]:
    """Settings of training and of the tasks, with all values that occur."""
    return _values(runs, "training.") | _values(runs, "task.")


def by_character(runs: pd.DataFrame) -> str:
    """What the word "word" means for texts that are read by character; nothing where there are none."""
    levels = runs.get("task.level", pd.Series(index=runs.index, dtype=str))
    texts = sorted(set(runs.task[levels == "character"]))
    return f"{wording.listed(texts)} is read by character: each of its words is one character." if texts else ""


def about(facts: TaskFacts) -> dict[str, str]:
    """What the data of a task are; the shares of unknown words as such, numbers with thousands separated."""
    return {name: _of_data(name, value) for name, value in facts.about.items()}


def _of_data(name: str, value: object) -> str:
    if isinstance(value, float) and name.startswith("unknown"):
        return f"{100 * value:.1f} %"
    return wording.count(value) if isinstance(value, int) else str(value)


def mixed(runs: pd.DataFrame) -> list[str]:
    """Settings that differ within some cell (task, arm, gap): its runs are then no repetitions of one another."""
    columns = [column for column in runs.columns if column.startswith(("task.", "model.", "training."))]
    if not columns or runs.empty:
        return []
    kinds = runs[columns].astype(str).groupby([runs[key] for key in tables.CELL]).nunique()
    return [column for column in columns if (kinds[column] > 1).any()]


def _values(runs: pd.DataFrame, prefix: str) -> dict[str, str]:
    """By setting, all values that occur; a setting that is None everywhere says nothing."""
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
