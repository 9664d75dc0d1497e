"""Trained states are summarised by what became of their runs, and the gradient of inputs by itself."""

import numpy as np
import pandas as pd

from seqbench.analysis import parts

INIT, SOLVED, UNSOLVED = parts.PARTS
RUNS = pd.DataFrame(
    {
        "outcome": ["solved", "solved", "unsolved", "diverged"],
        "gradient_at_gap_init": [-1.0, -2.0, -3.0, -6.0],
        "gradient_at_gap_end": [-3.0, -3.2, -36.0, -38.0],
        "zero_at_gap_end": [0.0, 0.5, 0.0, 0.0],
        "input_gradient_at_gap_end": [np.nan, np.nan, -9.0, np.nan],
    }
)


def test_medians_over_solved_and_unsolved_runs_are_apart_after_training() -> None:
    found = parts.at_gap(RUNS)
    assert found["log10_gradient_at_gap_init"] == -2.5
    assert found["log10_gradient_at_gap_end_solved"] == -3.1
    assert found["log10_gradient_at_gap_end_unsolved"] == -37.0


def test_shares_of_sequences_without_a_gradient_are_means_and_what_was_not_measured_is_missing() -> None:
    found = parts.at_gap(RUNS)
    assert (found["zero_at_gap_end_solved"], found["zero_at_gap_end_unsolved"]) == (0.25, 0.0)
    assert np.isnan(found["zero_at_gap_init"])
    assert np.isnan(found["decay_init"])


def test_the_gradient_of_inputs_is_in_columns_of_its_own() -> None:
    found = parts.at_gap(RUNS)
    assert found["log10_input_gradient_at_gap_end_unsolved"] == -9.0
    assert np.isnan(found["log10_input_gradient_at_gap_end_solved"])


def test_rows_of_a_part_by_outcome_and_stage() -> None:
    lags = pd.DataFrame({"stage": ["init", "end", "end"], "outcome": ["solved", "solved", "unsolved"]})
    assert [list(part.of(lags).index) for part in parts.PARTS] == [[0], [1], [2]]


def test_before_and_after_in_words() -> None:
    assert parts.before_and_after({INIT: "1", SOLVED: "2", UNSOLVED: "3"}) == "1 → solved 2, not solved 3"
    assert parts.before_and_after({INIT: "1", SOLVED: "", UNSOLVED: "3"}) == "1 → not solved 3"
    assert parts.before_and_after({INIT: "1", SOLVED: "", UNSOLVED: ""}) == "1"
