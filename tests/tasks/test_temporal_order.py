"""Temporal order: what is shown, what is asked, and what a model scores that knows a part of the order."""

import math
from itertools import product

import pytest
import torch
from builders import load_task

from seqbench.tasks.temporal_order import DISTRACTORS, TemporalOrder, X

Y = X + 1
sizes = pytest.mark.parametrize(("gap", "load"), list(product((1, 3, 20), (1, 2, 3, 5))))


def drawn(gap=20, load=2, size=2000):
    """The shown symbols, the steps of the relevant ones, and the classes."""
    batch = load_task("temporal_order", gap=gap, load=load).batch(0, "train", 0, size)
    shown = batch.inputs.argmax(-1)
    return shown, (shown >= X).nonzero()[:, 1].view(size, load), batch.targets[batch.mask]


@pytest.mark.parametrize(
    ("symbols", "expected"),
    [("X", 0), ("Y", 1), ("XX", 0), ("XY", 1), ("YX", 2), ("YY", 3), ("XXX", 0), ("XXY", 1), ("YXX", 4), ("YYY", 7)],
)
def test_the_class_is_the_order_read_as_a_binary_number(symbols, expected):
    shown, _, classes = drawn(load=len(symbols))
    wanted = torch.tensor([X if symbol == "X" else Y for symbol in symbols])
    rows = (shown[shown >= X].view(len(shown), -1) == wanted).all(1)
    assert rows.any()
    assert (classes[rows] == expected).all()
    assert (classes[~rows] != expected).all()


@pytest.mark.parametrize(("load", "classes"), [(1, 2), (2, 4), (3, 8)])
def test_all_classes_are_equally_frequent(load, classes):
    counts = torch.bincount(drawn(load=load, size=20_000)[2])
    assert counts.shape == (classes,)
    assert torch.allclose(counts / 20_000, torch.tensor(1 / classes), atol=0.01)


@sizes
def test_the_first_relevant_symbol_lies_from_gap_to_gap_plus_nine_steps_before_the_end_and_none_at_it(gap, load):
    shown, at, _ = drawn(gap, load)
    before_the_end = shown.shape[1] - 1 - at
    assert before_the_end[:, 0].max() == gap + 9
    assert before_the_end[:, 0].min() == max(gap, load) == load_task("temporal_order", gap=gap, load=load).evidence_lag
    assert before_the_end.min() >= 1
    assert (at.diff() > 0).all()


def test_the_second_relevant_symbol_falls_evenly_on_the_steps_between_the_first_and_the_end():
    _, at, _ = drawn(gap=5, size=40_000)
    after_the_first = at[at[:, 0] == 4, 1]
    shares = torch.bincount(after_the_first, minlength=15) / len(after_the_first)
    assert torch.allclose(shares[5:14], torch.tensor(1 / 9), atol=0.02)
    assert shares[14] == shares[:5].sum() == 0


def test_all_other_symbols_are_distractors_equally_frequent():
    shown, _, _ = drawn()
    counts = torch.bincount(shown[shown < X])
    assert counts.shape == (DISTRACTORS,)
    assert torch.allclose(counts / counts.sum(), torch.tensor(0.25), atol=0.01)


def test_each_step_shows_one_symbol_and_only_the_last_asks():
    inputs, _, mask, lengths = load_task("temporal_order", gap=4).batch(0, "train", 0, 50)
    assert (inputs.sum(-1) == 1).all()
    assert torch.equal(mask, (torch.arange(14) == 13).expand(50, -1))
    assert (lengths == 14).all()


def stated(load):
    """The baselines by name, their numbers to ten places."""
    return {b.name: (round(b.loss, 10), round(b.score, 10)) for b in TemporalOrder(gap=20, load=load).baselines}


def test_with_two_symbols_the_baselines_are_by_hand():
    """Four classes; two with the last symbol known; with the symbols but not their order, XY and YX are one."""
    assert stated(load=2) == {
        "no memory": (round(math.log(4), 10), 1 / 4),
        "the last 1 of 2 symbols remembered": (round(math.log(2), 10), 1 / 2),
        "all symbols remembered, not their order": (round(math.log(2) / 2, 10), 3 / 4),
    }


def test_with_three_symbols_the_baselines_are_by_hand():
    """Eight classes; XXY, XYX and YXX are one without order, and so are XYY, YXY and YYX."""
    assert stated(load=3) == {
        "no memory": (round(math.log(8), 10), 1 / 8),
        "the last 1 of 3 symbols remembered": (round(math.log(4), 10), 1 / 4),
        "all symbols remembered, not their order": (round(6 / 8 * math.log(3), 10), 4 / 8),
        "the last 2 of 3 symbols remembered": (round(math.log(2), 10), 1 / 2),
    }


def test_with_one_symbol_there_is_no_order_to_lose():
    assert [b.name for b in TemporalOrder(gap=20, load=1).baselines] == ["no memory"]


def knowledge(name, symbols):
    """What a model with the memory that a baseline names knows of the symbols `[batch, load]`."""
    if name == "no memory":
        return torch.zeros_like(symbols[:, :1])
    if name.startswith("all symbols"):
        return symbols.sum(1, keepdim=True)
    return symbols[:, -int(name.split()[2]) :]


@pytest.mark.parametrize("load", [1, 2, 3])
def test_every_baseline_is_what_the_best_guess_from_its_knowledge_scores(load):
    task = load_task("temporal_order", gap=5, load=load)
    batch = task.batch(0, "test", 0, 40_000)
    shown, classes = batch.inputs.argmax(-1), batch.targets[batch.mask]
    symbols = (shown[shown >= X] - X).view(-1, load)
    for baseline in task.baselines:
        known = knowledge(baseline.name, symbols).unique(dim=0, return_inverse=True)[1]
        counts = torch.zeros(int(known.max()) + 1, 2**load).index_put((known, classes), torch.tensor(1.0), True)
        outputs = counts.log()[known]
        assert task.loss(outputs, classes).mean().item() == pytest.approx(baseline.loss, rel=0.01)
        score = task.score(outputs, classes, batch.mask.sum(1))["accuracy"]
        assert score == pytest.approx(baseline.score, abs=0.01)


def test_every_order_so_far_is_a_class_of_its_own_where_all_steps_have_a_loss():
    """None is 0, X and Y are 1 and 2, XX to YY are 3 to 6; the last step decides, in the same sequences."""
    task = load_task("temporal_order", gap=4, load=2, loss_on="all")
    batch = task.batch(0, "train", 0, 50)
    asked = load_task("temporal_order", gap=4, load=2).batch(0, "train", 0, 50)
    assert torch.equal(batch.inputs, asked.inputs)
    assert torch.equal(task.asked(batch), asked.mask)
    assert "".join("abcdXY"[i] for i in batch.inputs[0].argmax(-1)) == "dadbYadbcXcdac"
    assert batch.targets[0].tolist() == [0] * 4 + [2] * 5 + [5] * 5
    assert task.output_size == 7
    assert torch.equal(batch.targets[:, -1], 3 + asked.targets[:, -1])


@pytest.mark.parametrize("settings", [{"load": 1}, {"load": 3}, {"load": 3, "min_gap": 2}])
def test_the_rule_knows_every_order_so_far(settings):
    task = load_task("temporal_order", gap=5, loss_on="all", **settings)
    batch = task.batch(0, "test", 0, 200)
    assert torch.equal(task.oracle(batch).argmax(1), batch.targets[batch.mask])
