"""Why runs did not solve their task: the labels that training gave them, counted, with what they rest on."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from seqbench import wording
from seqbench.analysis import arms as palette
from seqbench.analysis import cells as tables

MOST_LISTED = 200
"""Runs that a table of the page lists at most; runs.csv has them all."""
LABELS = ("memoryless", "partial", "learning", "unstable", "diverged")


@dataclass(frozen=True)
class Cell:
    """The unsolved runs of an arm on a task at a gap; `counts` in the order of the labels of the table."""

    task: str
    arm: str
    look: palette.Look
    gap: int
    counts: list[int]
    evidence: list[str]
    """A run of each label, in words."""


@dataclass(frozen=True)
class Failures:
    """All unsolved runs that bear a label, and the labels that occur."""

    labels: list[str]
    cells: list[Cell]
    runs: list[dict[str, object]]
    """Every one of them with its evidence."""


def failures(runs: pd.DataFrame) -> Failures:
    """Empty for records from before runs had labels."""
    named = tables.in_order(_labelled(runs))
    labels = sorted(named.label.unique(), key=_place)
    looks = palette.looks(runs.arm)
    cells = [
        Cell(str(task), str(arm), looks[str(arm)], int(gap), _counts(group, labels), _examples(group, labels))
        for (task, arm, gap), group in named.groupby(tables.CELL, sort=False)
    ]
    columns = ["task", "arm", "gap", "seed", "label", "evidence"]
    return Failures(labels, cells, [dict(run) for run in named[columns].to_dict("records")])


def not_finite(runs: pd.DataFrame) -> list[dict[str, object]]:
    """Runs in which a probe met a gradient that was not finite, with where it did (column `not_finite`)."""
    if "not_finite" not in runs:
        return []
    met = tables.in_order(runs[runs.not_finite.fillna("") != ""])
    return [dict(run) for run in met[["task", "arm", "gap", "seed", "not_finite"]].to_dict("records")]


def _labelled(runs: pd.DataFrame) -> pd.DataFrame:
    done = tables.finished(runs)
    if "label" not in done:
        return done.iloc[:0].assign(label="", evidence="")
    return done[(done.outcome != "solved") & (done.label.fillna("") != "")].fillna({"evidence": ""})


def _place(label: str) -> tuple[int, str]:
    return (LABELS.index(label) if label in LABELS else len(LABELS), label)


def _counts(group: pd.DataFrame, labels: Sequence[str]) -> list[int]:
    return [int((group.label == label).sum()) for label in labels]


def _examples(group: pd.DataFrame, labels: Sequence[str]) -> list[str]:
    """The first run of each label stands for the others."""
    found = []
    for label in labels:
        texts = group.evidence[group.label == label]
        if len(texts):
            others = f" (seed {group.seed[texts.index[0]]})" if texts.nunique() > 1 else ""
            found.append(f"{label}: {texts.iloc[0]}{others}")
    return found


def summary(found: Failures) -> str:
    """How often each label was given."""
    totals = [sum(cell.counts[place] for cell in found.cells) for place in range(len(found.labels))]
    told = wording.listed(f"{total} {label}" for total, label in zip(totals, found.labels, strict=True))
    return f"{wording.plural(sum(totals), 'run')} did not solve the task: {told}."
