"""Which runs count, and how long each was watched: the same for every table, figure and comparison."""

from typing import get_args

import pandas as pd

from seqbench import wording
from seqbench.events import Outcome
from seqbench.statistics.survival import Times

RESULTS = get_args(Outcome)
"""Outcomes of runs that came to an end. Crashed runs are no evidence about the arm: listed, but not counted."""


def finished(runs: pd.DataFrame) -> pd.DataFrame:
    """The runs that count: those with a result."""
    return runs[runs.outcome.isin(RESULTS)]


def trained(runs: pd.DataFrame) -> pd.DataFrame:
    """The runs, or cells of runs, with training steps to take: that one without any solved nothing says nothing."""
    return runs[runs.budget != 0]


def in_words(runs: pd.DataFrame) -> pd.DataFrame:
    """The runs as a reader is told of their outcomes; the record calls one without training steps "unsolved"."""
    idle = finished(runs).pipe(lambda done: done[done.steps == 0]).index
    told = runs.assign(outcome=runs.outcome.astype(object), steps=runs.steps.astype(object))
    told.loc[idle, ["outcome", "steps"]] = [wording.NOT_TRAINED, None]
    return told


def repeated(runs: pd.DataFrame) -> str:
    """That runs stand in the record more than once, of which each counts once; empty where none does."""
    copies = runs.copies[runs.copies > 1] if "copies" in runs else ()
    if not len(copies):
        return ""
    stand = "run stands" if len(copies) == 1 else "runs stand"
    return f"{wording.count(len(copies))} {stand} in the record more than once, and each counts once."


def thinned(runs: pd.DataFrame) -> str:
    """That files with all points of runs are gone, so that their curves have few; empty where none is."""
    gone = int(runs.thinned.sum()) if "thinned" in runs else 0
    if not gone:
        return ""
    return (
        f"Of {wording.plural(gone, 'run')} the file with all points is gone, and curves have the few that MLflow kept."
    )


def warnings(runs: pd.DataFrame) -> list[str]:
    """What is to be said of how runs stand in the record, a sentence each."""
    return [told for told in (repeated(runs), thinned(runs)) if told]


def times(done: pd.DataFrame) -> Times:
    """Steps to solve of finished runs.

    A run without success is cut off at its budget, also one that diverged earlier: it would never have succeeded. One
    that passed the test at the end of its budget alone has solved its task then.
    """
    solved, steps = done.outcome == "solved", done.steps_to_solve.fillna(done.budget)
    return Times(steps.where(solved, done.budget).to_numpy(dtype=float), solved.to_numpy(dtype=bool))
