"""The report's table of controls: what was claimed, and what became of it."""

import pandas as pd
import pytest

from seqbench.analysis.controls import claims
from seqbench.driver.summary import verdict
from seqbench.plan import Control
from seqbench.record.values import Refusal

ORDER = '[["order", "bag", "fails"]]'


def runs(*outcomes):
    return pd.DataFrame({"claims": ORDER, "outcome": outcomes, "fingerprint": [str(i) for i in range(len(outcomes))]})


@pytest.mark.parametrize(
    ("outcomes", "found", "told"),
    [
        (("unsolved", "unsolved"), "0 of 2 solved", "as expected"),
        (("unsolved", "solved"), "1 of 2 solved", "not as expected"),
        (("unsolved", "diverged"), "0 of 2 solved", "as expected"),
        (("unsolved", "failed"), "0 of 1 solved", "as expected"),
    ],
)
def test_a_claim_holds_if_all_of_its_runs_agree(outcomes, found, told):
    (row,) = claims(runs(*outcomes))
    assert (row["requirement"], row["control"], row["expected"]) == ("order", "bag", "fails")
    assert (row["found"], row["verdict"]) == (found, told)


def test_a_record_without_claims_has_no_table():
    assert claims(pd.DataFrame({"outcome": ["solved"]})) == []
    assert claims(pd.DataFrame({"outcome": ["solved"], "claims": ["[]"]})) == []


def test_what_was_refused_stands_with_its_requirement_and_its_reason():
    whole = pd.DataFrame(
        {"claims": ['[["order", "bag", "fails"]]', '[["length", "lstm", "solves"]]'], "outcome": ["unsolved", "solved"]}
    )
    rows = claims(whole, [Refusal("order", "odd", "it has no order"), Refusal("length", "unshared", None)])
    assert [(row["requirement"], row["control"], row["expected"]) for row in rows] == [
        ("order", "bag", "fails"),
        ("order", "odd", "refused"),
        ("length", "lstm", "solves"),
        ("length", "unshared", "refused"),
    ]
    assert [(row["found"], row["verdict"]) for row in rows[1::2]] == [
        ("refused: it has no order", "as expected"),
        ("accepted", "not as expected"),
    ]


def test_the_command_counts_a_control_with_missing_runs_as_not_as_expected():
    control = Control("order", "bag", "fails", ("0", "1", "2"))
    assert verdict(control, runs("unsolved", "unsolved", "unsolved")) == ("0 of 3 solved", True)
    assert verdict(control, runs("unsolved", "unsolved", "failed")) == ("0 of 2 solved, 1 without a result", False)
    assert verdict(Control("order", "bag", "solves", ("0",)), runs("solved")) == ("1 of 1 solved", True)


def test_a_refusal_is_told_with_its_reason():
    assert verdict(Control("length", "unshared", "refused", refusal="too long"), runs()) == ("refused: too long", True)
    assert verdict(Control("length", "unshared", "refused"), runs()) == ("accepted", False)
