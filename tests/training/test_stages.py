"""A gap that grows when it is solved, and a verdict that knows nothing of it: `training.curriculum`."""

from dataclasses import replace

import pytest
from builders import make_spec, untimed

from seqbench.config.regime import Curriculum
from seqbench.events import CURRICULUM_GAP, Finished, Metrics
from seqbench.tasks.base import Task
from seqbench.training.examination import Examination
from seqbench.training.fit import fit

DOUBLING = {"curriculum": {"start": 1, "factor": 2.0}}


@pytest.mark.parametrize(
    ("start", "factor", "last", "gaps"),
    [
        (5, 2.0, 40, [5, 10, 20, 40]),
        (5, 2.0, 33, [5, 10, 20, 33]),
        (1, 1.1, 5, [1, 2, 3, 4, 5]),
        (5, 1.5, 20, [5, 8, 12, 18, 20]),
        (7, 2.0, 7, [7]),
        (3, 1e308, 9, [3, 9]),
    ],
)
def test_the_gap_grows_by_the_factor_in_whole_steps_up_to_that_of_the_task(start, factor, last, gaps):
    assert Curriculum(start=start, factor=factor).gaps(last) == gaps


@pytest.fixture
def solving(monkeypatch):
    """Chosen gaps are solved whenever they are examined; the gaps that were trained at, in order."""
    gaps, trained = set(), []
    passes, draw = Examination._passes_test, Task.batch
    monkeypatch.setattr(Task, "shortfall", lambda task, scores: 0.0 if task.gap in gaps else 9.0)
    monkeypatch.setattr(Examination, "_passes_test", lambda own, step: passes(own, step) or own.task.gap in gaps)

    def batch(task, seed, stream, index, size):
        trained.extend([task.gap] * (stream == "train"))
        return draw(task, seed, stream, index, size)

    monkeypatch.setattr(Task, "batch", batch)
    return gaps, trained


def told(spec):
    """The gap from each step on, and the verdict."""
    events = list(fit(spec))
    grown = {e.step: e.values[CURRICULUM_GAP] for e in events if isinstance(e, Metrics) and CURRICULUM_GAP in e.values}
    (verdict,) = [event for event in events if isinstance(event, Finished)]
    return grown, verdict


SPEC = make_spec("copy", "gru", gap=6, max_steps=8, validate_every=1, validations_to_solve=2, **DOUBLING)


def test_the_next_gap_begins_after_so_many_validations_and_a_test_at_the_present_one(solving):
    gaps, trained = solving
    gaps |= {1, 2}
    grown, verdict = told(SPEC)
    assert grown == {0: 1, 2: 2, 4: 4}
    assert trained == [1, 1, 2, 2, 4, 4, 4, 4]
    assert verdict.outcome == "unsolved"


def test_the_verdict_is_taken_at_the_gap_of_the_task_wherever_training_is(solving):
    gaps, trained = solving
    gaps |= {6}
    grown, verdict = told(SPEC)
    assert (grown, trained) == ({0: 1}, [1, 1])
    assert (verdict.outcome, verdict.steps_to_solve) == ("solved", 2)


def test_at_the_end_of_the_way_it_trains_on_its_task(solving):
    gaps, trained = solving
    gaps |= {1, 2, 4}
    grown, _ = told(SPEC)
    assert grown == {0: 1, 2: 2, 4: 4, 6: 6}
    assert trained[-2:] == [6, 6]


def test_a_curriculum_that_starts_at_the_gap_of_the_task_changes_nothing_but_its_name():
    plain = make_spec("copy", "gru", gap=2)
    at_once = replace(plain, training=replace(plain.training, curriculum={"start": 2, "factor": 2.0}))
    others = [untimed(e) for e in fit(at_once) if not (isinstance(e, Metrics) and CURRICULUM_GAP in e.values)]
    assert list(map(repr, others)) == [repr(untimed(event)) for event in fit(plain)]
