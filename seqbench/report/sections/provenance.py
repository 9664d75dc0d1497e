"""Where the report comes from: runs, settings, software."""

import pandas as pd

from seqbench import wording
from seqbench.analysis.findings import Findings
from seqbench.report import manifest, settings
from seqbench.report.drawn import Drawn


def values(found: Findings, _: Drawn) -> dict[str, object]:
    """What all runs have in common, and what they took."""
    runs = found.runs
    return {
        "finished": wording.count(len(found.done)),
        "runs": wording.plural(len(runs), "run"),
        "spent": wording.duration(runs.seconds.sum()),
        "settings": settings.of(runs, "training.") | settings.of(runs, "task."),
        "versions": manifest.versions(runs),
        "devices": _devices(runs),
        "revisions": sorted({str(revision) for revision in runs.git_revision.dropna()}),
    }


def _devices(runs: pd.DataFrame) -> list[str]:
    """Where they were trained: "cpu", "cuda (NVIDIA H100)"."""
    told = zip(runs.device, runs.card, strict=True)
    return sorted({f"{device} ({card})" if card else str(device) for device, card in told})
