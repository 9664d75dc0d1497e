"""The gradient by lag as tables: through training, decays, bounds, time constants."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import synthetic

from reports import small
from seqbench.analysis import by_lag
from seqbench.analysis.findings import findings
from seqbench.record.names import EXACT_APART, TIME_CONSTANT
from seqbench.record.values import Record


def test_snapshots_of_a_run_that_has_stopped_stay_as_they_were_at_its_end() -> None:
    rows = [("a", "init", 0, 0.0), ("a", "end", 100, -2.0), ("b", "init", 0, 0.0), ("b", "step_200", 200, -8.0),
            ("b", "end", 300, -6.0)]  # fmt: skip
    lags = pd.DataFrame(rows, columns=["run_id", "stage", "steps", "log10_gradient"]).assign(lag=1)
    runs = lags[lags.stage == "end"]
    found = by_lag.through_training(by_lag.with_steps(lags, runs)).loc[1]
    assert dict(found) == {0: 0.0, 200: -5.0, 300: -4.0}


def crossed(record: Record, state: str, lag: int) -> Record:
    """The record with a bound of one run that is too low at one lag of the longest gap."""
    rows = record.lags[(record.lags.state == state) & (record.lags.gap == 50) & (record.lags.lag == lag)].index[:1]
    hidden = record.lags.log10_gradient.mask(record.lags.index.isin(rows), -40.0)
    return replace(record, lags=record.lags.assign(log10_gradient=hidden))


def test_a_bound_is_compared_run_by_run_before_and_after_training_at_the_longest_gap() -> None:
    bounds = findings(small()).bounds.set_index(["task", "arm", "bound"])
    assert list(bounds.index) == [("copy", "rnn", "path"), ("copy", "rnn", "sigma_max")]
    assert (bounds.lags == 5 * 2 * 53).all()
    assert not bounds.above.any()
    bounds = findings(crossed(small(), "path", 7)).bounds.set_index("bound")
    assert (bounds.above["path"], bounds.crossed["path"], bounds.crossed["sigma_max"]) == (1, True, False)


def test_without_theory_no_bound_is_compared() -> None:
    assert findings(synthetic.before_the_diagnosis(small())).bounds.empty


def test_decays_are_medians_over_the_runs_at_the_longest_gap() -> None:
    decays = findings(small()).decays.set_index("arm")
    assert decays.gap.tolist() == [50, 50]
    assert decays.decay_init["rnn"] == pytest.approx(0.3 * np.log(10) + 0.002)
    assert -15.5 < decays.log10_gradient_at_gap_init["rnn"] < -14.5


def told(*units: tuple[str, int, str, list[float]]) -> pd.DataFrame:
    """Time constants as the record has them: run, gap, stage, and the value of each unit."""
    rows = [
        (run, "copy", "lstm", gap, 0, f"{TIME_CONSTANT}{stage}", unit, value)
        for run, gap, stage, values in units
        for unit, value in enumerate(values)
    ]
    columns = ["run_id", "task", "arm", "gap", "seed", "metric", "step", "value"]
    return pd.DataFrame(rows, columns=columns).astype(dict.fromkeys(["run_id", "task", "arm", "metric"], "category"))


def test_time_constants_are_percentiles_over_units_and_of_those_medians_over_runs_at_the_longest_gap() -> None:
    metrics = told(
        ("short", 10, "init", [9.0] * 11),
        *((f"run {k}", 50, "init", [k + unit for unit in range(11)]) for k in (1.0, 2.0, 9.0)),
        *(("run 1.0", 50, stage, [2.0, 4.0]) for stage in ("step_1000", "step_200")),
        ("run 1.0", 50, "end", [1.0] * 10 + [float("inf")]),
        ("crashed", 50, "init", [1000.0] * 11),
    )
    runs = pd.DataFrame({"run_id": ["short", "run 1.0", "run 2.0", "run 9.0"], "outcome": "solved"})
    first, early, late, last = by_lag.time_constants_table(metrics, runs).to_dict("records")
    assert first == {"task": "copy", "arm": "lstm", "gap": 50, "layer": 1, "stage": "init", "outcome": "",
                     "p10": 3.0, "p50": 7.0, "p90": 11.0, "runs": 3}  # fmt: skip
    assert (early["stage"], late["stage"]) == ("step_200", "step_1000")
    assert early["p50"] == 1 / ((1 / 2 + 1 / 4) / 2)  # between two units, in their rates
    assert (last["stage"], last["p90"], last["runs"]) == ("end", pytest.approx(1.0), 1)


def test_the_layers_of_a_stack_have_time_constants_of_their_own() -> None:
    metrics = told(*(("a", 50, f"{stage} layer {n}", [float(n)] * 11) for stage in ("end", "init") for n in (10, 2)))
    runs = pd.DataFrame({"run_id": ["a"], "outcome": ["solved"]})
    table = by_lag.time_constants_table(metrics, runs)
    assert [(row.layer, row.stage, row.p50) for row in table.itertuples()] == [
        (2, "init", 2.0), (2, "end", 2.0), (10, "init", 10.0), (10, "end", 10.0)
    ]  # fmt: skip


def test_units_of_runs_that_solved_and_of_runs_that_did_not_are_summarised_apart() -> None:
    short, long = [2.0] * 11, [200.0] * 11
    metrics = told(
        *((run, 50, stage, units) for run, units in (("a", short), ("b", long)) for stage in ("init", "end"))
    )
    runs = pd.DataFrame({"run_id": ["a", "b"], "outcome": ["diverged", "solved"]})
    table = by_lag.time_constants_table(metrics, runs)
    found = {(row.stage, row.outcome): (row.p50, row.runs) for row in table.itertuples()}
    assert found == {("init", ""): (101.0, 2), ("end", "not solved"): (2.0, 1), ("end", "solved"): (200.0, 1)}


def test_a_record_without_gates_has_no_time_constants() -> None:
    assert findings(small()).time_constants.empty


def test_how_far_exact_theory_is_off_is_the_most_over_runs_and_stages_at_the_longest_gap() -> None:
    rows = [
        ("short", "mingru", 10, "init", 9.0),
        ("a", "mingru", 50, "init", 1e-12),
        ("a", "mingru", 50, "end", 3e-12),
        ("b", "mingru", 50, "init", 2e-12),
        ("crashed", "mingru", 50, "init", 5.0),
        ("c", "mamba", 50, "step_100", 0.25),
    ]
    columns = ["run_id", "arm", "gap", "metric", "value"]
    metrics = pd.DataFrame(
        [(run, arm, gap, f"{EXACT_APART}{stage}", apart) for run, arm, gap, stage, apart in rows], columns=columns
    ).assign(task="copy", seed=0, step=0)
    runs = pd.DataFrame({"run_id": ["short", "a", "b", "c"]})
    last, first = by_lag.exact_table(metrics, runs).to_dict("records")
    assert first == {"task": "copy", "arm": "mamba", "gap": 50, "runs": 1, "apart": 0.25, "agree": False}
    assert last == {"task": "copy", "arm": "mingru", "gap": 50, "runs": 2, "apart": 3e-12, "agree": True}
    assert by_lag.exact_table(metrics.iloc[:0], runs).empty
