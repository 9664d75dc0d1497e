"""What an experiment of controls claims, what its runs came to, and whether that is as expected: one rule for all."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from seqbench import wording
from seqbench.analysis import holds
from seqbench.analysis.outcomes import finished
from seqbench.record.values import Refusal

Claim = tuple[str, str, str]
#: What is expected beyond the gap of training: in words, and which runs do it.
BEYOND: Mapping[str, tuple[str, Callable[[pd.DataFrame], pd.Series]]] = {
    "holds": ("as far as tested", lambda runs: (runs.hold_multiple > 1) & (runs.hold_multiple == runs.hold_tested)),
    "dies": ("and not at twice the gap", lambda runs: (runs.hold_multiple == 1) & (runs.hold_tested == 2)),
}


@dataclass(frozen=True)
class Verdict:
    """A claim about a control, with what is `expected` of it (`seqbench.plan.VERDICTS`), and what was found."""

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
    found = [_of_runs(claim, own) for claim, own in _by_claim(runs).items()] + [_refused(r) for r in refusals]
    requirements = list(dict.fromkeys(verdict.requirement for verdict in found))
    return sorted(found, key=lambda verdict: requirements.index(verdict.requirement))


def sentence(verdicts: Sequence[Verdict]) -> str:
    """How many of the claims came out as expected, and which did not; empty where nothing was claimed."""
    others = [f"{one.control} ({one.requirement}), {one.found}" for one in verdicts if not one.as_expected]
    told = f"{wording.tally(len(verdicts) - len(others), len(verdicts))} claims came out as expected"
    return f"{told}{'; not so: ' if others else ''}{'; '.join(others)}." if verdicts else ""


def _by_claim(runs: pd.DataFrame) -> dict[Claim, pd.DataFrame]:
    """All runs that bear a claim, in the order in which they were made."""
    bearing: dict[Claim, list[int]] = {}
    for place, claims in enumerate(runs.claims) if "claims" in runs else ():
        for requirement, control, expected in json.loads(claims):
            bearing.setdefault((requirement, control, expected), []).append(place)
    return {claim: runs.iloc[places] for claim, places in bearing.items()}


def _of_runs(claim: Claim, runs: pd.DataFrame) -> Verdict:
    """All must do what was expected; of one that has to fail, none may have solved its task."""
    done = finished(runs)
    solved, lacking = int((done.outcome == "solved").sum()), len(runs) - len(done)
    found, right = f"{wording.tally(solved, len(done))} solved", solved == (0 if claim[2] == "fails" else len(runs))
    if claim[2] in BEYOND:
        what, does = BEYOND[claim[2]]
        number = int(does(holds.runs_of(done)).sum())
        found, right = f"{found}, {wording.tally(number, len(done))} {what}", right and number == len(runs)
    found += f", {lacking} without a result" if lacking else ""
    return Verdict(*claim, found, as_expected=right and not lacking)


def _refused(refusal: Refusal) -> Verdict:
    found = "accepted" if refusal.reason is None else f"refused: {refusal.reason}"
    return Verdict(refusal.requirement, refusal.control, "refused", found, as_expected=refusal.reason is not None)
