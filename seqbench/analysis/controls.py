"""What an experiment of controls claims, what its runs came to, and whether that is as expected: one rule for all."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pandas as pd

from seqbench import wording
from seqbench.analysis.outcomes import RESULTS
from seqbench.record.values import Refusal

Claim = tuple[str, str, str]


@dataclass(frozen=True)
class Verdict:
    """A claim about a control, `expected` to solve its task, to fail, or to be refused, and what was found."""

    requirement: str
    control: str
    expected: str
    found: str
    as_expected: bool


def verdicts(runs: pd.DataFrame, refusals: Iterable[Refusal] = ()) -> list[Verdict]:
    """A verdict per claim, those of one requirement together; empty where the experiment claims nothing.

    All runs that bear a claim must have a result, and agree. What had to be refused has no runs, and stands after the
    other claims of its requirement.
    """
    found = [_of_runs(claim, outcomes) for claim, outcomes in _outcomes(runs).items()] + [_refused(r) for r in refusals]
    requirements = list(dict.fromkeys(verdict.requirement for verdict in found))
    return sorted(found, key=lambda verdict: requirements.index(verdict.requirement))


def sentence(verdicts: Sequence[Verdict]) -> str:
    """How many of the claims came out as expected, and which did not; empty where nothing was claimed."""
    others = [f"{one.control} ({one.requirement}), {one.found}" for one in verdicts if not one.as_expected]
    told = f"{wording.tally(len(verdicts) - len(others), len(verdicts))} claims came out as expected"
    return f"{told}{'; not so: ' if others else ''}{'; '.join(others)}." if verdicts else ""


def _outcomes(runs: pd.DataFrame) -> dict[Claim, list[str]]:
    """Of all runs that bear a claim, in the order in which they were made."""
    outcomes: dict[Claim, list[str]] = {}
    for run in runs.itertuples() if "claims" in runs else ():
        for requirement, control, expected in json.loads(run.claims):
            outcomes.setdefault((requirement, control, expected), []).append(run.outcome)
    return outcomes


def _of_runs(claim: Claim, outcomes: Sequence[str]) -> Verdict:
    results = [outcome for outcome in outcomes if outcome in RESULTS]
    solved, lacking = results.count("solved"), len(outcomes) - len(results)
    found = f"{wording.tally(solved, len(results))} solved" + (f", {lacking} without a result" if lacking else "")
    wanted = len(outcomes) if claim[2] == "solves" else 0
    return Verdict(*claim, found, as_expected=not lacking and solved == wanted)


def _refused(refusal: Refusal) -> Verdict:
    found = "accepted" if refusal.reason is None else f"refused: {refusal.reason}"
    return Verdict(refusal.requirement, refusal.control, "refused", found, as_expected=refusal.reason is not None)
