"""Runs in which a probe met a gradient that was not finite, and where."""

from seqbench.analysis.cells import in_order
from seqbench.analysis.findings import Findings
from seqbench.report.drawn import Drawn


def values(found: Findings, _: Drawn) -> dict[str, object] | None:
    """None where there were none, and for records from before that was told."""
    if "not_finite" not in found.runs:
        return None
    met = in_order(found.runs[found.runs.not_finite.fillna("") != ""])
    return {"runs": met.to_dict("records")} if len(met) else None
