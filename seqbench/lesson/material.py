"""What a lesson is made of: which task, arms and runs of a record it shows, and the models that were saved."""

from collections.abc import Mapping
from functools import cached_property

import numpy as np
import pandas as pd

from seqbench.analysis import cells
from seqbench.analysis.chosen import chosen
from seqbench.analysis.findings import Findings
from seqbench.config import nearest
from seqbench.events import DIRECT_MEAN, HIDDEN
from seqbench.record.finding import NoSuchModel, runs_in
from seqbench.record.reading import Recorded
from seqbench.record.saved import SavedModel, load_saved
from seqbench.record.store import tracking_uri
from seqbench.statistics import thresholds


class NothingToTeach(LookupError):
    """The record has no runs that a lesson could be about."""


class Material:
    """The runs of one task at several gaps, and what is said of them in more than one section.

    Without `task`, it is the one with most runs that have a result; of several, the first by name. Arms that were
    compared are those of `compared`; `beside` has the runs of others, which a student may have added.
    """

    def __init__(self, found: Findings, task: str | None = None) -> None:
        done = _without_words(found.gridded[found.gridded.run_id.isin(found.done.run_id)])
        self.task, self.looks = _chosen(done, task, found.record.experiment), found.looks
        runs = done[done.task == self.task]
        full = runs.arm.isin(compared(runs))
        self.runs, self.beside = runs[full], runs[~full]
        self.found = Findings(chosen(found.record, sorted(set(self.runs.arm)), task=self.task)[0])
        self.facts = found.record.tasks[self.task]
        self._saved: dict[str, SavedModel | None] = {}

    @property
    def experiment(self) -> str:
        """Its name."""
        return self.found.record.experiment

    @cached_property
    def summary(self) -> pd.DataFrame:
        """A row per arm and gap, as `cells.summary_table`."""
        return self.found.grid_summary

    @cached_property
    def arms(self) -> list[str]:
        """In the order of their looks."""
        return [arm for arm in self.looks if (self.runs.arm == arm).any()]

    @cached_property
    def gaps(self) -> list[int]:
        """Shortest first."""
        return sorted({int(gap) for gap in self.runs.gap})

    def colour(self, arm: str) -> str:
        """For a style: the page may set it otherwise, in the dark."""
        return f"var(--arm-{list(self.looks).index(arm)}, {self.looks[arm].colour})"

    # -- how far ---------------------------------------------------------------------------------------------

    @cached_property
    def bridged(self) -> Mapping[str, int]:
        """The longest gap at which at least half of the runs of each arm solved their task; 0 where there is none."""
        brackets = {arm: thresholds.bracket(*cells.counts(self.of_arm(arm))) for arm in self.arms}
        return {arm: bracket.solved or 0 for arm, bracket in brackets.items()}

    def of_arm(self, arm: str) -> pd.DataFrame:
        """Its runs."""
        return self.runs[self.runs.arm == arm]

    # -- whom the lesson compares ----------------------------------------------------------------------------

    @cached_property
    def gated(self) -> list[str]:
        """Arms of which the direct path through gates was measured, the one that got farthest first."""
        lags = self.found.lags
        measured = set(lags.arm[(lags.task == self.task) & (lags.state == DIRECT_MEAN)])
        return sorted((arm for arm in self.arms if arm in measured), key=lambda arm: -self.bridged[arm])

    @cached_property
    def plain(self) -> str | None:
        """The first arm without gates whose gradient was measured."""
        lags = self.found.lags
        measured = set(lags.arm[(lags.task == self.task) & (lags.state == HIDDEN)])
        return next((arm for arm in self.arms if arm in measured and arm not in self.gated), None)

    @cached_property
    def biased(self) -> tuple[str, float] | None:
        """The first gated arm whose forget bias is one number, with that number."""
        for arm in self.gated:
            told = self.of_arm(arm).get("model.forget_bias", pd.Series(dtype=object))
            values = pd.to_numeric(told, errors="coerce").unique()
            if len(values) == 1 and np.isfinite(values[0]):
                return arm, float(values[0])
        return None

    # -- the gradient ----------------------------------------------------------------------------------------

    def gradient(self, arm: str, state: str, stage: str, *, solved: bool | None = None) -> "pd.Series[float]":
        """The median over runs of log10 of the gradient, by lag, at the longest gap of the arm; empty without any.

        `solved` takes only the runs that solved their task, or only the others.
        """
        lags = self.found.lags
        own = lags[(lags.task == self.task) & (lags.arm == arm) & (lags.state == state)]
        own = own[(own.gap == own.gap.max()) & (own.stage == stage) & np.isfinite(own.log10_gradient)]
        if solved is not None:
            own = own[(own.outcome == "solved") == solved]
        return own.groupby("lag").log10_gradient.median()

    # -- models ----------------------------------------------------------------------------------------------

    def saved(self, run_id: str) -> SavedModel | None:
        """The model of a run, with its task; None where it was not saved, or cannot be built again."""
        if run_id not in self._saved:
            try:
                self._saved[run_id] = load_saved(run_id, self.experiment)
            except NoSuchModel:
                self._saved[run_id] = None
        return self._saved[run_id]

    def run(self, arm: str, gap: int, seed: int) -> str | None:
        """The id of a run."""
        own = self.of_arm(arm)
        ids = own.run_id[(own.gap == gap) & (own.seed == seed)]
        return None if ids.empty else str(ids.iloc[0])

    @cached_property
    def seed(self) -> int:
        """Of the sequences that are shown: that with most runs; of several, the first."""
        counts = self.runs.groupby("seed").run_id.count()
        return int(counts.idxmax())


def compared(runs: pd.DataFrame) -> list[str]:
    """The arms that were tested about as much as the others: at half as many gaps or more, and in half as many runs,
    as the arm with most of them.

    A run or two of another arm, such as one that a student has added, make no curve and reach no gap.
    """
    tested = runs.groupby("arm").agg(gaps=("gap", "nunique"), runs=("run_id", "count"))
    return [str(arm) for arm in tested.index[(tested >= tested.max() / 2).all(axis=1)]]


def recorded(experiment: str | None = None) -> list[Recorded]:
    """The runs of an experiment, or of all in the same record."""
    return list(runs_in(tracking_uri(), experiment))


def _without_words(runs: pd.DataFrame) -> pd.DataFrame:
    """The runs of tasks that have no words: what a verb needs is taught at the end of the lesson, and beside it."""
    perplexity = runs.get("test_perplexity", pd.Series(np.nan, index=runs.index))
    return runs[~runs.task.isin(runs.task[perplexity.notna()])]


def _chosen(runs: pd.DataFrame, task: str | None, experiment: str) -> str:
    counts = runs.groupby("task").run_id.count()
    if counts.empty:
        raise NothingToTeach(
            f"{experiment!r} has no finished, trained runs of a task without words over a grid of gaps "
            f"(python -m seqbench +experiment=lesson makes some)"
        )
    if task is not None and task not in counts:
        tasks = [str(name) for name in counts.index]
        raise NothingToTeach(f"{experiment!r} has no task {task!r}, only {', '.join(tasks)}{nearest(task, tasks)}")
    return task or str(counts.idxmax())
