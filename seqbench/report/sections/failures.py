"""Why runs did not solve their task: the labels that training gave them, counted, with what they rest on."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import get_args

import pandas as pd

from seqbench import wording
from seqbench.analysis.cells import CELL, in_order
from seqbench.analysis.findings import Findings
from seqbench.analysis.outcomes import trained
from seqbench.events import Label
from seqbench.report.drawn import Drawn

LONG = 12
"""Rows from which on the table is folded."""
LABELS = get_args(Label)
"""In the order of the table."""


@dataclass(frozen=True)
class Cell:
    """The unsolved runs of an arm on a task at a gap; `counts` in the order of the labels of the table."""

    task: str
    arm: str
    gap: int
    counts: list[int]
    evidence: list[str]
    """A run of each label, in words."""


def values(found: Findings, _: Drawn) -> dict[str, object] | None:
    """The labels that occur, a row per cell, and every unsolved run; none for records from before runs had labels."""
    named = in_order(labelled(found.done))
    if named.empty:
        return None
    labels = sorted(named.label.unique(), key=_place)
    cells = [
        Cell(str(task), str(arm), int(gap), _counts(group, labels), _examples(group, labels))
        for (task, arm, gap), group in named.groupby(CELL, sort=False)
    ]
    runs = named.to_dict("records")
    return {"labels": labels, "cells": cells, "runs": runs, "summary": _summary(named, labels), "long": LONG}


def labelled(done: pd.DataFrame) -> pd.DataFrame:
    """The unsolved runs that bear a label; one without training steps could not do otherwise."""
    done = trained(done)
    if "label" not in done:
        return done.iloc[:0].assign(label="", evidence="")
    return done[(done.outcome != "solved") & (done.label.fillna("") != "")].fillna({"evidence": ""})


def _place(label: str) -> tuple[int, str]:
    return (LABELS.index(label) if label in LABELS else len(LABELS), label)


def _counts(group: pd.DataFrame, labels: Sequence[str]) -> list[int]:
    return [int((group.label == label).sum()) for label in labels]


def _examples(group: pd.DataFrame, labels: Sequence[str]) -> list[str]:
    """The first run of each label stands for the others."""
    examples = []
    for label in labels:
        texts = group.evidence[group.label == label]
        if len(texts):
            others = f" (seed {group.seed[texts.index[0]]})" if texts.nunique() > 1 else ""
            examples.append(f"{label}: {texts.iloc[0]}{others}")
    return examples


def _summary(named: pd.DataFrame, labels: Sequence[str]) -> str:
    """How often each label was given."""
    counts = wording.listed(f"{count} {label}" for count, label in zip(_counts(named, labels), labels, strict=True))
    return f"{wording.plural(len(named), 'run')} did not solve the task: {counts}."
