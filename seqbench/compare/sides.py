"""What is compared: the runs that two words of a command line name."""

from dataclasses import dataclass

import pandas as pd

from seqbench.analysis.cells import CELL
from seqbench.analysis.outcomes import finished
from seqbench.config import nearest
from seqbench.record import results


class Usage(ValueError):
    """What was typed names no two things that can be compared."""


@dataclass(frozen=True)
class Side:
    """One of the two, and its runs that came to a result; of repeated runs (cell and seed) the last."""

    name: str
    runs: pd.DataFrame

    @property
    def cells(self) -> set[tuple[str, str, int]]:
        """Its cells: task, arm and gap."""
        return set(self.runs[CELL].itertuples(index=False, name=None))

    def has(self) -> str:
        """What it has, in words."""
        told = []
        for task, own in self.runs.groupby("task", sort=False):
            arms, gaps = ", ".join(filter(None, dict.fromkeys(own.arm))), sorted(own.gap.unique())
            told.append(f"{task} at gap {', '.join(map(str, gaps))}" + (f" with {arms}" if arms else ""))
        return "; ".join(told)


def sides(first: str, second: str, experiment: str | None = None) -> tuple[Side, Side]:
    """Two experiments, or two arms of `experiment`, which then have no name in the frames: their cells are the same.

    Raises Usage, NoSuchExperiment and Unavailable.
    """
    if first == second:
        raise Usage(f"{first!r} is named twice: there is nothing to compare")
    if experiment is None:
        one, two = Side(first, _runs(first)), Side(second, _runs(second))
    else:
        runs = _runs(experiment)
        one, two = _arm(runs, first, experiment), _arm(runs, second, experiment)
        one, two = (Side(side.name, side.runs.assign(arm="")) for side in (one, two))
    if not one.cells & two.cells:
        raise Usage(f"{first} and {second} share no cell (task, arm, gap)\n{_listed(one)}\n{_listed(two)}")
    return one, two


def _listed(side: Side) -> str:
    return f"  {side.name} has {side.has()}"


def _arm(runs: pd.DataFrame, arm: str, experiment: str) -> Side:
    own = runs[runs.arm == arm]
    if own.empty:
        raise Usage(f"{arm!r} is no arm of {experiment}{nearest(arm, set(runs.arm))}")
    return Side(arm, own)


def _runs(word: str) -> pd.DataFrame:
    """Runs of NAME, or of NAME@REVISION."""
    name, at, revision = word.partition("@")
    if not name or (at and not revision):
        raise Usage(f"{word!r}: it should be NAME or NAME@REVISION")
    runs = results.load_runs(name)
    done = finished(_at(runs, name, revision) if revision else runs)
    if done.empty:
        raise Usage(f"no run of {word} has come to a result")
    return done.drop_duplicates([*CELL, "seed"], keep="last").reset_index(drop=True)


def _at(runs: pd.DataFrame, name: str, revision: str) -> pd.DataFrame:
    """The runs made at the one recorded revision that begins so, or is exactly so."""
    known = sorted(set(runs.git_revision) - {""})
    found = [whole for whole in known if whole == revision] or [whole for whole in known if whole.startswith(revision)]
    if len(found) == 1:
        return runs[runs.git_revision == found[0]]
    which = "no recorded revision begins so" if not found else "several recorded revisions begin so"
    raise Usage(f"{name}@{revision}: {which}; there are {', '.join(known) or 'none'}")
