"""The hidden size that is solved for, against counts by hand and against trying every size."""

from dataclasses import replace

import pytest
from builders import Opaque, component, cores, make_spec

from seqbench.config import Component
from seqbench.training.build import build
from seqbench.training.matching import around, hidden_size_for

OPAQUE = Component("opaque", f"{__name__}.Opaque", {"hidden_size": 4})
#: Gates of a layer of PyTorch, each with a matrix for the inputs, one for the state, and two biases.
GATES = {"rnn": 1, "gru": 3, "lstm": 4}


def by_hand(arm: str, size: int, inputs: int, outputs: int) -> int:
    return GATES[arm] * size * (inputs + size + 2) + outputs * (size + 1)


@pytest.mark.parametrize("arm", GATES)
@pytest.mark.parametrize("count", [5_000, 20_000])
def test_it_is_the_size_whose_parameters_counted_by_hand_come_nearest(arm, count):
    spec = make_spec("copy", arm)
    task, _ = build(spec)
    best = min(range(1, 200), key=lambda size: abs(by_hand(arm, size, task.input_size, task.output_size) - count))
    assert hidden_size_for(spec, "parameters", count, 0.02) == best


def test_an_embedding_counts_too():
    spec = make_spec("text", "lstm")
    task, _ = build(spec)
    words, width = len(task.words), task.input_size
    expected = by_hand("lstm", 50, width, task.output_size) + words * width
    assert hidden_size_for(spec, "parameters", expected, 0.02) == 50


@pytest.mark.parametrize(("arm", "state", "size"), [("rnn", 128, 128), ("lstm", 128, 64), ("bag", 128, 128)])
def test_the_state_is_what_is_carried_from_step_to_step(arm, state, size):
    assert hidden_size_for(make_spec("copy", arm), "state", state, 0.02) == size


def test_a_window_carries_its_inputs_whatever_its_hidden_size():
    task, _ = build(make_spec("adding", "window"))
    carried = component("model", "window").settings["window"] * task.input_size
    with pytest.raises(ValueError, match=rf"100 numbers of state within 2 %: \d+ gives {carried} \([\d.]+ % off\)$"):
        hidden_size_for(make_spec("adding", "window"), "state", 100, 0.02)


@pytest.mark.parametrize("arm", cores())
def test_every_arm_in_conf_can_be_matched_and_then_has_that_many(arm):
    size = hidden_size_for(make_spec("copy", arm), "parameters", 22_000, 0.02)
    spec = make_spec("copy", arm)
    sized = replace(spec, model=replace(spec.model, settings={**spec.model.settings, "hidden_size": size}))
    assert build(sized)[1].num_parameters == pytest.approx(22_000, rel=0.02)


@pytest.mark.parametrize(
    ("spec", "what", "count", "reason"),
    [
        (make_spec("copy", "rnn"), "parameters", 50, r"50 parameters within 2 %: 1 gives 29 .* 2 gives 52 \(4 % off\)"),
        (make_spec("copy", "lstm"), "state", 3, "3 numbers of state within 2 %: 1 gives 2 .* and 2 gives 4 "),
        (make_spec("copy", "guess"), "parameters", 1000, "it is not trained"),
        (make_spec("copy", OPAQUE), "state", 64, "it states no step"),
    ],
)  # fmt: skip
def test_what_cannot_be_matched_is_refused_with_the_reason(spec, what, count, reason):
    with pytest.raises(ValueError, match=reason):
        hidden_size_for(spec, what, count, 0.02)


def test_the_share_that_is_given_is_the_most_that_it_may_be_off():
    assert hidden_size_for(make_spec("copy", "rnn"), "state", 50, 0.02) == 50
    assert Opaque(3).hidden_size == 4
    lstm = make_spec("copy", "lstm")
    assert hidden_size_for(lstm, "state", 51, 0.02) == 25  # 50 numbers: 1.96 % off
    with pytest.raises(ValueError, match=r"2\.04 % off"):
        hidden_size_for(lstm, "state", 49, 0.02)
    assert hidden_size_for(lstm, "state", 49, 0.0205) == 24


@pytest.mark.parametrize("count", range(1, 60))
def test_where_a_function_that_does_not_fall_comes_to_a_count_is_found_as_by_trying_all(count):
    below = [size for size in range(1, 60) if size * size + 3 < count]
    assert around(lambda size: size * size + 3, count) == [*below[-1:], len(below) + 1]


def test_a_model_whose_size_has_no_effect_is_given_up():
    assert around(lambda _: 7, 1000) == [1023, 1024]
