"""The gradient by lag: through training, how fast it decays, whether it keeps within its bounds, time constants."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from seqbench.analysis import parts
from seqbench.analysis.cells import at_longest_gap, in_order
from seqbench.analysis.sizes import percentiles
from seqbench.events import BOUNDS, END, HIDDEN, INIT, of_layer
from seqbench.record import names

ROUNDING = 1e-6
"""Decades by which rounding may move a curve: above its bound, or from what is exact."""
STAGES = (INIT, END)
"""At which every run is probed."""
ARM = ["task", "arm"]


def with_steps(lags: pd.DataFrame, runs: pd.DataFrame) -> pd.DataFrame:
    """Gradient by lag with the training step of each snapshot in column `step`."""
    ends = lags.run_id.map(runs.set_index("run_id").steps)
    inside = pd.to_numeric(lags.stage.str.removeprefix("step_"), errors="coerce")
    return lags.assign(step=inside.fillna(ends.where(lags.stage == "end", 0)))


def through_training(lags: pd.DataFrame) -> pd.DataFrame:
    """Median over runs of the gradient at each lag (row) at each snapshot (column, its step), the last at the end.

    `lags` has the column `step`. A run that has stopped keeps its last curve: leaving it out would show those that
    have not solved the task yet.
    """
    by_step = lags.pivot_table(index=["run_id", "lag"], columns="step", values="log10_gradient").ffill(axis=1)
    shown = set(lags.step[lags.stage != "end"]) | {lags.step.max()}
    return by_step[sorted(shown)].groupby("lag").median()


def at_both_ends(lags: pd.DataFrame) -> pd.DataFrame:
    """Of each task at its longest gap, the finite values before and after training: what is set beside theory."""
    there = lags.stage.isin(STAGES) & lags.log10_gradient.abs().lt(float("inf"))
    return at_longest_gap(lags[there])


def decays_table(lags: pd.DataFrame, runs: pd.DataFrame) -> pd.DataFrame:
    """A row per task and arm: the numbers of `parts.at_gap`, over the runs of `at_both_ends`."""
    probed = runs[runs.run_id.isin(at_both_ends(lags).run_id)].groupby([*ARM, "gap"])
    rows = [dict(zip([*ARM, "gap"], key, strict=True)) | parts.at_gap(own) for key, own in probed]
    return in_order(pd.DataFrame(rows), ARM) if rows else pd.DataFrame(columns=ARM)


def bounds_table(lags: pd.DataFrame) -> pd.DataFrame:
    """A row per task, arm and bound: at how many lags the gradient was compared with it, and lay above.

    Run by run, stage by stage and lag by lag of `at_both_ends`, not on medians.
    """
    columns = [*ARM, "gap", "bound", "lags", "above", "crossed"]
    return in_order(pd.DataFrame(_bounded(at_both_ends(lags)), columns=columns), [*ARM, "bound"])


def _bounded(lags: pd.DataFrame) -> Iterator[dict[str, object]]:
    wide = lags.pivot_table(
        index=[*ARM, "gap", "run_id", "stage", "lag"], columns="state", values="log10_gradient", observed=True
    )
    for bound in BOUNDS if HIDDEN in wide else ():
        beyond = (wide[HIDDEN] - wide[bound]).dropna() > ROUNDING if bound in wide else pd.Series(dtype=bool)
        for key, own in beyond.groupby(level=[*ARM, "gap"]) if len(beyond) else ():
            place = dict(zip([*ARM, "gap"], key, strict=True))
            yield {**place, "bound": bound, "lags": len(own), "above": int(own.sum()), "crossed": bool(own.any())}


def exact_table(metrics: pd.DataFrame, runs: pd.DataFrame) -> pd.DataFrame:
    """A row per task and arm with exact theory: how many decades measured and exact gradient are apart at most.

    Over the probed stages, sequences and lags of `runs` at the longest gap; they `agree` to `ROUNDING`.
    """
    told = metrics[metrics.run_id.isin(runs.run_id) & metrics.metric.str.startswith(names.EXACT_APART)]
    of_arm = at_longest_gap(told.astype({**dict.fromkeys(("run_id", *ARM, "metric"), str)})).groupby([*ARM, "gap"])
    table = of_arm.agg(runs=("run_id", "nunique"), apart=("value", "max")).reset_index()
    return in_order(table.assign(agree=table.apart <= ROUNDING), ARM)


_KIND = [*ARM, "gap", "layer", "stage", "outcome"]


def time_constants_table(metrics: pd.DataFrame, runs: pd.DataFrame) -> pd.DataFrame:
    """A row per task, arm, layer, stage and outcome: steps after which a unit has forgotten to 1/e.

    Stages are in the order of training. A core alone has the layer 1. `outcome` is that of the runs, "solved" or "not
    solved"; at initialisation all runs are together, and it is empty. Percentiles over the units of a run, and of those
    the median over `runs`; between two units it is their rates of forgetting, 1 / steps, that are interpolated, because
    a unit may never forget. At the longest gap at which the task has any: an initialisation may follow the gap, so that
    gaps are not thrown together.
    """
    told = metrics[metrics.run_id.isin(runs.run_id) & metrics.metric.str.startswith(names.TIME_CONSTANT)]
    units = at_longest_gap(told.astype({**dict.fromkeys(("run_id", *ARM, "metric"), str)}))
    place, solved = units.metric.str.removeprefix(names.TIME_CONSTANT), runs.run_id[runs.outcome == "solved"]
    stage, layer = place.map(lambda name: of_layer(name)[0]), place.map(lambda name: of_layer(name)[1] or 1)
    outcome = units.run_id.isin(solved).map(parts.OUTCOMES).mask(stage == INIT, "")
    units = units.assign(stage=stage, outcome=outcome, layer=layer)
    of_arm = percentiles(units.value, [units[name] for name in (*_KIND, "run_id")]).groupby(_KIND)
    table = of_arm.median().assign(runs=of_arm.size()).reset_index()
    return in_order(table.sort_values("stage", key=_place_in_training, kind="stable"), [*ARM, "layer"])


def _place_in_training(stages: pd.Series) -> pd.Series:
    steps = pd.to_numeric(stages.str.removeprefix("step_"), errors="coerce")
    return steps.fillna(stages.map({INIT: -1.0, END: np.inf}))
