"""The frames of a record, made from its points: every metric of every run, and what reports look at."""

from collections.abc import Collection, Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from seqbench.events import GRADIENT, TRAIN_LOSS, VALIDATION, TaskFacts
from seqbench.horizon.search import Search
from seqbench.horizon.tuning import Tuning
from seqbench.record import names
from seqbench.record.reading import Points, Recorded
from seqbench.record.values import Record, Refusal, reported

CURVES = (TRAIN_LOSS, GRADIENT, VALIDATION)
"""What metrics that are curves through training begin with."""
IDENTITY = ("task", "arm", "gap", "seed")
_CURVE = ["run_id", *IDENTITY, "metric"]
_POINT = [*_CURVE, "step"]


def points_of(runs: Sequence[Recorded], told_by_each: Iterable[Points]) -> pd.DataFrame:
    """Columns run_id and metric (categorical), step and value; in the order of `runs`, then of `Points`."""
    told: dict[str, int] = {}
    lengths, metrics, steps, values = [], [np.empty(0, np.int16)], [np.empty(0, np.int64)], [np.empty(0)]
    for points in told_by_each:
        lengths.append(len(points))
        metrics.append(np.array([told.setdefault(metric, len(told)) for metric, _, _ in points], np.int16))
        steps.append(np.array([step for _, step, _ in points], np.int64))
        values.append(np.array([value for _, _, value in points], np.float64))
    whose = np.repeat(np.arange(len(runs)), lengths)
    return pd.DataFrame(
        {
            "run_id": pd.Categorical.from_codes(whose, [run.run_id for run in runs]),
            "metric": metrics_as_now(pd.Categorical.from_codes(np.concatenate(metrics), list(told))),
            "step": np.concatenate(steps),
            "value": np.concatenate(values),
        }
    )


def metrics_as_now(metrics: pd.Categorical) -> pd.Categorical:
    """Metrics of any record by the names that they have today; one that has two in a record becomes one."""
    now = [names.as_now(metric) for metric in metrics.categories]
    told = list(dict.fromkeys(now))
    codes = np.array([told.index(metric) for metric in now], np.int16)
    return pd.Categorical.from_codes(codes[metrics.codes], told)


def record_of(
    experiment: str,
    runs: pd.DataFrame,
    points: pd.DataFrame,
    tasks: Mapping[str, TaskFacts],
    refusals: tuple[Refusal, ...],
    searches: Mapping[str, Search],
    tunings: Mapping[str, Tuning],
) -> Record:
    """The record whose runs have these points: run_id and metric (categorical), step, value.

    `runs` are as `Record.runs`, those that learning rates were chosen by among them.
    """
    counts = reported(runs)
    runs, tuning_runs = runs[counts].reset_index(drop=True), runs[~counts].reset_index(drop=True)
    metrics = _tidy(runs, points)
    return Record(
        experiment=experiment,
        runs=runs,
        curves=_some(metrics, [name for name in metrics.metric.cat.categories if name.startswith(CURVES)]),
        lags=_lags(metrics),
        tasks=tasks,
        slots=_table(metrics, names.SLOTS).rename(columns={"step": "slot"}),
        variants=_table(metrics, names.VARIANTS).rename(columns={"step": "row"}),
        refusals=refusals,
        metrics=metrics,
        searches=searches,
        tunings=tunings,
        tuning_runs=tuning_runs,
    )


def _tidy(runs: pd.DataFrame, points: pd.DataFrame) -> pd.DataFrame:
    """Points with the identity of their run; categories in the order of `runs`, and by name."""
    ids, told = list(runs.run_id), sorted(points.metric.cat.categories)
    run_id, metric = points.run_id.cat.set_categories(ids), points.metric.cat.set_categories(told)
    known = runs[list(IDENTITY)].astype({"task": "category", "arm": "category"})
    whose = known.iloc[run_id.cat.codes].set_axis(points.index)
    return pd.concat([run_id, whose, metric, points[["step", "value"]]], axis=1)


def _some(metrics: pd.DataFrame, wanted: Collection[str]) -> pd.DataFrame:
    return metrics[metrics.metric.isin(wanted)].reset_index(drop=True)


def _plain(frame: pd.DataFrame) -> pd.DataFrame:
    """Text instead of categories: groups and products of it hold what occurs, and nothing else."""
    return frame.astype(dict.fromkeys(frame.columns[frame.dtypes == "category"], str))


def _table(metrics: pd.DataFrame, prefix: str) -> pd.DataFrame:
    frame = _plain(_some(metrics, [name for name in metrics.metric.cat.categories if name.startswith(prefix)]))
    return frame.assign(metric=frame.metric.str.removeprefix(prefix))


def _lags(metrics: pd.DataFrame) -> pd.DataFrame:
    """The gradient at each lag, with its spread beside it, and the share of sequences in which it is zero.

    A share that is not told is 0 where others of its curve are, and not known in records from before.
    """
    found = {name: names.ByLag.parse(name) for name in metrics.metric.cat.categories}
    parts = {name: curve for name, curve in found.items() if curve}
    zero = _beside(metrics, {curve.zero: name for name, curve in parts.items()}, "zero")
    spread = _beside(metrics, {curve.spread: name for name, curve in parts.items()}, "spread")
    rows = _some(metrics, parts).merge(zero, on=_POINT, how="outer").merge(spread, on=_POINT, how="left")
    counted = rows.groupby(_CURVE, observed=True).zero.transform("count") > 0
    rows["zero"] = rows.zero.fillna(0.0).where(counted)
    for of in ("state", "stage"):
        rows[of] = rows.metric.map({name: getattr(curve, of) for name, curve in parts.items()}).astype("category")
    rows = rows.rename(columns={"step": "lag", "value": "log10_gradient"})
    return rows[["run_id", *IDENTITY, "state", "stage", "lag", "log10_gradient", "spread", "zero"]]


def _beside(metrics: pd.DataFrame, whose: Mapping[str, str], name: str) -> pd.DataFrame:
    """The points of some metrics as a column of that `name`, under the metric of the curve that each belongs to."""
    found = _some(metrics, whose)
    found = found.assign(metric=found.metric.map(whose).astype(metrics.metric.dtype))
    return found[[*_POINT, "value"]].drop_duplicates(_POINT, keep="last").rename(columns={"value": name})
