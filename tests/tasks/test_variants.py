"""What a finished run is tested on beside its task: variants are tasks like any other, pure functions too."""

import functools
import math

import pytest
import torch
from builders import class_of, load_task, options
from hypothesis import given, settings
from hypothesis import strategies as st

from seqbench.tasks.base import Task

SEQUENCES = 60
general = settings(derandomize=True, max_examples=10, deadline=None)
PLACES = st.tuples(st.integers(0, 2**40), st.sampled_from(["validation", "test"]), st.integers(0, 9))


def variants(name, sequences=SEQUENCES):
    """Made anew: nothing has been asked of them."""
    return list(load_task(name).variants(sequences))


@functools.cache
def count(name):
    return len(variants(name))


NAMED = [(name, n) for name in options("task") for n in range(count(name))]
every_variant = pytest.mark.parametrize(("name", "n"), NAMED, ids=lambda part: str(part))


def variant(name, n) -> Task:
    return variants(name)[n][1]


def same(one, other):
    return all(a.dtype == b.dtype and torch.equal(a, b) for a, b in zip(one, other, strict=True))


def batches(task, seed=3, stream="test"):
    """What an evaluation takes."""
    return [task.batch(seed, stream, i, size) for i, size in enumerate(task.sizes(stream, SEQUENCES))]


def test_there_are_variants_to_look_at():
    """Of every task that says it has some; a text that is too short for them would hide them all."""
    having = {name for name in options("task") if class_of("task", name).variants is not Task.variants}
    assert {name for name, _ in NAMED} == having != set()


@pytest.mark.parametrize("name", options("task"))
def test_each_is_set_apart_by_its_own_numbers_under_the_same_names(name):
    apart = [known for known, _ in variants(name)]
    assert len({tuple(known.items()) for known in apart}) == len(apart)
    assert len({tuple(known) for known in apart}) <= 1


@every_variant
@general
@given(place=PLACES, before=st.lists(PLACES, max_size=3), asks=st.booleans())
def test_a_batch_depends_on_its_place_and_not_on_what_was_asked_before(name, n, place, before, asks):
    expected = variant(name, n).batch(*place, 4)
    its = variant(name, n)
    for _, stream, _ in before if asks else []:
        its.sizes(stream, 7)
    for other in before:
        its.batch(*other, 5)
    assert same(its.batch(*place, 4), expected)


@every_variant
def test_they_do_not_touch_one_another_nor_their_task(name, n):
    task = load_task(name)
    its = list(task.variants(SEQUENCES))[n][1]
    before = task.batch(0, "test", 0, 4)
    list(map(batches, (other for _, other in task.variants(SEQUENCES))))
    assert all(map(same, batches(its), batches(variant(name, n))))
    assert same(task.batch(0, "test", 0, 4), before)


@every_variant
def test_as_many_sequences_are_drawn_as_were_asked_for_where_there_are_so_many(name, n):
    sizes = variant(name, n).sizes("test", SEQUENCES)
    assert all(size > 0 for size in sizes)
    assert sum(sizes) == SEQUENCES
    assert sum(variant(name, n).sizes("test", 10)) == 10


@every_variant
def test_shapes_mask_and_lengths_are_as_the_contract_says(name, n):
    task, its = load_task(name), variant(name, n)
    assert (its.input_size, its.output_size, its.words) == (task.input_size, task.output_size, task.words)
    for size in (1, 7):
        inputs, targets, mask, lengths = its.batch(0, "test", 0, size)
        time = inputs.shape[1]
        assert inputs.shape == ((size, time) if its.words else (size, time, its.input_size))
        assert targets.shape == mask.shape == (size, time)
        assert mask.dtype == torch.bool
        assert mask.any(1).all()
        assert lengths.shape == (size,)
        assert lengths.max() == time
        assert not mask[torch.arange(time) >= lengths[:, None]].any()


@every_variant
def test_loss_and_score_of_any_answer_are_finite(name, n):
    its = variant(name, n)
    for batch in batches(its):
        outputs = torch.randn(int(batch.mask.sum()), its.output_size, generator=torch.Generator().manual_seed(0))
        asked, targets = its.asked(batch), batch.targets[batch.mask]
        kept = asked[batch.mask]
        losses, scores = its.loss(outputs, targets), its.score(outputs[kept], targets[kept], asked.sum(1))
        assert losses.shape == targets.shape
        assert losses.isfinite().all()
        assert all(map(math.isfinite, {**scores, **its.in_other_units(losses.mean().item(), "test")}.values()))


@every_variant
def test_it_is_judged_as_its_task_is(name, n):
    task, its = load_task(name), variant(name, n)
    assert its.criterion == task.criterion
    assert (its.loss_name, its.score_name) == (task.loss_name, task.score_name)
    assert not its.open_ended
    assert not its.carries_state
