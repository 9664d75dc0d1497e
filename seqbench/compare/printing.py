"""A comparison as a person reads it: tables, notes, and what is beyond noise in a sentence."""

import math

from rich.markup import escape
from rich.table import Table

from seqbench import wording
from seqbench.compare.comparison import Comparison, Measure, Place
from seqbench.statistics.differences import Difference
from seqbench.statistics.levels import LEVEL, falls_to
from seqbench.terminal import console, say

MOST_VALUES = 60
"""Characters of a setting's value that are printed."""

MEASURES = "over all gaps"
"""Heading of the table of an arm."""

NOTE = (
    f"Brackets: 95 % intervals. * beyond noise: p < {LEVEL} by Holm's method over this measure in all tables. Tests "
    "exchange all runs of a seed together; where A and B share runs of one cell and seed, only these count. Of a ratio "
    "that the runs bound on one side only, the interval alone: one of both never solved it, its horizon lies outside "
    "the gaps that both tested, or there are too few seeds. The horizon rests on all runs of an arm, also at gaps that "
    "only one of both tested; all else on the shared cells. Where a seed was run at several gaps, horizons differ only "
    "if the success over all gaps does. Steps over all gaps are compared within gaps, as if their ratio were the same "
    "at each. Speed depends on the machine and its load."
)


def print_comparison(found: Comparison) -> None:
    """What is compared, a table by cell and one by arm, settings that differ, and the finding."""
    one, two = found.first, found.second
    say(f"A: {one.name} ({len(one.runs)} runs), B: {two.name} ({len(two.runs)} runs)")
    say(f"{len(found.tallies)} shared cells (task, arm, gap); {found.pairs} pairs of runs share a seed")
    for name, values in found.settings.items():
        short = [value if len(value) <= MOST_VALUES else value[:MOST_VALUES] + "..." for value in values]
        say(f"  {name}: {short[0]} in A, {short[1]} in B")
    for task in dict.fromkeys(task for task, *_ in found.tallies):
        say(f"\n{task}: by gap, and over all gaps")
        console().print(_cells(found, task))
        console().print(_arms(found, task))
    console().print(f"\n{NOTE}\n{reaches(found)}\n{finding(found)}", markup=False)


def reaches(found: Comparison) -> str:
    """The smallest p-values that so many seeds can give."""
    by_gap, over_all = falls_to(found.success.smallest), falls_to(found.overall.smallest)
    return f"By gap, {by_gap}. Over all gaps, {over_all}."


def _cells(found: Comparison, task: str) -> Table:
    """A row per arm and gap."""
    table = _table(found, "gap", "A", "B", "success, B - A", "steps to solve, B / A")
    success, time = found.success.beyond(), found.time.beyond()
    arms = list(found.overall.found)
    for place in sorted(found.tallies, key=lambda place: arms.index(place[:2])):
        if place[0] == task:
            one, two = found.tallies[place]
            difference, ratio = found.success.found[place], found.time.found[place]
            told = _text(difference, place in success), _text(ratio, place in time)
            table.add_row(*_arm(place), str(place[2]), one, two, *told)
    return table


def _arms(found: Comparison, task: str) -> Table:
    """A row per arm and measure, over all gaps."""
    measures = {
        "success, B - A": found.overall,
        "steps to solve, B / A": found.pace,
        "horizon, B / A": found.horizon,
        "speed, B / A": found.speed,
    }
    table = _table(found, MEASURES, "difference")
    beyond = {name: measure.beyond() for name, measure in measures.items()}
    for place in found.overall.found:
        if place[0] == task:
            table.add_row(*_arm(place), "parameters", " and ".join(found.parameters[place]))
            for name, measure in measures.items():
                there = place in measure.found
                table.add_row(*_arm(place), name, _text(measure.found[place], place in beyond[name]) if there else "-")
    return table


def _table(found: Comparison, *names: str) -> Table:
    """Without a column of arms where two arms are compared."""
    table = Table(*["arm"] * any(arm for _, arm, _ in found.tallies))
    for name in names:
        table.add_column(name, justify="left" if name == MEASURES else "right")
    return table


def _arm(place: Place) -> list[str]:
    return [escape(str(place[1]))] if place[1] else []


def _text(difference: Difference, beyond: bool) -> str:
    r"""An estimate and its interval, which is not broken; "\[" because rich takes brackets for its own."""
    open_ends = () if difference.none == 0 else (0.0, math.inf)
    low, high = (None if end in open_ends else _number(end, difference) for end in (difference.low, difference.high))
    mark, value = "*" if beyond else "", _number(difference.estimate, difference)
    told = wording.estimate(f"{value}{mark}", low, high, interval="\\[{},\N{NO-BREAK SPACE}{}]")
    return told if low and high else told.replace(" ", "\N{NO-BREAK SPACE}") + mark


def _number(value: float, difference: Difference) -> str:
    if math.isnan(value):
        return "n/a"
    if difference.none == 0:
        return f"{value:+.2f}"
    return f"{value:.3g}"


def finding(found: Comparison) -> str:
    """In plain words, what is beyond noise."""
    said = [
        *_said(found.overall, "solves more often over all gaps", "solves less often over all gaps"),
        *_said(found.success, "solves more often", "solves less often"),
        *_said(found.horizon, "has the longer horizon", "has the shorter horizon"),
        *_said(found.pace, "needs more steps to solve over all gaps", "needs fewer steps to solve over all gaps"),
        *_said(found.time, "needs more steps to solve", "needs fewer steps to solve"),
        *_said(found.speed, "trains more steps per second", "trains fewer steps per second"),
    ]
    if not said:
        return f"No difference between {found.first.name} and {found.second.name} is beyond noise."
    return f"Beyond noise, {found.second.name} against {found.first.name}: it {', it '.join(said)}."


def _said(measure: Measure, more: str, less: str) -> list[str]:
    """A clause for each direction, with all places where it holds."""
    beyond = [place for place in measure.found if place in measure.beyond()]
    up = [place for place in beyond if measure.found[place].low > measure.found[place].none]
    clauses = [(more, up), (less, [place for place in beyond if place not in up])]
    return [f"{words} ({'; '.join(_where(places))})" for words, places in clauses if places]


def _where(places: list[Place]) -> list[str]:
    """ "lstm on copy at gap 20, 50": gaps of one arm and task together."""
    gaps: dict[Place, list[str]] = {}
    for task, arm, *gap in places:
        gaps.setdefault((task, arm), []).extend(map(str, gap))
    return [
        (f"{arm} on {task}" if arm else str(task)) + (f" at gap {', '.join(at)}" if at else "")
        for (task, arm), at in gaps.items()
    ]
