"""The sequence that a trace shows is one that a model without memory would get wrong."""

import pytest
from builders import load_core, load_task

from seqbench.models.base import SequenceModel
from seqbench.trace.sequence import sequence_of_test, trace
from seqbench.trace.telling import telling


def answers(task, seed, sequences):
    """What is right in each of the first sequences of the test, read off what they show."""
    return [float(task.oracle(sequence_of_test(task, seed, index, sequences))[0, 0]) for index in range(100)]


def test_a_number_is_shown_that_is_farthest_from_the_mean_of_those_looked_at():
    task = load_task("adding", gap=3)
    right, found = answers(task, 5, 700), telling(task, 5, 700)
    mean = sum(right) / 100
    assert found.guess == pytest.approx(mean)
    assert found.looked_at == 100
    farthest = max(range(100), key=lambda index: abs(right[index] - mean))
    assert found.index == farthest
    assert abs(right[farthest] - mean) > 0.5


def test_of_classes_the_first_is_shown_that_is_not_the_commonest():
    task = load_task("copy", gap=3)
    batch = task.batch(5, "test", 0, 40)
    right = [int(batch.targets[i, task.probed(batch)[i]]) for i in range(40)]
    commonest = max(sorted(set(right)), key=right.count)
    found = telling(task, 5, 40)
    assert (found.guess, found.looked_at) == (commonest, 40)
    assert found.index == next(i for i in range(40) if right[i] != commonest)


@pytest.mark.parametrize("name", ["adding", "copy"])
def test_the_guess_and_the_rule_stand_beside_the_answer(name):
    task = load_task(name, gap=3)
    model = SequenceModel(load_core("lstm", task.input_size, hidden_size=4), task.output_size)
    chosen = telling(task, 5, 40)
    batch = sequence_of_test(task, 5, chosen.index, 40)
    found = trace(model, task, batch, chosen)
    guess = f"{chosen.guess:.3f}" if name == "adding" else f"class {chosen.guess}"
    assert found.answer.endswith(f", best constant guess {guess}")
    rule = "farthest from their mean" if name == "adding" else "not the commonest of them"
    assert f"sequence {chosen.index} of its test" in found.sequence
    assert "of the first 40, " in found.sequence
    assert f"{rule} ({guess})" in found.sequence
    assert "guess" not in trace(model, task, batch).answer
