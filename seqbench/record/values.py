"""The record of an experiment as plain values: what a report is made from, however it was stored."""

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from seqbench.config import CPU
from seqbench.config.about import About
from seqbench.events import END, HIDDEN, INIT, INPUTS, TaskFacts
from seqbench.horizon.search import Search
from seqbench.horizon.tuning import Tuning
from seqbench.record import names
from seqbench.record.overview import html, text


@dataclass(frozen=True)
class Refusal:
    """A control that had to be refused before anything ran, and therefore has no runs."""

    requirement: str
    control: str
    reason: str | None
    """What it was refused with; None if it was accepted, against the claim."""


def no_slots() -> pd.DataFrame:
    """The frame `Record.slots` where no run is asked at more than one position."""
    return pd.DataFrame(columns=["run_id", "task", "arm", "gap", "seed", "metric", "slot", "value"])


def no_variants() -> pd.DataFrame:
    """The frame `Record.variants` where no task has any."""
    return no_slots().rename(columns={"slot": "row"})


def no_metrics() -> pd.DataFrame:
    """The frame `Record.metrics` of a record without points."""
    text = dict.fromkeys(["run_id", "task", "arm", "metric"], "category")
    columns = ["run_id", "task", "arm", "gap", "seed", "metric", "step", "value"]
    return pd.DataFrame(columns=columns).astype({**dict.fromkeys(columns, "int64"), **text, "value": "float64"})


@dataclass(frozen=True, repr=False)
class Record:
    """All that is known about the runs of one experiment, as tidy frames."""

    experiment: str
    runs: pd.DataFrame
    """A row per run: identity, outcome, scores, and the columns "task.*", "model.*", "training.*", "version.*".

    `task` and `arm` are labels, which say what tells runs of one cell apart; `plain_task` and `plain_arm` are the names
    of their files in `conf/`.
    """
    curves: pd.DataFrame
    """Training curves, long: run_id, task, arm, gap, seed, metric, step, value. Gradient norms are before clipping."""
    lags: pd.DataFrame
    """Gradient by lag, long: run_id, task, arm, gap, seed, state, stage, lag, log10_gradient, spread, zero.

    `state` is that of a core, measured, or "inputs" for a core that states no step; or theory: the bounds "path" and
    "sigma_max", the direct path through the gates "direct_mean" and "direct_best", and "exact". `stage` is "init",
    "end" or "step_N". `zero` is the share of sequences without any gradient, which count in no mean; NaN where nobody
    counted.
    """
    tasks: Mapping[str, TaskFacts]
    """By the value of `runs.task`."""
    slots: pd.DataFrame = field(default_factory=no_slots)
    """Test scores of the first (row 0), second, ... asked position, long, as `no_slots`; `metric` as in `score_name`.

    Runs with one asked position have none.
    """
    variants: pd.DataFrame = field(default_factory=no_variants)
    """Test scores on variants of the task, long, as `no_variants`: in each row what sets it apart, and the scores."""
    refusals: tuple[Refusal, ...] = ()
    """Of the last plan that stated claims."""
    metrics: pd.DataFrame = field(default_factory=no_metrics)
    """Every point of every metric, as `no_metrics`: all of the frames above and more, as they stand in the record."""
    searches: Mapping[str, Search] = field(default_factory=dict)
    """Searches for the horizon by the value of the column `search` of their runs; it is empty for other runs."""
    tunings: Mapping[str, Tuning] = field(default_factory=dict)
    """How learning rates were chosen, by the value of the column `tuning` of the runs of a cell.

    The id of a tuning is that of the search at the common rate; it goes for the same gaps.
    """
    experiment_id: str = ""
    """By which MLflow knows the experiment; empty where it was not recorded."""
    question: str = ""
    """What the experiment asks; empty where nobody said."""
    said: Mapping[str, About] = field(default_factory=dict)
    """What its tasks and models are, as far as it is known: by "task/copy" and "model/lstm", the plain names."""
    tuning_runs: pd.DataFrame = field(default_factory=pd.DataFrame)
    """The runs that learning rates were chosen by, as `runs`: they are in no other frame and count for nothing else."""

    def copy(self) -> "Record":
        """The same with frames of its own; pandas copies their values when they are written to, and not before."""
        frames = {name: value for name, value in vars(self).items() if isinstance(value, pd.DataFrame)}
        return replace(self, **{name: frame.copy(deep=False) for name, frame in frames.items()})

    def __repr__(self) -> str:
        return text(self.experiment, self.runs)

    def _repr_html_(self) -> str:
        """What a notebook shows of it."""
        return html(self.experiment, self.runs)


FROZEN = "training.freeze_core"


def frozen(runs: pd.DataFrame) -> "pd.Series[bool]":
    """In which runs the readout alone was trained: in none of a record from before that could be asked for."""
    return runs[FROZEN].astype(str) == "True" if FROZEN in runs else pd.Series(False, index=runs.index)


# -- from before --------------------------------------------------------------------------------------------

LEVELS = {"accuracy": 0.99, "mse": 0.01}
"""What decided in records from before each told it with its task."""


def facts_of(values: Mapping[str, Any]) -> TaskFacts:
    """As they were recorded; without a level, that which their tasks had."""
    return TaskFacts.from_values({"level": LEVELS.get(values["score_name"])} | dict(values))


def as_now(runs: pd.DataFrame) -> pd.DataFrame:
    """The frame `Record.runs`; one from before it had the names of task and arm beside their labels gets them.

    What was not measured then is missing in it; it was trained on the CPU.
    """
    missing = [name for name in ("task", "arm") if f"plain_{name}" not in runs]
    named = runs.assign(**{f"plain_{name}": runs[name].str.partition(", ")[0] for name in missing})
    named = named if "device" in named else named.assign(device=CPU, card="")
    return named if "test_loss_error" in runs else named.assign(test_loss_error=math.nan)


def with_inputs_apart(runs: pd.DataFrame, by_inputs: Collection[str]) -> pd.DataFrame:
    """The frame `Record.runs`; runs `by_inputs` from before their numbers at the gap had columns of their own get them.

    Columns that were not known then are empty.
    """
    columns = [(number, stage) for number in names.AT_GAP for stage in (INIT, END)]
    pairs = {_column(*of, INPUTS): _column(*of, HIDDEN) for of in columns}
    whole = runs.reindex(columns=[*runs.columns, *(c for c in (*pairs.values(), *pairs) if c not in runs)])
    own = whole.run_id.isin(by_inputs)
    moved = {mine: whole[mine].fillna(whole[hidden].where(own)) for mine, hidden in pairs.items()}
    return whole.assign(**moved, **{hidden: whole[hidden].mask(own) for hidden in pairs.values()})


def _column(number: str, stage: str, state: str) -> str:
    return f"{names.of_curve(number, state)}_{stage}"


def reported(runs: pd.DataFrame) -> pd.Series:
    """Which runs are no runs by which a learning rate was chosen; all, where nothing was tuned."""
    if "tuning" not in runs:
        return pd.Series(True, index=runs.index)
    return (runs.tuning == "") | (runs.search != "")
