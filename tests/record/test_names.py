"""Every name under which a run stands in the record is written once."""

import pytest
from sources import constants

from seqbench import events
from seqbench.record import names
from seqbench.record.names import ByLag

TAGS = {name for name in vars(names).values() if isinstance(name, str) and name.startswith("seqbench.")}
BEGINNINGS = (
    *(names.TEST, names.SLOTS, names.VARIANTS, names.TIME_CONSTANT, names.FLOW),
    *(events.TRAIN_LOSS, events.VALIDATION, events.GRADIENT),
    ByLag("", "").metric.rstrip("_"),
)
HERE = {"record/names.py", "events.py"}


def written(beginnings):
    """Texts with such a beginning, by module."""
    return [(module, it) for module, it in constants() if isinstance(it, str) and it.startswith(beginnings)]


def test_there_are_names_to_look_for():
    assert {"seqbench.fingerprint", "seqbench.facts", "seqbench.outcome"} <= TAGS
    assert {"test/", "slots/", "variants/", "timescale/", "gradient_by_lag/"} <= set(BEGINNINGS)
    assert {module for module, _ in written(BEGINNINGS)} >= HERE


def test_no_other_module_writes_a_tag():
    assert [it for it in written(("seqbench.",)) if it[1] in TAGS and it[0] not in HERE] == []


def test_no_other_module_writes_a_metric():
    assert [it for it in written(BEGINNINGS) if it[0] not in HERE] == []


@pytest.mark.parametrize("state", ["h", "c", "direct_mean", "layer1.h", "a_init_b"])
@pytest.mark.parametrize("stage", ["init", "end", "step_400"])
def test_the_curve_of_a_metric_is_the_one_that_it_is_named_after(state, stage):
    curve = ByLag(state, stage)
    assert ByLag.parse(curve.metric) == curve
    assert ByLag.parse(curve.spread) is None


@pytest.mark.parametrize("metric", ["gradient_by_lag/h", "gradient/norm", "test/loss", "gradient_by_lag/h_later"])
def test_another_metric_is_no_curve(metric):
    assert ByLag.parse(metric) is None
