"""Where the loss ended, beside what a model with a stated, limited memory would reach."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from seqbench import wording
from seqbench.analysis import arms as palette
from seqbench.analysis.cells import at_longest_gap, many_seeds
from seqbench.events import Baseline, TaskFacts


def loss(curves: pd.DataFrame, tasks: Mapping[str, TaskFacts]) -> list[str]:
    """How many runs solved, and at which level the others ended, beside the closed-form baselines."""
    ends = curves[np.isfinite(curves.value)].sort_values("step").groupby("run_id").last()
    by_outcome = ends.outcome.value_counts()
    many = many_seeds(curves)
    solved, diverged = int(by_outcome.get("solved", 0)), int(by_outcome.get("diverged", 0))
    parts = [
        "Loss on validation sequences through training; dotted lines are what the named strategies score "
        f"{_known_from(ends)}. {wording.share(solved, len(ends))} solved the task"
        f"{' and stopped' if ends.gap.all() else ''}{'' if many else ' (marker at the end of the line)'}."
    ]
    if diverged:
        parts[0] += f" {wording.plural(diverged, 'run')} diverged{'' if many else ' (cross)'}."
    unsolved = ends[ends.outcome == "unsolved"]
    for task, runs in at_longest_gap(unsolved).groupby("task"):
        parts.append(f"On {wording.at(task, runs.gap.max())}, {_ends(runs, tasks[task])}.")
    parts.append("The thick line is the median over seeds, in which a run that has stopped keeps its last loss.")
    if many:
        parts[-1] += " Bands hold four fifths of the seeds, from the 10th to the 90th percentile."
    return parts


def _known_from(runs: pd.DataFrame) -> str:
    """What has no gap to set is text, on which the baselines are counted."""
    return "in theory" if runs.gap.all() else "in theory, or on the test text" if runs.gap.any() else "on the test text"


def _ends(runs: pd.DataFrame, facts: TaskFacts) -> str:
    """Arms that ended at the same level are named together."""
    medians = runs.groupby("arm").value.median()
    alike: dict[str, list[str]] = {}
    for arm in palette.ordered(runs.arm):
        alike.setdefault(_beside(medians[arm], facts.baselines), []).append(arm)
    return "; ".join(
        f"the unsolved runs of {wording.listed(arms)} ended {where}, with a median loss of {_range(medians[arms])}"
        for where, arms in alike.items()
    )


def _range(values: pd.Series) -> str:
    low, high = wording.level(values.min()), wording.level(values.max())
    return low if low == high else f"{low} to {high}"


def _beside(value: float, baselines: tuple[Baseline, ...]) -> str:
    """Where a loss lies among the baselines; within a tenth of one counts as at its level."""
    for baseline in baselines:
        if abs(value / baseline.loss - 1) <= 0.1:
            return f"at the level of “{baseline.name}” ({wording.level(baseline.loss)})"
    above = [baseline for baseline in baselines if value < baseline.loss]
    if not above:
        return "above every baseline" if baselines else "with no baseline to compare"
    return f"below “{min(above, key=lambda baseline: baseline.loss).name}”"
