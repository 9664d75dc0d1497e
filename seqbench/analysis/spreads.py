"""How well states keep apart what they remember, and what that predicts of holding beyond the gap that was trained.

W and B are those of `seqbench.statistics.spread`, at lags up to twice the gap. Nothing else enters a prediction, and
nothing of the tests at longer gaps.
"""

import math
from collections.abc import Iterator

import numpy as np
import pandas as pd

from seqbench import wording
from seqbench.analysis.cells import in_order
from seqbench.record import names
from seqbench.statistics import rates
from seqbench.statistics.levels import LEVEL
from seqbench.statistics.medians import reached_by_half
from seqbench.statistics.signatures import ROUNDING, ByLag, critical_lag, signature

IDENTITY = ["run_id", "task", "arm", "gap", "seed"]
SIGNATURES = ("latch", "drift", "leak", "shift", "open")
MOST = 64
"""Multiples of the gap up to which a run is tested, and a prediction is told."""
LAST = 2
"""The multiple that a prediction sees states at, and no further."""
HELD, TESTED = names.HOLD_MULTIPLE, names.HOLD_TESTED
"""Columns of a row per run: the longest multiple of the gap that it solved, and that it was tested at."""
ALL, BEYOND = "all tasks", "what holds at twice the gap"
"""Rows of `correlations_table` over tasks: of all runs, and of those that fail at no lag that a prediction has seen."""
FEWEST_CELLS = 6
"""Cells of task and arm from which on a bootstrap draws cells: of fewer it would say next to nothing."""


def by_lag_table(metrics: pd.DataFrame, runs: pd.DataFrame) -> pd.DataFrame:
    """A row per run and lag: `IDENTITY`, lag, within (W), between (B), moved, ratio (W/B), critical.

    `critical` is W/B at which the readout of the run errs on 1 % of its answers, infinite where it never does; it is
    told at the gap, and NaN at other lags.
    """
    columns = ["lag", "within", "between", "moved", "factor"]
    told = metrics[metrics.metric.isin([f"{names.SPREAD}{name}" for name in columns])]
    told = told[told.run_id.isin(runs.run_id)].astype(dict.fromkeys(("run_id", "task", "arm", "metric"), str))
    wide = told.assign(metric=told.metric.str.removeprefix(names.SPREAD), value=told.value.astype(float)).pivot(
        index=[*IDENTITY, "step"], columns="metric", values="value"
    )
    table = wide.reindex(columns=columns).rename_axis(columns=None).reset_index().dropna(subset="lag")
    ratio = table.within / table.between
    critical = (table.factor.fillna(math.inf) * np.maximum(ratio, ROUNDING)).where(table.lag == table.gap)
    table = table.assign(ratio=ratio, critical=critical).drop(columns=["step", "factor"])
    return in_order(table, ["task", "arm", "gap", "seed", "lag"])


def predictions_table(by_lag: pd.DataFrame, runs: pd.DataFrame) -> pd.DataFrame:
    """A row per run: `IDENTITY`, ratio and critical at the gap, critical_lag, predicted_multiple, signature, `HELD`.

    The prediction is in multiples of the gap, of which `MOST` stands for so many and more; so does the longest that a
    run was tested at, where it held. NaN where nothing is predicted, or was tested.
    """
    tested = runs.reindex(columns=["run_id", HELD, TESTED]).set_index("run_id").astype(float)
    rows = [_of_run(own, tested.loc[key[0]]) for key, own in by_lag.groupby(IDENTITY)]
    columns = [*IDENTITY, "ratio", "critical", "critical_lag", "predicted_multiple", "signature", HELD]
    return in_order(pd.DataFrame(rows, columns=columns))


def _of_run(own: pd.DataFrame, tested: pd.Series) -> dict[str, object]:
    at_gap = own[own.lag == own.gap].iloc[0]
    found = ByLag(*(own[name].to_numpy(float) for name in ("lag", "within", "between", "moved")))
    lag = critical_lag(found, float(at_gap.critical))
    most = tested[TESTED] if tested[HELD] == tested[TESTED] else MOST
    return {
        **at_gap[[*IDENTITY, "ratio", "critical"]],
        "critical_lag": lag,
        "predicted_multiple": min(lag / at_gap.gap, most) if lag == lag else math.nan,
        "signature": signature(found),
        HELD: tested[HELD],
    }


def signatures_table(predictions: pd.DataFrame) -> pd.DataFrame:
    """A row per task and arm: runs, how many have each signature, and medians of both multiples."""
    grouped = predictions.groupby(["task", "arm"])
    columns = ["task", "arm", "runs", *SIGNATURES, "predicted_multiple", HELD]
    rows = [
        {"task": task, "arm": arm, "runs": len(own)}
        | {name: int((own.signature == name).sum()) for name in SIGNATURES}
        | {"predicted_multiple": own.predicted_multiple.median(), HELD: _median_held(own[HELD].dropna())}
        for (task, arm), own in grouped
    ]
    return in_order(pd.DataFrame(rows, columns=columns), ["task", "arm"])


def _median_held(held: pd.Series) -> float:
    """As `seqbench.analysis.holds` has it."""
    return float(reached_by_half(list(held))) if len(held) else math.nan


def correlations_table(predictions: pd.DataFrame) -> pd.DataFrame:
    """A row for all runs, one for `BEYOND`, and one per task where there are several: do predictions order holds?

    Spearman's rank correlation over the runs that have both, with its bootstrap interval and the p-value of its
    permutation test. Runs of an arm on a task are alike, so that the bootstrap draws them together where there are
    `FEWEST_CELLS` such cells or more; the permutation test takes runs for independent. `without` counts the runs that
    were tested and have no prediction.
    """
    tested = predictions[predictions[HELD].notna()]
    parts = [(str(task), own) for task, own in tested.groupby("task")]
    whole = [(ALL, tested)] if len(parts) > 1 else parts
    rows = [*whole, (BEYOND, tested[tested[HELD] >= LAST]), *(parts if len(parts) > 1 else [])] if parts else []
    columns = ["task", "runs", "without", "spearman", "low", "high", "p_value", "verdict"]
    return pd.DataFrame([_correlation(*row) for row in rows], columns=columns)


def _correlation(task: str, tested: pd.DataFrame) -> dict[str, object]:
    both = tested[tested.predicted_multiple.notna()]
    x, y = both.predicted_multiple, both[HELD]
    found = rates.rank_correlation(x, y, rng=np.random.default_rng(0))
    cells = both.groupby(["task", "arm"], observed=True).ngroup()
    together = cells if cells.nunique() >= FEWEST_CELLS else None
    low, high = rates.rank_correlation_interval(x, y, rng=np.random.default_rng(0), together=together)
    return {
        "task": task,
        "runs": len(both),
        "without": len(tested) - len(both),
        "spearman": found.value,
        "low": low,
        "high": high,
        "p_value": found.p_value,
        "verdict": _verdict(len(both), found, within=low <= 0 <= high),
    }


def _verdict(runs: int, found: rates.RankCorrelation, *, within: bool) -> str:
    """By the permutation test, as of few runs that all agree the bootstrap has no width, and by whether 0 lies `within`
    the interval, which knows that runs of an arm are alike."""
    if runs < 2:
        return "fewer than two runs have a prediction"
    if math.isnan(found.value):
        return "the runs do not differ in both"
    if found.p_value >= LEVEL or within:
        return "no relation is shown"
    return "who is predicted to hold longer does" if found.value > 0 else "who is predicted to hold longer holds less"


def sentences(correlations: pd.DataFrame, signatures: pd.DataFrame) -> list[str]:
    """What was found, by rules: the verdict on the prediction by task, and the signatures of the runs."""
    return [*map(_told, correlations.to_dict("records")), *_counted(signatures)]


def _told(row: dict[str, object]) -> str:
    where = {ALL: f"Over {ALL}", BEYOND: f"Of {BEYOND}"}.get(str(row["task"]), f"On {row['task']}")
    number, without = int(str(row["runs"])), int(str(row["without"]))
    if number < 2:
        among = wording.plural(number + without, "run")
        return f"{where}, hold is predicted for {number} of {among}: too few to compare with what was measured."
    among, left = wording.plural(number, "run"), f"; {wording.plural(without, 'run')} without a prediction"
    value, low, high = (f"{row[name]:.2f}".replace("-", "−") for name in ("spearman", "low", "high"))
    told = "" if "nan" in (value, low) else f" ({value}, 95 % interval {low} to {high})"
    return f"{where}, by rank of predicted and measured hold in {among}, {row['verdict']}{told}{left * (without > 0)}."


def _counted(signatures: pd.DataFrame) -> Iterator[str]:
    if len(signatures):
        counts = {name: int(signatures[name].sum()) for name in SIGNATURES}
        told = [f"{number} {name}" for name, number in counts.items() if number]
        yield f"Signatures of {wording.plural(int(signatures.runs.sum()), 'run')}: {wording.listed(told)}."
