"""Scores over blocks of a stream, whole and by the first, second, ... scored position."""

import math

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
