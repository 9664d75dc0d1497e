"""How fast the tasks were solved: which arms differ, and a row per gap and arm."""

from seqbench.analysis import faster
from seqbench.analysis.findings import Findings
from seqbench.report.drawn import Drawn
from seqbench.statistics.levels import LEVEL


def values(found: Findings, _: Drawn) -> dict[str, object] | None:
    """The tables of each task with a gap, and whether any arms were compared."""
    if not found.paces:
        return None
    compared = any(task.pairs for task in found.paces)
    return {"paces": found.paces, "level": LEVEL, "compared": compared, "p": faster.p}
