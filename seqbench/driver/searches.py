"""Searches for the horizon, one per cell of a plan, that share the workers: what to run next, whenever one is free.

What is proposed depends on what is recorded and on what is under way, and on nothing else (`seqbench.horizon.search`).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from seqbench.config import ConfigError
from seqbench.events import Event, Failed, Finished
from seqbench.horizon.estimate import Horizon, Outcome, Probe
from seqbench.horizon.search import Search
from seqbench.plan import Cell, Job, Plan

MOST_CRASHES = 3
"""A search in which so many runs have crashed is given up until the command is typed again."""


@dataclass
class CellSearch:
    """The search of one cell: its results, the runs that are under way, and those that crashed since it began."""

    cell: Cell
    search: Search
    results: dict[Probe, Outcome] = field(default_factory=dict)
    pending: set[Probe] = field(default_factory=set)
    crashed: set[Probe] = field(default_factory=set)

    @cached_property
    def first(self) -> Job:
        """What stands for the cell: its run at the shortest gap, with the first seed."""
        return self.cell(self.search.min_gap, 0)

    @property
    def names(self) -> tuple[str, str]:
        """The task and the arm."""
        return self.first.run.task.name, self.first.run.model.name

    @property
    def found(self) -> Horizon:
        """The horizon as far as it is known."""
        return _known(self.search, frozenset(self.results.values()))[0]

    @property
    def ended(self) -> str | None:
        """Why nothing more is proposed, in words; None while something may be."""
        if len(self.crashed) >= MOST_CRASHES:
            return f"{MOST_CRASHES} of its runs crashed"
        return _known(self.search, frozenset(self.results.values()))[1]

    def proposals(self, number: int = 1) -> list[Probe]:
        """What to run next; a run that crashed is not tried again, and counts towards the budget of runs."""
        if len(self.crashed) >= MOST_CRASHES:
            return []
        return self.search.next(self.results.values(), self.pending | self.crashed, number)

    def holds(self, task: str, arm: str, fingerprint: str, probe: Probe) -> bool:
        """Whether a run is of this cell: the same as the cell's own with this gap and seed."""
        if (task, arm) != self.names:
            return False
        try:
            return self.cell(*probe).run.fingerprint == fingerprint
        except ConfigError:
            return False

    @property
    def standing(self) -> str:
        """Where it stands: "gap50 44.7 (31 to 60) after 12 runs; ended: ..."."""
        runs = f"{len(self.results)} run{'' if len(self.results) == 1 else 's'}"
        end = self.ended
        return f"gap50 {self.found} after {runs}" + (f"; ended: {end}" if end else "")


@lru_cache(maxsize=256)
def _known(search: Search, outcomes: frozenset[Outcome]) -> tuple[Horizon, str | None]:
    """The horizon, and whether the search is over; kept, because a display asks several times a second."""
    return search.estimate(outcomes), search.finished(outcomes)


class Searches:
    """The searches of a plan as one source of jobs: the one with the fewest runs under way, then with the fewest
    results, is served next, so that all advance alike and late ones share all workers."""

    def __init__(self, plan: Plan) -> None:
        search = Search.of(plan.horizon)
        self.all = [CellSearch(cell, search) for cell in plan.cells]
        self.jobs: list[Job] = []
        """All that were recalled or begun."""
        self._of: dict[str, CellSearch] = {}

    @property
    def settings(self) -> dict[str, Search]:
        """By the id of a search."""
        return {one.first.search: one.search for one in self.all}

    @property
    def over(self) -> bool:
        """Whether nothing is left to be run."""
        return all(one.ended for one in self.all)

    def recall(self, task: str, arm: str, fingerprint: str, outcome: Outcome) -> None:
        """Count a run of the record, whoever made it, if it is of one of the cells."""
        probe = outcome.gap, outcome.seed
        for one in self.all:
            if one.holds(task, arm, fingerprint, probe):
                one.results[probe] = outcome
                self._job(one, probe)

    def __iter__(self) -> Iterator[Job | None]:
        """The next job of any search; None when there is none before a run under way has ended."""
        while True:
            job = self._next()
            if job is None and not any(one.pending for one in self.all):
                return
            yield job

    def _next(self) -> Job | None:
        for one in sorted(self.all, key=lambda one: (len(one.pending), len(one.results))):
            for probe in one.proposals():
                one.pending.add(probe)
                return self._job(one, probe)
        return None

    def _job(self, one: CellSearch, probe: Probe) -> Job:
        job = one.cell(*probe)
        self._of[job.run.fingerprint] = one
        self.jobs.append(job)
        return job

    def of(self, job: Job) -> CellSearch:
        """The search that a job belongs to."""
        return self._of[job.run.fingerprint]

    def update(self, job: Job, event: Event) -> None:
        """Take in an event: only the last one of a run matters."""
        one, probe = self.of(job), (int(job.run.gap or 0), job.run.seed)
        match event:
            case Finished():
                solved, by = event.outcome == "solved", tuple(sorted(event.solved_by.items()))
                one.results[probe] = Outcome(*probe, solved=solved, steps=event.steps, solved_by=by)
            case Failed():
                one.crashed.add(probe)
        if isinstance(event, Finished | Failed):
            one.pending.discard(probe)
