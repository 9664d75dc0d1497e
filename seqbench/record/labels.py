"""Labels of tasks and arms: what tells runs of one cell apart becomes part of a name."""

from dataclasses import fields

import pandas as pd

from seqbench.config import Layers, Training
from seqbench.config.regime import MAPS
from seqbench.record.values import FROZEN

RATE = "training.learning_rate"
ONE_CORE = {f"model.{part.name}": str(part.default) for part in fields(Layers)}
"""What the settings of a stack are where there is none, as they would be recorded."""
REGIME = {FROZEN: "False", "training.initial_state": "zero", "training.hold": str(Training.hold)}
"""How an arm is trained, by what it is where nobody says otherwise, or the record is from before."""
CLIP_NORM, CLIP_VALUE = "training.clip_norm", "training.clip.value"
NULL = "None"
"""A knob that is off, as it is recorded."""


def label(runs: pd.DataFrame) -> pd.DataFrame:
    """Runs of one cell (task, arm, gap) that differ in a further setting become arms, or tasks, of their own.

    So `model.hidden_size=32,64` gives the arms "lstm, hidden_size=32" and "lstm, hidden_size=64"; so does `device`. A
    setting that follows the gap, as in chrono initialisation, does not split its arm. A task keeps its name where its
    knob is null ("copy" beside "copy, min_gap=1"). Beside arms that are trained as a whole, those whose core is frozen
    say so ("lstm, freeze_core=True"), and the others keep their name; so it is with all of `REGIME`, and with what maps
    of training hold ("lstm, clip.value=0.5"). Nor does a learning rate that was tuned split its arm: at its own rate it
    has its plain name, and beside it that at the common rate bears it. A stack always says what it is ("lstm,
    layers=2"), so that a core alone keeps its name beside it.
    """
    _name_layers(runs)
    _name_settings(runs)
    _name_regime(runs)
    _name_common_rates(runs)
    return runs


def _name_layers(runs: pd.DataFrame) -> None:
    for column in [column for column in ONE_CORE if column in runs]:
        stacked = runs[column].fillna(ONE_CORE[column]) != ONE_CORE[column]
        runs.loc[stacked, "arm"] += ", " + column.removeprefix("model.") + "=" + runs[column][stacked]


def _name_settings(runs: pd.DataFrame) -> None:
    """Those that vary within a cell."""
    told = runs.assign(**{RATE: runs[RATE].mask(runs.tuning != "")})
    if CLIP_VALUE in runs:  # where each number is bounded, that the norm is not says nothing
        told[CLIP_NORM] = runs[CLIP_NORM].mask(runs[CLIP_VALUE].notna())
    cells = told.groupby(["task", "arm", "gap"])
    for prefix, name in (("task.", "task"), ("model.", "arm"), ("training.", "arm"), ("device", "arm")):
        for column in [c for c in runs.columns if c.startswith(prefix) and c != "task.gap" and not _of_regime(c)]:
            varies = cells[column].transform("nunique") > 1
            own = runs[name].isin(runs[name][varies])
            named = own & told[column].notna()
            if name == "task" and told[column][own].notna().all():  # a run without the knob has the plain name already
                named &= told[column] != NULL
            runs.loc[named, name] += f", {_setting(column)}=" + told.loc[named, column].astype(str)


def _name_regime(runs: pd.DataFrame) -> None:
    """Of what is not alike in all runs, that which is said at all; an arm is then told from itself in other cells."""
    for column in [column for column in runs if _of_regime(column)]:
        usual = REGIME.get(column, "")
        told = runs[column].astype(object).where(runs[column].notna(), usual).astype(str)
        if told.nunique() > 1:
            stated = told != usual
            runs.loc[stated, "arm"] += f", {_setting(column)}=" + told[stated]


def _of_regime(column: str) -> bool:
    return column in REGIME or column.rpartition(".")[0] in MAPS


def _setting(column: str) -> str:
    """Without the group that it is in: "hidden_size", "clip.value"."""
    return column.partition(".")[2] or column


def _name_common_rates(runs: pd.DataFrame) -> None:
    """Of runs at the rate that all share, where their arm was searched at its own rate, too."""
    own = runs.tuning[(runs.search != "") & (runs.search != runs.tuning)]
    common = (runs.search == runs.tuning) & (runs.tuning != "") & runs.tuning.isin(own)
    runs.loc[common, "arm"] += ", learning_rate=" + runs.loc[common, RATE].astype(str)
