"""Every cell of the experiment in one table."""

from seqbench.analysis.findings import Findings
from seqbench.report import typeset
from seqbench.report.drawn import Drawn


def values(found: Findings, _: Drawn) -> dict[str, object]:
    """A row per task, arm and gap."""
    return {"cells": typeset.rows(found.summary)}
