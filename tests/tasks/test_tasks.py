"""The contract of a task, over every option in conf/task, and what `adding` and `copy` say of themselves."""

import math
from itertools import product

import numpy as np
import pytest
import torch
from builders import bits, class_of, component, gapped, load_task, options, variations
from hypothesis import given, settings
from hypothesis import strategies as st

from seqbench.config import knobs, validate
from seqbench.tasks.at_end import EVIDENCE_STEPS
from seqbench.tasks.classification import accuracy_scores
from seqbench.tasks.copy import BLANK, GO, SYMBOLS

TASKS = options("task")
GAPS, LOADS = (1, 2, 3, 7, 20, 100), (1, 2, 3, 5)
every_task = pytest.mark.parametrize("name", TASKS)
every_gapped_task = pytest.mark.parametrize("name", gapped())
every_size = pytest.mark.parametrize(("gap", "load"), list(product(GAPS, LOADS)))
general = settings(derandomize=True, max_examples=20, deadline=None)
PLACES = st.tuples(st.integers(0, 2**40), st.sampled_from(["train", "validation", "test", "probe"]), st.integers(0, 99))


def same(one, other):
    return all(a.dtype == b.dtype and torch.equal(a, b) for a, b in zip(one, other, strict=True))


def judge(task, batch, outputs):
    """Mean loss of outputs at the scored positions, and their scores where the task asks."""
    targets, asked = batch.targets[batch.mask], task.asked(batch)
    kept = asked[batch.mask]
    return task.loss(outputs, targets).mean().item(), task.score(outputs[kept], targets[kept], asked.sum(1))


def best_from_the_current_input(task, batch):
    """Outputs of the best predictor that sees the input of the scored step alone: fitted to another batch, by least
    squares in the input and its square, or by class frequencies given the input."""
    inputs, seen = batch.inputs[batch.mask], task.batch(1, "test", 0, 40_000)
    known, targets = seen.inputs[seen.mask], seen.targets[seen.mask]
    if targets.is_floating_point():
        features, new = (torch.cat([torch.ones(len(x), 1), x, x**2], 1).double() for x in (known, inputs))
        fitted = np.linalg.lstsq(features.numpy(), targets.double().numpy())[0]
        return (new @ torch.from_numpy(fitted))[:, None].float()
    kinds, kind = torch.cat([known, inputs]).unique(dim=0, return_inverse=True)
    counts = torch.ones(len(kinds), task.output_size)
    counts.index_put_((kind[: len(known)], targets), torch.tensor(1.0), True)
    return counts.log()[kind[len(known) :]]


# -- every task --------------------------------------------------------------------------------------------


@every_task
def test_the_keys_of_the_file_are_exactly_the_knobs_of_the_class(name):
    assert set(component("task", name).settings) == set(knobs(class_of("task", name)))


@every_task
def test_the_settings_of_the_file_pass_the_check_unchanged(name):
    option = component("task", name)
    assert validate(class_of("task", name), option.settings) == (option.settings, [])


@every_gapped_task
def test_a_knob_below_its_range_is_refused_by_name(name):
    cls = class_of("task", name)
    _, faults = validate(cls, {**component("task", name).settings, "gap": 0, "load": 0}, "task.")
    assert {fault.key for fault in faults} == {"task.gap", "task.load"}


@every_gapped_task
def test_changing_a_knob_changes_the_data(name):
    """Or what the core is shown of them: the width of an embedding."""
    task = load_task(name)
    batch = task.batch(0, "train", 0, 16)
    changed = [(knob, load_task(name, **change)) for knob, change in variations("task", name)]
    assert {knob for knob, _ in changed} == set(knobs(class_of("task", name)))
    for knob, altered in changed:
        other = altered.batch(0, "train", 0, 16)
        same_data = other.inputs.shape == batch.inputs.shape and same(batch, other)
        assert not same_data or altered.input_size != task.input_size, knob


@every_task
@general
@given(place=PLACES, before=st.lists(PLACES, max_size=3))
def test_a_batch_depends_on_its_place_and_not_on_what_was_drawn_before(name, place, before):
    expected = load_task(name).batch(*place, 4)
    task = load_task(name)
    for other in before:
        task.batch(*other, 5)
    assert same(task.batch(*place, 4), expected)
    assert same(task.batch(*place, 4), expected)


@every_gapped_task
@general
@given(place=PLACES, other=PLACES)
def test_another_seed_stream_or_index_is_another_batch(name, place, other):
    task = load_task(name)
    assert same(task.batch(*place, 40), task.batch(*other, 40)) == (place == other)


#: Settings with which a task has more sequences than are drawn.
MANY = {
    "count": {"language": "dyck1", "distractors": 20},
    "group": {"group": "S5"},
    "match": {"filler": "random"},
}


@every_gapped_task
def test_streams_share_no_sequence_that_chance_would_not_repeat(name):
    task = load_task(name, load=5, **MANY.get(name, {}))
    streams = ("train", "validation", "test", "probe")
    seen = [{bits(row) for row in task.batch(0, stream, 0, 50).inputs} for stream in streams]
    assert len(set.union(*seen)) > 0.95 * sum(map(len, seen))


@every_gapped_task
@pytest.mark.parametrize("other", [{"gap": 6}, {"load": 6}])
def test_another_gap_or_load_has_other_streams(name, other, monkeypatch):
    if "load" in other and "load" not in knobs(class_of("task", name)):
        pytest.skip("it has no load to set")
    begun, sample = [], class_of("task", name).sample

    def spy(task, rng, size):
        begun.append(rng.bit_generator.state["state"]["state"])
        return sample(task, rng, size)

    monkeypatch.setattr(class_of("task", name), "sample", spy)
    for more in ({}, {}, other):
        load_task(name, **{"gap": 5, "load": 5} | more).batch(0, "train", 0, 30)
    assert begun[0] == begun[1] != begun[2]


@pytest.mark.parametrize(
    ("settings", "number"), [({"load": 1}, 8), ({"load": 3}, 512), ({"load": 1, "min_gap": 3}, 24)]
)
def test_copy_has_so_many_different_sequences(settings, number):
    """Eight symbols in each place; with a shortest gap of 3 and a longest of 5, at three gaps."""
    task = load_task("copy", gap=5, **settings)
    seen = {bits(row) for row in task.batch(0, "test", 0, 20 * number).inputs}
    assert len(seen) == task.distinct_sequences == task.facts().distinct_sequences == number


@every_task
def test_drawing_a_batch_leaves_the_global_generators_alone(name):
    of_numpy, of_torch = np.random.get_state()[1].copy(), torch.get_rng_state()
    load_task(name).batch(0, "train", 0, 8)
    assert np.array_equal(np.random.get_state()[1], of_numpy)
    assert torch.equal(torch.get_rng_state(), of_torch)


@every_task
@pytest.mark.parametrize("size", [1, 7])
def test_shapes_are_as_the_contract_says(name, size):
    task = load_task(name)
    inputs, targets, mask, lengths = task.batch(0, "train", 0, size)
    time = inputs.shape[1]
    assert inputs.shape == ((size, time, task.input_size) if task.words is None else (size, time))
    assert targets.shape == mask.shape == (size, time)
    assert mask.dtype == torch.bool
    assert lengths.shape == (size,)
    assert lengths.max() == time


@every_gapped_task
def test_the_length_is_that_of_the_longest_sequence_whatever_is_set(name):
    """Of sentences, whose ends are a matter of chance, it is no more."""
    changes = ({}, {"gap": 3, "min_gap": 2}, *(change for _, change in variations("task", name)))
    for task in (load_task(name, **change) for change in changes):
        drawn = task.batch(0, "train", 1, 300).inputs.shape[1]
        assert task.length == drawn or (task.words is not None and task.gap < task.length < drawn)


@every_gapped_task
@every_size
def test_every_sequence_has_scored_positions_and_none_is_padding_or_before_its_evidence(name, gap, load):
    task = load_task(name, gap=gap, load=load)
    batch = task.batch(0, "train", 0, 32)
    _, _, mask, lengths = batch
    asked = task.asked(batch)
    assert asked.any(1).all()
    assert not (asked & ~mask).any()
    assert not mask[torch.arange(mask.shape[1]) >= lengths[:, None]].any()
    assert asked.int().argmax(1).min() >= task.evidence_lag


@every_gapped_task
@every_size
def test_a_rule_that_looks_back_solves_the_task_perfectly(name, gap, load):
    task = load_task(name, gap=gap, load=load)
    batch = task.batch(0, "test", 0, 200)
    loss, scores = judge(task, batch, task.oracle(batch))
    score = scores[task.score_name]
    assert loss < 1e-9 or task.words is not None  # no rule knows the next word
    assert min(abs(score), abs(1 - score)) < 1e-9
    assert task.solved(scores)


@pytest.mark.parametrize("name", [name for name in TASKS if load_task(name).words is None])
@pytest.mark.parametrize("load", [1, 2, 5])
def test_the_first_baseline_is_what_the_best_predictor_without_memory_scores(name, load):
    task = load_task(name, gap=5, load=load)
    batch = task.batch(0, "test", 0, 40_000)
    loss, scores = judge(task, batch, best_from_the_current_input(task, batch))
    assert task.baselines[0].name == "no memory"
    assert loss == pytest.approx(task.baselines[0].loss, rel=0.02)  # of adding, one standard error is 0.6 %
    assert scores[task.score_name] == pytest.approx(
        task.baselines[0].score, rel=0.05, abs=0.01
    )  # fitted to its own noise
    assert not task.solved(scores)


@every_gapped_task
@every_size
def test_each_baseline_has_a_name_of_its_own_and_a_lower_loss_than_the_last(name, gap, load):
    baselines = load_task(name, gap=gap, load=load).baselines
    losses = [baseline.loss for baseline in baselines]
    assert len({baseline.name for baseline in baselines}) == len(baselines)
    assert losses == sorted(set(losses), reverse=True)
    assert losses[-1] > 0


@every_gapped_task
def test_the_score_that_decides_is_among_the_scores(name):
    task = load_task(name)
    batch = task.batch(0, "test", 0, 4)
    assert task.score_name in judge(task, batch, task.oracle(batch))[1]
    assert "loss" not in judge(task, batch, task.oracle(batch))[1]


@every_gapped_task
def test_outputs_far_from_the_answer_lose_and_the_loss_has_one_value_for_each_scored_position(name):
    task = load_task(name, load=3)
    batch = task.batch(0, "test", 0, 4)
    right, targets = task.oracle(batch), batch.targets[batch.mask]
    assert task.loss(right, targets).shape == (batch.mask.sum(),)
    assert (task.loss(1 - right, targets) > task.loss(right, targets))[task.asked(batch)[batch.mask]].all()


# -- adding ------------------------------------------------------------------------------------------------


@every_size
def test_addings_first_marker_lies_from_gap_to_gap_plus_nine_steps_before_the_end(gap, load):
    task = load_task("adding", gap=gap, load=load)
    batch = task.batch(0, "train", 0, 2000)
    steps_before_the_end = batch.lengths - 1 - batch.inputs[..., 1].argmax(1)
    assert steps_before_the_end.max() == gap + EVIDENCE_STEPS - 1
    assert steps_before_the_end.min() == max(gap, load) == task.evidence_lag


@every_size
def test_adding_marks_load_values_and_never_the_last_one(gap, load):
    markers = load_task("adding", gap=gap, load=load).batch(0, "train", 0, 500).inputs[..., 1]
    assert set(markers.unique().tolist()) == {0.0, 1.0}
    assert (markers.sum(1) == load).all()
    assert not markers[:, -1].any()


def test_adding_with_more_values_than_steps_is_refused():
    assert load_task("adding", gap=1, load=10).batch(0, "train", 0, 50).inputs[..., 1].sum(1).eq(10).all()
    with pytest.raises(ValueError, match=r"load=11 is too much for gap=1"):
        load_task("adding", gap=1, load=11)


@every_size
def test_adding_asks_for_the_sum_of_the_marked_values_at_the_last_step_alone(gap, load):
    inputs, targets, mask, lengths = load_task("adding", gap=gap, load=load).batch(0, "train", 0, 100)
    marked = torch.where(inputs[..., 1] == 1, inputs[..., 0], 0.0)
    last = torch.arange(gap + 10) == gap + 9
    assert torch.equal(mask, last.expand(100, -1))
    assert (lengths == gap + 10).all()
    torch.testing.assert_close(targets, torch.where(last, marked.sum(1, keepdim=True), 0.0))


@pytest.mark.parametrize(
    ("placement", "first", "second"), [("halves", range(15), range(15, 29)), ("early", range(14), range(1, 15))]
)
def test_adding_may_mark_one_value_in_each_half_or_both_in_the_first(placement, first, second):
    """Of 30 steps, and the last, which asks, is never marked."""
    task = load_task("adding", gap=20, placement=placement)
    at = task.batch(0, "train", 0, 5000).inputs[..., 1].nonzero()[:, 1].view(-1, 2)
    assert [sorted(set(column.tolist())) for column in at.T] == [list(first), list(second)]
    assert (at[:, 0] < at[:, 1]).all()
    assert task.evidence_lag == 29 - first[-1]


def test_adding_with_more_values_than_the_first_half_has_steps_is_refused():
    assert load_task("adding", gap=4, load=7, placement="early").batch(0, "train", 0, 50).inputs[:, :7, 1].all()
    with pytest.raises(ValueError, match=r"load=8 is too much for gap=4: at most 7 fit"):
        load_task("adding", gap=4, load=8, placement="early")


def test_adding_may_train_on_the_sum_so_far_at_every_step_and_asks_for_the_whole_one():
    """The same sequences, of two gaps; to rounding, since a sum so far is added up in another order."""
    settings = {"gap": 9, "min_gap": 4, "load": 3}
    batch = load_task("adding", **settings).batch(0, "train", 0, 50)
    task = load_task("adding", **settings, loss_on="all")
    trained = task.batch(0, "train", 0, 50)
    assert torch.equal(trained.inputs, batch.inputs)
    assert torch.equal(trained.mask, torch.arange(19) < trained.lengths[:, None])
    assert torch.equal(task.asked(trained), batch.mask)
    torch.testing.assert_close(trained.targets[batch.mask], batch.targets[batch.mask])
    values, marks = trained.inputs[0].T
    assert trained.targets[0, marks.argmax()] == values[marks.argmax()]
    assert (trained.targets[0, : marks.argmax()] == 0).all()


def test_adding_draws_values_evenly_from_0_to_1():
    values = load_task("adding").batch(0, "train", 0, 5000).inputs[..., 0]
    counts = torch.histc(values, 10, 0, 1) / values.numel()
    assert values.min() >= 0
    assert values.max() < 1
    assert torch.allclose(counts, torch.tensor(0.1), atol=0.005)


def test_adding_spreads_its_first_marker_evenly_over_ten_places_and_its_second_over_all_later_ones():
    markers = load_task("adding", gap=20).batch(0, "train", 0, 20_000).inputs[..., 1]
    first = markers.argmax(1)
    second = (markers - torch.nn.functional.one_hot(first, 30)).argmax(1)
    assert torch.allclose(torch.bincount(first) / 20_000, torch.full((10,), 0.1), atol=0.01)
    after_place_zero = torch.bincount(second[first == 0], minlength=30) / (first == 0).sum()
    assert torch.allclose(after_place_zero[1:29], torch.full((28,), 1 / 28), atol=0.02)


@pytest.mark.parametrize(("name", "items"), [("adding", "values"), ("copy", "symbols")])
def test_there_is_a_plateau_for_each_number_of_items_remembered(name, items):
    names = [baseline.name for baseline in load_task(name, load=3).baselines]
    assert names == ["no memory", f"1 of 3 {items} remembered", f"2 of 3 {items} remembered"]


@pytest.mark.parametrize("known", [0, 1, 2])
def test_addings_plateaus_are_what_remembering_some_of_the_values_scores(known):
    task = load_task("adding", gap=10, load=3)
    batch = task.batch(0, "test", 0, 40_000)
    markers = batch.inputs[..., 1]
    remembered = (markers * (markers.cumsum(1) <= known) * batch.inputs[..., 0]).sum(1, keepdim=True)
    loss, scores = judge(task, batch, remembered + (3 - known) / 2)
    assert loss == pytest.approx(task.baselines[known].loss, rel=0.02)
    assert scores["mse"] == pytest.approx(task.baselines[known].score, rel=0.02)


def test_addings_baselines_with_two_values_are_a_sixth_and_a_twelfth():
    assert [(b.loss, b.score) for b in load_task("adding").baselines] == [(1 / 6, 1 / 6), (1 / 12, 1 / 12)]


def test_adding_is_solved_from_a_hundredth_downwards():
    task = load_task("adding")
    assert task.solved({"mse": 0.01})
    assert not task.solved({"mse": 0.01001})
    assert not task.solved({"mse": math.nan})


def test_adding_scores_by_hand():
    outputs, targets = torch.tensor([[1.0], [0.53], [0.5]]), torch.tensor([1.0, 0.5, 0.0])
    task = load_task("adding")
    assert task.score(outputs, targets, torch.ones(3, dtype=torch.long)) == pytest.approx(
        {"mse": 0.2509 / 3, "within_0.04": 2 / 3}
    )
    torch.testing.assert_close(task.loss(outputs, targets), torch.tensor([0.0, 0.0009, 0.25]))


# -- copy --------------------------------------------------------------------------------------------------


@every_size
def test_each_symbol_of_copy_is_needed_exactly_gap_plus_load_minus_one_steps_after_it_was_seen(gap, load):
    task = load_task("copy", gap=gap, load=load)
    inputs, targets, mask, lengths = task.batch(0, "train", 0, 100)
    shown, lag = inputs.argmax(-1), gap + load - 1
    seen_at = (shown < SYMBOLS).nonzero()[:, 1].view(100, load)
    needed_at = mask.nonzero()[:, 1].view(100, load)
    assert torch.equal(needed_at - seen_at, torch.full((100, load), lag))
    assert torch.equal(targets.gather(1, needed_at), shown.gather(1, seen_at))
    assert task.evidence_lag == lag
    assert (lengths == gap + 2 * load - 1).all()


@every_size
def test_copy_signals_go_gap_steps_after_the_last_symbol_at_the_first_scored_step(gap, load):
    inputs, _, mask, _ = load_task("copy", gap=gap, load=load).batch(0, "train", 0, 20)
    shown = inputs.argmax(-1)
    go = (shown == GO).nonzero()[:, 1]
    assert torch.equal(go, mask.int().argmax(1))
    assert torch.equal(go - (shown < SYMBOLS).int().cumsum(1).argmax(1), torch.full((20,), gap))
    assert ((shown == BLANK).sum(1) == gap - 1 + load - 1).all()
    assert (inputs.sum(-1) == 1).all()


def test_copy_draws_its_symbols_evenly_and_independently():
    targets = load_task("copy", load=2).batch(0, "train", 0, 40_000).targets[:, -2:]
    pairs = torch.bincount(targets[:, 0] * SYMBOLS + targets[:, 1], minlength=64) / 40_000
    assert torch.allclose(pairs, torch.full((64,), 1 / 64), atol=0.004)


@pytest.mark.parametrize("known", [0, 1, 2])
def test_copys_plateaus_are_what_remembering_some_of_the_symbols_scores(known):
    task = load_task("copy", gap=10, load=3)
    batch = task.batch(0, "test", 0, 20_000)
    slot = torch.arange(3).repeat(20_000)
    loss, scores = judge(task, batch, task.oracle(batch) * (slot < known)[:, None])
    assert loss == pytest.approx(task.baselines[known].loss, rel=1e-5)
    assert scores["accuracy"] == pytest.approx(task.baselines[known].score, abs=0.005)


def test_copys_baseline_without_memory_is_ln_8_and_an_eighth():
    assert [(b.loss, b.score) for b in load_task("copy").baselines] == [(math.log(8), 0.125)]


@pytest.mark.parametrize("name", ["copy", "temporal_order"])
def test_a_task_of_symbols_is_solved_from_99_percent_on(name):
    task = load_task(name)
    assert task.solved({"accuracy": 0.99})
    assert not task.solved({"accuracy": 0.9899})
    assert not task.solved({"accuracy": math.nan})


@pytest.mark.parametrize(
    ("name", "score", "values", "factors"),
    [
        ("adding", "mse", [0.005, 0.01, 1 / 6], [0.5, 1, 100 / 6]),
        ("copy", "accuracy", [1.0, 0.99, 0.9, 0.125], [0, 1, 10, 87.5]),
        ("temporal_order", "accuracy", [1.0, 0.98, 0.25], [0, 2, 75]),
    ],
)
def test_the_shortfall_is_the_error_as_a_factor_of_the_error_allowed(name, score, values, factors):
    task = load_task(name)
    assert [task.shortfall({score: value}) for value in values] == pytest.approx(factors)


def test_accuracy_counts_symbols_and_sequences_by_hand():
    outputs = torch.eye(3)[torch.tensor([0, 1, 2, 2])]
    scores = accuracy_scores(outputs, torch.tensor([0, 2, 2, 2]), torch.tensor([2, 1, 1]))
    assert scores == {"accuracy": 3 / 4, "sequence_accuracy": 2 / 3}
