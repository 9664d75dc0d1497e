"""What stands in the record after a sweep, however it went and however often it was cut."""

import http.server
import json
import math
import os
import signal
import socket
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from builders import make_spec
from mlflow import MlflowClient
from recording import (
    CRASHED,
    DIVERGED,
    EXPERIMENT,
    MLFLOW_WARNINGS,
    SOLVED,
    SPEC,
    STARTED,
    UNSOLVED,
    history,
    job_of,
    plan_of,
    progress,
    put_database,
    record,
    recorded,
    unthinned,
)

from seqbench import __version__
from seqbench.analysis import outcomes
from seqbench.config.locks import Holder
from seqbench.events import Event, Failed, GradientByLag, Hold, Metrics
from seqbench.executors import interrupts
from seqbench.plan import Control, RunSpec
from seqbench.record import finding, names, open_run, results, servers, store
from seqbench.record import writer as tracking
from seqbench.record.store import Unavailable
from seqbench.record.writer import Tracker

pytestmark = MLFLOW_WARNINGS
PLAN = plan_of(SPEC)


@pytest.fixture
def database(folder: Path) -> Path:
    """An empty record in the working folder."""
    return put_database(folder)


def statuses() -> list[str]:
    return sorted(run.status for run in recorded())


def abandon(tracker: Tracker) -> None:
    """As a kill does: nothing is closed, and the system takes the lock away and has no such process any more."""
    tracker.experiment.lease.mine = replace(tracker.experiment.lease.mine, birth="before")
    tracker.experiment.lease._renew()
    tracker.experiment.lease.held = False
    tracker.experiment.lease.leave()


# -- one run -----------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("database")
def test_a_run_is_recorded_with_its_name_and_the_command_that_repeats_it() -> None:
    record(PLAN, [(SPEC, [*progress(), SOLVED])])
    (run,) = recorded()
    assert run.run_name == "s3 lstm gap=2 copy"
    assert run.tags["seqbench.command"] == "python -m seqbench seed=3"
    assert "python -m seqbench seed=3" in run.tags["mlflow.note.content"]


@pytest.mark.usefixtures("database")
def test_parameters_say_what_the_run_was_and_which_code_made_it() -> None:
    record(PLAN, [(SPEC, [*progress(), SOLVED])])
    params = recorded()[0].params
    expected = {
        "task": "copy",
        "arm": "lstm",
        "model": "lstm",
        "gap": "2",
        "load": "1",
        "seed": "3",
        "num_parameters": "33",
        "evidence_lag": "2",
        "model.hidden_size": "8",
        "model.max_timescale": "None",
        "training.max_steps": "6",
        "version.seqbench": __version__,
    }
    assert {key: params[key] for key in expected} == expected
    assert {"version.torch", "version.python", "version.mlflow", "git_revision"} <= set(params)


@pytest.mark.usefixtures("database")
def test_metrics_are_curves_over_steps_and_the_result_stands_at_the_last_step() -> None:
    record(PLAN, [(SPEC, [*progress(), SOLVED])])
    (run,) = recorded()
    assert history(run, "train/loss") == [(2, 0.5), (4, 0.25)]
    assert history(run, "validation/accuracy") == [(3, 0.75)]
    assert history(run, "test/accuracy") == [(6, 0.995)]
    assert history(run, "steps_to_solve") == [(6, 6.0)]
    assert history(run, "steps") == [(6, 6.0)]
    assert history(run, "seconds") == [(6, 1.5)]


@pytest.mark.usefixtures("database")
def test_the_verdict_at_shorter_budgets_is_recorded_by_budget() -> None:
    record(PLAN, [(SPEC, [*progress(), replace(SOLVED, solved_by={2: False, 4: True})])])
    (run,) = recorded()
    assert [history(run, f"solved_by/{budget}") for budget in (2, 4)] == [[(6, 0.0)], [(6, 1.0)]]
    row = results.load_runs(EXPERIMENT).iloc[0]
    assert (row["solved_by/2"], row["solved_by/4"]) == (0.0, 1.0)


@pytest.mark.usefixtures("database")
def test_the_hold_of_a_run_and_its_scores_at_multiples_of_the_gap_are_recorded() -> None:
    scores = [{"multiple": 1.0, "gap": 2.0, "accuracy": 0.995}, {"multiple": 2.0, "gap": 4.0, "accuracy": 0.5}]
    record(PLAN, [(SPEC, [*progress(), replace(SOLVED, tables={"hold": scores}, hold=Hold(1, 2))])])
    (run,) = recorded()
    assert history(run, "hold/gap") == [(0, 2.0), (1, 4.0)]
    assert history(run, "hold/accuracy") == [(0, 0.995), (1, 0.5)]
    row = results.load_runs(EXPERIMENT).iloc[0]
    assert (row.hold_multiple, row.hold_tested) == (1, 2)


@pytest.mark.usefixtures("database")
def test_a_record_from_before_has_no_hold() -> None:
    record(PLAN, [(SPEC, [*progress(), SOLVED])])
    assert not {"hold_multiple", "hold_tested"} & set(results.load_runs(EXPERIMENT))


@pytest.mark.usefixtures("database")
def test_the_gradient_by_lag_is_a_curve_whose_step_is_the_lag() -> None:
    record(PLAN, [(SPEC, [*progress(), SOLVED])])
    (run,) = recorded()
    assert history(run, "log10_gradient_by_lag/h_init") == [(0, 0.0), (1, -1.0), (2, -2.0)]
    assert history(run, "log10_gradient_by_lag/h_init_spread") == [(0, 0.0), (1, 0.1), (2, 0.2)]
    assert history(run, "log10_gradient_by_lag/h_end") == [(0, 0.0), (1, -0.5), (2, -0.75)]
    assert history(run, "log10_gradient_at_gap/init") == [(2, -2.0)]
    assert history(run, "log10_gradient_at_gap/end") == [(2, -0.75)]
    assert history(run, "log10_gradient_by_lag/direct_mean_init") == [(0, 0.0), (1, -0.25), (2, -0.5)]


@pytest.mark.usefixtures("database")
def test_the_gradient_at_the_gap_and_its_decay_are_curves_over_the_training_too() -> None:
    record(PLAN, [(SPEC, [*progress(), SOLVED])])
    (run,) = recorded()
    assert history(run, "flow/log10_gradient_at_gap") == [(0, -2.0), (4, -1.5), (6, -0.75)]
    ln10 = math.log(10)
    assert history(run, "flow/decay_nats_per_step") == [
        (0, pytest.approx(ln10)),
        (4, pytest.approx(0.75 * ln10)),
        (6, pytest.approx(0.375 * ln10)),
    ]
    assert history(run, "decay_nats_per_step/init") == [(2, pytest.approx(ln10))]
    assert history(run, "decay_nats_per_step/step_4") == []


@pytest.mark.usefixtures("database")
def test_timescales_exactness_labels_slots_variants_and_the_model_stand_in_the_record() -> None:
    record(PLAN, [(SPEC, [*progress(), UNSOLVED])])
    (run,) = recorded()
    assert history(run, "time_constant_steps/init") == [(0, 1.5), (1, 2.5)]
    assert history(run, "exact_apart_decades/init") == [(0, 2.5e-13)]
    assert (run.tags["seqbench.label"], run.tags["seqbench.evidence"]) == ("partial", "its loss is lower")
    assert history(run, "slots/accuracy") == [(0, 0.5), (1, 0.0)]
    assert history(run, "variants/length") == [(0, 20.0), (1, 40.0)]
    assert history(run, "saved_step") == [(3, 3.0)]
    assert RunSpec.from_json(run.tags["seqbench.spec"]) == SPEC
    files = store.connect(store.tracking_uri()).list_artifacts(run.run_id)
    assert [file.path for file in files] == ["model.safetensors", "points.parquet"]


@pytest.mark.usefixtures("database")
def test_values_that_are_not_a_number_are_left_out() -> None:
    record(PLAN, [(SPEC, [*progress(loss=math.nan), SOLVED])])
    (run,) = recorded()
    assert history(run, "train/loss") == []
    assert history(run, "gradient/norm") == [(2, 3.0), (4, 2.0)]
    assert history(run, "log10_gradient_by_lag/c_init") == [(1, -1.5), (2, -2.5)]


@pytest.mark.usefixtures("database")
def test_a_score_may_have_a_name_that_mlflow_would_refuse() -> None:
    solved = replace(SOLVED, test={"loss": 0.01, "right, in %": 99.5})
    record(PLAN, [(SPEC, [replace(STARTED, facts=replace(STARTED.facts, score_name="right, in %")), solved])])
    (run,) = recorded()
    assert history(run, "test/right_ in _") == [(6, 99.5)]
    assert results.load_runs(EXPERIMENT).test_score.tolist() == [99.5]


@pytest.mark.usefixtures("database")
def test_a_core_that_states_no_step_has_the_numbers_of_its_inputs() -> None:
    inputs = GradientByLag("inputs", "init", 0, (0.0, -1.0, -2.0), (0.0, 0.1, 0.2))
    record(PLAN, [(SPEC, [STARTED, inputs, SOLVED])])
    (run,) = recorded()
    assert history(run, "log10_gradient_by_lag/inputs_init") == [(0, 0.0), (1, -1.0), (2, -2.0)]
    assert history(run, "log10_input_gradient_at_gap/init") == [(2, -2.0)]
    assert history(run, "input_decay_nats_per_step/init") == [(2, pytest.approx(math.log(10)))]
    assert history(run, "log10_gradient_at_gap/init") == history(run, "decay_nats_per_step/init") == []
    (row,) = results.load_runs(EXPERIMENT).to_dict("records")
    assert (row["input_gradient_at_gap_init"], math.isnan(row["gradient_at_gap_init"])) == (-2.0, True)


@pytest.mark.usefixtures("database")
def test_the_share_of_sequences_without_a_gradient_is_told_at_lag_0_and_where_it_is_not_0() -> None:
    some = GradientByLag("h", "init", 0, (0.0, -1.0, math.nan), (0.0, 0.1, math.nan), zero=(0.0, 0.25, 1.0))
    none = GradientByLag("h", "end", 6, (0.0, -1.0, -2.0), (0.0, 0.1, 0.1), zero=(0.0, 0.0, 0.0))
    record(PLAN, [(SPEC, [STARTED, some, none, SOLVED])])
    (run,) = recorded()
    assert history(run, "zero_by_lag/h_init") == [(0, 0.0), (1, 0.25), (2, 1.0)]
    assert history(run, "zero_by_lag/h_end") == [(0, 0.0)]
    lags = results.load(EXPERIMENT).lags
    assert lags[lags.stage == "init"].zero.tolist() == [0.0, 0.25, 1.0]
    assert lags[lags.stage == "init"].log10_gradient.isna().tolist() == [False, False, True]
    assert lags[lags.stage == "end"].zero.tolist() == [0.0, 0.0, 0.0]
    (row,) = results.load_runs(EXPERIMENT).to_dict("records")
    assert (row["zero_at_gap_init"], row["zero_at_gap_end"]) == (1.0, 0.0)


@pytest.mark.usefixtures("database")
def test_where_a_gradient_was_not_finite_is_a_tag_of_the_run() -> None:
    broken = GradientByLag("h", "init", 0, (0.0, math.nan), (0.0, math.nan), ((7, 0), (1, 2), (1, 5)))
    again = GradientByLag("c", "end", 6, (math.nan,), (math.nan,), ((0, 3),))
    record(PLAN, [(SPEC, [STARTED, broken, STARTED, broken, again, SOLVED])])
    (run,) = recorded()
    told = "h at init: from lag 1 on in sample 2, and in 2 other samples; c at end: from lag 0 on in sample 3"
    assert run.tags["seqbench.not_finite"] == told


@pytest.mark.usefixtures("database")
def test_a_task_whose_evidence_lies_beyond_its_sequences_does_not_stop_the_sweep() -> None:
    record(PLAN, [(SPEC, [replace(STARTED, evidence_lag=9), *progress()[1:], SOLVED])])
    (run,) = recorded()
    assert history(run, "log10_gradient_at_gap/init") == []


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(
    ("last", "status", "outcome"),
    [
        (SOLVED, "FINISHED", "solved"),
        (UNSOLVED, "FINISHED", "unsolved"),
        (DIVERGED, "FINISHED", "diverged"),
        (CRASHED, "FAILED", "failed"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_run_is_closed_with_its_true_status(last: Event, status: str, outcome: str) -> None:
    record(PLAN, [(SPEC, [*progress(), last])])
    (run,) = recorded()
    assert (run.status, run.tags["seqbench.outcome"]) == (status, outcome)
    assert history(run, "train/loss") == [(2, 0.5), (4, 0.25)]


@pytest.mark.usefixtures("database")
def test_a_run_that_fails_before_it_starts_is_recorded_with_reason_and_parameters() -> None:
    record(PLAN, [(SPEC, [Failed("TypeError: bad", "Traceback (long): " + "x" * 20_000)])])
    (run,) = recorded()
    assert run.status == "FAILED"
    assert run.tags["seqbench.reason"] == "TypeError: bad"
    assert run.tags["seqbench.traceback"].startswith("Traceback (long): xxx")
    assert run.tags[names.FINGERPRINT] == SPEC.fingerprint


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("text", ["half \ud800", "nothing \x00 more", "\x1b[2Jwiped", "x" * 50_000_000, "a\nb"])
def test_whatever_an_exception_says_is_recorded_in_one_printable_line(text: str) -> None:
    record(PLAN, [(SPEC, [Failed(f"ValueError: {text}", text)])])
    (run,) = recorded()
    reason = run.tags["seqbench.reason"]
    assert reason.startswith("ValueError: ")
    assert reason.isprintable()
    assert len(reason) <= 500


@pytest.mark.usefixtures("database")
def test_more_points_than_fit_into_one_message_are_all_stored() -> None:
    many: list[Event] = [Metrics(step, {"train/loss": 1 / step}) for step in range(1, 2502)]
    record(unthinned(SPEC), [(SPEC, [STARTED, *many, SOLVED])])
    (run,) = recorded()
    assert history(run, "train/loss") == [(step, 1 / step) for step in range(1, 2502)]


@pytest.mark.usefixtures("database")
def test_points_are_sent_while_the_run_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(open_run, "MOST_SECONDS", -1.0)
    with Tracker(PLAN) as tracker:
        for event in progress()[:6]:
            tracker.write(job_of(SPEC), event)
        (run,) = recorded()
        assert (run.status, history(run, "gradient/norm")) == ("RUNNING", [(2, 3.0)])


# -- runs that start over ----------------------------------------------------------------------------------


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("most", [-1.0, 1000.0], ids=["all sent before", "nothing sent before"])
def test_events_that_come_again_after_a_worker_died_change_nothing(
    most: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(open_run, "MOST_SECONDS", most)
    record(PLAN, [(SPEC, [*progress()[:5], *progress(), SOLVED])])
    (run,) = recorded()
    keys = {key for event in progress() if isinstance(event, Metrics) for key in event.values}
    for key in [*keys, "log10_gradient_by_lag/h_init"]:
        steps = [step for step, _ in history(run, key)]
        assert steps == sorted(set(steps)), key
    assert history(run, "train/loss") == [(2, 0.5), (4, 0.25)]


@pytest.mark.usefixtures("database")
def test_a_run_that_a_killed_driver_left_open_is_closed_and_then_replaced() -> None:
    first = Tracker(PLAN).__enter__()
    for event in progress():
        first.write(job_of(SPEC), event)
    abandon(first)
    assert statuses() == ["RUNNING"]
    with Tracker(PLAN) as tracker:
        assert statuses() == ["KILLED"]
        assert tracker.finished([SPEC]) == set()
        for event in [*progress(), SOLVED]:
            tracker.write(job_of(SPEC), event)
    assert statuses() == ["FINISHED"]


@pytest.mark.usefixtures("database")
def test_a_failed_run_is_no_finished_one_and_is_replaced_when_it_is_tried_again() -> None:
    record(PLAN, [(SPEC, [*progress(), CRASHED])])
    with Tracker(PLAN) as tracker:
        assert tracker.finished([SPEC]) == set()
        assert statuses() == ["FAILED"]
        for event in [*progress(), SOLVED]:
            tracker.write(job_of(SPEC), event)
    assert statuses() == ["FINISHED"]


@pytest.mark.usefixtures("database")
def test_finished_runs_of_the_plan_are_known_by_their_fingerprint() -> None:
    other, third = make_spec(seed=4), make_spec(seed=5)
    plan = plan_of(SPEC, other, third)
    record(plan, [(SPEC, [*progress(), SOLVED]), (other, [*progress(), DIVERGED]), (third, [*progress(), CRASHED])])
    with Tracker(plan) as tracker:
        assert tracker.finished(plan.runs) == {SPEC.fingerprint, other.fingerprint}
        assert tracker.finished([other]) == {other.fingerprint}


@pytest.mark.usefixtures("database")
def test_forgotten_runs_are_out_of_the_record_and_others_stand() -> None:
    other = make_spec(seed=4)
    plan = plan_of(SPEC, other)
    record(plan, [(run, [*progress(), SOLVED]) for run in plan.runs])
    with Tracker(plan) as tracker:
        tracker.forget([SPEC])
        assert tracker.finished(plan.runs) == {other.fingerprint}
    assert [run.params["seed"] for run in recorded()] == ["4"]


@pytest.mark.usefixtures("database")
def test_an_interrupt_closes_open_runs_as_killed_with_all_that_they_told() -> None:
    other = make_spec(seed=4)

    def interrupted() -> Iterator[tuple[RunSpec, list[Event]]]:
        yield SPEC, [*progress(), SOLVED]
        yield other, progress()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        record(plan_of(SPEC, other), interrupted())
    assert statuses() == ["FINISHED", "KILLED"]
    (killed,) = (run for run in recorded() if run.status == "KILLED")
    assert history(killed, "train/loss") == [(2, 0.5), (4, 0.25)]
    assert killed.tags[names.FINGERPRINT] == other.fingerprint


@pytest.mark.usefixtures("database")
def test_an_interrupt_while_a_run_is_made_leaves_it_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(tracking, "OpenRun", interrupted)
    with pytest.raises(KeyboardInterrupt):
        record(PLAN, [(SPEC, progress())])
    assert statuses() == ["KILLED"]


@pytest.mark.usefixtures("database")
def test_twelve_signals_while_the_first_run_is_made_are_none_too_few_and_leave_nothing_running(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = MlflowClient.create_run

    def signalled(*given: object, **named: object) -> object:
        for number in [signal.SIGINT, signal.SIGTERM, signal.SIGHUP] * 4:
            signal.raise_signal(number)
        return made(*given, **named)

    monkeypatch.setattr(MlflowClient, "create_run", signalled)
    told: list[Event] = []

    def sweep() -> None:
        with interrupts.only_noted(), Tracker(PLAN) as tracker:
            for event in progress():
                tracker.write(job_of(SPEC), event)
                told.append(event)
                interrupts.check()

    with pytest.raises(KeyboardInterrupt):
        sweep()
    assert told == [STARTED]
    assert statuses() == ["KILLED"]


@pytest.mark.usefixtures("database")
def test_the_lock_is_free_again_after_the_store_has_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(*_: object) -> None:
        raise ConnectionError

    with monkeypatch.context() as broken:
        broken.setattr("mlflow.MlflowClient.log_batch", lost)
        tracker = Tracker(PLAN)
        with pytest.raises(ConnectionError), tracker:
            tracker.write(job_of(SPEC), STARTED)
    with Tracker(PLAN):
        assert statuses() == ["KILLED"]


@pytest.mark.usefixtures("database")
def test_a_run_of_somebody_else_in_the_same_experiment_is_left_alone() -> None:
    client = store.connect(store.tracking_uri())
    run = client.create_run(client.create_experiment(EXPERIMENT))
    with Tracker(PLAN):
        assert client.get_run(run.info.run_id).info.status == "RUNNING"


# -- who may write, and where ------------------------------------------------------------------------------


@pytest.mark.usefixtures("database")
def test_an_experiment_has_one_writer_at_a_time() -> None:
    with Tracker(PLAN), pytest.raises(Unavailable, match="'study'"), Tracker(PLAN):
        pass
    with Tracker(PLAN):
        pass


@pytest.mark.usefixtures("database")
def test_the_writer_of_another_experiment_is_not_kept_out() -> None:
    with Tracker(PLAN), Tracker(plan_of(SPEC, experiment="another")):
        assert recorded("another") == []


def test_the_same_experiment_in_another_database_is_another_one(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Tracker(PLAN):
        put_database(database.parent, "other.db")
        monkeypatch.setenv("MLFLOW_TRACKING_URI", "sqlite:///other.db")
        with Tracker(PLAN):
            pass


def test_a_relative_and_an_absolute_path_to_one_database_are_the_same_record(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Tracker(PLAN):
        monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{database}")
        with pytest.raises(Unavailable), Tracker(PLAN):
            pass


@pytest.mark.parametrize("uri", ["sqlite:///mlflow.db/", "sqlite:///{}/", "sqlite:///./mlflow.db"])
def test_neither_another_way_to_write_the_uri_nor_another_temporary_folder_lets_a_second_one_in(
    uri: str, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Tracker(PLAN):
        monkeypatch.setattr(tempfile, "tempdir", str(database.parent))
        monkeypatch.setenv("MLFLOW_TRACKING_URI", uri.format(database))
        with (
            pytest.raises(Unavailable, match=f"by process {os.getpid()} on .* since .*, until it ends; "),
            Tracker(PLAN),
        ):
            pass
    assert not list(database.parent.glob("*.lock"))


def experiment_tags() -> dict[str, str]:
    client = store.connect(store.tracking_uri())
    return dict(client.get_experiment_by_name(EXPERIMENT).tags)


def let_write(**changes: object) -> Holder:
    """The lease of another process, which has left a run RUNNING."""
    with Tracker(PLAN) as tracker:
        tracker.write(job_of(SPEC), STARTED)
        tracker.open.clear()
        holder = replace(tracker.experiment.lease.mine, owner="another", **changes)
        tracker.experiment.client.set_experiment_tag(tracker.experiment.id, names.LEASE, holder.to_json())
        tracker.experiment.lease.held = False
    assert statuses() == ["RUNNING"]
    return holder


@pytest.mark.usefixtures("database")
def test_mlflow_is_told_the_kind_of_an_experiment_that_is_made_or_lacks_it_and_nothing_else_is_put_there() -> None:
    record(PLAN, [(SPEC, [STARTED])])
    assert experiment_tags()[names.KIND] == "custom_model_development"
    client = store.connect(store.tracking_uri())
    experiment = client.get_experiment_by_name(EXPERIMENT).experiment_id
    for before, after in ((None, "custom_model_development"), ("chosen in the browser", "chosen in the browser")):
        client.delete_experiment_tag(experiment, names.KIND)
        if before:
            client.set_experiment_tag(experiment, names.KIND, before)
        record(PLAN, [(SPEC, [STARTED])])
        assert experiment_tags()[names.KIND] == after


@pytest.mark.usefixtures("database")
def test_the_lease_of_another_host_keeps_out_and_its_runs_are_left_alone() -> None:
    holder = let_write(host="gpu-3", system="another system")
    with pytest.raises(Unavailable, match=f"'study' is being written by process {os.getpid()} on gpu-3"), Tracker(PLAN):
        pass
    assert statuses() == ["RUNNING"]
    assert experiment_tags()[names.LEASE] == holder.to_json()


@pytest.mark.usefixtures("database")
def test_the_runs_of_a_host_whose_lease_is_over_are_closed_and_the_lease_goes_when_it_is_free() -> None:
    let_write(host="gpu-3", system="another system", until=1.0)
    with Tracker(PLAN) as tracker:
        assert statuses() == ["KILLED"]
        assert Holder.from_json(experiment_tags()[names.LEASE]) == tracker.experiment.lease.mine
    assert names.LEASE not in experiment_tags()


@pytest.mark.usefixtures("database")
def test_a_tracker_that_was_taken_over_from_writes_nothing_more_and_closes_nothing() -> None:
    with Tracker(PLAN) as tracker:
        tracker.write(job_of(SPEC), STARTED)
        other = replace(
            tracker.experiment.lease.mine.until_in(60), owner="another", host="gpu-3", system="another system"
        )
        tracker.experiment.client.set_experiment_tag(tracker.experiment.id, names.LEASE, other.to_json())
        tracker.experiment.lease.mine = tracker.experiment.lease.mine.until_in(-1)  # it stood still
        with pytest.raises(Unavailable, match="on gpu-3"):
            tracker.write(job_of(SPEC), SOLVED)
    assert statuses() == ["RUNNING"]
    assert experiment_tags()[names.LEASE] == other.to_json()


@pytest.mark.usefixtures("database")
def test_who_finds_that_others_have_written_since_it_looked_does_not_write() -> None:
    with Tracker(PLAN) as tracker:
        tracker.connect()
        tracker.experiment.client.create_run(tracker.experiment.id, tags={names.FINGERPRINT: SPEC.fingerprint})
        with pytest.raises(Unavailable, match="has just written to 'study'"):
            tracker.connect()


@pytest.mark.usefixtures("database")
def test_two_that_make_the_experiment_at_once_have_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    made = MlflowClient.create_experiment

    def made_twice(*given: object, **named: object) -> object:
        made(*given, **named)  # by the other, or by a request whose answer was lost
        return made(*given, **named)

    monkeypatch.setattr(MlflowClient, "create_experiment", made_twice)
    record(PLAN, [(SPEC, [*progress(), SOLVED])])
    assert statuses() == ["FINISHED"]


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("last", [SOLVED, CRASHED], ids=["finished", "failed"])
def test_a_run_that_the_store_made_without_an_answer_is_gone_at_the_end(
    last: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = MlflowClient.create_run

    def made_again(*given: object, **named: object) -> object:
        made(*given, **named)  # its answer is lost, and MLflow asks again
        return made(*given, **named)

    monkeypatch.setattr(MlflowClient, "create_run", made_again)
    with Tracker(PLAN) as tracker:
        for event in [*progress(), last]:
            tracker.write(job_of(SPEC), event)
        assert len(recorded()) == 2
        tracker.leave_one_each(PLAN.jobs)
    (run,) = recorded()
    assert (run.status, run.tags[names.OUTCOME]) == ("FINISHED" if last is SOLVED else "FAILED",
                                                     "solved" if last is SOLVED else "failed")  # fmt: skip


@pytest.mark.usefixtures("database")
def test_of_a_run_that_stands_twice_every_reader_counts_one_and_says_so() -> None:
    other = make_spec(seed=4)
    plan = plan_of(SPEC, other)
    record(plan, [(run, [*progress(), SOLVED]) for run in plan.runs])
    client = store.connect(store.tracking_uri())
    (first,) = (run for run in recorded() if run.params["seed"] == "3")
    client.set_tag(first.run_id, names.FINGERPRINT, "hidden for a moment")
    record(plan, [(SPEC, [*progress(), SOLVED])])
    client.set_tag(first.run_id, names.FINGERPRINT, SPEC.fingerprint)
    assert len(recorded()) == 3
    runs = results.load(EXPERIMENT).runs
    assert runs.copies.tolist() == [2, 1]
    assert runs.run_id[0] == first.run_id
    assert outcomes.repeated(runs) == "1 run stands in the record more than once, and each counts once."
    assert outcomes.repeated(runs[1:]) == outcomes.repeated(runs.drop(columns="copies")) == ""
    assert results.experiments() == {EXPERIMENT: 2}
    assert len(list(finding.runs_in(store.tracking_uri(), EXPERIMENT))) == 2


def test_artifacts_lie_beside_the_database_wherever_one_stands(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (database.parent / "elsewhere").mkdir()
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{database}")
    monkeypatch.chdir(database.parent / "elsewhere")
    record(PLAN, [(SPEC, [*progress(), SOLVED])])
    (run,) = recorded()
    assert run.artifact_uri.startswith((database.parent / "mlruns" / EXPERIMENT).as_uri())
    assert list(Path.cwd().iterdir()) == []


@pytest.mark.usefixtures("database")
def test_an_experiment_that_was_deleted_comes_back_with_its_runs() -> None:
    record(PLAN, [(SPEC, [*progress(), SOLVED])])
    client = store.connect(store.tracking_uri())
    client.delete_experiment(client.get_experiment_by_name(EXPERIMENT).experiment_id)
    assert recorded() == []
    with Tracker(PLAN) as tracker:
        assert tracker.finished([SPEC]) == {SPEC.fingerprint}


# -- stores that cannot be used ----------------------------------------------------------------------------


def test_a_file_that_is_no_database_is_refused_in_words(folder: Path) -> None:
    (folder / "mlflow.db").write_text("these are not the runs that you are looking for\n" * 100)
    with pytest.raises(Unavailable, match="not a database"), Tracker(PLAN):
        pass


@pytest.mark.parametrize("uri", ["./mlruns", "file:mlruns", "nonsense://somewhere"])
def test_a_store_that_mlflow_refuses_is_unavailable(uri: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
    with pytest.raises(Unavailable), Tracker(PLAN):
        pass
    assert list(folder.iterdir()) == []


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A server that accepts and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_server_that_does_not_answer_is_unavailable(silent_port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(servers, "PATIENCE", 0.2)
    with pytest.raises(Unavailable, match=f"http://127.0.0.1:{silent_port} does not answer"):
        store.require(f"http://127.0.0.1:{silent_port}")


def test_a_port_where_nobody_listens_is_unavailable(silent_port: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(Unavailable, match="does not answer"):
        store.require(f"http://127.0.0.1:{port}")


class NotFound(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_error(404)

    def log_message(self, *_: object) -> None:
        pass


def test_a_server_that_answers_anything_is_there() -> None:
    with http.server.HTTPServer(("127.0.0.1", 0), NotFound) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        store.require(f"http://127.0.0.1:{server.server_address[1]}")
        thread.join()


def test_a_server_that_talks_nonsense_is_unavailable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(1000)
                connection.sendall(b"what?\r\n\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        with pytest.raises(Unavailable, match="does not answer"):
            store.require(f"http://127.0.0.1:{server.getsockname()[1]}")
        thread.join()


@pytest.mark.parametrize("uri", ["http://", "http://bad host", "http://[half"])
def test_an_address_that_is_none_is_unavailable(uri: str) -> None:
    with pytest.raises(Unavailable):
        store.require(uri)


def test_a_folder_in_place_of_a_file_is_unavailable(folder: Path) -> None:
    (folder / "taken").write_text("")
    with pytest.raises(Unavailable, match="cannot write"):
        store.require_writable(folder / "taken" / "reports")
    store.require_writable(folder / "not" / "yet" / "there")


# -- claims ------------------------------------------------------------------------------------------------


def claims() -> dict[str, list[list[str]]]:
    """By the seed of a run."""
    return {run.params["seed"]: json.loads(run.tags[names.CLAIMS]) for run in recorded()}


@pytest.mark.usefixtures("database")
def test_finished_runs_bear_the_claims_of_the_last_plan_that_states_any() -> None:
    other = make_spec(seed=4)
    plan = plan_of(SPEC, other)
    record(plan, [(run, [*progress(), SOLVED]) for run in plan.runs])
    assert claims() == {"3": [], "4": []}
    for expected in ("fails", "solves"):
        control = Control("memory", "no gap", expected, (SPEC.fingerprint,))
        with Tracker(replace(plan, controls=(control,))) as tracker:
            assert tracker.changed
        assert claims() == {"3": [["memory", "no gap", expected]], "4": []}
    with Tracker(replace(plan, controls=(control,))) as tracker:
        assert not tracker.changed
    with Tracker(plan) as tracker:
        assert not tracker.changed
    assert claims()["3"] == [["memory", "no gap", "solves"]]


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("rerun", [False, True])
def test_a_run_repeated_alone_keeps_its_claims_and_its_search(rerun: bool) -> None:
    control = Control("memory", "no gap", "fails", (SPEC.fingerprint,))
    plan = plan_of(SPEC)
    (job,) = (replace(job, search="a search") for job in plan.jobs)
    with Tracker(replace(plan, controls=(control,))) as tracker:
        for event in [*progress(), SOLVED]:
            tracker.write(job, event)
    with Tracker(plan) as tracker:
        if rerun:
            tracker.forget([SPEC])
        for event in [*progress(), SOLVED]:
            tracker.write(plan.jobs[0], event)
    (run,) = recorded()
    assert json.loads(run.tags[names.CLAIMS]) == [["memory", "no gap", "fails"]]
    assert run.tags[names.SEARCH] == "a search"
