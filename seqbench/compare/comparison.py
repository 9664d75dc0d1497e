"""Everything that is compared between two sides, as values: nothing here prints."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from seqbench.analysis.cells import CELL, parameters
from seqbench.analysis.entries import outcomes
from seqbench.analysis.outcomes import times
from seqbench.compare.sides import Side
from seqbench.horizon.ratio import horizon_p_value, horizon_ratio
from seqbench.statistics import differences
from seqbench.statistics.differences import Difference, Timed
from seqbench.statistics.exchange import Exchange, exchange
from seqbench.statistics.levels import holm

Cell = tuple[str, str, int]
Place = tuple[str | int, ...]
"""A cell, or task and arm."""
Frames = tuple[pd.DataFrame, pd.DataFrame]


@dataclass(frozen=True)
class Measure:
    """One kind of difference over its cells or arms, and which of them are beyond noise by Holm's method."""

    found: Mapping[Place, Difference]

    def beyond(self) -> set[Place]:
        """The places whose difference is beyond noise, all of the measure taken together."""
        keyed = {str(place): place for place in self.found}
        verdicts = differences.beyond_noise({key: self.found[place] for key, place in keyed.items()})
        return {keyed[key] for key, is_beyond in verdicts.items() if is_beyond}

    @property
    def smallest(self) -> float:
        """The smallest p that so many seeds can give, all of the measure taken together."""
        return min(holm([difference.smallest for difference in self.found.values()]), default=1.0)


@dataclass(frozen=True)
class Comparison:
    """The second side against the first, over the cells that both have."""

    first: Side
    second: Side
    """Both without the cells that the other does not have."""
    tallies: Mapping[Cell, tuple[str, str]]
    """Solved / finished of both sides."""
    pairs: int
    """Runs that share cell and seed with one of the other side."""
    parameters: Mapping[Place, tuple[str, str]]
    """How many the models of an arm have, on both sides."""
    settings: Mapping[str, tuple[str, str]]
    """Settings that differ, with the values of both sides."""
    success: Measure
    time: Measure
    overall: Measure
    """Success over all shared gaps of an arm."""
    pace: Measure
    """Steps to solve over all shared gaps of an arm, compared within gaps."""
    horizon: Measure
    speed: Measure


def compare(first: Side, second: Side) -> Comparison:
    """Success and time to solve by cell, success, horizon and speed by task and arm.

    All over the cells that both sides have, but for the horizon: two searches seldom run the same gaps.
    """
    shared = first.cells & second.cells
    one, two = (Side(side.name, _only(side.runs, shared)) for side in (first, second))
    by_cell: dict[Place, Frames] = {
        place: (own, two.runs[_is(two.runs, place)]) for place, own in _groups(one.runs, CELL)
    }  # fmt: skip
    by_arm = {place: (own, two.runs[_is(two.runs, place)]) for place, own in _groups(one.runs, CELL[:2])}
    whole = {place: (first.runs[_is(first.runs, place)], second.runs[_is(second.runs, place)]) for place in by_arm}
    overall = {place: success(*frames) for place, frames in by_arm.items()}
    horizons = {place: horizon(*frames, overall[place]) for place, frames in whole.items()}
    return Comparison(
        one,
        two,
        tallies={(str(t), str(a), int(g)): (_tally(a_runs), _tally(b_runs))
                 for (t, a, g), (a_runs, b_runs) in by_cell.items()},
        pairs=_pairs(one.runs, two.runs),
        parameters={place: (parameters(a), parameters(b)) for place, (a, b) in by_arm.items()},
        settings=_settings(one.runs, two.runs),
        success=Measure({place: success(*frames) for place, frames in by_cell.items()}),
        time=Measure({place: pace(*frames) for place, frames in by_cell.items()}),
        overall=Measure(overall),
        pace=Measure({place: pace(*frames) for place, frames in by_arm.items()}),
        horizon=Measure({place: found for place, found in horizons.items() if found is not None}),
        speed=Measure({place: found for place, frames in by_arm.items() if (found := speed(*frames)) is not None}),
    )  # fmt: skip


def success(first: pd.DataFrame, second: pd.DataFrame) -> Difference:
    """Difference of success rates."""
    solved = first.outcome == "solved", second.outcome == "solved"
    return differences.success_difference(*solved, exchanged(first, second))


def pace(first: pd.DataFrame, second: pd.DataFrame) -> Difference:
    """Ratio of steps to solve, compared within gaps."""
    one, two = (Timed(times(side), side.budget.to_numpy(dtype=float)) for side in (first, second))
    return differences.time_ratio(one, two, exchanged(first, second))


def horizon(first: pd.DataFrame, second: pd.DataFrame, success: Difference) -> Difference | None:
    """Ratio of gap50; horizons outside the range that both tested leave an end open. None if there is no range.

    Posteriors take runs for independent, which the runs of one seed are not. Where a seed was run at several gaps, the
    p-value is therefore at least that of `success` over all shared gaps, in which seeds are exchanged.
    """
    low, high = int(max(first.gap.min(), second.gap.min())), int(min(first.gap.max(), second.gap.max()))
    if low >= high or low < 1:
        return None
    one, two = (outcomes(side) for side in (first, second))
    found = Difference(*horizon_ratio(one, two, low, high), p_value=horizon_p_value(one, two, low, high), none=1.0)
    if not (first.seed.duplicated().any() or second.seed.duplicated().any()):
        return found
    return replace(found, p_value=max(found.p_value, success.p_value), smallest=success.smallest).as_tested()


def speed(first: pd.DataFrame, second: pd.DataFrame) -> Difference | None:
    """Ratio of training steps per second, compared within gaps; None where no time was recorded."""
    one, two = (side[(side.steps > 0) & (side.seconds > 0)] for side in (first, second))
    if one.empty or two.empty:
        return None
    return differences.speed_ratio(one.steps / one.seconds, two.steps / two.seconds, exchanged(one, two))


def exchanged(first: pd.DataFrame, second: pd.DataFrame) -> Exchange:
    """The runs of both of one task and arm that are compared: seeds as a whole, gaps as strata."""
    return exchange(*(list(zip(side.seed, side.gap, strict=True)) for side in (first, second)))


def _pairs(first: pd.DataFrame, second: pd.DataFrame) -> int:
    one, two = (pd.MultiIndex.from_frame(side[[*CELL, "seed"]]) for side in (first, second))
    return len(one.intersection(two))


def _settings(first: pd.DataFrame, second: pd.DataFrame) -> dict[str, tuple[str, str]]:
    prefixes = ("task.", "model.", "training.", "device", "card", "version.", "git_revision")
    names = [name for name in first.columns.union(second.columns) if name.startswith(prefixes)]
    values = {name: (_values(first, name), _values(second, name)) for name in names}
    return {name: (one, two) for name, (one, two) in values.items() if one != two}


def _values(runs: pd.DataFrame, name: str) -> str:
    known = runs[name].dropna().astype(str) if name in runs else pd.Series(dtype=str)
    return " or ".join(sorted(set(known) - {"", "None"})) or "none"


def _tally(runs: pd.DataFrame) -> str:
    return f"{int((runs.outcome == 'solved').sum())}/{len(runs)}"


def _only(runs: pd.DataFrame, cells: set[Cell]) -> pd.DataFrame:
    kept = pd.MultiIndex.from_frame(runs[CELL]).isin(list(cells))
    return runs[kept].reset_index(drop=True)


def _groups(runs: pd.DataFrame, columns: list[str]) -> list[tuple[Place, pd.DataFrame]]:
    """In the order of the runs, gaps ascending."""
    return list(runs.sort_values("gap", kind="stable").groupby(columns, sort=False))


def _is(runs: pd.DataFrame, place: Place) -> "pd.Series[bool]":
    return np.logical_and.reduce([runs[column] == value for column, value in zip(CELL, place, strict=False)])
