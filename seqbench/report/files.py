"""The tables of a report as files: CSV for further work, Markdown and LaTeX (booktabs) for a text."""

import re
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from seqbench.analysis import cells, leaderboard, tuning
from seqbench.analysis.findings import Findings
from seqbench.record import archive
from seqbench.report import typeset


@dataclass(frozen=True)
class Table:
    """Its numbers, and the same as a reader expects them, all text."""

    numbers: pd.DataFrame
    shown: pd.DataFrame
    caption: str


def write(found: Findings, folder: Path) -> None:
    """All tables, a row per run, and every point of every metric; tables that now have no data are removed."""
    for name, make in FOR_TEXTS.items():
        _write(make(found), folder / name, found.record.experiment)
    for name in NUMBERS:
        _write_csv(getattr(found, name), folder / f"{name}.csv")
    _write_csv(cells.runs_table(found.runs), folder / "runs.csv")
    archive.write(found.record, folder / archive.NAME)


def summary(found: Findings) -> Table:
    """A row per cell."""
    caption = "runs that solved their task, with 95 % Wilson intervals, by task, arm and gap"
    return Table(found.summary, typeset.printed(found.summary), caption)


def board(found: Findings) -> Table:
    """A row per search."""
    caption = "the gap that half of the runs bridge (gap50) and its 95 % interval, by adaptive search"
    return Table(leaderboard.frame(found.board), leaderboard.printed(found.board), caption)


def log_rank(found: Findings) -> Table:
    """A row per pair of arms."""
    caption = (
        "log-rank tests of the time to solve between arms, seeds exchanged as a whole; p, and the smallest p that so "
        "many seeds can give, by Holm's method over the pairs of a task"
    )
    return Table(found.pairs_table, typeset.pairs(found.pairs_table), caption)


def learning_rates(found: Findings) -> Table:
    """A row per arm and rate as numbers, a row per arm for texts."""
    caption = "runs solved at each learning rate, and the rate that was chosen for each arm"
    return Table(tuning.grid(found.tuned), tuning.printed(found.tuned), caption)


FOR_TEXTS = {"summary": summary, "leaderboard": board, "learning_rates": learning_rates, "log_rank": log_rank}
"""Tables that are also Markdown and LaTeX, by the name of their files."""
NUMBERS = ("horizons_by_budget", "bounds", "correlations", "generalisation", "effective_context", "time_constants")
"""Findings that are CSV alone, by their name, which is that of their file."""


def _write(table: Table, stem: Path, experiment: str) -> None:
    _write_csv(table.numbers, stem.with_suffix(".csv"))
    markdown, latex = stem.with_suffix(".md"), stem.with_suffix(".tex")
    if table.numbers.empty:
        markdown.unlink(missing_ok=True)
        latex.unlink(missing_ok=True)
        return
    label = "tab:" + re.sub("[^A-Za-z0-9]+", "-", f"{experiment} {stem.name}")
    markdown.write_text(typeset.markdown(table.shown), encoding="utf-8")
    latex.write_text(typeset.latex(table.shown, f"{experiment}: {table.caption}", label), encoding="utf-8")


def _write_csv(table: pd.DataFrame, path: Path) -> None:
    """Nothing where the table has no rows, and nothing of an earlier one."""
    table.to_csv(path, index=False, lineterminator="\n") if len(table) else path.unlink(missing_ok=True)
