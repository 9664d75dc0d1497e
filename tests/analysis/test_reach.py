"""How far an arm reached, and whether that goes with the decay of its gradient, over all arms."""

import numpy as np
import pandas as pd
import pytest
from searches import board, frame

from reports import small
from seqbench.analysis import reach as reaching


def test_an_arm_has_the_decay_at_its_longest_gap_and_the_gap50_of_the_grid() -> None:
    reach = reaching.reach_table(small().runs, []).set_index("arm")
    assert reach.decay["rnn"] == pytest.approx(0.3 * np.log(10) + 0.002)
    assert (reach.least["rnn"], reach.greatest["rnn"]) == pytest.approx((0.3 * np.log(10), 0.3 * np.log(10) + 0.004))
    assert reach.gap50["rnn"] == pytest.approx(np.sqrt(10 * 50))  # all solved at 10, none at 50
    assert reach.gap50["lstm"] == np.inf


def test_an_arm_that_was_searched_counts_too_with_the_gap50_of_its_search() -> None:
    runs = frame(50).assign(decay_init=0.5)
    (entry,) = board(frame(50))
    (row,) = reaching.reach_table(runs, [entry]).to_dict("records")
    assert (row["gap50"], row["decay"]) == (entry.found.gap50, 0.5)


def test_an_arm_without_a_gradient_has_no_place_and_one_gap_makes_no_order() -> None:
    assert reaching.reach_table(small(gaps=(10,)).runs, []).empty
    reach = reaching.reach_table(small(arms=("rnn", "stepless")).runs, [])
    assert list(reaching.placed(reach).arm) == ["rnn"]
    (row,) = reaching.correlations_table(reach).to_dict("records")
    assert (row["arms"], row["left_out"]) == (1, "stepless (no gradient of its hidden state)")
    assert row["verdict"] == "fewer than two arms have a place"
    (row,) = reaching.correlations_table(reach[reach.arm == "stepless"]).to_dict("records")
    assert (row["arms"], row["verdict"]) == (0, "fewer than two arms have a place")


def test_an_arm_tested_at_one_gap_counts_in_the_pairs_that_it_decides_and_is_named() -> None:
    """rnn solves 15 steps, lstm 60, lstm_chrono all 100. gru solved 20, and was asked nothing else.

    It decays more than lstm_chrono and lstm and less than rnn. It reaches farther than rnn. Beside lstm, whose gap50
    lies between 50 and 100, and lstm_chrono, who knows? So 4 of the 6 pairs count.
    """
    runs = small(arms=("rnn", "gru", "lstm", "lstm_chrono"), gaps=(10, 20, 50, 100)).runs
    reach = reaching.reach_table(runs[(runs.arm != "gru") | (runs.gap == 20)], [])
    assert dict(zip(reach.arm, reach.left_out, strict=True)) == {
        "rnn": "",
        "gru": "gap50 > 20",
        "lstm": "",
        "lstm_chrono": "",
    }
    (row,) = reaching.correlations_table(reach).to_dict("records")
    assert (row["arms"], row["pairs"], row["pairs_against"], row["left_out"]) == (3, 4, 0, "gru (gap50 > 20)")
    # Had it decayed more than rnn, rnn would decay less and yet reach less far.
    (row,) = reaching.correlations_table(reach.assign(decay=reach.decay.mask(reach.arm == "gru", 2.0))).to_dict(
        "records"
    )
    assert (row["pairs_against"], row["against"]) == (1, "rnn decays less than gru, and reaches less far")


def arms(*rows: tuple[str, float, float]) -> pd.DataFrame:
    """Arm, decay and gap50, tested from 10 to 110."""
    frame = pd.DataFrame(rows, columns=["arm", "decay", "gap50"]).assign(task="copy", left_out="")
    return frame.assign(low=frame.gap50.replace(np.inf, 110.0), high=frame.gap50.replace(0.0, 10.0))


COPY = ("rnn", 0.56, 41.7), ("gru", 0.44, 35.4), ("lstm", 0.15, 18.9), ("lstm_chrono", 0.05, np.inf)
ADDING = ("rnn", 0.56, 0.0), ("lstm", 0.15, 18.5), ("gru", 0.44, 110.0), ("lstm_chrono", 0.05, 51.3)


def test_the_order_may_be_the_reverse_among_all_arms_but_one() -> None:
    (row,) = reaching.correlations_table(arms(*COPY)).to_dict("records")
    # ranks of decay 4, 3, 2, 1 against ranks of gap50 3, 2, 1, 4: 1 - 6 * 12 / 60
    assert (row["arms"], row["spearman"], row["p_value"]) == (4, pytest.approx(-0.2), pytest.approx(22 / 24))
    assert (row["verdict"], row["least_p_value"]) == ("no relation is shown", pytest.approx(2 / 24))
    assert (row["pairs_against"], row["pairs"]) == (3, 6)
    assert row["against"] == (
        "lstm decays less than rnn and gru, and reaches less far; gru decays less than rnn, and reaches less far"
    )
    assert (row["below_all"], row["beyond_all"]) == ("", "lstm_chrono")


def test_pairs_against_the_rule_are_those_of_the_arms_that_decay_less_and_reach_less_far() -> None:
    (row,) = reaching.correlations_table(arms(*ADDING)).to_dict("records")
    assert row["spearman"] == pytest.approx(-0.4)
    assert row["against"] == "lstm decays less than gru, and reaches less far; " + (
        "lstm_chrono decays less than gru, and reaches less far"
    )
    assert row["below_all"] == "rnn"


@pytest.mark.parametrize(("sign", "word"), [(-1, "longer"), (1, "shorter")])
def test_five_arms_in_one_order_show_a_relation(sign: int, word: str) -> None:
    ordered = arms(*((f"arm {k}", k / 10, 100 + sign * k) for k in range(5)))
    (row,) = reaching.correlations_table(ordered).to_dict("records")
    assert (row["spearman"], row["p_value"]) == (pytest.approx(sign), pytest.approx(2 / 120))
    assert row["verdict"] == f"less decay goes with a {word} gap"


def test_arms_that_do_not_differ_have_no_correlation() -> None:
    (row,) = reaching.correlations_table(arms(("rnn", 0.3, 10), ("lstm", 0.1, 10))).to_dict("records")
    assert np.isnan(row["spearman"])
    assert (row["verdict"], row["against"]) == ("the arms do not differ in both", "")
