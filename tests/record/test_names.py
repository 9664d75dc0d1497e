"""Every name under which a run stands in the record is written once."""

import pytest
from sources import constants

from seqbench import events
from seqbench.record import names, states
from seqbench.record.names import ByLag

TAGS = {name for name in vars(names).values() if isinstance(name, str) and name.startswith("seqbench.")}
BEGINNINGS = (
    *(names.TEST, names.SLOTS, names.VARIANTS, names.TIME_CONSTANT, names.FLOW),
    *(events.TRAIN_LOSS, events.VALIDATION, events.GRADIENT),
    *(names.BY_LAG, names.ZERO_BY_LAG),
)
HERE = {"record/names.py", "events.py"}


def written(beginnings):
    """Texts with such a beginning, by module."""
    return [(module, it) for module, it in constants() if isinstance(it, str) and it.startswith(beginnings)]


def test_there_are_names_to_look_for():
    assert {"seqbench.fingerprint", "seqbench.facts", "seqbench.outcome"} <= TAGS
    assert {"test/", "slots/", "variants/", "time_constant_steps/", "log10_gradient_by_lag/"} <= set(BEGINNINGS)
    assert {module for module, _ in written(BEGINNINGS)} >= HERE


def test_no_other_module_writes_a_tag():
    assert [it for it in written(("seqbench.",)) if it[1] in TAGS and it[0] not in HERE] == []


def test_no_other_module_writes_a_metric():
    assert [it for it in written(BEGINNINGS) if it[0] not in HERE] == []


@pytest.mark.parametrize("state", ["h", "c", "direct_mean", "c layer 12", "a_init_b"])
@pytest.mark.parametrize("stage", ["init", "end", "step_400"])
def test_the_curve_of_a_metric_is_the_one_that_it_is_named_after(state, stage):
    curve = ByLag(state, stage)
    assert ByLag.parse(curve.metric) == curve
    assert ByLag.parse(curve.spread) is None


@pytest.mark.parametrize(
    "metric", ["log10_gradient_by_lag/h", "gradient/norm", "test/loss", "log10_gradient_by_lag/h_later"]
)
def test_another_metric_is_no_curve(metric):
    assert ByLag.parse(metric) is None


@pytest.mark.parametrize(
    ("before", "now"),
    [
        ("gradient_by_lag/h_init", "log10_gradient_by_lag/h_init"),
        ("gradient_by_lag/c_step_40_spread", "log10_gradient_by_lag/c_step_40_spread"),
        ("gradient_by_lag/direct_best_end_zero", "zero_by_lag/direct_best_end"),
        ("gradient_at_gap/init", "log10_gradient_at_gap/init"),
        ("input_gradient_at_gap/end", "log10_input_gradient_at_gap/end"),
        ("flow/gradient_at_gap", "flow/log10_gradient_at_gap"),
        ("flow/input_gradient_at_gap", "flow/log10_input_gradient_at_gap"),
        ("decay/end", "decay_nats_per_step/end"),
        ("flow/input_decay", "flow/input_decay_nats_per_step"),
        ("timescale/init", "time_constant_steps/init"),
    ],
)
def test_a_metric_from_before_has_its_name_of_now_and_keeps_it(before, now):
    assert names.as_now(before) == names.as_now(now) == now


@pytest.mark.parametrize("metric", ["train/loss", "gradient/norm", "zero_at_gap/end", "seconds", "test/decay"])
def test_other_metrics_keep_their_names(metric):
    assert names.as_now(metric) == metric


def test_the_states_of_layers_are_told_apart_by_layer_and_the_memory_is_that_of_the_top() -> None:
    curves = ["c layer 10", "h layer 10", "c layer 2", "h", "h layer 2", "direct_best", "path", "inputs"]
    assert states.states_of_cores(curves) == ["h", "h layer 2", "c layer 2", "h layer 10", "c layer 10"]
    assert states.memory_of(curves) == "c layer 10"
    assert states.memory_of(["h layer 2", "h", "h layer 1"]) == "h layer 2"
    assert states.memory_of(["c", "h", "direct_mean"]) == "c"
    assert states.in_words("c layer 10") == "cell state of layer 10"
    assert states.in_words("layer 3") == "layer 3"
    assert names.storable(names.ByLag("c layer 2", "init").metric) == names.ByLag("c layer 2", "init").metric
