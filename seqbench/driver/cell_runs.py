"""The runs of one cell while more are proposed: what a search for the horizon and a race of learning rates share."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Generic, TypeVar

from seqbench.config import ConfigError
from seqbench.events import Event, Failed, Finished
from seqbench.horizon.axis import LOAD, Axis
from seqbench.horizon.estimate import Outcome
from seqbench.plan import Cell, Job, RunSpec, told
from seqbench.wording import plural

MOST_CRASHES = 3
"""What so many runs have crashed of is given up until the command is typed again."""

Probe = TypeVar("Probe", bound=tuple[Any, ...])
Result = TypeVar("Result")


@dataclass
class CellRuns(ABC, Generic[Probe, Result]):
    """Its results, the runs that are under way, and those that crashed since it began."""

    cell: Cell
    results: dict[Probe, Result] = field(default_factory=dict, kw_only=True)
    pending: set[Probe] = field(default_factory=set, kw_only=True)
    crashed: set[Probe] = field(default_factory=set, kw_only=True)

    @property
    @abstractmethod
    def axis(self) -> Axis:
        """What it goes along: of the outcomes of its runs, the "gap"."""

    @property
    @abstractmethod
    def first(self) -> Job:
        """The run that stands for it."""

    @property
    @abstractmethod
    def so_far(self) -> str:
        """What is known, in words."""

    @abstractmethod
    def reason_to_end(self) -> str | None:
        """Why the results are enough, in words; None while they are not."""

    @abstractmethod
    def proposed(self, number: int) -> list[Probe]:
        """What to run next; a run that crashed is not tried again, and counts towards the budget of runs."""

    @abstractmethod
    def job(self, probe: Probe) -> Job:
        """The run of a probe. Raises ConfigError if there can be none."""

    @abstractmethod
    def probe_of(self, gap: int, seed: int, rate: float) -> Probe | None:
        """The probe whose run would have these settings; None where none has."""

    @abstractmethod
    def result(self, probe: Probe, run: Outcome) -> Result:
        """What became of it."""

    @abstractmethod
    def in_words(self, probe: Probe) -> str:
        """A probe: "gap 5 seed 0", "load 2 seed 0"."""

    @cached_property
    def names(self) -> tuple[str, str]:
        """The task and the arm."""
        return self.first.run.task.name, self.first.run.model.name

    @property
    def title(self) -> tuple[str, str]:
        """The same, with the settings that tell it from other cells of the plan, and the gap of a search for a load."""
        run = self.first.run
        task = f"{run.task.name} gap={run.gap}" if self.axis == LOAD else run.task.name
        return task, " ".join(filter(None, (run.model.label, self.first.apart)))

    def at(self, place: int, seed: int, rate: float | None) -> Job:
        """The run of the cell at a gap or load; its name has the gap, and this tells loads apart."""
        job = self.cell(place, seed, rate)
        loaded = told(LOAD.name, place) if self.axis == LOAD else ""
        return replace(job, apart=" ".join(filter(None, (loaded, job.apart))))

    def place(self, run: RunSpec) -> int:
        """Where along the axis a run is."""
        return int(getattr(run, self.axis.name) or 0)

    @property
    def ended(self) -> str | None:
        """Why nothing more is proposed, in words; None while something may be."""
        if len(self.crashed) >= MOST_CRASHES:
            return f"{MOST_CRASHES} of its runs crashed"
        return self.reason_to_end()

    def proposals(self, number: int = 1) -> list[Probe]:
        """What to run next, if anything is."""
        return [] if len(self.crashed) >= MOST_CRASHES else self.proposed(number)

    def recall(self, run: "Told") -> Job | None:
        """Count a run of the record, if it is one of this cell: the same as the cell's own with this probe."""
        ended = run.outcome
        probe = self.probe_of(ended.gap, ended.seed, run.rate) if (run.task, run.arm) == self.names else None
        if probe is None:
            return None
        try:
            job = self.job(probe)
        except ConfigError:
            return None
        if job.run.fingerprint != run.fingerprint:
            return None
        self.results[probe] = self.result(probe, ended)
        return job

    def update(self, run: RunSpec, event: Event) -> None:
        """Take in an event: only the last one of a run matters."""
        probe = self.probe_of(self.place(run), run.seed, run.training.learning_rate)
        assert probe is not None, run
        match event:
            case Finished():
                by = tuple(sorted(event.solved_by.items()))
                ended = Outcome(self.place(run), run.seed, event.outcome == "solved", event.steps, by)
                self.results[probe] = self.result(probe, ended)
            case Failed():
                self.crashed.add(probe)
        if isinstance(event, Finished | Failed):
            self.pending.discard(probe)

    @property
    def standing(self) -> str:
        """Where it stands: "gap50 44.7 (31 to 60) after 12 runs; ended: ..."."""
        end = self.ended
        return f"{self.so_far} after {plural(len(self.results), 'run')}" + (f"; ended: {end}" if end else "")


@dataclass(frozen=True)
class Told:
    """A finished run as the record tells it; task and arm by the names of their files."""

    task: str
    arm: str
    fingerprint: str
    rate: float
    outcome: Outcome
    tunes: bool = False
    """Whether it was made to choose a rate: then it is never of a search."""
