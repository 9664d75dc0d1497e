"""When a task counts as solved is stated once, by the task, and everything else asks it."""

import json
import math
import re
from dataclasses import asdict

import pytest
from builders import load_task, options
from hypothesis import given
from hypothesis import strategies as st
from sources import constants

from seqbench.events import Baseline, Level, TaskFacts
from seqbench.tasks.base import Criterion
from seqbench.tasks.classification import enough_right

ENOUGH = enough_right("{} of the symbols")
LOW = Criterion("mse", 0.0, 0.01, "mean squared error of 0.01 or less")

criteria = st.builds(
    lambda best, allowed: Criterion("score", float(best), allowed / 10_000, "words"),
    st.integers(0, 1),
    st.integers(1, 5_000),
)


# -- the criterion -----------------------------------------------------------------------------------------


def test_99_percent_is_enough_and_is_said_so():
    assert ENOUGH.level == 0.99
    assert ENOUGH.words == "at least 99 % of the symbols"
    assert ENOUGH.shortfall({"accuracy": 0.99}) == 1


def test_an_error_may_be_as_large_as_is_allowed():
    assert LOW.level == 0.01
    assert [LOW.shortfall({"mse": mse}) for mse in (0.0, 0.005, 0.01, 0.02)] == [0, 0.5, 1, 2]


@given(st.integers(1, 1_000_000), st.data())
def test_a_share_is_enough_exactly_where_whole_numbers_say_so(answers, data):
    wrong = data.draw(st.integers(0, answers) | st.just(answers // 100) | st.just(min(answers, answers // 100 + 1)))
    solved = ENOUGH.shortfall({"accuracy": (answers - wrong) / answers}) <= 1
    assert solved == (100 * wrong <= answers)


@given(criteria)
def test_the_level_is_the_score_at_which_it_is_just_met(criterion):
    assert criterion.shortfall({"score": criterion.level}) == 1
    assert criterion.shortfall({"score": criterion.best}) == 0


@given(criteria, st.floats(0, 1), st.floats(0, 1))
def test_a_score_further_from_the_best_falls_shorter(criterion, one, other):
    nearer, further = sorted((one, other), key=lambda score: abs(score - criterion.best))
    assert criterion.shortfall({"score": nearer}) <= criterion.shortfall({"score": further})


def test_what_is_no_number_meets_no_criterion():
    assert not ENOUGH.shortfall({"accuracy": math.nan}) <= 1


@pytest.mark.parametrize("name", options("task"))
def test_what_a_reader_is_told_is_what_decides(name):
    task = load_task(name)
    criterion, facts = task.criterion, task.facts()
    assert facts.criterion == criterion.words
    assert facts.level == (criterion.level if criterion.score == facts.score_name else None)
    better = criterion.best + (criterion.level - criterion.best) * 0.999
    worse = criterion.best + (criterion.level - criterion.best) * 1.001
    assert task.solved({criterion.score: criterion.level})
    assert task.solved({criterion.score: better})
    assert not task.solved({criterion.score: worse})


def test_nobody_else_writes_the_level_of_the_criterion():
    """But for the reader of old records, which did not tell it. "over 99 %" is how a share just below one is said."""
    said = re.compile(r"(?<!\d)0?\.99(?!\d)|(?<!over )99 ?%")
    written = [
        (module, it)
        for module, it in constants()
        if (said.search(it) if isinstance(it, str) else it == 0.99) and module != "record/values.py"
    ]
    assert written == []


# -- what a reader is told of a task -----------------------------------------------------------------------

FACTS = TaskFacts(
    "cross-entropy (nats)",
    "accuracy",
    "at least 99 %",
    (Baseline("no memory", 2.0, 0.125), Baseline("half of it", 1.0, 0.5)),
    {"text": "a book", "words": 7},
    level=0.99,
)


def test_facts_come_back_from_the_record_as_they_were():
    assert TaskFacts.from_values(json.loads(json.dumps(asdict(FACTS)))) == FACTS


def test_baselines_may_be_lists_of_their_values():
    values = {**asdict(FACTS), "baselines": [["no memory", 2.0, 0.125], ["half of it", 1.0, 0.5]]}
    assert TaskFacts.from_values(json.loads(json.dumps(values))) == FACTS


def test_what_was_not_told_is_not_there():
    values = {"loss_name": "loss", "score_name": "perplexity", "criterion": "beats a trigram", "baselines": []}
    assert TaskFacts.from_values(values) == TaskFacts("loss", "perplexity", "beats a trigram", (), {}, None)


# -- where a test lies -------------------------------------------------------------------------------------


def test_a_test_is_at_a_baseline_if_its_95_percent_interval_covers_it():
    """1.96 standard errors of 0.05 are 0.098."""
    baseline = Baseline("no memory", 2.0, 0.125)
    at = [Level("loss", loss, 0.05).at(baseline) for loss in (1.90, 1.91, 2.0, 2.09, 2.10)]
    assert at == [False, True, True, True, False]
    assert not Level("loss", math.nan, 0.05).at(baseline)
    assert not Level("loss", math.inf, 0.05).at(baseline)


def test_a_loss_is_better_the_lower_and_a_score_the_nearer_to_its_best():
    baseline = Baseline("no memory", 2.0, 0.125)
    assert Level("loss", 1.99, 0.1).better_than(baseline)
    assert not Level("loss", 2.01, 0.1).better_than(baseline)
    assert Level("accuracy", 0.13, 0.1, best=1.0).better_than(baseline)
    assert not Level("accuracy", 0.12, 0.1, best=1.0).better_than(baseline)


@given(st.floats(1e-6, 1e6), st.floats(0, 2), st.floats(0.001, 0.1))
def test_where_a_test_lies_does_not_depend_on_the_unit(level, factor, error):
    at = Level("loss", factor * level, error * level).at(Baseline("no memory", level, 0.5))
    assert at or abs(factor - 1) > 1.959 * error
    assert not at or abs(factor - 1) < 1.961 * error
