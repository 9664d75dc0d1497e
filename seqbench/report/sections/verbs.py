"""Agreement of verb and noun as tables: by trained gap, and on sentences of gaps and attractors not trained on."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from seqbench import wording
from seqbench.analysis.arms import arms_in_order
from seqbench.analysis.findings import Findings
from seqbench.report.drawn import Drawn


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
    attractors: str
    cells: list[Cell | None]


@dataclass(frozen=True)
class Table:
    """The cells of one task, a column per gap."""

    task: str
    trained: str
    gaps: list[int]
    rows: list[Row]


def values(found: Findings, _: Drawn) -> dict[str, object] | None:
    """The tables by trained gap, and those by sentence."""
    trained = by_trained_gap(found)
    return {"trained": trained, "longer": by_sentence(found)} if trained else None


def by_trained_gap(found: Findings) -> list[Table]:
    """Accuracy and perplexity on the sentences that each run was trained for."""
    tested = found.agreement_runs.assign(tested_gap=found.agreement_runs.gap)
    return [_table(str(task), "", own) for task, own in tested.groupby("task", sort=True)]


def by_sentence(found: Findings) -> list[Table]:
    """Accuracy and perplexity on sentences of longer gaps, with each number of attractors."""
    return [
        _table(str(task), f"trained at gap {own.gap.max()}", own, ["attractors"])
        for task, own in found.sentences.groupby("task", sort=True)
    ]


def _table(task: str, trained: str, scores: pd.DataFrame, further: Sequence[str] = ()) -> Table:
    gaps = sorted({int(gap) for gap in scores.tested_gap})
    rows = [
        Row(arm, f"{kind[0]:.0f}" if kind else "", _cells(own, gaps))
        for arm in arms_in_order(scores.arm)
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
    # three decimals: .99 decides
    low, middle, high = (f"{value:.3f}" for value in scores.accuracy.quantile([0, 0.5, 1]))
    return Cell(middle, f"{low} to {high}", wording.level(scores.perplexity.median()))
