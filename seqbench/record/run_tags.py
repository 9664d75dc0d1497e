"""What is said of a run when it begins: its spec, its command, what is claimed of it, and whose search it is."""

import json
import textwrap
from collections.abc import Mapping

from seqbench.plan import Job, Plan
from seqbench.record import names

#: Characters of a refusal's reason that are kept: a tag does not hold long ones.
LONGEST_REASON = 300


def tags_of(job: Job, plan: Plan, before: Mapping[str, str]) -> dict[str, str]:
    """The tags of a new run. What was claimed of an attempt `before`, and its search and tuning, hold where the plan
    is silent."""
    claimed = claims(plan, job.run.fingerprint) if plan.controls else before.get(names.CLAIMS, "[]")
    if job.search or job.tuning:
        before = {names.SEARCH: job.search, names.TUNING: job.tuning}
    return {
        names.FINGERPRINT: job.run.fingerprint,
        names.SPEC: job.run.to_json(),
        names.COMMAND: job.command,
        names.CLAIMS: claimed,
        names.NOTE: f"To repeat this run alone:\n\n    {job.command}",
        **{key: before[key] for key in (names.SEARCH, names.TUNING) if before.get(key)},
    }


def claims(plan: Plan, fingerprint: str) -> str:
    """Requirement, control and expected verdict of each claim that a run bears on, as JSON."""
    return json.dumps([(c.requirement, c.control, c.expected) for c in plan.controls if fingerprint in c.fingerprints])


def refusals(plan: Plan) -> str:
    """Requirement, control and reason of each claim that something is refused, as JSON; of these there is no run."""
    refused = [control for control in plan.controls if control.expected == "refused"]
    shortened = [c.refusal and textwrap.shorten(c.refusal, LONGEST_REASON) for c in refused]
    return json.dumps([(c.requirement, c.control, why) for c, why in zip(refused, shortened, strict=True)])
