"""How far a seed reached, and whether that goes with the decay of its gradient."""

import numpy as np
import pandas as pd
import pytest

from reports import small
from seqbench.analysis import reach as reaching


def test_the_reach_of_a_seed_is_censored_where_it_solved_all_gaps_or_none() -> None:
    outcomes = {("copy", "rnn", 10, 0): "unsolved"}
    reach = reaching.reach_table(small(outcomes=outcomes).runs).set_index(["arm", "seed"])
    assert reach.longest["rnn", 0] == 0
    assert reach.longest["rnn", 1] == 10
    assert reach.longest["lstm", 0] == np.inf
    assert reach.decay["rnn", 1] == pytest.approx(0.3 * np.log(10) + 0.001)


def points(*rows: tuple[str, float, float]) -> pd.DataFrame:
    """Arm, decay and longest gap solved of each seed."""
    frame = pd.DataFrame(rows, columns=["arm", "decay", "longest"])
    return frame.assign(task="copy", seed=range(len(frame)))


def test_a_correlation_has_its_interval_and_a_verdict_in_words() -> None:
    falls = points(*(("lstm" if decay < 10 else "rnn", decay / 20, 200 - 10 * decay) for decay in range(1, 20)))
    (row,) = reaching.correlations_table(falls).to_dict("records")
    assert (row["task"], row["points"], row["spearman"]) == ("copy", 19, pytest.approx(-1))
    assert (row["low"], row["high"]) == pytest.approx((-1, -1))
    assert row["verdict"] == "less decay goes with a longer gap"
    (row,) = reaching.correlations_table(falls.assign(longest=falls.longest[::-1].to_numpy())).to_dict("records")
    assert row["verdict"] == "less decay goes with a shorter gap"


def test_points_that_do_not_differ_have_no_correlation() -> None:
    (row,) = reaching.correlations_table(points(("rnn", 0.3, 10), ("lstm", 0.1, 10))).to_dict("records")
    assert np.isnan(row["spearman"])
    assert row["verdict"] == "the points do not differ in both"


def test_censored_points_and_pairs_against_the_rule_are_counted_and_the_strongest_named() -> None:
    against = points(("rnn", 0.3, np.inf), ("lstm", 0.1, 0.0), ("lstm", 0.2, 50))
    (row,) = reaching.correlations_table(against).to_dict("records")
    assert (row["solved_none"], row["solved_all"], row["pairs_against"]) == (1, 1, 2)
    assert row["most_against"] == (
        "lstm seed 1 (0.10 nats per step, none solved) against rnn seed 0 (0.30 nats per step, all solved)"
    )
