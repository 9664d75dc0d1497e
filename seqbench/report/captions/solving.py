"""How fast the arms solved their tasks, and how that grows with the gap."""

import math
from collections.abc import Mapping, Sequence

import pandas as pd

from seqbench import wording
from seqbench.report import solving
from seqbench.statistics.growth import Growth
from seqbench.statistics.survival import sentence


def time_to_solve(runs: pd.DataFrame, chosen: Sequence[tuple[str, int]]) -> list[str]:
    """A sentence per panel; `chosen` are its tasks and gaps."""
    tested = {task: sorted(of_task.gap.unique()) for task, of_task in runs.groupby("task")}
    drawn = {task: [gap for of, gap in chosen if of == task] for task in dict.fromkeys(task for task, _ in chosen)}
    left = [f"{task} at gap {wording.listed(sorted(set(tested[task]) - set(gaps)))}" for task, gaps in drawn.items()
            if set(tested[task]) - set(gaps)]  # fmt: skip
    parts = [
        "Share of runs that have solved the task by a training step (Kaplan and Meier's estimate), with pointwise 95 % "
        "intervals from the first success of an arm on. A run that has not solved its task by the end of its budget, "
        "or has diverged, was watched until there and no longer (upright mark)."
    ]
    for task, gaps in drawn.items():
        said = [sentence(solving.by_arm(runs[(runs.task == task) & (runs.gap == gap)]), task, gap) for gap in gaps]
        parts.append(" ".join(f"{text}." for text in said))
    parts.append(
        "Medians are those of all runs, the unsolved among them."
        + (f" Not drawn: {'; '.join(left)}; the table below has every gap." if left else "")
    )
    return parts


def growth(growths: Mapping[tuple[str, str], Growth]) -> list[str]:
    """The exponent of each arm with its interval, task by task."""
    parts = [
        "Steps to solve against gap, a point per run; hollow points did not solve their task within their budget. "
        "Lines: median steps growing as a power of the gap, fitted to all runs, unsolved ones counting as longer than "
        "watched, and drawn as far as the budget."
    ]
    for task in dict.fromkeys(task for task, _ in growths):
        told = [f"{arm} {_grows(fit)}" for (of, arm), fit in growths.items() if of == task]
        parts.append(f"On {task}: {'; '.join(told)}.")
    parts.append(
        "In brackets: 95 % intervals of the exponent. An exponent of 1 means that twice the gap takes twice the steps. "
        "The fit supposes that every run would solve its task in the end."
    )
    return parts


def _grows(fit: Growth) -> str:
    tally = f"{wording.tally(fit.solved, fit.runs)} runs solved"
    if math.isnan(fit.exponent):
        return f"never solved it ({tally})"
    if math.isinf(fit.exponent):
        return f"solved all runs at some gaps and none at the others, which no power fits ({tally})"
    if math.isinf(fit.low) and math.isinf(fit.high):
        return f"has too few solved runs for an interval ({tally})"
    return f"takes steps as gap^{_number(fit.exponent)} ({_ends(fit)}; {tally})"


def _ends(fit: Growth) -> str:
    if math.isinf(fit.high):
        return f"at least {_number(fit.low)}"
    return f"at most {_number(fit.high)}" if math.isinf(fit.low) else f"{_number(fit.low)} to {_number(fit.high)}"


def _number(value: float) -> str:
    return f"{value:.2f}".replace("-", "−")
