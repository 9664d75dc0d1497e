"""Searches that do not rank on the leaderboard: each stands in a column beside the arm that it says more of."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from seqbench.analysis.entries import COMMON, UNTRAINED, Entry
from seqbench.record.labels import RATE
from seqbench.record.values import FROZEN, frozen

SETTINGS = ("task.", "model.", "training.")


@dataclass(frozen=True)
class Beside:
    """Searches that do not rank: each stands in this column, beside the arm that differs from it in one `setting`."""

    column: str
    setting: str
    has: Callable[[Entry, Sequence[Entry]], bool]
    """Whether an entry, among all of them, stands there."""


def _has_own_rate(entry: Entry, others: Sequence[Entry]) -> bool:
    """Whether it is at the common rate, and another one is at the rate that was tuned for the same arm."""
    return entry.at_common_rate and any(one.tuning == entry.tuning and not one.at_common_rate for one in others)


def _was_trained_too(entry: Entry, others: Sequence[Entry]) -> bool:
    """Whether its core is frozen, and another one is of the same arm trained as a whole."""
    whole = [one for one in others if not frozen(one.runs).any()]
    return bool(frozen(entry.runs).all()) and any(_alike(one, entry, FROZEN) for one in whole)


BESIDE = (Beside(UNTRAINED, FROZEN, _was_trained_too), Beside(COMMON, RATE, _has_own_rate))


def ranked(found: Sequence[Entry]) -> list[Entry]:
    """The leaderboard of these entries: without those that stand beside others, which bear them."""
    places = [[one for one in BESIDE if one.has(entry, found)] for entry in found]
    aside = [(where[0], entry) for where, entry in zip(places, found, strict=True) if len(where) == 1]
    return [
        replace(entry, beside={where.column: one for where, one in aside if _alike(entry, one, where.setting)})
        for own, entry in zip(places, found, strict=True)
        if not own
    ]


def _alike(one: Entry, other: Entry, but: str) -> bool:
    """Whether all settings are the same but for this one, and but for learning rates that were both tuned.

    A setting that varies within a search follows the gap, and tells nothing.
    """
    free = {but, RATE} if one.tuning and other.tuning else {but}
    mine, others = _fixed(one.runs), _fixed(other.runs)
    return all(mine[key] == others[key] for key in (mine.keys() & others.keys()) - free)


def _fixed(runs: pd.DataFrame) -> dict[str, str]:
    """Task and arm, and the settings that all runs share."""
    named = [name for name in runs if name in ("plain_task", "plain_arm") or name.startswith(SETTINGS)]
    return {name: str(runs[name].iloc[0]) for name in named if runs[name].nunique(dropna=False) == 1}
