"""The tables of a report as files: CSV for further work, Markdown and LaTeX (booktabs) for a text."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from seqbench.analysis import cells as tables
from seqbench.analysis import leaderboard
from seqbench.analysis.findings import Findings
from seqbench.record import archive
from seqbench.report import typeset

NAMES = ("summary", "leaderboard", "log_rank")


@dataclass(frozen=True)
class Table:
    """Its numbers, and the same as a reader expects them, all text."""

    name: str
    numbers: pd.DataFrame
    shown: pd.DataFrame
    caption: str


def write(found: Findings, folder: Path) -> None:
    """All tables, a row per run, and every point of every metric; tables that now have no data are removed."""
    for name in NAMES:
        for suffix in ("csv", "md", "tex"):
            (folder / f"{name}.{suffix}").unlink(missing_ok=True)
    for table in _tables(found):
        _write(table, found.record.experiment, folder / table.name)
    tables.runs_table(found.runs).to_csv(folder / "runs.csv", index=False, lineterminator="\n")
    archive.write(found.record, folder / archive.NAME)


def _write(table: Table, experiment: str, stem: Path) -> None:
    table.numbers.to_csv(stem.with_suffix(".csv"), index=False, lineterminator="\n")
    stem.with_suffix(".md").write_text(typeset.markdown(table.shown), encoding="utf-8")
    label = "tab:" + re.sub("[^A-Za-z0-9]+", "-", f"{experiment} {table.name}")
    text = typeset.latex(table.shown, f"{experiment}: {table.caption}", label)
    stem.with_suffix(".tex").write_text(text, encoding="utf-8")


def _tables(found: Findings) -> Iterator[Table]:
    summary = found.summary
    caption = "runs that solved their task, with 95 % Wilson intervals, by task, arm and gap"
    yield Table("summary", summary, typeset.printed(summary), caption)
    if board := found.board:
        caption = "the gap that half of the runs bridge (gap50) and its 95 % interval, by adaptive search"
        yield Table("leaderboard", leaderboard.frame(board), leaderboard.printed(board), caption)
    pairs = found.pairs_table
    if len(pairs):
        caption = "log-rank tests of the time to solve between arms, p-values by Holm's method over the pairs of a task"
        yield Table("log_rank", pairs, typeset.pairs(pairs), caption)
