"""The search as a command: from the settings to the end of every search, with runs that are played, not trained."""

import functools
import random
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from recording import (
    CRASHED,
    MLFLOW_WARNINGS,
    SOLVED,
    STARTED,
    UNSOLVED,
    plan_of,
    played_at_once,
    record,
    recorded,
)

from seqbench.analysis import entries
from seqbench.driver import sweep
from seqbench.driver.cell_runs import MOST_CRASHES, Told
from seqbench.driver.searches import CellSearch, Searches
from seqbench.events import Event, Finished
from seqbench.executors import serial
from seqbench.horizon.estimate import Outcome
from seqbench.horizon.search import Search
from seqbench.plan import Job, Plan, RunSpec
from seqbench.planning.make_plan import make_plan
from seqbench.record import names, results, store

SEARCH = Search(min_gap=5, max_gap=400)
HORIZON = {"rnn": 20, "lstm": 150, "lstm_chrono_told": 10_000, "gru": 0}
"""Gaps up to which an arm solves every task."""


def planned(*words: str, **settings: object) -> Plan:
    """The experiment of the horizon for the copy task; `settings` are those of the search."""
    settings = {"tolerance": 1.25, "max_runs": 60, "budgets": "[1000]"} | settings
    return _planned(*(f"horizon.{key}={value}" for key, value in settings.items()), *words)


PLAIN = (
    "+experiment=horizon", "task=copy", "reports=null", "executor=serial", "horizon.max_gap=400", "tuning=null",
    "training.freeze_core=false", "task.load=1",
)  # fmt: skip


@functools.cache
def _planned(*words: str) -> Plan:
    return make_plan(*PLAIN, *words)


def outcome(run: RunSpec) -> Finished:
    return SOLVED if float(run.gap or 0) <= HORIZON[run.model.name] else UNSOLVED


def played(searches: Searches, order: random.Random | None = None, workers: int = 1) -> list[RunSpec]:
    """The runs of the searches, `workers` at a time, that end in a random order."""
    source, begun, under_way = iter(searches), list[RunSpec](), list[Job]()
    while True:
        while len(under_way) < workers and (job := next(source, None)) is not None:
            begun.append(job.run)
            under_way.append(job)
        if not under_way:
            return begun
        ended = under_way.pop((order or random.Random(0)).randrange(len(under_way)))
        searches.update(ended, outcome(ended.run))


def only(searches: Searches) -> CellSearch:
    (one,) = searches.all
    return one


# -- the search of a cell ----------------------------------------------------------------------------------


@pytest.mark.parametrize("workers", [1, 4])
@pytest.mark.parametrize(("arm", "between"), [("rnn", (20, 21)), ("lstm", (150, 151))])
def test_a_search_begins_with_the_ends_and_finds_a_sharp_horizon(arm, between, workers):
    searches = Searches(planned(f"model={arm}"))
    runs = played(searches, workers=workers)
    found = only(searches).found
    assert {run.gap for run in runs[:2]} == {5, 400}
    assert found.low <= between[1]
    assert found.high >= between[0]
    assert found.ratio < 1.25
    assert "within a factor 1.25" in only(searches).standing
    assert len(runs) < 30


def test_a_horizon_outside_the_range_is_censored_and_ends_the_search_early():
    searches = Searches(planned("model=gru,lstm_chrono_told"))
    assert len(played(searches)) == 14
    assert [str(one.found) for one in searches.all] == ["< 5", "> 400"]
    assert [one.ended for one in searches.all] == ["below min_gap 5", "beyond max_gap 400"]


def test_every_run_has_a_seed_of_its_own_and_the_model_follows_the_gap():
    runs = played(Searches(planned("model=lstm_chrono_told", max_runs=8)))
    assert sorted(run.seed for run in runs) == list(range(len(runs)))
    assert all(run.model.settings["max_timescale"] == run.gap for run in runs)


def test_searches_take_turns_and_late_ones_share_all_workers():
    searches = Searches(planned("model=rnn,gru,lstm"))
    source = iter(searches)
    first = [next(source).run for _ in range(5)]
    assert [run.model.name for run in first] == ["rnn", "gru", "lstm", "rnn", "gru"]
    assert [len(one.pending) for one in searches.all] == [2, 2, 1]


def test_probes_in_flight_spread_out():
    searches = Searches(planned("model=lstm"))
    source = iter(searches)
    assert len({next(source).run.gap for _ in range(6)}) == 6


def test_the_budget_of_runs_holds_with_many_workers():
    searches = Searches(planned("model=lstm", max_runs=8, tolerance=1.001))
    assert len(played(searches, workers=3)) == 8
    assert only(searches).ended == "budget of 8 runs spent"


def test_nothing_is_proposed_while_the_budget_is_under_way_and_the_source_ends_with_it():
    searches = Searches(planned("model=lstm", max_runs=8))
    source = iter(searches)
    jobs = [next(source) for _ in range(8)]
    assert next(source) is None
    for job in jobs:
        searches.update(job, outcome(job.run))
    assert next(source, "the end") == "the end"


def test_a_run_tells_its_search_of_every_budget():
    """Played: within 300 steps up to gap 10, within 1,000 up to gap 20."""
    plan = planned("model=rnn", budgets="[300,1000]", tolerance=1.5)
    searches = Searches(plan)
    for job in searches:
        event = replace(outcome(job.run), solved_by={300: float(job.run.gap or 0) <= 10})
        searches.update(job, event)
    results = only(searches).results.values()
    assert {one.solved_by for one in results} == {((300, True),), ((300, False),)}
    short = SEARCH.estimate([one.within(300) for one in results])
    assert short.low <= 11
    assert short.high >= 10
    assert only(searches).found.gap50 == pytest.approx(20, rel=0.3)


def test_the_budget_of_steps_ends_a_search():
    searches = Searches(planned("model=lstm", budgets="[5]", max_steps=40, tolerance=1.001))
    played(searches)
    assert only(searches).ended == "budget of 40 training steps spent"


@pytest.mark.parametrize("cut", [0, 1, 5, 11])
def test_what_is_proposed_depends_on_what_is_recorded_and_not_on_its_order(cut):
    whole = Searches(planned("model=lstm"))
    runs = played(whole)
    known = runs[:cut]
    for seed in range(3):
        again = Searches(planned("model=lstm"))
        for run in random.Random(seed).sample(known, len(known)):
            recall(again, run)
        assert next(iter(again)).run == runs[cut]


def recall(searches: Searches, run: RunSpec) -> None:
    end = outcome(run)
    ended = Outcome(int(run.gap or 0), run.seed, end.outcome == "solved", end.steps)
    searches.recall([Told(run.task.name, run.model.name, run.fingerprint, run.training.learning_rate, ended)])


def test_the_order_in_which_probes_end_changes_neither_their_number_nor_what_is_found_by_much():
    found = []
    for seed in range(3):
        searches = Searches(planned("model=lstm"))
        played(searches, random.Random(seed), workers=3)
        found.append(only(searches).found)
    assert all(one.ratio < 1.25 and one.low <= 151 and one.high >= 150 for one in found)


def test_a_crashed_run_is_no_result_is_not_repeated_and_the_search_goes_on():
    searches = Searches(planned("model=lstm"))
    source = iter(searches)
    first = next(source)
    searches.update(first, CRASHED)
    second = next(source).run
    assert only(searches).results == {}
    assert (second.gap, second.seed) != (first.run.gap, first.run.seed)


def test_a_search_whose_runs_crash_is_given_up():
    searches = Searches(planned("model=lstm"))
    begun = 0
    for job in searches:
        searches.update(job, CRASHED)
        begun += 1
    assert begun == MOST_CRASHES
    assert only(searches).ended == "3 of its runs crashed"


# -- over the load -----------------------------------------------------------------------------------------

LOADS = {"rnn": 3, "gru": 40, "lstm": 0}
"""Loads up to which an arm solves every task at gap 20, half as much at gap 40."""


@functools.cache
def over_loads(*words: str) -> Plan:
    search = "horizon={over:load,min_load:1,max_load:16,tolerance:1.25}"
    return make_plan("task=copy", "name=loads", "reports=null", "executor=serial", search, *words)


def carried(run: RunSpec) -> Finished:
    return SOLVED if float(run.load) * float(run.gap or 0) <= 20 * LOADS[run.model.name] else UNSOLVED


def test_a_search_over_the_load_finds_the_largest_at_the_gap_of_the_task():
    searches = Searches(over_loads("model=rnn,gru,lstm", "task.gap=20"))
    begun = []
    for job in searches:
        begun.append(job)
        searches.update(job, carried(job.run))
    assert [one.ended for one in searches.all] == [
        "interval between neighbouring loads", "beyond max_load 16", "below min_load 1",
    ]  # fmt: skip
    rnn, gru, lstm = (one.found for one in searches.all)
    assert 3 <= rnn.gap50 <= 4
    assert [str(gru), str(lstm)] == ["> 16", "< 1"]
    assert {job.run.gap for job in begun} == {20}
    assert [job.name for job in begun[:4]] == [
        "s0 load=1 rnn gap=20 copy", "s0 load=1 gru gap=20 copy", "s0 load=1 lstm gap=20 copy",
        "s1 load=16 rnn gap=20 copy",
    ]  # fmt: skip
    assert len({job.name for job in begun}) == len(begun)


def test_searches_at_several_gaps_are_told_apart():
    searches = Searches(over_loads("model=rnn", "task.gap=20,40"))
    assert [one.title for one in searches.all] == [("copy gap=20", "rnn"), ("copy gap=40", "rnn")]


# -- runs of an earlier plan -------------------------------------------------------------------------------


def grid_of(*words: str) -> Plan:
    return make_plan(
        "task=copy", "model=lstm_chrono_told", "training.max_steps=1000", "training.test_sequences=2000", *words
    )


def test_runs_of_an_earlier_grid_count_also_where_the_model_follows_the_gap():
    searches = Searches(planned("model=lstm_chrono_told"))
    for run in grid_of("task.gap=5,30,400", "seed=range(4)").runs:
        recall(searches, run)
    assert len(only(searches).results) == 12
    assert only(searches).ended == "beyond max_gap 400"
    assert list(searches) == []


@pytest.mark.parametrize(
    "other", ["training.max_steps=2000", "model.hidden_size=8", "model.max_timescale=7", "task.load=2", "model=lstm"]
)
def test_runs_with_another_setting_do_not_count(other):
    searches = Searches(planned("model=lstm_chrono_told"))
    for run in grid_of("task.gap=5,30,400", other).runs:
        recall(searches, run)
    assert only(searches).results == {}


# -- the command -------------------------------------------------------------------------------------------

pytestmark = MLFLOW_WARNINGS


class Interrupt(BaseException):
    """Stands for Ctrl-C."""


@pytest.fixture
def trained(folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[RunSpec]:
    """The runs that were begun."""
    return played_at_once(folder, monkeypatch, outcome)


def board() -> Mapping[str, entries.Entry]:
    whole = results.load("horizon")
    return {entry.arm: entry for entry in entries.entries(whole.runs, whole.searches)}


def test_the_command_searches_records_and_shows_a_leaderboard(trained, capsys):
    assert sweep.sweep(planned("model=rnn,gru,lstm_chrono_told")) == 0
    out = capsys.readouterr().out
    entries = board()
    assert list(entries) == ["lstm_chrono_told", "rnn", "gru"]  # the longest horizon first
    assert [entries[arm].gap50 for arm in ("lstm_chrono_told", "gru")] == ["> 400", "< 5"]
    assert [entries[arm].reliable for arm in ("lstm_chrono_told", "gru")] == ["> 400", "none"]
    rnn = entries["rnn"]
    assert rnn.found.low <= 21
    assert rnn.found.high >= 20
    assert int(rnn.reliable) <= rnn.found.low
    assert [rnn.row[name] for name in ("parameters", "budget")] == ["33", "1,000"]
    assert "beyond max_gap 400" in out
    assert "whole budget" in out
    assert f"[{len(trained)}] " in out
    note = store.connect(store.tracking_uri()).get_experiment_by_name("horizon").tags[names.NOTE]
    assert "**Answer:** On copy, within 1,000 training steps: lstm_chrono_told reaches beyond gap 400" in note
    assert "| > 400 |" in note


def test_what_is_recorded_of_shorter_budgets_is_recalled(trained, monkeypatch):
    def events(run: RunSpec) -> Iterable[Event]:
        trained.append(run)
        return [STARTED, replace(outcome(run), solved_by={300: float(run.gap or 0) <= 10})]

    monkeypatch.setattr(serial, "events_of", events)
    plan = planned("model=rnn", budgets="[300,1000]", tolerance=1.5)
    sweep.sweep(plan)
    number = len(trained)
    sweep.sweep(plan)
    assert len(trained) == number
    entry = board()["rnn"]
    assert [(budget, one.gap50) for budget, one in entries.by_budget([entry])] == [
        (300, entry.within(300).gap50),
        (1000, entry.gap50),
    ]
    assert entry.within(300).found.gap50 == pytest.approx(10, rel=0.3)
    assert entry.found.gap50 == pytest.approx(20, rel=0.3)


def test_a_search_over_the_load_is_recorded_shown_and_known_again(folder, monkeypatch, capsys):
    trained = played_at_once(folder, monkeypatch, carried)
    plan = over_loads("model=rnn,gru", "task.gap=20,40")
    assert sweep.sweep(plan) == 0
    out, number = capsys.readouterr().out, len(trained)
    assert "load50 (95 % interval)" in out
    assert "seconds per gap" not in out
    whole = results.load("loads")
    found = {(one.task, one.arm): one for one in entries.entries(whole.runs, whole.searches)}
    assert {key: one.found.bracket.solved for key, one in found.items() if key[1] == "rnn"} == {
        ("copy, gap=20", "rnn"): 3, ("copy, gap=40", "rnn"): 1,
    }  # fmt: skip
    assert set(found["copy, gap=20", "rnn"].run_tasks) == {
        f"copy, load={k}" for k in found["copy, gap=20", "rnn"].places
    }
    assert sweep.sweep(plan) == 0
    assert len(trained) == number


def test_typed_again_it_runs_nothing_and_shows_the_same(trained, capsys):
    sweep.sweep(planned("model=rnn,gru"))
    first, number = capsys.readouterr().out, len(trained)
    assert sweep.sweep(planned("model=rnn,gru")) == 0
    assert len(trained) == number
    second = capsys.readouterr().out
    assert second == "".join(line for line in first.splitlines(keepends=True) if not line.startswith("["))


def test_arms_that_bear_a_setting_in_their_label_are_known_again(trained):
    sweep.sweep(planned("model=rnn", "model.hidden_size=4,8"))
    number = len(trained)
    assert set(board()) == {"rnn, hidden_size=4", "rnn, hidden_size=8"}
    sweep.sweep(planned("model=rnn", "model.hidden_size=4,8"))
    assert len(trained) == number


def test_a_search_that_was_cut_goes_on_where_it_was(trained, monkeypatch):
    sweep.sweep(planned("model=rnn"))
    whole = trained.copy()
    client = store.connect(store.tracking_uri())
    for run in recorded("horizon"):
        client.delete_run(run.run_id)
    trained.clear()
    play = serial.events_of

    def cut(run: RunSpec) -> Iterable[Event]:
        if len(trained) == 7:
            raise Interrupt
        return play(run)

    monkeypatch.setattr(serial, "events_of", cut)
    with pytest.raises(Interrupt):
        sweep.sweep(planned("model=rnn"))
    monkeypatch.setattr(serial, "events_of", play)
    assert sweep.sweep(planned("model=rnn")) == 0
    assert trained == whole


def test_an_earlier_grid_of_the_experiment_counts_and_joins_the_search(trained):
    grid = grid_of("task.gap=5,20,200", "model=rnn", "seed=range(2)")
    record(plan_of(*grid.runs, experiment="horizon"), [(run, [STARTED, outcome(run)]) for run in grid.runs])
    sweep.sweep(planned("model=rnn"))
    entry = board()["rnn"]
    assert entry.found.runs == len(trained) + 6
    assert not [run for run in trained if run in grid.runs]
    assert results.load("horizon").searches == {
        entry.runs.search.iloc[0]: Search(min_gap=5, max_gap=400, budgets=(1000,))
    }


def test_a_crashed_run_is_listed_and_tried_again_the_next_time(trained, monkeypatch, capsys):
    play = serial.events_of
    monkeypatch.setattr(serial, "events_of", lambda run: [STARTED, CRASHED] if run.seed == 2 else play(run))
    assert sweep.sweep(planned("model=rnn", max_runs=8)) == 1
    out = capsys.readouterr().out
    assert "RuntimeError: no luck" in out
    repeat = next(line for line in out.splitlines() if line.startswith("  repeat: "))
    (run,) = make_plan(*shlex.split(repeat)[4:]).runs
    assert run.seed == 2
    assert board()["rnn"].found.runs == 7
    monkeypatch.setattr(serial, "events_of", play)
    assert sweep.sweep(planned("model=rnn", max_runs=8)) == 0
    assert board()["rnn"].found.runs == 8


def test_rerun_forgets_the_runs_of_the_searches(trained):
    sweep.sweep(planned("model=rnn"))
    number = len(trained)
    sweep.sweep(planned("model=rnn", "rerun=true"))
    assert len(trained) == 2 * number
    assert len(recorded("horizon")) == number


def test_the_leaderboard_shows_the_searches_of_this_plan_and_the_record_keeps_all(trained, capsys):
    sweep.sweep(planned("model=rnn"))
    capsys.readouterr()
    sweep.sweep(planned("model=gru"))
    out = capsys.readouterr().out
    assert "gru" in out
    assert "rnn" not in out
    assert set(board()) == {"rnn", "gru"}


def test_a_description_of_ones_own_is_kept(trained):
    client = store.connect(store.tracking_uri())
    experiment = client.create_experiment("horizon")
    client.set_experiment_tag(experiment, names.NOTE, "mine")
    sweep.sweep(planned("model=gru"))
    assert client.get_experiment(experiment).tags[names.NOTE] == "mine"


def test_a_dry_run_tells_what_would_be_searched_and_runs_nothing(trained, capsys):
    assert sweep.sweep(planned("model=rnn,gru", "dry_run=true")) == 0
    assert trained == []
    assert capsys.readouterr().out.splitlines() == [
        "copy rnn: gap50 not tested after 0 runs; next: gap 5 seed 0, gap 400 seed 1",
        "copy gru: gap50 not tested after 0 runs; next: gap 5 seed 0, gap 400 seed 1",
        "2 searches of 'horizon' from gap 5 to 400, until the interval is narrower than a factor 1.25; "
        "each has 60 runs at most",
    ]
