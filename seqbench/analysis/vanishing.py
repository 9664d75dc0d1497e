"""Whether the gradient vanishes on its way to the evidence: one rule, and a sentence per task."""

import pandas as pd

from seqbench import wording
from seqbench.analysis.arriving import of_state
from seqbench.analysis.cells import with_gap
from seqbench.analysis.findings import Findings
from seqbench.analysis.outcomes import trained
from seqbench.events import HIDDEN

VANISHED = -3.0
"""Decimal logarithm of what is left of the gradient, below which it is said to vanish."""


def sentences(found: Findings) -> list[str]:
    """One per task at its longest probed gap, by the median over the runs of each arm before training.

    Sequences without any gradient count as zero. Arms that solved this gap although it vanishes, or did not although
    it does not, are named with their runs.
    """
    known = with_gap(found.decays) if len(found.decays) else found.decays
    left = [of_state(cell, HIDDEN) for cell in known.to_dict("records")]
    known = known.assign(left=[one.exponent for one in left], words=[one.words for one in left]).dropna(subset="left")
    return [_sentence(str(task), own.set_index("arm"), found) for task, own in known.groupby("task", sort=True)]


def _sentence(task: str, arms: pd.DataFrame, found: Findings) -> str:
    gap, gone, there = int(arms.gap.iloc[0]), arms[arms.left < VANISHED], arms[arms.left >= VANISHED]
    less = f"the gradient vanishes in {_listed(gone)}: less than a thousandth of it reaches the evidence"
    more = f"it does not vanish in {_listed(there)}"
    all_there = f"the gradient does not vanish in {_listed(there)}: a thousandth of it or more reaches the evidence"
    told = "; ".join([less] + [more] * bool(len(there))) if len(gone) else all_there
    runs = found.of_arms[(found.of_arms.task == task) & (found.of_arms.gap == gap)]
    return wording.joined(f"On {wording.at(task, gap)}, before training, {told}.", _yet(gone, there, trained(runs)))


def _listed(arms: pd.DataFrame) -> str:
    return wording.listed(f"{wording.arm(str(arm))} ({_told(row.left, row.words)})" for arm, row in arms.iterrows())


def _told(exponent: float, words: str) -> str:
    """What rounds to the threshold is told by its side."""
    if words != wording.from_log10(VANISHED):
        return words
    return f"just {'below' if exponent < VANISHED else 'above'} a thousandth"


def _yet(gone: pd.DataFrame, there: pd.DataFrame, runs: pd.DataFrame) -> str:
    """Whom this does not decide, by at least half of the runs at this gap."""
    solved = (runs.outcome == "solved").groupby(runs.arm).agg(["sum", "size"])
    half = 2 * solved["sum"] >= solved["size"]
    told = [
        f"{wording.listed(named)} {what} this gap with a gradient that {verb}"
        for arms, which, what, verb in (
            (gone, half, "bridged", "vanishes"),
            (there, ~half, "did not bridge", "does not vanish"),
        )
        if (named := [_counted(arm, solved) for arm in arms.index if which.get(arm, False)])
    ]
    return f"That alone does not decide, by the runs at this gap: {'; '.join(told)}." if told else ""


def _counted(arm: str, solved: pd.DataFrame) -> str:
    return f"{wording.arm(arm)} ({wording.tally(solved['sum'][arm], solved['size'][arm])})"
