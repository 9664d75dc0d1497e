"""Agreement of verb and noun as tables: by trained gap, and on sentences of gaps and attractors not trained on."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from seqbench import wording
from seqbench.analysis import arms as palette
from seqbench.analysis.agreement import accuracy
from seqbench.analysis.findings import Findings


@dataclass(frozen=True)
class Cell:
    """Medians over seeds as text: accuracy with its least and greatest value, and perplexity."""

    accuracy: str
    range: str
    perplexity: str


@dataclass(frozen=True)
class Row:
    """An arm; `attractors` where the sentences differ in them. A gap without a result has the cell None."""

    arm: str
    look: palette.Look
    attractors: str
    cells: list[Cell | None]


@dataclass(frozen=True)
class Table:
    """The cells of one task, a column per gap."""

    task: str
    trained: str
    gaps: list[int]
    rows: list[Row]


def by_trained_gap(found: Findings) -> list[Table]:
    """Accuracy and perplexity on the sentences that each run was trained for."""
    return [
        _table(str(task), "", own.assign(tested_gap=own.gap), [], found.looks)
        for task, own in found.agreement_runs.groupby("task", sort=True)
    ]


def by_sentence(found: Findings) -> list[Table]:
    """Accuracy and perplexity on sentences of longer gaps, with each number of attractors, from the `chosen` runs."""
    return [
        _table(str(task), f"trained at gap {own.gap.max()}", own, ["attractors"], found.looks)
        for task, own in found.sentences.groupby("task", sort=True)
    ]


def _table(
    task: str, trained: str, scores: pd.DataFrame, further: Sequence[str], looks: dict[str, palette.Look]
) -> Table:
    gaps = sorted({int(gap) for gap in scores.tested_gap})
    rows = [
        Row(str(arm), looks[str(arm)], f"{kind[0]:.0f}" if kind else "", _cells(own, gaps))
        for arm in palette.ordered(scores.arm)
        for kind, own in _kinds(scores[scores.arm == arm], further)
    ]
    return Table(task, trained, gaps, rows)


def _kinds(scores: pd.DataFrame, further: Sequence[str]) -> list[tuple[tuple[float, ...], pd.DataFrame]]:
    return list(scores.groupby(list(further), sort=True)) if further else [((), scores)]


def _cells(scores: pd.DataFrame, gaps: Sequence[int]) -> list[Cell | None]:
    return [_cell(scores[scores.tested_gap == gap]) for gap in gaps]


def _cell(scores: pd.DataFrame) -> Cell | None:
    if scores.empty:
        return None
    low, high = (accuracy(value) for value in (scores.accuracy.min(), scores.accuracy.max()))
    return Cell(accuracy(scores.accuracy.median()), f"{low} to {high}", wording.level(scores.perplexity.median()))
