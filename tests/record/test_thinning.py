"""Which points of a curve MLflow is told."""

import pytest

from seqbench.record.thinning import Growing, by_logarithm, evenly


def test_few_points_are_kept_evenly_with_the_first_and_the_last() -> None:
    assert evenly(9, 3) == [0, 4, 8]
    assert evenly(10, 4) == [0, 3, 6, 9]
    assert evenly(10, 1) == [9]
    assert evenly(3, 3) == evenly(3, None) == [0, 1, 2]
    assert evenly(0, 3) == []


def test_lags_are_kept_by_their_logarithm() -> None:
    """Lag + 1 doubles: 1, 2, 4, ..., 64."""
    assert by_logarithm(64, 7) == [0, 1, 3, 7, 15, 31, 63]
    assert by_logarithm(3, 7) == by_logarithm(3, None) == [0, 1, 2]


@pytest.mark.parametrize(("length", "most"), [(801, 100), (101, 100), (3, 2), (100_000, 32)])
def test_as_many_lags_are_kept_as_may_be_each_once(length: int, most: int) -> None:
    lags = by_logarithm(length, most)
    assert (len(lags), lags[0], lags[-1]) == (most, 0, length - 1)
    assert lags == sorted(set(lags))


def steps(points: list[tuple[str, int, float]]) -> list[int]:
    return [step for _, step, _ in points]


def grown(curve: Growing, told: range) -> Growing:
    curve.left += [("train/loss", step, 0.5) for step in told]
    return curve


def test_while_a_curve_grows_the_first_point_of_each_part_of_the_budget_is_sent() -> None:
    curve = grown(Growing(5, 100), range(10, 60, 10))
    assert steps(curve.now()) == [10, 30, 50]
    assert steps(grown(curve, range(60, 101, 10)).now()) == [80, 100]
    assert curve.rest() == []


def test_at_its_end_the_last_point_is_sent_and_of_a_run_that_ended_early_as_many_as_of_any_other() -> None:
    assert steps(grown(Growing(5, 1000), range(0, 81, 10)).rest()) == [0, 10, 40, 60, 80]
    assert steps(grown(Growing(5, 100), range(10, 100, 10)).rest()) == [10, 30, 50, 80, 90]


def test_however_often_it_is_sent_the_same_points_come() -> None:
    often, once = Growing(5, 100), grown(Growing(5, 100), range(1, 96))
    told = [step for step in range(1, 96) for step in steps(grown(often, range(step, step + 1)).now())]
    assert told + steps(often.rest()) == steps(once.rest()) == [1, 25, 50, 75, 95]


def test_where_nothing_is_thinned_all_of_it_is_sent() -> None:
    curve = grown(Growing(None, 100), range(1, 101))
    assert len(curve.now()) == 100
    assert curve.rest() == []
