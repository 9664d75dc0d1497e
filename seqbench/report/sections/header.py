"""The question."""

from seqbench.analysis.findings import Findings
from seqbench.report.drawn import Drawn


def values(_: Findings, __: Drawn) -> dict[str, object]:
    """Nothing of its own: which question it is depends on what every template knows."""
    return {}
