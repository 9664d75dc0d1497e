"""Learning rates that are tuned: from the settings to the leaderboard, with runs that are played, not trained."""

import functools
import random
import shlex
from collections.abc import Iterable
from pathlib import Path

import pandas as pd
import pytest
from plans import faults_of
from recording import CRASHED, MLFLOW_WARNINGS, SOLVED, STARTED, UNSOLVED, played_at_once, recorded

from seqbench.analysis.findings import findings
from seqbench.driver import sweep
from seqbench.driver.cell_runs import Told
from seqbench.driver.searches import Searches
from seqbench.events import Event, Finished
from seqbench.executors import serial
from seqbench.horizon.estimate import Outcome
from seqbench.plan import Job, Plan, RunSpec
from seqbench.planning.make_plan import make_plan
from seqbench.record import archive, names, results, store

pytestmark = MLFLOW_WARNINGS

HORIZON = {
    "rnn": {0.001: 10, 0.003: 25},
    "gru": {0.003: 20, 0.01: 150},
    "lstm": {0.03: 60, 0.1: 60, 0.3: 60},
    "irnn": {},
}
"""Gaps up to which an arm solves every task, by learning rate."""


PLAIN = (
    "+experiment=horizon", "task=copy", "reports=null", "executor=serial", "horizon.max_gap=400",
    "horizon.max_runs=20", "training.freeze_core=false", "task.load=1", "tuning.seeds=4",
)  # fmt: skip


SMALL = "horizon.max_runs=8", "tuning.seeds=2"
"""Half the runs, where the command is tried and not what it finds."""


@functools.cache
def planned(*words: str, tuning: str = "{around:0.003}") -> Plan:
    return make_plan(*PLAIN, f"tuning={tuning}", *words)


def outcome(run: RunSpec) -> Finished:
    reach = HORIZON[run.model.name].get(run.training.learning_rate, 0)
    return SOLVED if float(run.gap or 0) <= reach else UNSOLVED


def played(searches: Searches, order: random.Random | None = None, workers: int = 1) -> list[Job]:
    """The jobs of the searches, `workers` at a time, that end in a random order."""
    source, begun, under_way = iter(searches), list[Job](), list[Job]()
    while True:
        while len(under_way) < workers and (job := next(source, None)) is not None:
            begun.append(job)
            under_way.append(job)
        if not under_way:
            return begun
        ended = under_way.pop((order or random.Random(0)).randrange(len(under_way)))
        searches.update(ended, outcome(ended.run))


def told(job: Job) -> Told:
    run, end = job.run, outcome(job.run)
    ended = Outcome(int(run.gap or 0), run.seed, end.outcome == "solved", end.steps)
    tunes = bool(job.tuning and not job.search)
    return Told(run.task.name, run.model.name, run.fingerprint, run.training.learning_rate, ended, tunes)


# -- the races of a plan -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("arm", "rate"), [("rnn", None), ("gru", 0.01), ("lstm", 0.03), ("irnn", None)])
@pytest.mark.parametrize("workers", [1, 4])
def test_an_arm_is_searched_at_its_own_rate_and_at_the_common_one(arm, rate, workers):
    searches = Searches(planned(f"model={arm}"))
    jobs = played(searches, workers=workers)
    (race,) = searches.tunings
    rates = {job.run.training.learning_rate for job in jobs if job.search}
    assert rates == ({0.003} if rate is None else {0.003, rate})
    assert all(job.run.seed >= 10_000 for job in jobs if not job.search)
    assert all(job.run.seed < 20 for job in jobs if job.search)
    assert {job.tuning for job in jobs} == {race.first.search}
    assert len({job.run.fingerprint for job in jobs}) == len(jobs)


@pytest.mark.parametrize("cut", [0, 1, 5, 12, 20, 33])
def test_what_is_run_next_depends_on_what_is_recorded_and_not_on_its_order(cut):
    jobs = played(Searches(planned("model=gru")))
    for seed in range(3):
        again = Searches(planned("model=gru"))
        again.recall(map(told, random.Random(seed).sample(jobs[:cut], cut)))
        assert next(iter(again)) == jobs[cut]


def test_a_race_that_needs_a_crashed_run_ends_without_a_rate():
    searches = Searches(planned("model=gru"))
    for job in searches:
        searches.update(job, outcome(job.run) if job.search else CRASHED)
    (race,) = searches.tunings
    assert race.ended == "it needs a run that crashed"
    assert race.chosen is None
    assert searches.own == {}


def test_runs_that_chose_a_rate_are_of_no_search_that_tunes_with_other_seeds():
    jobs = [job for job in played(Searches(planned("model=rnn"))) if not job.search]
    other = Searches(planned("model=rnn", tuning="{around:0.003,first_seed:500}"))
    other.recall(map(told, jobs))
    assert other.jobs == []


def test_a_job_is_repeated_alone_by_its_command_at_its_rate():
    *_, job = played(Searches(planned("model=gru")))
    assert make_plan(*shlex.split(job.command)[3:]).runs == (job.run,)


def test_cells_of_one_task_and_arm_are_told_apart_and_runs_by_their_rate():
    plan = make_plan(*PLAIN, "tuning={around:0.003}", "model=gru", "training.freeze_core=false,true")
    searches = Searches(plan)
    assert [one.title for one in searches.common] == [
        ("copy", "gru freeze_core=False"),
        ("copy", "gru freeze_core=True"),
    ]
    race, search = searches.tunings[1], searches.common[1]
    assert race.job((0.01, 5, 10_000)).name == "s10000 freeze_core=True lr=0.01 gru gap=5 copy"
    assert search.job((5, 0)).name == "s0 freeze_core=True gru gap=5 copy"


# -- what is refused ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (
            ("task=copy", "tuning={around:0.003}"),
            "tuning: goes with a search for the horizon; without one, name the rates: "
            "training.learning_rate=0.001,0.003",
        ),
        (
            ("+experiment=horizon", "tuning={around:0.003}", "training.learning_rate=0.001,0.003"),
            "training.learning_rate: is tuned for each arm; give one value, the common rate, or set tuning=null",
        ),
        (
            ("+experiment=horizon", "tuning={around:0.003,first_seed:11}"),
            "tuning.first_seed: 11 is not allowed; a search of 12 runs may use it: it should be 12 or more",
        ),
        (
            ("+experiment=horizon", "tuning={around:0}"),
            "tuning.around: 0 is not allowed; it should be greater than or equal to 0.000000001",
        ),
        (("task=copy", "horizon={}", "tuning={rates:5}"), "tuning.around: is missing"),
    ],
)
def test_refused(words, expected):
    assert expected in faults_of(*words)


# -- the command -------------------------------------------------------------------------------------------


class Interrupt(BaseException):
    """Stands for Ctrl-C."""


@pytest.fixture
def trained(folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[RunSpec]:
    """The runs that were begun."""
    return played_at_once(folder, monkeypatch, outcome)


def test_the_command_tunes_searches_and_keeps_the_tuning_out_of_all_else(trained, capsys, folder):
    assert sweep.sweep(planned("model=gru,rnn,irnn")) == 0
    out = capsys.readouterr().out
    record = results.load("horizon")
    found = findings(record)
    assert {entry.arm: entry.row["learning rate"] for entry in found.board} == {
        "gru": "0.01", "rnn": "0.003", "irnn": "0.003"
    }  # fmt: skip
    (gru,) = (entry for entry in found.board if entry.arm == "gru")
    beside = gru.beside["at the common rate"]
    assert gru.found.low <= 151 <= 1.5 * gru.found.high
    assert beside.found.low <= 21 <= 1.5 * beside.found.high
    assert set(beside.runs.arm) == {"gru, learning_rate=0.003"}
    assert len(record.runs) + len(record.tuning_runs) == len(trained)
    assert record.runs.seed.max() < 20
    assert record.tuning_runs.seed.min() == 10_000
    assert set(record.metrics.run_id) <= set(record.runs.run_id)
    assert found.gridded.empty
    tuned = {one.arm: one for one in found.tuned}
    assert {arm: one.rate for arm, one in tuned.items()} == {"gru": 0.01, "rnn": 0.003, "irnn": None}
    assert "gru at 0.01 (4/4 at gap 93; window 0.5 decades)" in out
    assert "irnn solves gap 5 at no rate" in out
    assert results.load_runs("horizon").seed.max() < 20
    (folder / archive.NAME).write_bytes(archive.content(record))
    again = archive.read(folder / archive.NAME)
    assert (again.tunings, again.searches) == (record.tunings, record.searches)
    pd.testing.assert_frame_equal(again.tuning_runs, record.tuning_runs)
    pd.testing.assert_frame_equal(again.runs, record.runs)


@pytest.mark.parametrize("cut", [3, 20])
def test_a_command_that_was_cut_goes_on_where_it_was(trained, monkeypatch, cut):
    sweep.sweep(planned("model=gru", *SMALL))
    whole = trained.copy()
    client = store.connect(store.tracking_uri())
    for run in recorded("horizon"):
        client.delete_run(run.run_id)
    trained.clear()
    play = serial.events_of

    def interrupted(run: RunSpec) -> Iterable[Event]:
        if len(trained) == cut:
            raise Interrupt
        return play(run)

    monkeypatch.setattr(serial, "events_of", interrupted)
    with pytest.raises(Interrupt):
        sweep.sweep(planned("model=gru", *SMALL))
    monkeypatch.setattr(serial, "events_of", play)
    for _ in range(2):  # the second time there is nothing left to do
        assert sweep.sweep(planned("model=gru", *SMALL)) == 0
        assert trained == whole


def test_an_earlier_search_at_the_common_rate_counts(trained):
    sweep.sweep(planned("model=gru", tuning="null"))
    number = len(trained)
    sweep.sweep(planned("model=gru"))
    assert all(run.seed >= 10_000 or run.training.learning_rate == 0.01 for run in trained[number:])
    (entry,) = findings(results.load("horizon")).board
    assert entry.beside["at the common rate"].found.runs == number


def test_without_tuning_the_runs_that_chose_a_rate_do_not_count(trained):
    sweep.sweep(planned("model=rnn"))
    number = len(trained)
    assert sweep.sweep(planned("model=rnn", tuning="null")) == 0
    assert len(trained) == number
    (entry,) = findings(results.load("horizon")).board
    assert entry.runs.seed.max() < 20


def test_rerun_forgets_the_runs_of_races_too(trained):
    sweep.sweep(planned("model=gru", *SMALL))
    number = len(trained)
    sweep.sweep(planned("model=gru", *SMALL, "rerun=true"))
    assert len(trained) == 2 * number
    assert len(recorded("horizon")) == number


def test_a_run_that_chose_a_rate_and_crashed_is_listed_with_its_command(trained, monkeypatch, capsys):
    play = serial.events_of
    crash = lambda run: [STARTED, CRASHED] if run.seed >= 10_000 else play(run)  # noqa: E731
    monkeypatch.setattr(serial, "events_of", crash)
    assert sweep.sweep(planned("model=rnn", *SMALL)) == 1
    repeat = next(line for line in capsys.readouterr().out.splitlines() if line.startswith("  repeat: "))
    (run,) = make_plan(*shlex.split(repeat)[4:]).runs
    assert run.seed >= 10_000


def test_a_record_of_races_alone_has_nothing_to_report_yet(trained, monkeypatch):
    play = serial.events_of

    def interrupted(run: RunSpec) -> Iterable[Event]:
        if run.seed < 10_000:
            raise Interrupt
        return play(run)

    monkeypatch.setattr(serial, "events_of", interrupted)
    with pytest.raises(Interrupt):
        sweep.sweep(planned("model=rnn", *SMALL))
    assert [names.SEARCH in run.tags for run in recorded("horizon")] == [False]
    with pytest.raises(results.NoSuchExperiment, match="no runs yet but those that choose learning rates"):
        results.load("horizon")


def test_a_dry_run_tells_what_tuning_would_do(trained, capsys):
    assert sweep.sweep(planned("model=rnn", "dry_run=true")) == 0
    assert trained == []
    assert capsys.readouterr().out.splitlines() == [
        "copy rnn: learning rates 0.0003 to 0.03: none solved yet after 0 runs; next: rate 0.003 gap 5 seed 10000",
        "copy rnn: gap50 not tested after 0 runs; next: gap 5 seed 0, gap 400 seed 1",
        "1 search of 'horizon' from gap 5 to 400, until the interval is narrower than a factor 1.5; "
        "each has 20 runs at most",
        "beside each, the learning rate is chosen among 0.0003, 0.001, 0.003, 0.01 and 0.03, and up to 2 more beyond "
        "an end that wins, on 4 seeds from 10,000, in at most 20 runs; then the rate that won is searched, too, if it "
        "is not the common one",
    ]
