"""How far an arm gets before its core has learned anything: its search with a frozen core, beside its own."""

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from seqbench.analysis.leaderboard import Entry
from seqbench.record.results import label
from seqbench.record.values import FROZEN, frozen


def side_by_side(board: Sequence[Entry], runs: pd.DataFrame) -> list[Entry]:
    """A board with one entry per arm: that of a frozen core stands in that of the same arm trained as a whole.

    `runs` are those of the board. A frozen core whose arm was not trained as a whole has an entry of its own.
    """
    if not frozen(runs).any():
        return list(board)
    arms = _as_if_trained(runs)
    untrained = {_place(entry, arms): entry for entry in board if _is_frozen(entry)}
    whole = {_place(entry, arms) for entry in board if not _is_frozen(entry)}
    return [
        entry if _is_frozen(entry) else replace(entry, untrained=untrained.get(_place(entry, arms)))
        for entry in board
        if not (_is_frozen(entry) and _place(entry, arms) in whole)
    ]


def _is_frozen(entry: Entry) -> bool:
    return bool(frozen(entry.runs).all())


def _place(entry: Entry, arms: "pd.Series[str]") -> tuple[str, str]:
    return entry.task, arms[entry.runs.run_id.iloc[0]]


def _as_if_trained(runs: pd.DataFrame) -> "pd.Series[str]":
    """By run, the label that its arm would have if no core were frozen: labels are made, and never parsed."""
    plain = runs.assign(task=runs.plain_task, arm=runs.plain_arm).drop(columns=FROZEN)
    return label(plain).set_index("run_id").arm
