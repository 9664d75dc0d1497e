"""What an arm is, beside what it achieved: state, time constants at initialisation, pace."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from reports import small
from seqbench.analysis import sizes
from seqbench.analysis.findings import findings
from seqbench.record.names import MILLISECONDS, TIME_CONSTANT
from seqbench.report import columns, typeset


def test_time_constants_are_percentiles_over_units_by_their_rates() -> None:
    """Eleven units that forget at rates 0, .1, ..., 1: the slowest tenth forgets nothing faster than at .1."""
    rates = np.arange(11) / 10
    with np.errstate(divide="ignore"):
        units = pd.DataFrame({"run_id": "a", "metric": f"{TIME_CONSTANT}init", "value": 1 / rates})
    trained = units.assign(metric=f"{TIME_CONSTANT}end", value=7.0)
    runs = sizes.with_time_constants(pd.DataFrame({"run_id": ["a", "b"]}), pd.concat([units, trained]))
    found = runs.set_index("run_id")[list(sizes.TIME_CONSTANTS)]
    assert found.loc["a"].tolist() == pytest.approx([1 / 0.9, 2, 10])
    assert found.loc["b"].isna().all()


def test_a_stack_has_them_layer_by_layer() -> None:
    """Layer 1 has units of 1, 2 and 4 steps (rates 1, .5 and .25), layer 2 units that never forget; lstm is no stack.

    A tenth of the units forget at .9 of a step or faster, and nine tenths at .3.
    """
    metrics = pd.DataFrame(
        [("a", f"{TIME_CONSTANT}init layer 10", np.inf)] * 2
        + [("a", f"{TIME_CONSTANT}init layer 2", value) for value in (1.0, 2.0, 4.0)]
        + [("a", f"{TIME_CONSTANT}end layer 2", 100.0), ("b", f"{TIME_CONSTANT}init", 8.0)],
        columns=["run_id", "metric", "value"],
    )
    record = small(arms=("rnn", "lstm"), gaps=(50,), seeds=[0])
    runs = record.runs.assign(run_id=record.runs.arm.map({"rnn": "a", "lstm": "b"}))
    found = findings(replace(record, runs=runs, metrics=metrics))
    assert found.about("rnn")[sizes.TIME_CONSTANT] == "1.1 / 2.0 / 3.3; ∞ / ∞ / ∞"
    assert found.about("lstm")[sizes.TIME_CONSTANT] == "8.0 / 8.0 / 8.0"
    rows = {row["arm"]: row[sizes.TIME_CONSTANT] for row in typeset.rows(found.summary)}
    assert rows == {"rnn": "1.1 / 2.0 / 3.3; ∞ / ∞ / ∞", "lstm": "8.0 / 8.0 / 8.0"}
    assert "Of a stack: layer by layer, the first reads the input." in sizes.note(found.runs[found.runs.arm == "rnn"])
    assert "stack" not in sizes.note(found.runs[found.runs.arm == "lstm"])
    assert columns.described("time_constant_p10_layer_2", "summary.csv")


def test_an_arm_has_the_medians_of_its_runs_and_what_nobody_knows_is_empty() -> None:
    runs = pd.DataFrame({"state_size": [128.0] * 3, MILLISECONDS: [4.0, 5.0, 90.0],
                         "time_constant_p10": [1.0, 3.0, 2.0],
                         "time_constant_p50": [4.0, 4.0, np.inf], "time_constant_p90": [np.inf] * 3})  # fmt: skip
    assert list(sizes.texts(sizes.numbers(runs)).values()) == ["128", "2.0 / 4.0 / ∞", "5.0"]
    assert list(sizes.texts(sizes.numbers(pd.DataFrame(index=[0]))).values()) == ["", "", ""]


@pytest.mark.parametrize(
    ("workers", "told"),
    [([2, 4], ", beside 3 other runs at most."), ([0], ", one run at a time."), ([], "over runs.")],
)
def test_the_pace_says_beside_how_many_runs_it_was_measured(workers: list[int], told: str) -> None:
    runs = pd.DataFrame({MILLISECONDS: 5.0, "workers": workers or [np.nan]})
    assert sizes.note(runs).startswith("ms a step: a step of training on this record's machine")
    assert sizes.note(runs).endswith(told)


def test_tables_of_arms_have_them() -> None:
    record = small(seeds=range(2))
    runs = record.runs.assign(state_size=np.where(record.runs.arm == "rnn", 64.0, 128.0), milliseconds_per_step=2.5)
    found = findings(record.__class__(**{**vars(record), "runs": runs}))
    assert found.summary.groupby("arm").state_size.unique().map(list).to_dict() == {"rnn": [64], "lstm": [128]}
    assert found.longest.set_index("arm")[list(sizes.HEADINGS)].loc["lstm"].tolist() == ["128", "", "2.5"]
