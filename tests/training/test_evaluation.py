"""Scores over blocks of a stream, whole and by the first, second, ... scored position."""

import math

import numpy as np
import pytest
import torch
from builders import load_task

from seqbench.tasks.base import Batch
from seqbench.tasks.copy import SYMBOLS, Copy
from seqbench.training.evaluation import Evaluation


class Ragged(Copy):
    """Three sequences with 3, 1 and 2 scored positions; all answers are symbol 0."""

    def sample(self, rng, size):
        mask = torch.tensor([[True, True, True], [False, True, False], [True, False, True]])
        return Batch(torch.zeros(3, 3, 10), torch.zeros(3, 3, dtype=torch.long), mask, torch.full((3,), 3))


def answering(symbols):
    return lambda batch, carried: torch.nn.functional.one_hot(torch.tensor(symbols), SYMBOLS) * 100.0


def test_scores_by_slot_by_hand_where_sequences_have_different_numbers_of_scored_positions():
    """Answers by sequence, 0 is right: 0 0 1, 0, 1 0. By slot: 0 0 1, 0 0, 1."""
    found = Evaluation(Ragged(gap=1), answering([0, 0, 1, 0, 1, 0]), 0, "test", 0, 3)
    assert found.scores() == pytest.approx({"loss": 200 / 6, "accuracy": 4 / 6, "sequence_accuracy": 1 / 3}, rel=1e-6)
    assert [slot["accuracy"] for slot in found.scores_by_slot()] == pytest.approx([2 / 3, 1.0, 0.0])
    assert [slot["loss"] for slot in found.scores_by_slot()] == pytest.approx([100 / 3, 0.0, 100.0])


def test_slots_of_a_model_that_knows_the_first_of_three_symbols_by_hand():
    task = load_task("copy", gap=2, load=3)

    def knows_the_first(batch, carried):
        return task.oracle(batch) * (torch.arange(3).repeat(len(batch.mask)) < 1)[:, None]

    slots = Evaluation(task, knows_the_first, 0, "test", 0, 2000).scores_by_slot()
    assert [slot["loss"] for slot in slots] == pytest.approx([0, math.log(8), math.log(8)], abs=1e-5)
    assert [slot["accuracy"] for slot in slots] == pytest.approx([1, 1 / 8, 1 / 8], abs=0.03)


@pytest.mark.parametrize("name", ["adding", "temporal_order", "copy"])
def test_a_task_with_one_scored_position_has_no_slots(name):
    task = load_task(name)
    found = Evaluation(task, lambda batch, carried: task.oracle(batch), 0, "test", 0, 10)
    assert found.scores_by_slot() == []
    assert found.solved()


def test_blocks_do_not_overlap_and_hold_the_number_asked_for():
    task, seen = load_task("adding"), []

    def spy(batch, carried):
        seen.append(batch.inputs)
        return task.oracle(batch)

    for index in (0, 1):
        Evaluation(task, spy, 0, "test", index, 1200)
    assert [len(inputs) for inputs in seen] == [500, 500, 200] * 2
    assert len({row.numpy().tobytes() for inputs in seen for row in inputs}) == 2400


# -- where a test lies -------------------------------------------------------------------------------------


def test_a_loss_has_the_standard_error_of_a_ratio_by_hand():
    """Losses by sequence: 0 0 100, 0, 100 0; their mean is 200 / 6 over 6 positions.

    What each sequence has more or less than its share: 100 - 100, 0 - 33.3, 100 - 66.7. Three sequences.
    """
    found = Evaluation(Ragged(gap=1), answering([0, 0, 1, 0, 1, 0]), 0, "test", 0, 3)
    expected = math.sqrt(3 / 2 * (0**2 + (100 / 3) ** 2 + (100 / 3) ** 2)) / 6
    assert found.tested()["loss_error"] == pytest.approx(expected, rel=1e-6)
    level = found.level()
    assert (level.name, level.value, level.error) == ("loss", pytest.approx(200 / 6), pytest.approx(expected))


def test_the_standard_error_is_the_scatter_of_the_mean_over_tests():
    task = load_task("adding", gap=5)

    def no_memory(batch, carried):
        return torch.full((len(batch.mask), 1), 1.0)

    tests = [Evaluation(task, no_memory, 0, "test", block, 200).tested() for block in range(60)]
    scatter = np.std([test["loss"] for test in tests], ddof=1)
    assert np.mean([test["loss_error"] for test in tests]) == pytest.approx(scatter, rel=0.25)


@pytest.mark.parametrize("name", ["adding", "copy", "temporal_order"])
def test_a_task_that_asks_all_it_trains_on_is_placed_by_its_loss(name):
    task = load_task(name)
    assert Evaluation(task, lambda batch, carried: task.oracle(batch), 0, "test", 0, 20).level().name == "loss"


def test_an_error_that_decides_alone_has_the_standard_error_of_its_mean():
    """Every sum is .3 too large, and one in four at the last step right: squares of .09, .09, .09 and 0."""
    task = load_task("adding", gap=5, loss_on="all")

    def too_large(batch, carried):
        last_of_each_fourth = task.asked(batch) & (torch.arange(len(batch.mask)) % 4 == 0)[:, None]
        return task.oracle(batch) + 0.3 * ~last_of_each_fourth[batch.mask][:, None]

    level = Evaluation(task, too_large, 0, "test", 0, 400).level()
    assert (level.name, level.value, level.best) == ("mse", pytest.approx(0.0675), 0)
    assert level.error == pytest.approx(0.09 * math.sqrt(3 / 16 / 399), rel=1e-4)


def test_a_task_that_asks_less_than_it_trains_on_is_placed_by_the_score_that_decides():
    """All words but the first verb are predicted badly, and nine of ten verbs right."""
    task = load_task("agreement", gap=4)

    def mostly_right(batch, carried):
        wrong = torch.arange(len(batch.mask)) % 10 == 0
        sequence = batch.mask.nonzero()[:, 0]
        return torch.where(wrong[sequence][:, None], -task.oracle(batch), task.oracle(batch))

    found = Evaluation(task, mostly_right, 0, "test", 0, 400).level()
    assert (found.name, found.value, found.best) == ("accuracy", pytest.approx(0.9), 1.0)
    assert found.error == pytest.approx(math.sqrt(0.9 * 0.1 / 400))
    assert found.better_than(task.baselines[0])
    assert not found.at(task.baselines[1])
