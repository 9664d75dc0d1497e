"""Labels of tasks and arms: what tells runs of one cell apart becomes part of a name."""

from collections.abc import Iterable
from dataclasses import fields

import pandas as pd

from seqbench import wording
from seqbench.config import Layers, Training
from seqbench.config.regime import MAPS
from seqbench.record.values import FROZEN

RATE = "training.learning_rate"
ONE_CORE = {f"model.{part.name}": str(part.default) for part in fields(Layers)}
"""What the settings of a stack are where there is none, as they would be recorded."""
REGIME = {FROZEN: "False", "training.initial_state": "zero", "training.hold": str(Training.hold)}
"""How an arm is trained, by what it is where nobody says otherwise, or the record is from before."""
USUAL = ONE_CORE | REGIME
CLIP_NORM, CLIP_VALUE = "training.clip_norm", "training.clip.value"
NULL = "None"
"""A knob that is off, as it is recorded."""


def label(runs: pd.DataFrame) -> pd.DataFrame:
    """Runs of one cell (task, arm, gap) that differ in a further setting become arms, or tasks, of their own.

    So `model.hidden_size=32,64` gives the arms "lstm, hidden_size=32" and "lstm, hidden_size=64"; so does `device`. A
    setting that follows the gap, as in chrono initialisation, does not split its arm. Where the setting is null, the
    name is the plain one ("copy" beside "copy, min_gap=1").

    Beside arms that are trained as a whole, those whose core is frozen say so ("lstm, freeze_core=True"), and others
    keep their name; so it is with all of `USUAL`, such as "lstm, layers=2", and with what maps of training hold ("lstm,
    clip.value=0.5"). What all runs share is in no name. Nor does a learning rate that was tuned split its arm: at its
    own rate it has its plain name, and beside it that at the common rate bears it.
    """
    _name_unusual(runs, [column for column in ONE_CORE if column in runs])
    _name_settings(runs)
    _name_unusual(runs, [column for column in runs if _of_regime(column)])
    _name_common_rates(runs)
    return runs


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
            if told[column][own].notna().all():  # else a run without the knob has the plain name already
                named &= told[column] != NULL
            runs.loc[named, name] += _named(column, told.loc[named, column])


def _name_unusual(runs: pd.DataFrame, columns: Iterable[str]) -> None:
    """Of what is not alike in all runs, that which is said at all; an arm is then told from itself in other cells."""
    for column in columns:
        told = _told(runs, column)
        if told.nunique() > 1:
            stated = told != USUAL.get(column, "")
            runs.loc[stated, "arm"] += _named(column, told[stated])


def _told(runs: pd.DataFrame, column: str) -> "pd.Series[str]":
    usual = USUAL.get(column, "")
    return runs[column].astype(object).where(runs[column].notna(), usual).astype(str)


def shared(runs: pd.DataFrame) -> list[str]:
    """What all arms are made of, so that none has it in its name: "block=residual"; nothing where they are as usual."""
    alike = {column: _told(runs, column).unique() for column in ONE_CORE if column in runs}
    told = {column: values[0] for column, values in alike.items() if len(values) == 1}
    return [wording.setting(_setting(key), value) for key, value in told.items() if value != ONE_CORE[key]]


def _of_regime(column: str) -> bool:
    return column in REGIME or column.rpartition(".")[0] in MAPS


def _named(column: str, values: "pd.Series[str]") -> "pd.Series[str]":
    return ", " + values.map(lambda value: wording.setting(_setting(column), value))


def _setting(column: str) -> str:
    """Without the group that it is in: "hidden_size", "clip.value"."""
    return column.partition(".")[2] or column


def _name_common_rates(runs: pd.DataFrame) -> None:
    """Of runs at the rate that all share, where their arm was searched at its own rate, too."""
    own = runs.tuning[(runs.search != "") & (runs.search != runs.tuning)]
    common = (runs.search == runs.tuning) & (runs.tuning != "") & runs.tuning.isin(own)
    runs.loc[common, "arm"] += ", learning_rate=" + runs.loc[common, RATE].astype(str)
