"""Numbers of scipy.stats, which takes most of a second to import, computed without it: the same to the last digit."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
import scipy
from scipy import stats

from seqbench.statistics import lifetimes
from seqbench.statistics.rates import mean_interval, median_steps_to_solve, ranks, wilson_interval
from seqbench.statistics.survival import Times

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("size", range(1, 60))
def test_medians_of_censored_times(size: int) -> None:
    steps, solved = RNG.integers(1, 9, size) * 50.0, RNG.random(size) < 0.7
    solved[0] = True
    curve = stats.ecdf(stats.CensoredData(uncensored=steps[solved], right=steps[~solved])).cdf
    reached = curve.quantiles[curve.probabilities >= 0.5 - 1e-12]
    assert median_steps_to_solve(steps, solved) == (reached[0] if reached.size else None)


@pytest.mark.parametrize("size", range(1, 60))
def test_ranks_with_ties_and_infinities(size: int) -> None:
    values = np.append(RNG.integers(0, 9, size), [math.inf, -math.inf, math.inf])
    assert ranks(values).tolist() == stats.rankdata(values).tolist()


@pytest.mark.parametrize("confidence", [0.5, 0.68, 0.95, 0.99])
def test_quantiles_of_intervals(confidence: float) -> None:
    z2 = float(stats.norm.ppf((1 + confidence) / 2)) ** 2
    assert wilson_interval(0, 5, confidence)[1] == z2 / 2 / (5 + z2) + math.sqrt(z2 * 5 * (z2 / 20)) / (5 + z2)
    for size in (2, 3, 10, 100):
        values = np.arange(size) * 0.1
        error = float(values.std(ddof=1)) / math.sqrt(size)
        half = float(stats.t.ppf((1 + confidence) / 2, size - 1)) * error
        assert mean_interval(values, confidence)[2] == float(values.mean()) + half


@pytest.mark.parametrize("freedom", [1, 2, 7, 40])
def test_the_quantiles_of_a_fitted_line(freedom: int, monkeypatch: pytest.MonkeyPatch) -> None:
    x = np.arange(freedom + 2.0)
    times = Times(np.exp(5 + 0.1 * x + RNG.normal(size=len(x))), [True] * len(x))
    line = lifetimes.line(x, times)
    special = SimpleNamespace(
        log_ndtr=scipy.special.log_ndtr,
        stdtrit=lambda freedom, q: stats.t.ppf(q, freedom),
    )
    monkeypatch.setattr(lifetimes, "scipy", SimpleNamespace(optimize=scipy.optimize, special=special))
    assert lifetimes.line(x, times) == line
