"""What a fixed grid would have cost for an interval as narrow as the one that a search found.

The grid is analysed like the search (the same posterior) and chosen with what only the search could tell: outcomes are
drawn from the success curves that are left after it. So the comparison leans to the grid.
"""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from seqbench.horizon.curves import curves
from seqbench.horizon.estimate import Outcome, Posterior, counted, from_counts
from seqbench.horizon.search import Search

SPACINGS = (1.25, 1.5, 2.0)
MOST_SEEDS = 256
GRIDS = 20


@dataclass(frozen=True)
class Grid:
    """Gaps with so many seeds each, and the training steps that they are expected to take."""

    gaps: tuple[int, ...]
    seeds: int
    steps: float

    @property
    def runs(self) -> int:
        """Of all gaps together."""
        return len(self.gaps) * self.seeds


def equal_grid(search: Search, outcomes: Collection[Outcome]) -> Grid | None:
    """The cheapest grid over the range whose median high / low is at most that which the search found.

    Spacings of 1.25, 1.5 and 2 are tried, seeds per gap by powers of two and then between them. None where the
    interval found has an end outside the range, and so no width, or where `MOST_SEEDS` per gap are too few.
    """
    ratio = search.estimate(outcomes).ratio
    if math.isinf(ratio):
        return None
    posterior = Posterior(curves(search.smallest, search.largest), counted(outcomes))
    found = [_cheapest(search, posterior, outcomes, ratio, spacing) for spacing in SPACINGS]
    return min((grid for grid in found if grid), key=lambda grid: grid.steps, default=None)


def _cheapest(
    search: Search, posterior: Posterior, outcomes: Collection[Outcome], ratio: float, spacing: float
) -> Grid | None:
    number = 1 + math.ceil(math.log(search.largest / search.smallest) / math.log(spacing))
    gaps = tuple(sorted({round(gap) for gap in np.geomspace(search.smallest, search.largest, number)}))
    seeds = _fewest_seeds(search, posterior, gaps, ratio)
    if seeds is None:
        return None
    return Grid(gaps, seeds, seeds * sum(expected_steps(posterior, outcomes, gap) for gap in gaps))


def _fewest_seeds(search: Search, posterior: Posterior, gaps: Sequence[int], ratio: float) -> int | None:
    few, enough = 0, 1
    while _median_ratio(search, posterior, gaps, enough) > ratio:
        few, enough = enough, 2 * enough
        if enough > MOST_SEEDS:
            return None
    while enough - few > 1:
        middle = (few + enough) // 2
        few, enough = (middle, enough) if _median_ratio(search, posterior, gaps, middle) > ratio else (few, middle)
    return enough


def _median_ratio(search: Search, posterior: Posterior, gaps: Sequence[int], seeds: int) -> float:
    """Of `GRIDS` grids, each on a curve drawn from the posterior."""
    rng = np.random.default_rng(seeds)
    drawn = rng.choice(len(posterior.weights), size=GRIDS, p=posterior.weights / posterior.weights.sum())
    success = np.stack([posterior.curves.success(gap)[drawn] for gap in gaps])
    solved = rng.binomial(seeds, success).T
    counts = [{gap: (int(won), int(seeds - won)) for gap, won in zip(gaps, row, strict=True)} for row in solved]
    return float(np.median([from_counts(each, search.smallest, search.largest).ratio for each in counts]))


def expected_steps(posterior: Posterior, outcomes: Collection[Outcome], gap: int) -> float:
    """Training steps of a run at a gap: solved ones as the recorded solved runs around it, failed ones as those failed.

    Between recorded gaps the mean steps of solved runs are interpolated over log gap; beyond them they are those at
    the nearest. Where no run was solved, or none failed, the others' mean stands in.
    """
    share = float(posterior.curves.success(gap) @ posterior.weights)
    failed = [outcome.steps for outcome in outcomes if not outcome.solved]
    solved: dict[int, list[int]] = {}
    for outcome in outcomes:
        if outcome.solved:
            solved.setdefault(outcome.gap, []).append(outcome.steps)
    at = sorted(solved)
    when_failed = float(np.mean(failed)) if failed else max(outcome.steps for outcome in outcomes)
    means = [float(np.mean(solved[each])) for each in at]
    when_solved = float(np.interp(math.log(gap), np.log(at), means)) if at else when_failed
    return share * when_solved + (1 - share) * when_failed
