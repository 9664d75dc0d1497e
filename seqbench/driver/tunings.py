"""The race of learning rates of one cell, as a source of runs."""

from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from seqbench.driver.cell_runs import CellRuns
from seqbench.horizon.axis import Axis
from seqbench.horizon.estimate import Outcome
from seqbench.horizon.race import Choice, Race
from seqbench.horizon.tuning import Trial, Tried
from seqbench.plan import Job


@dataclass
class CellTuning(CellRuns[Trial, Tried]):
    """The race of one cell."""

    race: Race

    @cached_property
    def first(self) -> Job:
        """The run of the search at the common rate: its id is that of the tuning."""
        return self.cell(self.race.search.smallest, 0)

    @property
    def axis(self) -> Axis:
        return self.race.search.axis

    @property
    def so_far(self) -> str:
        """The grid, and which rate leads."""
        rates, choice, _ = _known(self.race, frozenset(self.results.values()))
        leads = f"{choice.rate:g} leads at {self.axis.name} {choice.gap}" if choice else "none solved yet"
        return f"learning rates {rates[0]:g} to {rates[-1]:g}: {leads}"

    def reason_to_end(self) -> str | None:
        """Never while runs are under way: they may change what is chosen."""
        if self.pending:
            return None
        reason = _known(self.race, frozenset(self.results.values()))[2]
        return reason or (None if self.proposed(1) else "it needs a run that crashed")

    @property
    def chosen(self) -> float | None:
        """The rate that won; None while the race goes on, and where none succeeded."""
        _, choice, reason = _known(self.race, frozenset(self.results.values()))
        return choice.rate if choice and reason and not self.pending else None

    def proposed(self, number: int) -> list[Trial]:
        return self.race.next(self.results.values(), self.pending | self.crashed, number)

    def job(self, probe: Trial) -> Job:
        rate, gap, seed = probe
        return replace(self.at(gap, seed, rate), search="", tuning=self.first.search)

    def probe_of(self, gap: int, seed: int, rate: float) -> Trial | None:
        """Of its own seeds alone: the others are for searches."""
        return (rate, gap, seed) if gap in self.race.gaps and seed in self.race.tuning.all_seeds else None

    def result(self, probe: Trial, run: Outcome) -> Tried:
        return Tried(*probe, solved=run.solved, steps=run.steps)

    def in_words(self, probe: Trial) -> str:
        rate, gap, seed = probe
        return f"rate {rate:g} {self.axis.name} {gap} seed {seed}"


@lru_cache(maxsize=256)
def _known(race: Race, results: frozenset[Tried]) -> tuple[tuple[float, ...], Choice | None, str | None]:
    """The grid, the choice and whether the race is over; kept, because a display asks several times a second."""
    standing = race.standing(results)
    return standing.rates, standing.choice, race.finished(results)
