"""Why the horizon's interval is a posterior's and not a bootstrap's: the coverage of both on the same searches.

    python benchmarks/horizon_bootstrap.py [searches]

The penalised fit is the highest point of the same posterior (its prior is the penalty); its runs are drawn anew, with
replacement, and refitted; the interval is the percentiles' (Efron and Tibshirani 1993, chapter 13).
"""

import math
import sys

import numpy as np

from seqbench.horizon.curves import curves
from seqbench.horizon.estimate import Horizon, Outcome, counted
from seqbench.horizon.search import Search
from seqbench.horizon.simulated import Runs, logistic

RESAMPLES = 400


def results_of(search: Search, runs: Runs) -> list[Outcome]:
    """All outcomes of one search."""
    results: list[Outcome] = []
    while probes := search.next(results):
        results += map(runs, probes)
    return results


def bootstrap(search: Search, results: list[Outcome], rng: np.random.Generator) -> tuple[float, float]:
    """Percentile interval of the penalised fit's gap50."""
    grid, gaps = curves(search.smallest, search.largest), list(counted(results))
    drawn = rng.multinomial(len(results), np.full(len(results), 1 / len(results)), size=RESAMPLES)
    at = np.array([[outcome.gap == gap for outcome in results] for gap in gaps], dtype=float)
    solved = np.array([outcome.solved for outcome in results])
    gained = np.stack([grid.log_likelihood(gap, 1, 0) for gap in gaps])
    lost = np.stack([grid.log_likelihood(gap, 0, 1) for gap in gaps])
    fit = grid.log_prior + (drawn * solved) @ at.T @ gained + (drawn * ~solved) @ at.T @ lost
    places = grid.log_gap50[fit.argmax(axis=1) // len(grid.slope)]
    low, high = np.quantile(places, [0.025, 0.975])
    return math.exp(low), math.exp(high)


def main(searches: int) -> None:
    """Print the table."""
    search = Search(min_gap=5, max_gap=400)
    print("| curve, 90 % to 10 % within a factor | posterior | bootstrap |\n|---|---|---|")
    for width in (1.5, 2.0, 3.0, 8.0):
        rng = np.random.default_rng(round(10 * width))
        held = np.zeros(2)
        for _ in range(searches):
            truth = math.exp(rng.uniform(math.log(search.smallest), math.log(search.largest)))
            results = results_of(search, Runs(logistic(truth, width), rng))
            posterior: Horizon = search.estimate(results)
            low, high = bootstrap(search, results, rng)
            held += posterior.low <= truth <= posterior.high, low <= truth <= high
        print(f"| {width:g} | {held[0] / searches:.1%} | {held[1] / searches:.1%} |", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
