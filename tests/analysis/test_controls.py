"""What a control came to, and whether that was expected: one rule, for the page and for the terminal."""

import json

import pandas as pd
import pytest

from seqbench.analysis.controls import Verdict, sentence, verdicts
from seqbench.driver.summary import print_controls
from seqbench.record.values import Refusal


def runs(*outcomes: str, requirement: str = "order", control: str = "bag", expected: str = "fails") -> pd.DataFrame:
    """Runs that bear one claim."""
    return pd.DataFrame({"claims": json.dumps([[requirement, control, expected]]), "outcome": outcomes})


@pytest.mark.parametrize(
    ("expected", "outcomes", "found", "as_expected"),
    [
        ("fails", ("unsolved", "unsolved"), "0 of 2 solved", True),
        ("fails", ("unsolved", "diverged"), "0 of 2 solved", True),
        ("fails", ("unsolved", "solved"), "1 of 2 solved", False),
        ("solves", ("solved", "solved", "solved"), "3 of 3 solved", True),
        ("solves", ("solved", "unsolved"), "1 of 2 solved", False),
        ("fails", ("unsolved", "unsolved", "failed"), "0 of 2 solved, 1 without a result", False),
        ("solves", ("solved", "solved", "unfinished"), "2 of 2 solved, 1 without a result", False),
        ("fails", ("failed", "failed"), "0 of 0 solved, 2 without a result", False),
    ],
)
def test_all_runs_that_bear_a_claim_must_have_a_result_and_agree(
    expected: str, outcomes: tuple[str, ...], found: str, as_expected: bool
) -> None:
    assert verdicts(runs(*outcomes, expected=expected)) == [Verdict("order", "bag", expected, found, as_expected)]


@pytest.mark.parametrize(
    ("expected", "held", "found", "as_expected"),
    [
        ("holds", [(64, 64), (64, 64)], "2 of 2 solved, 2 of 2 as far as tested", True),
        ("holds", [(64, 64), (32, 64)], "2 of 2 solved, 1 of 2 as far as tested", False),
        ("holds", [(1, 1), (1, 1)], "2 of 2 solved, 0 of 2 as far as tested", False),  # tested at its own gap alone
        ("dies", [(1, 2), (1, 2)], "2 of 2 solved, 2 of 2 and not at twice the gap", True),
        ("dies", [(1, 2), (2, 4)], "2 of 2 solved, 1 of 2 and not at twice the gap", False),
        ("dies", [(1, 2), (0, 1)], "1 of 2 solved, 1 of 2 and not at twice the gap", False),
        ("dies", [], "2 of 2 solved, 0 of 2 and not at twice the gap", False),  # of a record from before
    ],
)
def test_a_claim_may_be_about_what_comes_beyond_the_gap_of_training(
    expected: str, held: list[tuple[float, float]], found: str, as_expected: bool
) -> None:
    own = runs(*("solved" if hold else "unsolved" for hold, _ in held or [(1, 2)] * 2), expected=expected)
    if held:
        own[["hold_multiple", "hold_tested"]] = held
    assert verdicts(own) == [Verdict("order", "bag", expected, found, as_expected)]


def test_a_run_may_bear_several_claims() -> None:
    both = json.dumps([["order", "bag", "fails"], ["learning", "bag", "solves"]])
    found = verdicts(pd.DataFrame({"claims": [both], "outcome": ["unsolved"]}))
    assert [(one.requirement, one.as_expected) for one in found] == [("order", True), ("learning", False)]


def test_a_record_without_claims_has_no_verdict() -> None:
    assert verdicts(pd.DataFrame({"outcome": ["solved"]})) == []
    assert verdicts(pd.DataFrame({"outcome": ["solved"], "claims": ["[]"]})) == []


def test_what_was_refused_stands_with_its_requirement_and_its_reason() -> None:
    whole = pd.concat([runs("unsolved"), runs("solved", requirement="length", control="lstm", expected="solves")])
    found = verdicts(whole, [Refusal("order", "odd", "it has no order"), Refusal("length", "unshared", None)])
    assert found == [
        Verdict("order", "bag", "fails", "0 of 1 solved", as_expected=True),
        Verdict("order", "odd", "refused", "refused: it has no order", as_expected=True),
        Verdict("length", "lstm", "solves", "1 of 1 solved", as_expected=True),
        Verdict("length", "unshared", "refused", "accepted", as_expected=False),
    ]


def test_the_terminal_prints_each_verdict_and_counts_those_that_are_not_as_expected(
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = verdicts(runs("unsolved", "failed"), [Refusal("order", "odd", "it has no order")])
    assert print_controls(found) == 1
    told = capsys.readouterr().out
    assert "0 of 1 solved, 1 without a result" in told
    assert told.count("NOT AS EXPECTED") == 1
    assert "refused: it has no order" in told


def test_the_sentence_counts_the_claims_and_names_those_that_came_out_otherwise() -> None:
    good = Verdict("order", "bag", "fails", "0 of 2 solved", as_expected=True)
    bad = Verdict("memory", "window", "fails", "1 of 2 solved", as_expected=False)
    assert sentence([]) == ""
    assert sentence([good, good]) == "2 of 2 claims came out as expected."
    assert sentence([good, bad]) == ("1 of 2 claims came out as expected; not so: window (memory), 1 of 2 solved.")
