"""The frames of a record, made from its points: every metric of every run, and what reports look at."""

import re
from collections.abc import Collection, Mapping

import pandas as pd

from seqbench.horizon.search import Search
from seqbench.record.values import Record, Refusal, TaskFacts

CURVES = ("train/loss", "gradient/norm", "gradient/recurrent", "gradient/input", "gradient/readout")
IDENTITY = ("task", "arm", "gap", "seed")
GRADIENT = re.compile(r"gradient_by_lag/(?P<state>.+)_(?P<stage>init|end|step_\d+)")


def record_of(
    experiment: str,
    runs: pd.DataFrame,
    points: pd.DataFrame,
    tasks: Mapping[str, TaskFacts],
    refusals: tuple[Refusal, ...],
    searches: Mapping[str, Search],
) -> Record:
    """The record whose runs (as `Record.runs`) have these points: run_id and metric (categorical), step, value."""
    metrics = _tidy(runs, points)
    names = list(metrics.metric.cat.categories)
    return Record(
        experiment=experiment,
        runs=runs,
        curves=_some(metrics, [name for name in names if name in CURVES or name.startswith("validation/")]),
        lags=_lags(metrics),
        tasks=tasks,
        slots=_table(metrics, "slots/").rename(columns={"step": "slot"}),
        variants=_table(metrics, "variants/").rename(columns={"step": "row"}),
        refusals=refusals,
        metrics=metrics,
        searches=searches,
    )


def _tidy(runs: pd.DataFrame, points: pd.DataFrame) -> pd.DataFrame:
    """Points with the identity of their run; categories in the order of `runs`, and by name."""
    ids, names = list(runs.run_id), sorted(points.metric.cat.categories)
    run_id, metric = points.run_id.cat.set_categories(ids), points.metric.cat.set_categories(names)
    known = runs[list(IDENTITY)].astype({"task": "category", "arm": "category"})
    whose = known.iloc[run_id.cat.codes].set_axis(points.index)
    return pd.concat([run_id, whose, metric, points[["step", "value"]]], axis=1)


def _some(metrics: pd.DataFrame, names: Collection[str]) -> pd.DataFrame:
    return metrics[metrics.metric.isin(names)].reset_index(drop=True)


def _plain(frame: pd.DataFrame) -> pd.DataFrame:
    """Text instead of categories: groups and products of it hold what occurs, and nothing else."""
    return frame.astype(dict.fromkeys(frame.columns[frame.dtypes == "category"], str))


def _table(metrics: pd.DataFrame, prefix: str) -> pd.DataFrame:
    names = [name for name in metrics.metric.cat.categories if name.startswith(prefix)]
    frame = _plain(_some(metrics, names))
    return frame.assign(metric=frame.metric.str.removeprefix(prefix))


def _lags(metrics: pd.DataFrame) -> pd.DataFrame:
    """The gradient at each lag, with its spread beside it."""
    found = {name: GRADIENT.fullmatch(name) for name in metrics.metric.cat.categories}
    parts = {name: match.groupdict() for name, match in found.items() if match}
    spread = _some(metrics, [f"{name}_spread" for name in parts])
    at = ["run_id", "metric", "step"]
    spread = spread.assign(metric=spread.metric.str.removesuffix("_spread").astype(metrics.metric.dtype))
    spread = spread[[*at, "value"]].drop_duplicates(at, keep="last").rename(columns={"value": "spread"})
    rows = _some(metrics, parts).merge(spread, on=at, how="left")
    for of in ("state", "stage"):
        rows[of] = rows.metric.map({name: part[of] for name, part in parts.items()}).astype("category")
    rows = rows.rename(columns={"step": "lag", "value": "log10_gradient"})
    return rows[["run_id", *IDENTITY, "state", "stage", "lag", "log10_gradient", "spread"]]
