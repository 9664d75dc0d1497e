"""All points of a run in one file of it, and few of them in MLflow."""

import math
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from builders import make_spec
from recording import (
    EXPERIMENT,
    MLFLOW_WARNINGS,
    SOLVED,
    SPEC,
    STARTED,
    UNSOLVED,
    history,
    plan_of,
    progress,
    put_database,
    record,
    recorded,
    unthinned,
)

from seqbench.analysis import outcomes
from seqbench.events import Event, GradientByLag, Metrics
from seqbench.plan import Plan
from seqbench.record import names, points, results
from seqbench.record.values import Record

pytestmark = [MLFLOW_WARNINGS, pytest.mark.usefixtures("database")]
LAGS = 200
ZERO = tuple(0.25 if lag % 3 else 0.0 for lag in range(LAGS))
CURVE = GradientByLag("h", "init", 0, tuple(-0.1 * lag for lag in range(LAGS)), (0.5,) * LAGS, zero=ZERO)
LONG: list[Event] = [STARTED, CURVE, *(Metrics(step, {"train/loss": 1 / step}) for step in range(1, 401)), SOLVED]
TRAINED = make_spec(gap=2, seed=3, max_steps=400)


@pytest.fixture
def database(folder: Path) -> Path:
    return put_database(folder)


def thinned(most: int | None) -> Plan:
    plan = plan_of(TRAINED)
    return replace(plan, options=replace(plan.options, curve_points=most))


def frames(record: Record) -> list[pd.DataFrame]:
    return [record.metrics, record.curves, record.lags, record.slots, record.variants]


def take_files_away(folder: Path) -> None:
    for file in folder.rglob(names.POINTS_FILE):
        file.unlink()


def test_what_is_written_is_read_sorted_and_each_point_once() -> None:
    told = [("b", 2, 0.1), ("a", 10, 1e-300), ("b", 2, 0.1), ("a", 9, -math.pi)]
    assert points.read(points.content(told)) == [("a", 9, -math.pi), ("a", 10, 1e-300), ("b", 2, 0.1)]


def test_a_record_is_the_same_from_its_files_and_from_mlflow_that_has_all_points_and_is_not_called_thinned(
    folder: Path,
) -> None:
    other = make_spec(gap=5, seed=4)
    record(unthinned(SPEC, other), [(SPEC, [*progress(math.nan), SOLVED]), (other, [*progress(), UNSOLVED])])
    whole = results.load(EXPERIMENT)
    take_files_away(folder)
    again = results.load(EXPERIMENT)
    for one, another in zip(frames(whole), frames(again), strict=True):
        pd.testing.assert_frame_equal(one, another)
    assert (whole.runs.thinned.tolist(), again.runs.thinned.tolist()) == ([False, False], [False, False])


@pytest.mark.parametrize("left", [b"", b"PAR1 and no more"])
def test_a_file_that_was_cut_off_counts_as_gone(folder: Path, left: bytes) -> None:
    record(unthinned(SPEC), [(SPEC, [*progress(), SOLVED])])
    whole = results.load(EXPERIMENT)
    for file in folder.rglob(names.POINTS_FILE):
        file.write_bytes(left)
    again = results.load(EXPERIMENT)
    pd.testing.assert_frame_equal(whole.metrics, again.metrics)


def test_of_a_long_curve_mlflow_has_few_points_and_the_record_all() -> None:
    record(thinned(5), [(TRAINED, LONG)])
    (run,) = recorded()
    assert [step for step, _ in history(run, "train/loss")] == [1, 100, 200, 300, 400]
    assert [lag for lag, _ in history(run, "log10_gradient_by_lag/h_init")] == [0, 3, 14, 54, 199]
    assert run.metrics["train/loss"] == 1 / 400
    assert (
        run.tags[names.POINTS] == "946"
    )  # 200 lags, twice; 134 shares; 400 losses; 6 numbers of the gradient; 6 of the result
    loaded = results.load(EXPERIMENT)
    assert len(loaded.metrics) == 946
    assert loaded.lags.log10_gradient.tolist() == list(CURVE.mean)
    assert loaded.lags.zero.tolist() == list(ZERO)


def test_a_thinned_curve_by_lag_has_its_spread_and_its_share_of_zeros_at_the_same_lags(folder: Path) -> None:
    record(thinned(5), [(TRAINED, LONG)])
    take_files_away(folder)
    loaded = results.load(EXPERIMENT)
    assert loaded.lags.lag.tolist() == [0, 3, 14, 54, 199]
    assert loaded.lags.zero.tolist() == [0.0, 0.0, 0.25, 0.0, 0.25]
    assert loaded.runs.thinned.tolist() == [True]
    told = "Of 1 run the file with all points is gone, and curves have the few that MLflow kept."
    assert outcomes.warnings(loaded.runs) == [told]


def test_all_points_stand_in_mlflow_if_that_is_asked_for() -> None:
    record(thinned(None), [(TRAINED, LONG)])
    (run,) = recorded()
    assert len(history(run, "train/loss")) == 400


def test_a_run_that_was_killed_has_the_points_that_it_told() -> None:
    with pytest.raises(KeyboardInterrupt):
        record(thinned(5), interrupted())
    assert [run.status for run in recorded()] == ["KILLED"]
    assert len(results.load(EXPERIMENT).curves) == 400


def interrupted():
    yield TRAINED, LONG[:-1]
    raise KeyboardInterrupt
