"""What an experiment of controls claims, and what its runs came to."""

import json

import pandas as pd

from seqbench.report import tables


def claims(runs: pd.DataFrame) -> list[dict[str, str]]:
    """A row per claim: requirement, control, expected, found, verdict. Empty where the experiment claims nothing."""
    if "claims" not in runs:
        return []
    made = [
        (tuple(claim), run.outcome) for run in tables.finished(runs).itertuples() for claim in json.loads(run.claims)
    ]
    outcomes: dict[tuple[str, ...], list[str]] = {}
    for claim, outcome in made:
        outcomes.setdefault(claim, []).append(outcome)
    return [_row(claim, found) for claim, found in outcomes.items()]


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
