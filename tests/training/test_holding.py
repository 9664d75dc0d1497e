"""How far beyond the gap of its training a run solves its task: `training.hold`."""

import math

import pytest
import torch
from builders import component, finished, make_spec

from seqbench.events import Hold
from seqbench.models.controls import Unshared
from seqbench.tasks.base import Task
from seqbench.tasks.copy import Copy
from seqbench.training import holding
from seqbench.training.build import build
from seqbench.training.evaluation import Evaluation

ORACLE = make_spec("copy", "oracle", gap=3)


@pytest.fixture
def drawn(monkeypatch):
    """What is drawn: (seed, stream, index, size), and the gap."""
    places, draw = [], Task.batch

    def batch(task, seed, stream, index, size):
        places.append(((seed, stream, index, size), task.gap))
        return draw(task, seed, stream, index, size)

    monkeypatch.setattr(Task, "batch", batch)
    return places


def oracle_up_to(gap):
    """Answers of the task's own rule, and beyond this gap always the same symbol."""

    def predict(batch, carried):
        outputs = Copy(gap=1).oracle(batch)
        return outputs if batch.inputs.shape[1] <= gap + 1 else torch.ones_like(outputs)

    return predict


def held(spec, predict, **limits):
    """The hold of a predictor whose verdict is taken here."""
    task, _ = build(spec)
    return holding.held(spec, Evaluation(task, predict, 0, "test", 0, 30), predict, **limits)


MIXED = make_spec(component("task", "copy", gap=3, min_gap=1), "oracle")


@pytest.mark.parametrize(
    ("last", "hold"),
    [
        (2, Hold(0, 1)),  # does not solve its own gap: not tested beyond
        (3, Hold(1, 2)),
        (12, Hold(4, 8)),
        (23, Hold(4, 8)),  # 24 would be 8 times the gap
        (96, Hold(32, 64)),
        (10**6, Hold(64, 64)),  # nobody knows what comes beyond
    ],
)
def test_the_hold_is_the_longest_multiple_that_is_solved_and_testing_stops_at_the_first_that_is_not(last, hold):
    assert held(ORACLE, oracle_up_to(last)).hold == hold


def test_scores_at_each_multiple_are_a_table_which_begins_with_the_verdict_itself():
    rows = held(ORACLE, oracle_up_to(6)).tables["hold"]
    assert [(row["multiple"], row["gap"]) for row in rows] == [(1, 3), (2, 6), (4, 12)]
    assert [row["accuracy"] == 1 for row in rows] == [True, True, False]


def test_a_run_that_does_not_solve_its_task_costs_no_test(drawn):
    found = finished(make_spec("copy", "memoryless", max_steps=1))
    assert (found.outcome, found.hold, found.tables["hold"]) == ("unsolved", Hold(0, 1), [])
    assert {gap for (_, stream, _, _), gap in drawn if stream == "test"} == {2}


def test_sequences_are_fewer_the_longer_they_are_and_a_batch_has_so_many_steps(drawn, monkeypatch):
    monkeypatch.setattr(holding, "STEPS_TOGETHER", 4000)
    held(ORACLE, oracle_up_to(10**6))
    own, *beyond = drawn  # the verdict's test is drawn once
    assert own == ((0, "test", 0, 30), 3)
    sizes = {gap: [size for (_, _, _, size), at in beyond if at == gap] for gap in {gap for _, gap in beyond}}
    assert {gap: sum(own) for gap, own in sizes.items()} == {
        6: 500, 12: 500, 24: 250, 48: 125, 96: 100, 192: 100,
    }  # fmt: skip
    assert all(max(own) * (gap + 1) <= 4000 for gap, own in sizes.items())
    numbers = [place for place in drawn if place[1] == 192]
    assert len(set(numbers)) == len(numbers) > 1  # batches of their own


def test_where_gaps_are_mixed_multiples_are_of_the_longest_exactly_and_it_is_tested_again(drawn):
    found = held(MIXED, oracle_up_to(6))
    assert found.hold == Hold(2, 4)
    assert list(dict.fromkeys(gap for _, gap in drawn)) == [3, 6, 12]
    assert [place for place, gap in drawn if gap == 3] == [(0, "test", 0, 30), (0, "test", 0, 500)]


def test_a_mixed_run_that_passes_by_its_shorter_gaps_alone_does_not_hold_its_own(monkeypatch):
    monkeypatch.setattr(Evaluation, "solved", lambda own: own.task.min_gap is not None)
    assert held(MIXED, oracle_up_to(2)).hold == Hold(0, 1)


def test_what_is_not_finite_is_not_solved():
    predict = oracle_up_to(3)
    found = held(ORACLE, lambda batch, carried: predict(batch, carried) * (math.nan if len(batch.inputs) > 30 else 1))
    assert found.hold == Hold(1, 2)


def test_a_core_that_takes_no_longer_sequences_is_not_tested_beyond_its_own():
    core = Unshared(10, hidden_size=4, length=4)

    def predict(batch, carried):
        core(batch.inputs)
        return Copy(gap=1).oracle(batch)

    assert held(ORACLE, predict).hold == Hold(1, 1)


def test_a_task_that_refuses_a_gap_is_not_tested_there(monkeypatch):
    made = Copy.__init__

    def limited(self, *, gap, **settings):
        made(self, gap=gap, **settings)
        if gap > 12:
            raise ValueError("too long for anybody")

    monkeypatch.setattr(Copy, "__init__", limited)
    assert held(ORACLE, oracle_up_to(10**6)).hold == Hold(4, 4)


@pytest.mark.parametrize("error", [RuntimeError, MemoryError, SystemExit])
def test_an_error_beyond_the_gap_ends_the_test_with_a_word_and_the_verdict_stands(error):
    def predict(batch, carried):
        if batch.inputs.shape[1] > 30:
            raise error("no room for it")
        return Copy(gap=1).oracle(batch)

    with pytest.warns(UserWarning, match=r"ended early, the verdict stands: .*no room for it"):
        found = held(ORACLE, predict)
    assert found.hold is not None
    assert 1 <= found.hold.multiple == found.hold.tested < 64


def test_sequences_that_cost_a_core_too_much_are_not_tried():
    assert held(ORACLE, oracle_up_to(10**6), most_steps=47).hold == Hold(8, 8)
    assert build(make_spec("copy", "attention"))[1].core.most_steps == 1024


@pytest.mark.parametrize(("last", "hold"), [(2, Hold(2, 2)), (7, Hold(4, 4)), (128, Hold(128, 128)), (None, None)])
def test_the_setting_is_the_longest_multiple_and_null_asks_for_none(last, hold):
    found = held(make_spec("copy", "oracle", gap=3, hold=last), oracle_up_to(10**6))
    assert found.hold == hold
    assert bool(found.tables) == (hold is not None)


def test_a_text_has_no_gap_to_set_and_no_hold():
    assert finished(make_spec("text", "ngram", max_steps=1)).hold is None


def test_every_run_tells_its_hold_and_the_oracle_holds_to_the_end():
    found = finished(make_spec("copy", "oracle", gap=2))
    assert found.hold == Hold(64, 64)
    assert [row["multiple"] for row in found.tables["hold"]] == [1, 2, 4, 8, 16, 32, 64]


def test_testing_beyond_changes_nothing_else():
    """A run that is told from another by its hold alone has the same verdict."""
    solved = make_spec("copy", "oracle"), make_spec("copy", "oracle", hold=None)
    one, other = map(finished, solved)
    assert (one.outcome, one.test, one.steps) == (other.outcome, other.test, other.steps)
