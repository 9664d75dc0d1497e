"""The tables of a report as files: CSV for further work, Markdown and LaTeX (booktabs) for a text."""

import re
from dataclasses import dataclass

import pandas as pd

from seqbench import wording
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


def content(found: Findings) -> dict[str, bytes]:
    """All tables that have rows, a row per run, and every point of every metric, by the names of their files."""
    texts = {name: make(found) for name, make in FOR_TEXTS.items()}
    numbers = {name: table.numbers for name, table in texts.items()} | {name: getattr(found, name) for name in NUMBERS}
    numbers["runs"] = cells.runs_table(found.runs)
    files = {f"{name}.csv": _csv(table) for name, table in numbers.items() if len(table)}
    for name, table in texts.items():
        files |= _for_texts(table, name, found.record.experiment) if len(table.numbers) else {}
    return {name: text.encode() for name, text in files.items()} | {archive.NAME: archive.content(found.record)}


def summary(found: Findings) -> Table:
    """A row per cell."""
    what = (
        "the gradient before training" if found.untrained else "runs that solved their task, with 95 % Wilson intervals"
    )
    caption = f"{what}, by task, arm and gap"
    return Table(found.summary, typeset.printed(found.summary), caption)


def board(found: Findings) -> Table:
    """A row per search."""
    axes = leaderboard.axes(found.board)
    along = wording.listed(f"the {one.name} that half of the runs {one.bridged} ({one.half})" for one in axes)
    caption = f"{along} and its 95 % interval, by adaptive search"
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
NUMBERS = (
    "horizons_by_budget", "surface", "bounds", "exact", "laws", "correlations", "generalisation", "effective_context",
    "hold", "time_constants",
    "spread_by_lag", "hold_predictions", "hold_correlations", "signatures",
)  # fmt: skip
"""Findings that are CSV alone, by their name, which is that of their file."""


def _csv(table: pd.DataFrame) -> str:
    text: str = table.to_csv(index=False, lineterminator="\n")
    return text


def _for_texts(table: Table, name: str, experiment: str) -> dict[str, str]:
    label = "tab:" + re.sub("[^A-Za-z0-9]+", "-", f"{experiment} {name}")
    latex = typeset.latex(table.shown, f"{experiment}: {table.caption}", label)
    return {f"{name}.md": typeset.markdown(table.shown), f"{name}.tex": latex}
