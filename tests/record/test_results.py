"""What is read from the record is what training told, as tidy frames."""

import math
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from builders import component, make_spec
from recording import (
    CRASHED,
    EXPERIMENT,
    MLFLOW_WARNINGS,
    SLOTS,
    SOLVED,
    STARTED,
    UNSOLVED,
    job_of,
    plan_of,
    progress,
    put_database,
    record,
)

from seqbench.config import Layers
from seqbench.events import Failed, GradientByLag, Metrics
from seqbench.plan import Control, RunSpec
from seqbench.record import results, store
from seqbench.record.labels import label, shared
from seqbench.record.values import Record, Refusal
from seqbench.record.writer import Tracker

pytestmark = MLFLOW_WARNINGS

LSTM, RNN, BROKEN = make_spec(seed=3), make_spec(model="rnn", seed=3, gap=5), make_spec(model="gru")
RUN_COLUMNS = {
    *(
        "thinned",
        "run_id",
        "run_name",
        "status",
        "outcome",
        "reason",
        "label",
        "evidence",
        "card",
        "command",
        "device",
        "claims",
        "search",
        "tuning",
        "not_finite",
        "test_loss_error",
        "test_perplexity",
        "test_bits_per_character",
        "best_baseline_loss",
        "fingerprint",
        "copies",
        "git_revision",
        "family",
        "auxiliary_states",
        "state_size",
        "milliseconds_per_step",
        "workers",
    ),
    *(
        "task",
        "arm",
        "plain_task",
        "plain_arm",
        "gap",
        "load",
        "seed",
        "parameters",
        "evidence_lag",
        "budget",
        "steps",
        "steps_to_solve",
    ),
    *("test_loss", "test_score", "seconds"),
    *(
        f"{of}{number}_{stage}"
        for of in ("", "input_")
        for number in ("gradient_at_gap", "decay", "zero_at_gap")
        for stage in ("init", "end")
    ),
}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Record:
    """A solved run, an unsolved one, and one that failed before it started."""
    uri = f"sqlite:///{put_database(tmp_path_factory.mktemp('record'))}"
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("MLFLOW_TRACKING_URI", uri)
        plan = plan_of(LSTM, RNN, BROKEN)
        record(plan, [(LSTM, [*progress(), SOLVED]), (RNN, [*progress(0.8), UNSOLVED]), (BROKEN, [CRASHED])])
    return results.load(EXPERIMENT, uri)


def row(whole: Record, spec: RunSpec) -> pd.Series:
    (found,) = (row for _, row in whole.runs.iterrows() if row.fingerprint == spec.fingerprint)
    return found


def of(frame: pd.DataFrame, whole: Record, spec: RunSpec, **cell: str) -> pd.DataFrame:
    for key, value in {"run_id": row(whole, spec).run_id, **cell}.items():
        frame = frame[frame[key] == value]
    return frame


# -- runs --------------------------------------------------------------------------------------------------


def test_there_is_a_row_per_run_with_the_columns_that_reports_rely_on(whole: Record) -> None:
    settings = {c for c in whole.runs.columns if c.startswith(("task.", "model.", "training.", "version."))}
    assert set(whole.runs.columns) == RUN_COLUMNS | settings
    assert {"task.gap", "model.hidden_size", "training.learning_rate", "version.torch"} <= settings
    assert len(whole.runs) == whole.runs.run_id.nunique() == 3
    assert whole.experiment == EXPERIMENT


def test_a_solved_run_has_its_scores_and_the_step_at_which_it_solved_the_task(whole: Record) -> None:
    run = row(whole, LSTM)
    assert (run.status, run.outcome, run.reason) == ("FINISHED", "solved", "")
    assert (run.task, run.arm, run.gap, run.load, run.seed) == ("copy", "lstm", 2, 1, 3)
    assert (run.parameters, run.steps, run.budget, run.steps_to_solve) == (33, 6, 6, 6)
    assert (run.test_loss, run.test_score, run.seconds) == (0.01, 0.995, 1.5)
    assert (run.family, run.state_size, run.milliseconds_per_step, run.workers) == ("gated", 16, 2.5, 0)
    assert (run.gradient_at_gap_init, run.gradient_at_gap_end) == (-2.0, -0.75)
    assert run["model.hidden_size"] == "8"
    assert run.command == "python -m seqbench seed=3"


def test_an_unsolved_run_has_no_step_at_which_it_solved_the_task(whole: Record) -> None:
    run = row(whole, RNN)
    assert (run.status, run.outcome, run.steps, run.test_score) == ("FINISHED", "unsolved", 6, 0.25)
    assert math.isnan(run.steps_to_solve)


def test_a_run_that_failed_before_it_started_appears_with_its_reason(whole: Record) -> None:
    run = row(whole, BROKEN)
    assert (run.status, run.outcome, run.reason) == ("FAILED", "failed", "RuntimeError: no luck")
    assert math.isnan(run.steps)
    assert math.isnan(run.test_score)


def test_numbers_are_numbers_even_if_no_run_has_any(folder: Path) -> None:
    put_database(folder)
    record(plan_of(BROKEN), [(BROKEN, [CRASHED])])
    runs = results.load_runs(EXPERIMENT)
    numbers = ["steps", "steps_to_solve", "test_loss", "test_score", "gradient_at_gap_end", "seconds"]
    assert [str(runs[column].dtype) for column in numbers] == ["float64"] * len(numbers)


def test_the_table_of_runs_alone_is_the_same_table(folder: Path) -> None:
    put_database(folder)
    record(plan_of(LSTM), [(LSTM, [*progress(), SOLVED])])
    pd.testing.assert_frame_equal(results.load_runs(EXPERIMENT), results.load(EXPERIMENT).runs)


# -- curves ------------------------------------------------------------------------------------------------


def test_curves_are_the_points_that_training_told(whole: Record) -> None:
    assert list(whole.curves.columns) == ["run_id", "task", "arm", "gap", "seed", "metric", "step", "value"]
    for spec, story in ((LSTM, progress()), (RNN, progress(0.8))):
        told = {(k, e.step, v) for e in story if isinstance(e, Metrics) for k, v in e.values.items()}
        read = of(whole.curves, whole, spec)
        assert set(zip(read.metric, read.step, read.value, strict=True)) == told
        assert len(read) == len(told)


def test_lag_curves_are_the_gradients_that_were_probed_without_what_is_not_a_number(whole: Record) -> None:
    columns = ["run_id", "task", "arm", "gap", "seed", "state", "stage", "lag", "log10_gradient", "spread", "zero"]
    assert list(whole.lags.columns) == columns
    assert whole.lags.zero.isna().all()  # nobody counted
    told = {
        (e.state, e.stage, lag, e.mean[lag], e.spread[lag])
        for e in progress()
        if isinstance(e, GradientByLag)
        for lag in range(3)
        if not math.isnan(e.mean[lag])
    }
    read = of(whole.lags, whole, LSTM)
    assert set(zip(read.state, read.stage, read.lag, read.log10_gradient, read.spread, strict=True)) == told
    assert len(read) == len(told) == 14


def test_curves_carry_the_identity_of_their_run(whole: Record) -> None:
    for frame in (whole.curves, whole.lags):
        assert {tuple(key) for key in frame[["task", "arm", "gap", "seed"]].to_numpy()} == {
            ("copy", "lstm", 2, 3),
            ("copy", "rnn", 5, 3),
        }


def test_large_frames_hold_text_as_categories_which_take_a_tenth_of_the_memory(whole: Record) -> None:
    text = {"run_id", "task", "arm"}
    for frame, more in ((whole.curves, {"metric"}), (whole.lags, {"state", "stage"}), (whole.metrics, {"metric"})):
        assert {column for column, dtype in frame.dtypes.items() if dtype == "category"} == text | more


def test_a_task_comes_with_all_that_is_needed_to_read_its_results(whole: Record) -> None:
    facts = STARTED.facts
    assert dict(whole.tasks) == {"copy": facts}


def test_controls_that_were_refused_are_read_with_their_reasons_until_a_plan_states_others(folder: Path) -> None:
    put_database(folder)
    refused = Control("length", "unshared", "refused", refusal="it takes sequences of 21 steps")
    endless = Control("length", "endless", "refused", refusal="too long " * 1000)
    plan, story = plan_of(LSTM), [(LSTM, [*progress(), SOLVED])]
    fails = Control("order", "bag", "fails", (LSTM.fingerprint,))
    record(replace(plan, controls=(refused, fails, endless)), story)
    record(plan, [])  # a run repeated alone states none
    first, second = results.load(EXPERIMENT).refusals
    assert first == Refusal("length", "unshared", "it takes sequences of 21 steps")
    assert (second.reason or "").startswith("too long too long")
    assert len(second.reason or "") <= 300
    record(replace(plan, controls=(replace(refused, refusal=None), fails)), [])
    assert results.load(EXPERIMENT).refusals == (Refusal("length", "unshared", None),)


# -- slots -------------------------------------------------------------------------------------------------


def test_scores_by_slot_are_those_that_the_test_gave_with_the_identity_of_their_run(whole: Record) -> None:
    assert list(whole.slots.columns) == ["run_id", "task", "arm", "gap", "seed", "metric", "slot", "value"]
    read = of(whole.slots, whole, RNN)
    told = {(name, slot, value) for slot, scores in enumerate(SLOTS) for name, value in scores.items()}
    assert set(zip(read.metric, read.slot, read.value, strict=True)) == told
    assert len(read) == len(told) == 4
    assert {tuple(key) for key in read[["task", "arm", "gap", "seed"]].to_numpy()} == {("copy", "rnn", 5, 3)}
    assert of(whole.slots, whole, LSTM).empty  # it has one scored position


# -- labels ------------------------------------------------------------------------------------------------


def table(*specs: RunSpec) -> pd.DataFrame:
    """The columns that labels are made from."""
    rows = [{**{key: str(value) for key, value in s.settings.items()}, "arm": s.model.name} for s in specs]
    return pd.DataFrame(rows).assign(gap=[s.gap for s in specs], search="", tuning="")


def labels(*specs: RunSpec) -> list[tuple[str, str]]:
    frame = label(table(*specs))
    return list(zip(frame.task, frame.arm, strict=True))


def test_an_arm_at_the_rate_that_was_tuned_for_it_keeps_its_name_and_at_the_common_one_bears_that() -> None:
    common, own, race = (make_spec(learning_rate=rate) for rate in (0.003, 0.01, 0.03))
    frame = table(common, own, race).assign(search=["c", "o", ""], tuning="c")
    assert list(label(frame).arm) == ["lstm, learning_rate=0.003", "lstm", "lstm"]
    alone = table(common, race).assign(search=["c", ""], tuning="c")
    assert list(label(alone).arm) == ["lstm", "lstm"]


def test_a_setting_of_the_model_that_varies_within_a_cell_splits_its_arm() -> None:
    wide, narrow = (make_spec(model=component("model", "lstm", hidden_size=size)) for size in (64, 32))
    assert labels(wide, narrow) == [("copy", "lstm, hidden_size=64"), ("copy", "lstm, hidden_size=32")]


def test_runs_on_several_devices_are_several_arms() -> None:
    here, there = make_spec(), replace(make_spec(), device="cuda")
    assert [arm for _, arm in labels(here, there)] == ["lstm, device=cpu", "lstm, device=cuda"]
    assert [arm for _, arm in labels(there)] == ["lstm"]


def test_a_run_on_a_card_says_on_which(folder: Path) -> None:
    put_database(folder)
    job = job_of(replace(make_spec(), device="cuda"))
    with Tracker(plan_of(job.run)) as tracker:
        tracker.write(job, replace(STARTED, card="NVIDIA H100"))
        tracker.write(job, Failed("no room", ""))
    (run,) = results.load_runs(EXPERIMENT).itertuples()
    assert (run.device, run.card, run.reason) == ("cuda", "NVIDIA H100", "no room")


def stacks(*made: Layers, arm: str = "lstm") -> list[RunSpec]:
    return [make_spec(model=replace(component("model", arm, hidden_size=8), stack=layers)) for layers in made]


def test_a_stack_says_what_it_is_and_a_core_alone_keeps_its_name_beside_it() -> None:
    specs = stacks(Layers(), Layers(layers=2), Layers(layers=2, block="residual", convolution=4))
    names = ["lstm", "lstm, layers=2", "lstm, layers=2, block=residual, convolution=4"]
    assert [arm for _, arm in labels(*specs)] == names
    own = table(*specs[:1] * 2).assign(**{"model.layers": ["1", "3"]})  # of a core with a knob of that name
    assert list(label(own).arm) == ["lstm", "lstm, layers=3"]


def test_what_all_stacks_share_is_in_no_name_and_is_told_beside_them() -> None:
    deep = [Layers(layers=layers, block="residual", convolution=4) for layers in (2, 4)]
    specs = [*stacks(deep[0]), *stacks(*deep, arm="gru")]
    assert [arm for _, arm in labels(*specs)] == ["lstm, layers=2", "gru, layers=2", "gru, layers=4"]
    assert shared(table(*specs)) == ["block=residual", "convolution=4"]
    assert [arm for _, arm in labels(*specs[:2])] == ["lstm", "gru"]
    assert shared(table(*specs[:2])) == ["layers=2", "block=residual", "convolution=4"]


def test_a_stack_has_its_name_beside_runs_that_say_nothing_of_layers() -> None:
    specs = [*stacks(Layers(layers=2)), *stacks(Layers(), arm="gru")]
    assert labels(*specs) == [("copy", "lstm, layers=2"), ("copy", "gru")]
    assert shared(table(*specs)) == shared(table(*specs[1:])) == []


def test_a_setting_of_training_that_varies_within_a_cell_splits_its_arm() -> None:
    assert labels(make_spec(learning_rate=0.1), make_spec(learning_rate=0.25)) == [
        ("copy", "lstm, learning_rate=0.1"),
        ("copy", "lstm, learning_rate=0.25"),
    ]


def test_a_setting_of_the_task_that_varies_within_a_cell_makes_two_tasks() -> None:
    light, heavy = (make_spec(task=component("task", "copy", load=load)) for load in (1, 3))
    assert labels(light, heavy) == [("copy, load=1", "lstm"), ("copy, load=3", "lstm")]


def test_a_task_whose_knob_is_null_keeps_its_name_beside_others_and_none_get_one_name() -> None:
    knobs = [{}, {"load": 3}, {"min_gap": 1}, {"min_gap": 2}, {"load": 3, "min_gap": 1}]
    specs = [make_spec(task=component("task", "copy", **{"load": 1, "min_gap": None, **own})) for own in knobs]
    assert [task for task, _ in labels(specs[0], specs[2], specs[3])] == ["copy", "copy, min_gap=1", "copy, min_gap=2"]
    assert len({task for task, _ in labels(*specs)}) == len(specs)


def test_a_knob_that_is_null_is_said_beside_runs_whose_record_lacks_it() -> None:
    frame = table(*[make_spec(seed=seed) for seed in range(3)]).assign(**{"task.min_gap": [None, "None", "1"]})
    assert list(label(frame).task) == ["copy", "copy, no min_gap", "copy, min_gap=1"]


def test_a_setting_that_follows_the_gap_does_not_split_its_arm() -> None:
    specs = [make_spec(model="lstm_chrono_told", gap=gap) for gap in (5, 10)]
    assert specs[0].model.settings["max_timescale"] != specs[1].model.settings["max_timescale"]
    assert labels(*specs) == [("copy", "lstm_chrono_told")] * 2


def test_a_setting_that_differs_between_arms_does_not_split_them() -> None:
    assert labels(make_spec(model="lstm"), make_spec(model="lstm_default")) == [
        ("copy", "lstm"),
        ("copy", "lstm_default"),
    ]


def test_an_arm_with_a_frozen_core_says_so_beside_others_and_theirs_keep_their_names() -> None:
    specs = [make_spec(freeze_core=frozen, seed=seed) for frozen in (True, False) for seed in (0, 1)]
    other = make_spec(model="rnn", freeze_core=True)  # alone in its cell, and still not what "rnn" is elsewhere
    expected = ["lstm, freeze_core=True"] * 2 + ["lstm"] * 2 + ["rnn, freeze_core=True"]
    assert [arm for _, arm in labels(*specs, other)] == expected


def test_how_an_arm_is_trained_is_said_beside_others_and_what_is_as_usual_keeps_its_name() -> None:
    decayed = make_spec(optimizer_options={"betas": [0.9, 0.95], "weight_decay": 0.1})
    clipped = make_spec(model="rnn", gap=7, clip_norm=None, clip={"value": 0.5})  # alone in its cell
    grown = make_spec(model="gru", curriculum={"start": 1, "factor": 2.0})
    names = ["lstm", "lstm, optimizer_options.betas=[0.9,0.95], optimizer_options.weight_decay=0.1"]
    passed = make_spec(model="rnn", initial_state="passed")
    names += ["rnn, clip.value=0.5", "gru, curriculum.start=1, curriculum.factor=2.0", "rnn, initial_state=passed"]
    untested = make_spec(hold=None)
    names += ["lstm, no hold"]
    assert [arm for _, arm in labels(make_spec(), decayed, clipped, grown, passed, untested)] == names
    assert labels(decayed, replace(decayed, seed=1)) == [("copy", "lstm")] * 2


def test_of_gradients_whose_numbers_are_bounded_nobody_says_that_the_norm_is_not() -> None:
    one, two, each = make_spec(), make_spec(clip_norm=2.0), make_spec(clip_norm=None, clip={"value": 0.5})
    assert [arm for _, arm in labels(one, each)] == ["lstm", "lstm, clip.value=0.5"]
    names = ["lstm, clip_norm=1.0", "lstm, clip_norm=2.0", "lstm, clip.value=0.5"]
    assert [arm for _, arm in labels(one, two, each)] == names


def test_where_all_cores_are_frozen_no_arm_says_so() -> None:
    assert labels(make_spec(freeze_core=True), make_spec(freeze_core=True, gap=7)) == [("copy", "lstm")] * 2


def test_runs_from_before_a_core_could_be_frozen_were_trained_as_a_whole() -> None:
    frame = table(make_spec(freeze_core=True), make_spec())
    frame.loc[1, "training.freeze_core"] = None
    assert list(label(frame).arm) == ["lstm, freeze_core=True", "lstm"]
    assert list(label(table(make_spec()).drop(columns="training.freeze_core")).arm) == ["lstm"]


def test_seeds_do_not_split_an_arm() -> None:
    assert labels(make_spec(seed=0), make_spec(seed=1)) == [("copy", "lstm")] * 2


def test_runs_without_the_setting_that_splits_an_arm_keep_its_name() -> None:
    wide, narrow = (make_spec(model=component("model", "lstm", hidden_size=size)) for size in (64, 32))
    without = make_spec(model=replace(component("model", "rnn"), settings={}))
    assert [arm for _, arm in labels(wide, narrow, without)] == ["lstm, hidden_size=64", "lstm, hidden_size=32", "rnn"]


def test_curves_have_the_labels_of_their_runs(folder: Path) -> None:
    put_database(folder)
    specs = [make_spec(model=component("model", "lstm", hidden_size=size)) for size in (64, 32)]
    record(plan_of(*specs), [(spec, [*progress(), SOLVED]) for spec in specs])
    assert set(results.load(EXPERIMENT).curves.arm) == {"lstm, hidden_size=64", "lstm, hidden_size=32"}


# -- what is not there -------------------------------------------------------------------------------------


def test_an_unknown_experiment_names_those_that_have_runs(folder: Path) -> None:
    put_database(folder)
    record(plan_of(LSTM, RNN, experiment="known"), [(LSTM, [*progress(), SOLVED]), (RNN, [CRASHED])])
    with Tracker(plan_of(LSTM, experiment="empty")):
        pass
    with pytest.raises(results.NoSuchExperiment, match=r"'nonsense' .*; experiments with runs: known \(2\)$"):
        results.load("nonsense")
    with pytest.raises(results.NoSuchExperiment, match=r"'empty'"):
        results.load_runs("empty")


def test_without_a_database_there_is_no_experiment_and_none_is_created(folder: Path) -> None:
    with pytest.raises(results.NoSuchExperiment, match="experiments with runs: none"):
        results.load("nonsense")
    assert results.experiments() == {}
    assert list(folder.iterdir()) == []


def test_a_run_that_was_cut_before_it_told_anything_is_not_there_yet(folder: Path) -> None:
    put_database(folder)
    tracker = Tracker(plan_of(LSTM)).__enter__()
    tracker.write(job_of(LSTM), progress()[0])
    tracker.experiment.lease.leave()
    with pytest.raises(results.NoSuchExperiment):
        results.load(EXPERIMENT)


def test_a_run_that_was_killed_halfway_is_unfinished_and_has_its_curves(folder: Path) -> None:
    put_database(folder)
    record(plan_of(LSTM), [(LSTM, progress())])
    whole = results.load(EXPERIMENT)
    assert list(zip(whole.runs.status, whole.runs.outcome, strict=True)) == [("KILLED", "unfinished")]
    assert set(whole.curves[whole.curves.metric == "train/loss"].value) == {0.5, 0.25}


def test_runs_of_somebody_else_are_not_counted(folder: Path) -> None:
    put_database(folder)
    client = store.connect(store.tracking_uri())
    client.create_run(client.create_experiment(EXPERIMENT))
    assert results.experiments() == {}
