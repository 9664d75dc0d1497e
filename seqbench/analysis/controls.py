"""What an experiment of controls claims, and what its runs came to."""

import json
from collections.abc import Sequence

import pandas as pd

from seqbench.analysis import cells as tables
from seqbench.record.values import Refusal


def claims(runs: pd.DataFrame, refusals: Sequence[Refusal] = ()) -> list[dict[str, str]]:
    """A row per claim: requirement, control, expected, found, verdict. Empty where the experiment claims nothing.

    What had to be refused, and has no runs, stands after the other claims of its requirement.
    """
    rows = [_row(claim, found) for claim, found in _outcomes(runs).items()] + [_refused(each) for each in refusals]
    requirements = list(dict.fromkeys(row["requirement"] for row in rows))
    return sorted(rows, key=lambda row: requirements.index(row["requirement"]))


def _outcomes(runs: pd.DataFrame) -> dict[tuple[str, ...], list[str]]:
    """Of the runs of each claim, in the order in which they were made."""
    outcomes: dict[tuple[str, ...], list[str]] = {}
    for run in tables.finished(runs).itertuples() if "claims" in runs else ():
        for claim in json.loads(run.claims):
            outcomes.setdefault(tuple(claim), []).append(run.outcome)
    return outcomes


def _refused(refusal: Refusal) -> dict[str, str]:
    return {
        "requirement": refusal.requirement,
        "control": refusal.control,
        "expected": "refused",
        "found": "accepted" if refusal.reason is None else f"refused: {refusal.reason}",
        "verdict": "not as expected" if refusal.reason is None else "as expected",
    }


def _row(claim: tuple[str, ...], outcomes: list[str]) -> dict[str, str]:
    requirement, control, expected = claim
    solved = outcomes.count("solved")
    holds = solved == (len(outcomes) if expected == "solves" else 0)
    return {
        "requirement": requirement,
        "control": control,
        "expected": expected,
        "found": f"{solved} of {len(outcomes)} solved",
        "verdict": "as expected" if holds else "not as expected",
    }


from dataclasses import dataclass  # noqa: E402


@dataclass(frozen=True)
class Verdict:
    """Stands in."""

    requirement: str
    control: str
    expected: str
    found: str
    as_expected: bool


def verdicts(runs: pd.DataFrame, refusals: Sequence[Refusal] = ()) -> list[Verdict]:
    """Stands in."""
    rows = claims(runs, refusals)
    return [
        Verdict(row["requirement"], row["control"], row["expected"], row["found"], row["verdict"] == "as expected")
        for row in rows
    ]
