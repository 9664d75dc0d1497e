"""Labels of tasks and arms: what tells runs of one cell apart becomes part of a name."""

from dataclasses import fields

import pandas as pd

from seqbench.config import Layers
from seqbench.record.values import FROZEN, frozen

RATE = "training.learning_rate"
ONE_CORE = {f"model.{part.name}": str(part.default) for part in fields(Layers)}
"""What the settings of a stack are where there is none, as they would be recorded."""


def label(runs: pd.DataFrame) -> pd.DataFrame:
    """Runs of one cell (task, arm, gap) that differ in a further setting become arms, or tasks, of their own.

    So `model.hidden_size=32,64` gives the arms "lstm, hidden_size=32" and "lstm, hidden_size=64"; so does `device`. A
    setting that follows the gap, as in chrono initialisation, does not split its arm. Beside arms that are trained as a
    whole, those whose core is frozen say so ("lstm, freeze_core=True"), and the others keep their name. Nor does a
    learning rate that was tuned split its arm: at its own rate it has its plain name, and beside it that at the common
    rate bears it. A stack always says what it is ("lstm, layers=2"), so that a core alone keeps its name beside it.
    """
    _name_layers(runs)
    _name_settings(runs)
    _name_frozen(runs)
    _name_common_rates(runs)
    return runs


def _name_layers(runs: pd.DataFrame) -> None:
    for column in [column for column in ONE_CORE if column in runs]:
        stacked = runs[column].fillna(ONE_CORE[column]) != ONE_CORE[column]
        runs.loc[stacked, "arm"] += ", " + column.removeprefix("model.") + "=" + runs[column][stacked]


def _name_settings(runs: pd.DataFrame) -> None:
    """Those that vary within a cell."""
    told = runs.assign(**{RATE: runs[RATE].mask(runs.tuning != "")})
    cells = told.groupby(["task", "arm", "gap"])
    for prefix, name in (("task.", "task"), ("model.", "arm"), ("training.", "arm"), ("device", "arm")):
        for column in [c for c in runs.columns if c.startswith(prefix) and c not in ("task.gap", FROZEN)]:
            varies = cells[column].transform("nunique") > 1
            named = runs[name].isin(runs[name][varies]) & told[column].notna()
            setting = column.rpartition(".")[2]
            runs.loc[named, name] += f", {setting}=" + told.loc[named, column].astype(str)


def _name_frozen(runs: pd.DataFrame) -> None:
    untrained = frozen(runs)
    if not untrained.all():
        runs.loc[untrained, "arm"] += ", freeze_core=True"


def _name_common_rates(runs: pd.DataFrame) -> None:
    """Of runs at the rate that all share, where their arm was searched at its own rate, too."""
    own = runs.tuning[(runs.search != "") & (runs.search != runs.tuning)]
    common = (runs.search == runs.tuning) & (runs.tuning != "") & runs.tuning.isin(own)
    runs.loc[common, "arm"] += ", learning_rate=" + runs.loc[common, RATE].astype(str)
