"""Who gets the verb right across which gap, and on sentences longer than those that were trained on."""

import pandas as pd

from seqbench.analysis import arms as palette
from seqbench.report.agreement import accuracy
from seqbench.report.figures.agreement import SOLVED


def agreement(runs: pd.DataFrame) -> list[str]:
    """Accuracy of each arm at the longest gap of each task; `runs` as from `agreement.runs_of`."""
    parts = [
        "Share of test sentences in which the right form of the verb is more probable than the wrong one (singular or "
        "plural); chance is 0.5, and from 0.99 on the task counts as solved. Attractors are nouns of the other number "
        f"between the head noun and its verb. Line: median over seeds ({_seeds(runs)}); bar: from the least to the "
        "greatest seed. The arms are drawn a little beside one another, so that equal results stay visible."
    ]
    for task, rows in runs.groupby("task"):
        gap = rows.gap.max()
        parts.append(f"On {task} at gap {gap}, median accuracy: {_medians(rows[rows.gap == gap])}.")
    return parts


def generalisation(scores: pd.DataFrame) -> list[str]:
    """Accuracy on the longest sentences with each number of attractors; `scores` as from `variants.by_sentence`."""
    parts = [
        "The same runs on sentences that they were not trained on: gaps up to three times as long, and each number of "
        "attractors. A row per task trained on, at the longest gap that at least one arm solved in half of its seeds "
        f"(or, if none did, at the longest); line: median over seeds ({_seeds(scores)}); bar: from the least to the "
        "greatest. No panel or point stands where so many attractors do not fit into the gap."
    ]
    for task, rows in scores.groupby("task"):
        parts.append(f"Trained on {task} at gap {rows.gap.max()}: {_kept(rows)}")
    return parts


def _seeds(rows: pd.DataFrame) -> str:
    numbers = sorted(rows.groupby(["task", "arm", "gap"]).run_id.nunique().unique())
    return f"{numbers[0]}" if len(numbers) == 1 else f"{numbers[0]} to {numbers[-1]}"


def _medians(rows: pd.DataFrame) -> str:
    middle = rows.groupby("arm").accuracy.median()
    return "; ".join(f"{arm} {accuracy(middle[arm])}" for arm in palette.ordered(rows.arm))


def _kept(rows: pd.DataFrame) -> str:
    """How far beyond its own gap each arm still meets the criterion, in the median and on every kind of sentence."""
    told = [f"{arm} {_reach(rows[rows.arm == arm])}" for arm in palette.ordered(rows.arm)]
    longest = rows[rows.tested_gap == rows.tested_gap.max()]
    return (
        f"median accuracy of at least {SOLVED:g} with every number of attractors: {'; '.join(told)}. At gap "
        f"{longest.tested_gap.max():.0f}, over all of these sentences, median accuracy: {_medians(longest)}."
    )


def _reach(rows: pd.DataFrame) -> str:
    """The longest tested gap up to which the least of the medians by attractors meets the criterion."""
    worst = rows.groupby(["tested_gap", "attractors"]).accuracy.median().groupby("tested_gap").min()
    met = (worst >= SOLVED).cummin()
    return f"up to gap {met[met].index[-1]:.0f}" if met.any() else "at no gap"
