"""How the learning rate of each arm was chosen: what every rate did, how wide the window is that works, the cost."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from seqbench import wording
from seqbench.analysis.arms import arms_in_order
from seqbench.analysis.entries import Entry, task_of
from seqbench.analysis.outcomes import finished
from seqbench.horizon.axis import Axis
from seqbench.horizon.race import Choice, Race, Standing
from seqbench.horizon.tuning import Tally, Tried
from seqbench.record.labels import RATE
from seqbench.record.values import Record
from seqbench.record.values import frozen as is_frozen

DECADES = 0.5
"""What each rate of a grid stands for."""


@dataclass(frozen=True)
class Tuned:
    """An arm on a task: the race of its rates, the runs with a result, and the searches of the arm."""

    task: str
    arm: str
    race: Race
    runs: pd.DataFrame
    searches: Sequence[Entry]

    @cached_property
    def standing(self) -> Standing:
        """Where the race stands."""
        return self.race.standing(self._results)

    @cached_property
    def _results(self) -> list[Tried]:
        rated = zip(self.runs[RATE], self.places, self.runs.itertuples(), strict=True)
        return [
            Tried(float(rate), int(place), run.seed, run.outcome == "solved", int(run.steps))
            for rate, place, run in rated
        ]

    @property
    def axis(self) -> Axis:
        """What the search that follows goes along."""
        return self.race.search.axis

    @property
    def places(self) -> "pd.Series[int]":
        """Where along it each run is."""
        return self.runs[self.axis.name]

    @property
    def decided(self) -> bool:
        """Whether the race is over."""
        return self.race.finished(self._results) is not None

    @property
    def rate(self) -> float | None:
        """The rate that was chosen; None where none succeeded, and while the race goes on."""
        return self.standing.choice.rate if self.standing.choice and self.decided else None

    @property
    def gap(self) -> int:
        """The gap of the choice; the shortest one where no rate succeeded."""
        return (self.standing.choice or Choice(0, self.race.gaps[0])).gap

    @property
    def working(self) -> list[float]:
        """The rates at which at least half of the runs at the gap of the choice solved."""
        return [rate for rate in self.standing.rates if self.tally(rate).works]

    @property
    def window(self) -> str:
        """Their number in decades, each standing for half a decade: "1", "at least 1.5" where no failure ends it."""
        return ("at least " if self._open else "") + f"{DECADES * len(self.working):g}"

    @property
    def _open(self) -> bool:
        """Whether the rate beyond either end of what works is not in the grid, or has not failed up to this gap."""
        if not self.working:
            return False
        rates, gaps = self.standing.rates, [gap for gap in self.race.gaps if gap <= self.gap]
        beside = (rates.index(self.working[0]) - 1, rates.index(self.working[-1]) + 1)
        failed = {k for k, rate in enumerate(rates) if any(self.standing.tally(rate, gap).failed for gap in gaps)}
        return not failed.issuperset(beside)

    @property
    def steps(self) -> int:
        """Training steps of all its runs."""
        return int(self.runs.steps.sum())

    @property
    def search(self) -> Entry | None:
        """The one at the rate that was chosen (the common rate where none succeeded); None before its first result."""
        rate = self.rate
        return next((one for one in self.searches if (one.rate == rate if rate else one.at_common_rate)), None)

    @property
    def untuned(self) -> Entry | None:
        """The search at the common rate: all that there would be without tuning."""
        return next((one for one in self.searches if one.at_common_rate), None)

    @property
    def share(self) -> float | None:
        """The steps over those of the search at the common rate."""
        return self.steps / self.untuned.found.steps if self.untuned and self.untuned.found.steps else None

    @property
    def ended(self) -> str:
        """Why the race ended, in words."""
        return self.race.finished(self._results) or "not finished: the same command goes on with it"

    def tally(self, rate: float) -> Tally:
        """What a rate did at the gap of the choice."""
        return self.standing.tally(rate, self.gap)

    def cell(self, rate: float) -> str:
        """The same in words: "3/4"; of a rate that was not run there, what it did at the nearest gap."""
        if rate not in self.standing.rates:
            return ""
        tally = self.tally(rate)
        if tally.runs:
            return f"{tally.solved}/{tally.runs}"
        near = sorted(self.race.gaps, key=lambda gap: abs(math.log(gap / self.gap)))
        there = ((gap, self.standing.tally(rate, gap)) for gap in near)
        return next((f"{one.solved}/{one.runs} at {self.axis.name} {gap}" for gap, one in there if one.runs), "not run")

    @property
    def sentence(self) -> str:
        """The choice with what it rests on."""
        if not self.decided:
            choice = self.standing.choice
            return f"{self.arm} not chosen yet" + (
                f" ({choice.rate:g} leads at {self.axis.name} {choice.gap})" if choice else ""
            )
        if self.rate is None:
            return f"{self.arm} solves {self.axis.name} {self.gap} at no rate"
        decades = "decade" if self.window.endswith(" 1") or self.window == "1" else "decades"
        found = f"{self.cell(self.rate)} at {self.axis.name} {self.gap}"
        return f"{self.arm} at {self.rate:g} ({found}; window {self.window} {decades})"


def tuned(record: Record, searches: Sequence[Entry]) -> list[Tuned]:
    """A value per arm with results of its race and of a search; tasks by name, in each the arms in their order."""
    of = {key: [one for one in searches if one.tuning == key] for key in record.tunings}
    groups = finished(record.tuning_runs).groupby("tuning") if len(record.tuning_runs) else ()
    found = [
        Tuned(task_of(own[0].search, runs), runs.arm.iloc[0], Race(record.tunings[key], own[0].search), runs, own)
        for key, runs in groups
        if (own := of.get(key))
    ]
    order = arms_in_order(one.arm for one in found)
    return sorted(found, key=lambda one: (one.task, order.index(one.arm)))


def sentence(task: str, found: Sequence[Tuned]) -> str:
    """The choices on a task, of which `found` are."""
    return f"Learning rates on {task}: {'; '.join(one.sentence for one in of_arms(found))}."


def of_arms(found: Sequence[Tuned]) -> Sequence[Tuned]:
    """Those of arms: frozen cores, which the table has, count as such only where there is nothing else."""
    return [one for one in found if not is_frozen(one.runs).all()] or found


def cost(found: Sequence[Tuned]) -> str:
    """What all races took, beside the searches without them and the searches that they led to."""
    untuned = sum(one.untuned.found.steps for one in found if one.untuned)
    own = sum(one.search.found.steps for one in found if one.search and not one.search.at_common_rate)
    spent = sum(one.steps for one in found)
    if not untuned:
        return ""
    return (
        f"The choice took {wording.count(spent)} training steps, {wording.percent(spent / untuned)} of those of the "
        f"searches at the common rate ({wording.count(untuned)}), which would be made without it, too. The further "
        f"searches, at the rates that were chosen, took {wording.count(own)}."
    )


def grid(found: Sequence[Tuned]) -> pd.DataFrame:
    """A row per arm and rate, for further work; `solved` and `runs` are those at the gap (or load) of the choice."""
    return pd.DataFrame([_numbers(one, rate) for one in found for rate in one.standing.rates])


def _numbers(one: Tuned, rate: float) -> dict[str, object]:
    tally = one.tally(rate)
    return {
        "task": one.task,
        "arm": one.arm,
        "learning_rate": rate,
        "chosen": rate == one.rate,
        one.axis.name: one.gap,
        "solved": tally.solved,
        "runs": tally.runs,
        "steps": tally.steps,
        "elsewhere": "" if tally.runs else one.cell(rate),
        "window_decades": DECADES * len(one.working),
        "tuning_runs": len(one.runs),
        "tuning_steps": one.steps,
        "share_of_search": one.share,
        "ended": one.ended,
    }


def places(found: Sequence[Tuned]) -> str:
    """Where rates are compared, as far along as some rate works: "longest gap"."""
    return wording.listed(dict.fromkeys(f"{one.axis.most} {one.axis.name}" for one in found), "or")


def printed(found: Sequence[Tuned]) -> pd.DataFrame:
    """A row per arm with the whole grid, all cells text."""
    rates = sorted({rate for one in found for rate in one.standing.rates})
    place = " or ".join(dict.fromkeys(one.axis.name for one in found))
    head = ["task", "arm", "learning rate", "window (decades)", place, *(f"{rate:g}" for rate in rates)]
    columns = [*head, "runs", "steps", "of the search", "ended"]
    return pd.DataFrame([_cells(one, rates) for one in found], columns=columns)


def _cells(one: Tuned, rates: Sequence[float]) -> list[str]:
    chosen = f"{one.rate:g}" if one.rate is not None else "none" if one.decided else "not yet"
    share = "" if one.share is None else wording.percent(one.share)
    cost = [wording.count(len(one.runs)), wording.count(one.steps), share, one.ended]
    return [one.task, one.arm, chosen, one.window, str(one.gap), *map(one.cell, rates), *cost]
