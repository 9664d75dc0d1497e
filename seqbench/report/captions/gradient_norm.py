"""Typical and largest gradient norms, how often clipping acted, and which part of the model receives how much."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from seqbench import wording
from seqbench.analysis import arms as palette
from seqbench.analysis.cells import at_longest_gap
from seqbench.wording import joined


def gradient_norm(curves: pd.DataFrame, clip: float | None) -> list[str]:
    """Typical and largest norms, and how often clipping acted."""
    usable = curves[np.isfinite(curves.value)]
    parts = [
        "Norm of the whole gradient before clipping; records are averaged (in the logarithm) over short stretches."
    ]
    for task, rows in at_longest_gap(usable).groupby("task"):
        middle = rows.groupby("arm").value.median()
        values = [f"{wording.number(middle[arm])} for {arm}" for arm in palette.ordered(rows.arm)]
        parts.append(f"On {wording.at(task, rows.gap.max())} its median over all records is {wording.listed(values)}.")
    parts.append(joined(_largest(usable), _clipped(usable, clip), _left_out(len(curves) - len(usable))))
    return parts


def _largest(usable: pd.DataFrame) -> str:
    top = usable.loc[usable.value.idxmax()]
    return (
        f"The largest norm recorded is {wording.number(top.value)} ({top.arm}, {wording.cell(top.task, top.gap)}, "
        f"seed {top.seed}, step {wording.count(top.step)})."
    )


def _clipped(usable: pd.DataFrame, clip: float | None) -> str:
    if clip is None:
        return ""
    return f"{wording.percent((usable.value > clip).mean())} of all records lie above {clip:g}, where clipping acts."


def _left_out(number: int) -> str:
    return f"Records without a finite value ({wording.count(number)}) are left out." if number else ""


def gradient_blocks(curves: pd.DataFrame, names: Mapping[str, str]) -> list[str]:
    """Which part of the model receives how much gradient at the longest gap."""
    shown = at_longest_gap(curves[np.isfinite(curves.value) & curves.metric.isin(list(names))])
    parts = ["The same norm by part of the model."]
    for task, rows in shown.groupby("task"):
        middle = rows.groupby(["arm", "metric"]).value.median().unstack()
        blocks = [block for block in names if block in middle]
        told = [f"{arm} {' / '.join(wording.number(middle.loc[arm, block]) for block in blocks)}"
                for arm in palette.ordered(rows.arm)]  # fmt: skip
        order = " / ".join(names[block] for block in blocks)
        parts.append(f"Medians on {wording.at(task, rows.gap.max())} ({order}): {'; '.join(told)}.")
    return parts
