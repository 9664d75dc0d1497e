"""Whether the gradient vanishes on its way to the evidence: one rule, and a sentence per task."""

import numpy as np
import pandas as pd

from seqbench import wording
from seqbench.analysis.findings import Findings
from seqbench.analysis.parts import PARTS, column
from seqbench.events import HIDDEN
from seqbench.record import names

VANISHED = -3.0
"""Decimal logarithm of what is left of the gradient, below which it is said to vanish."""
LEFT = column(names.GRADIENT_AT_GAP, HIDDEN, PARTS[0])


def sentences(found: Findings) -> list[str]:
    """One per task at its longest probed gap, by the median over the runs of each arm before training."""
    known = found.decays.reindex(columns=found.decays.columns.union([LEFT]))
    known = known[np.isfinite(known[LEFT].astype(float)) & (known.get("gap", 0) != 0)]
    return [_sentence(str(task), own.set_index("arm")) for task, own in known.groupby("task", sort=True)]


def _sentence(task: str, arms: pd.DataFrame) -> str:
    gone, there = arms[arms[LEFT] < VANISHED], arms[arms[LEFT] >= VANISHED]
    where = f"On {wording.at(task, int(arms.gap.iloc[0]))}, before training,"
    vanishes = "less than a thousandth of the gradient reaches the evidence in"
    told = [f"{vanishes} {_listed(gone)}: it vanishes"] * bool(len(gone))
    more = "more does" if told else "a thousandth of the gradient or more reaches the evidence"
    told += [f"{more} in {_listed(there)}"] * bool(len(there))
    return f"{where} {'; '.join(told)}."


def _listed(arms: pd.DataFrame) -> str:
    return wording.listed(f"{arm} ({wording.from_log10(left)})" for arm, left in arms[LEFT].items())
