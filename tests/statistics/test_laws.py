"""Which of two laws describes a curve, on curves whose law is known."""

import numpy as np
import pytest

from seqbench.statistics import laws as rule

LAGS = np.arange(1, 101)


def test_an_exponential_is_one_and_a_power_is_one() -> None:
    falling = rule.laws(LAGS, -LAGS / 10)
    assert falling is not None
    assert (falling.verdict, falling.points) == (rule.EXPONENTIAL, 100)
    assert falling.exponential.slope == pytest.approx(-0.1)
    assert falling.exponential.misfit < 1e-12
    power = rule.laws(LAGS, 1 - 2 * np.log10(LAGS))
    assert power is not None
    assert (power.verdict, power.power.slope) == (rule.POWER, pytest.approx(-2))


def test_the_misfits_are_those_of_lines_worked_out_by_hand() -> None:
    """Of 0, 0, 1, 1 at 1, 10, 100, 1,000 the line over the logarithm has the slope .4; it misses by .1, .3, .3, .1.

    One more point beside them, on that line, changes nothing of it: .5 in the middle, at the logarithm 1.5.
    """
    at = [1, 10, 10**1.5, 100, 1000]
    found = rule.laws(at, [0, 0, 0.5, 1, 1])
    assert found is not None
    assert (found.power.slope, found.power.misfit) == (pytest.approx(0.4), pytest.approx(np.sqrt(0.2 / 5)))
    assert found.spread == pytest.approx(np.sqrt(0.2))


@pytest.mark.parametrize(
    "curve",
    [np.maximum(-LAGS / 5, -4.0), -LAGS / 50 - np.log10(LAGS), np.log10((101 - LAGS) / 101)],
    ids=["falls and then stays", "product of both", "share of a sum"],
)
def test_a_mixture_is_neither(curve: np.ndarray) -> None:
    found = rule.laws(LAGS, curve)
    assert found is not None
    assert found.verdict == rule.NEITHER


def test_a_curve_that_hardly_falls_is_told_apart_by_neither() -> None:
    for curve in (np.full(100, -0.3), -LAGS / 2000):
        found = rule.laws(LAGS, curve)
        assert found is not None
        assert found.verdict == rule.EITHER


@pytest.mark.parametrize(
    ("exponential", "power", "verdict"),
    [
        (0.04, 0.049, rule.EITHER),  # both describe it
        (0.04, 0.079, rule.EITHER),  # one does, and the other misses by less than twice as much
        (0.04, 0.081, rule.EXPONENTIAL),
        (0.081, 0.04, rule.POWER),
        (0.051, 0.2, rule.NEITHER),
    ],
)
def test_a_law_is_told_if_it_alone_describes_the_curve_and_the_other_misses_twice_as_much(
    exponential: float, power: float, verdict: str
) -> None:
    """A spread of .4 decades allows .05."""
    assert rule.Laws(rule.Line(-1, exponential), rule.Line(-1, power), 0.4, 50).verdict == verdict


def test_a_curve_that_reaches_zero_follows_no_law_and_says_from_where() -> None:
    curve = np.where(LAGS < 30, -LAGS / 10, -np.inf)
    found = rule.laws(LAGS, curve)
    assert found is not None
    assert (found.verdict, found.zero_from, found.points) == (rule.NEITHER, 30, 29)
    late = rule.laws([0, *LAGS], [-np.inf, -np.inf, *curve[1:]])
    assert late is not None
    assert (late.zero_from, late.points) == (30, 28), "zeros before a curve begins are not its end"


def test_of_a_few_points_nothing_is_said() -> None:
    assert rule.laws([1, 2], [0, -1]) is None
    assert rule.laws([0, 1, 2, 3, 4], [0, -1, -2, -3, -4]) is None, "lag 0 has no logarithm"
    assert rule.laws(LAGS, np.where(LAGS < 4, -1.0, -np.inf)) is None
