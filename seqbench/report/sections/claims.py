"""What the controls show: every claim, and whether it came out as stated."""

from seqbench.analysis.findings import Findings
from seqbench.report.drawn import Drawn


def values(found: Findings, _: Drawn) -> dict[str, object] | None:
    """The verdicts; no section where the experiment claims nothing."""
    return {"claims": found.claims} if found.claims else None
