"""Every cell of the experiment in one table."""

from itertools import repeat

from seqbench.analysis import sizes
from seqbench.analysis.findings import Findings
from seqbench.report import typeset
from seqbench.report.drawn import Drawn


def values(found: Findings, _: Drawn) -> dict[str, object]:
    """A row per task, arm and gap."""
    gradients = typeset.gradients(found.summary)
    told = zip(*gradients.values(), strict=True) if gradients else repeat((), len(found.summary))
    rows = list(zip(typeset.rows(found.summary), found.summary.gap, told, strict=True))
    return {"cells": rows, "gradients": list(gradients), "meaning": sizes.note(found.runs)}
