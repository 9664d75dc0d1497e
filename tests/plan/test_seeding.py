"""Named streams of one root seed: repeatable, different from each other, and nobody else's generator is touched."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from seqbench.plan.seeding import generator, torch_seeded

SEEDS = st.integers(0, 2**63)
NAMES = st.lists(st.one_of(st.text(max_size=8), st.integers(0, 10**9)), max_size=4).map(tuple)
general = settings(derandomize=True, max_examples=50, deadline=None)


def first_words(seed, *names):
    return generator(seed, *names).integers(2**63, size=4).tolist()


def first_torch_draws(seed, *names):
    with torch_seeded(seed, *names):
        return torch.rand(4).tolist()


@general
@given(SEEDS, NAMES)
def test_the_same_seed_and_names_give_the_same_numbers(seed, names):
    assert first_words(seed, *names) == first_words(seed, *names)
    assert first_torch_draws(seed, *names) == first_torch_draws(seed, *names)


@general
@given(SEEDS, NAMES, SEEDS, NAMES)
def test_another_seed_or_other_names_give_other_numbers(seed, names, other_seed, other_names):
    written = (seed, tuple(map(str, names)))
    other_written = (other_seed, tuple(map(str, other_names)))
    assert (first_words(seed, *names) == first_words(other_seed, *other_names)) == (written == other_written)


@pytest.mark.parametrize(
    "other", [("train",), ("train", 2), ("train", 11), ("train1",), (1, "train"), ("train", 1, 1), ("train", 1, 0), ()]
)
def test_a_stream_is_told_from_its_neighbours(other):
    assert first_words(0, "train", 1) != first_words(0, *other)
    assert first_torch_draws(0, "train", 1) != first_torch_draws(0, *other)


def test_ten_thousand_steps_of_a_run_have_ten_thousand_streams():
    words = {generator(0, "Copy", "train", step).integers(2**63) for step in range(10_000)}
    assert len(words) == 10_000


def test_neighbouring_steps_and_seeds_are_uncorrelated():
    draws = np.stack([generator(seed, "train", step).random(2000) for seed in (0, 1) for step in range(4)])
    between = np.corrcoef(draws)[np.triu_indices(8, k=1)]
    assert np.abs(between).max() < 4 / np.sqrt(2000)


def test_a_generator_leaves_the_global_generators_alone():
    of_numpy, of_torch = np.random.get_state()[1].copy(), torch.get_rng_state()
    generator(0, "train", 1).random(10)
    assert np.array_equal(np.random.get_state()[1], of_numpy)
    assert torch.equal(torch.get_rng_state(), of_torch)


def test_torch_is_seeded_within_the_block_and_as_before_after_it():
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    with torch_seeded(0, "init"):
        torch.rand(100)
    assert torch.equal(torch.rand(3), expected)


def test_torch_is_as_before_after_an_error_in_the_block():
    before = torch.get_rng_state()
    with pytest.raises(TypeError), torch_seeded(0, "init"):
        torch.rand("three")
    assert torch.equal(torch.get_rng_state(), before)


def test_what_was_drawn_before_the_block_does_not_matter_in_it():
    expected = first_torch_draws(0, "init")
    torch.rand(7)
    with torch_seeded(1, "init"):
        assert first_torch_draws(0, "init") == expected
