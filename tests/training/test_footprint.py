"""What cannot fit into memory is refused before it is made; the numbers are worked out by hand."""

import pytest
import torch
from builders import class_of, cores, load_core
from torch.profiler import ProfilerActivity, profile

from seqbench.config import Fault, resources
from seqbench.planning.make_plan import make_plan
from seqbench.training.build import found_of
from seqbench.training.footprint import kept_a_step

#: Of a simple network of 64 units that reads 2 numbers, with two biases, and the readout.
WEIGHTS = 64 * (2 + 64 + 2) + 65
UPPER = 64 * (64 + 64 + 2)
#: Sequences of an evaluation, their 20 + 10 steps, and numbers of each: inputs and hidden units.
BATCH = 500 * 30 * (2 + 64) * 4
#: Mamba keeps, of each of 16 numbers for each of 64 units, what is kept of it and what it is: here in 32 sequences.
SCANNED = 32 * 30 * 2 * 16 * 64 * 4


def found(monkeypatch: pytest.MonkeyPatch, memory: int | None, *words: str) -> str:
    (run,) = make_plan("task=adding", "task.gap=20", "model=rnn", *words).runs
    monkeypatch.setattr(resources, "memory", lambda: memory)
    answer = found_of(run)
    return str(answer)


@pytest.mark.parametrize(
    ("memory", "words", "told"),
    [
        (
            8 * WEIGHTS - 1,
            [],
            "4,417 weights and their gradients take 0.0 GiB at least",
        ),
        (8 * WEIGHTS - 1, [], "make model.hidden_size smaller"),
        (8 * (WEIGHTS + UPPER) - 1, ["model.layers=2"], "make model.hidden_size or its layers smaller"),
        (BATCH - 1, [], "and there are 0.0: make training.test_sequences or task.gap smaller"),
        (BATCH - 1, ["training.batch_size=501"], "batches of 501 sequences of 30 steps take"),
        (BATCH - 1, ["training.batch_size=501"], "make training.batch_size or task.gap smaller"),
        (501 * 30 * 64 * 8 - 1, ["training.probe_sequences=501"], "make training.probe_sequences or task.gap smaller"),
        (SCANNED - 1, ["model=mamba", "training.probe_sequences=1"], "make training.batch_size or task.gap smaller"),
        (
            4 * 10**9 - 1,
            ["training.test_sequences=1000000000"],
            "take 3.7 GiB at least, and there are 3.7: make training.test_sequences smaller",
        ),
        (500 * 30 * 4 - 1, ["model=oracle", "training.test_sequences=500"], "batches of 500 sequences of 30 steps"),
    ],
)
def test_one_byte_too_few_is_too_few(monkeypatch, memory, words, told):
    assert told in found(monkeypatch, memory, *words)


def test_distractors_make_sequences_longer_and_are_named_where_they_make_most_of_them(monkeypatch):
    """2 + 1,000 + 20 steps, each of 2 elements, a blank and 64 hidden units."""
    words = "task=group", "task.load=2", "task.distractors=1000", "training.probe_sequences=1"
    needed = 500 * 1022 * (3 + 64) * 4
    told = "batches of 500 sequences of 1,022 steps take 0.1 GiB at least, and there are 0.1"
    answer = found(monkeypatch, needed - 1, *words)
    assert f"{told}: make training.test_sequences or task.distractors smaller" in answer
    assert found(monkeypatch, needed, *words).startswith("causal")


def test_as_many_bytes_as_it_takes_are_enough(monkeypatch):
    assert found(monkeypatch, BATCH) == found(monkeypatch, None) == "causal, carries state, fast path equals step"


@pytest.mark.parametrize("word", ["training.freeze_core=true", "training.max_steps=0"])
def test_a_core_that_is_not_trained_keeps_nothing(monkeypatch, word):
    answer = found(monkeypatch, SCANNED - 1, "model=mamba", "training.probe_sequences=1", word)
    assert answer.startswith("causal")


@pytest.mark.parametrize("arm", {class_of("model", arm): arm for arm in cores()}.values())
def test_what_training_is_said_to_keep_is_what_it_allocates_and_does_not_free(arm):
    """Of inputs, which are not its own, 3 numbers. What it gives, it need not keep: that is its reader's."""
    core, inputs = load_core(arm, **({"length": 64} if arm == "unshared" else {})), torch.zeros(4, 64, 3)
    core(inputs)
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as measured:
        hidden = core(inputs)
    given = hidden.shape[-1] * hidden.element_size()
    allocated = sum(event.self_cpu_memory_usage for event in measured.key_averages()) / (4 * 64)
    kept = kept_a_step(core, 3)
    if arm == "unshared":  # it takes sequences of one length alone
        assert kept == 0
    else:
        assert kept - 3 * 4 <= 1.01 * allocated
        assert kept >= 0.75 * (allocated - given)


def test_of_what_cannot_fit_nothing_is_made_and_no_random_number_is_drawn(monkeypatch):
    monkeypatch.setattr(resources, "memory", lambda: 2**34)
    (run,) = make_plan("model=lstm").runs
    before = torch.get_rng_state()
    for key, size in (("hidden_size", 10**6), ("hidden_size", 10**9)):
        large = type(run.model)(**{**vars(run.model), "settings": {**run.model.settings, key: size}})
        answer = found_of(type(run)(run.task, large, run.training, run.seed))
        assert isinstance(answer, Fault)
        assert "weights" in answer.problem
    assert torch.equal(torch.get_rng_state(), before)
