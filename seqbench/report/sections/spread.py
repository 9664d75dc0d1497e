"""The states that hold: signatures of each arm, and whether they predict how far it holds beyond its gap."""

import pandas as pd

from seqbench.analysis import spreads
from seqbench.analysis.findings import Findings
from seqbench.report.drawn import Drawn

COLUMNS = {"predicted_multiple": "hold predicted", spreads.HELD: "hold measured"}
"""Medians of multiples of the gap, and how a reader finds them called."""


def values(found: Findings, _: Drawn) -> dict[str, object] | None:
    """What was found in sentences, and a table per task; nothing where no run tells a spread."""
    signatures = found.signatures
    if signatures.empty:
        return None
    tables = [(str(task), _printed(own)) for task, own in signatures.groupby("task", sort=True)]
    return {"sentences": spreads.sentences(found.hold_correlations, signatures), "tables": tables}


def _printed(signatures: pd.DataFrame) -> pd.DataFrame:
    multiples = {name: signatures[name].map(_multiple) for name in COLUMNS}
    return signatures.assign(**multiples).drop(columns="task").rename(columns=COLUMNS)


def _multiple(value: float) -> str:
    """ "none", "3.2", "≥ 64"."""
    if pd.isna(value):
        return "none"
    return f"≥ {spreads.MOST}" if value >= spreads.MOST else f"{value:.2g}"
