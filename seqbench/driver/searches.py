"""Searches for the horizon, one per cell of a plan, that share the workers: what to run next, whenever one is free.

What is proposed depends on what is recorded and on what is under way, and on nothing else (`seqbench.horizon`). Where
learning rates are tuned, each cell has a race of rates beside its search at the common rate, and after it a search at
the rate that won, unless that is the common one.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any

from seqbench.driver.cell_runs import CellRuns, Told
from seqbench.driver.tunings import CellTuning
from seqbench.events import Event, Failed, Finished
from seqbench.horizon.axis import Axis
from seqbench.horizon.estimate import Horizon, Outcome, Probe
from seqbench.horizon.race import Race
from seqbench.horizon.search import Search
from seqbench.horizon.tuning import Tuning
from seqbench.plan import Cell, Job, Plan


@dataclass
class CellSearch(CellRuns[Probe, Outcome]):
    """The search of one cell, at the learning rate of the plan or at another one; `tuning` is the id of its tuning."""

    search: Search
    rate: float | None = None
    tuning: str = ""

    @cached_property
    def first(self) -> Job:
        """Its run at the shortest gap, with the first seed."""
        return self.cell(self.search.smallest, 0, self.rate)

    @property
    def axis(self) -> Axis:
        return self.search.axis

    @property
    def id(self) -> str:
        """By which the record knows it."""
        return self.axis.search_id(self.first.run.fingerprint)

    @property
    def found(self) -> Horizon:
        """The horizon as far as it is known."""
        return _known(self.search, frozenset(self.results.values()))[0]

    @property
    def so_far(self) -> str:
        """The horizon, and the rate where it is an arm's own."""
        return ("" if self.rate is None else f"at {self.rate:g}: ") + f"{self.axis.half} {self.found}"

    def reason_to_end(self) -> str | None:
        return _known(self.search, frozenset(self.results.values()))[1]

    def proposed(self, number: int) -> list[Probe]:
        return self.search.next(self.results.values(), self.pending | self.crashed, number)

    def job(self, probe: Probe) -> Job:
        return replace(self.at(*probe, self.rate), search=self.id, tuning=self.tuning)

    def probe_of(self, gap: int, seed: int, rate: float) -> Probe | None:
        """Any gap and seed is one of a search; the fingerprint tells whether the rest is."""
        return gap, seed

    def recall(self, run: Told) -> Job | None:
        return None if run.tunes else super().recall(run)

    def result(self, probe: Probe, run: Outcome) -> Outcome:
        return run

    def in_words(self, probe: Probe) -> str:
        return f"{self.axis.name} {probe[0]} seed {probe[1]}"


@lru_cache(maxsize=256)
def _known(search: Search, outcomes: frozenset[Outcome]) -> tuple[Horizon, str | None]:
    """The horizon, and whether the search is over; kept, because a display asks several times a second."""
    return search.estimate(outcomes), search.finished(outcomes)


class Searches:
    """The searches of a plan as one source of jobs: the one with the fewest runs under way, then with the fewest
    results, is served next, so that all advance alike and late ones share all workers."""

    def __init__(self, plan: Plan) -> None:
        self.search = Search.of(plan.horizon)
        self.tuning = Tuning(**plan.tuning) if plan.tuning else None  # type: ignore[arg-type]
        self.tunings = [CellTuning(cell, Race(self.tuning, self.search)) for cell in plan.cells if self.tuning]
        self.common = [self._search_of(cell) for cell in plan.cells]
        self.own: dict[str, CellSearch] = {}
        """By the id of the tuning that gave them their rate."""
        self.jobs: list[Job] = []
        """All that were recalled or begun."""
        self._of: dict[str, CellRuns[Any, Any]] = {}
        self._told: list[Told] = []

    def _search_of(self, cell: Cell) -> CellSearch:
        return CellSearch(cell, self.search, tuning=cell(self.search.smallest, 0).search if self.tuning else "")

    @property
    def all(self) -> "list[CellRuns[Any, Any]]":
        """Races of rates first."""
        return [*self.tunings, *self.common, *self.own.values()]

    @property
    def settings(self) -> dict[str, Search]:
        """By the id of a search."""
        return {one.id: one.search for one in [*self.common, *self.own.values()]}

    @property
    def tuned(self) -> Mapping[str, Tuning]:
        """The settings of races by their id."""
        return {one.first.search: one.race.tuning for one in self.tunings}

    @property
    def over(self) -> bool:
        """Whether nothing is left to be run."""
        return all(one.ended for one in self.all)

    def recall(self, told: Iterable[Told]) -> None:
        """Count runs of the record, whoever made them, that are of one of the cells: all of them at once, because
        a race that is known in part might seem to be over."""
        self._told += told
        self._recall(self.tunings)
        self._recall(self.common)
        self.begin_own()

    def _recall(self, ones: "Iterable[CellRuns[Any, Any]]") -> None:
        for one in ones:
            for run in self._told:
                if run.fingerprint not in self._of and (job := one.recall(run)):
                    self._keep(one, job)

    def begin_own(self) -> list[CellSearch]:
        """Begin the search of each cell whose race has ended with a rate of its own; gives those that are new."""
        begun = []
        for race in self.tunings:
            rate, common = race.chosen, race.first
            if rate not in (None, common.run.training.learning_rate) and common.search not in self.own:
                one = self.own[common.search] = CellSearch(race.cell, self.search, rate, common.search)
                begun.append(one)
        self._recall(begun)
        return begun

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
                return self._keep(one, one.job(probe))
        return None

    def _keep(self, one: "CellRuns[Any, Any]", job: Job) -> Job:
        self._of[job.run.fingerprint] = one
        self.jobs.append(job)
        return job

    def of(self, job: Job) -> "CellRuns[Any, Any]":
        """The search that a job belongs to."""
        return self._of[job.run.fingerprint]

    def update(self, job: Job, event: Event) -> list[CellSearch]:
        """Take in an event: only the last one of a run matters. Gives the searches that begin with it."""
        self.of(job).update(job.run, event)
        return self.begin_own() if isinstance(event, Finished | Failed) else []
