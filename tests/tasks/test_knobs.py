"""Gap, load and distractors are three knobs: each is found in the data as it was set, and moves nothing else."""

from itertools import product

import pytest
import torch
from builders import component, finished, load_task, make_spec

from seqbench.tasks.count import A, Count
from seqbench.tasks.flip_flop import FlipFlop
from seqbench.tasks.layout import before
from seqbench.tasks.recall import KEYS, Recall

#: Tasks with distractors, so set that what stands where there is no evidence can be told from evidence.
SPACED = {
    "count": {},
    "flip_flop": {"writes": 1},
    "group": {"group": "S3"},
    "match": {},
    "recall": {"filler": "random"},
    "selective_copy": {"filler": "random"},
}
every_task = pytest.mark.parametrize("name", SPACED)
every_size = pytest.mark.parametrize(("gap", "load", "distractors"), list(product((4, 7), (2, 3), (0, 3))))


def drawn(name, size=300, **settings):
    task = load_task(name, **{**SPACED[name], **settings})
    return task, task.batch(0, "test", 0, size)


def answers(task, batch):
    return task.oracle(batch).argmax(-1)


def steps_of(marks):
    return [row.nonzero()[:, 0].tolist() for row in marks]


def with_another_piece(task, batch, k):
    """The batch in which the k-th piece of evidence, counted from the last, is that of the next sequence.

    A bit that is written is the other bit, and an a is no a, but for the only one of its string: those are all alike.
    """
    fewest = 1 if isinstance(task, Count) else 0
    changed = [(i, at[-1 - k]) for i, at in enumerate(steps_of(task.evidence(batch))) if len(at) > max(k, fewest)]
    rows, steps = torch.tensor(changed).T
    inputs = batch.inputs.clone()
    if isinstance(task, FlipFlop):
        inputs[rows, steps, -1] = 1 - inputs[rows, steps, -1]
    elif isinstance(task, Count):
        inputs[rows, steps, A] = 0
    else:
        inputs[rows, steps] = inputs[rows, steps].roll(1, 0)
    return batch._replace(inputs=inputs)


@every_task
@every_size
def test_the_last_evidence_is_exactly_so_many_steps_old_when_it_is_asked_for(name, gap, load, distractors):
    task, batch = drawn(name, gap=gap, load=load, distractors=distractors)
    last = torch.tensor([at[-1] for at in steps_of(task.evidence(batch))])
    assert set((task.probed(batch) - last).tolist()) == {gap}


@every_task
@every_size
def test_each_piece_of_evidence_changes_answers_and_there_are_as_many_as_the_load(name, gap, load, distractors):
    """Of match, the load is how many stimuli there are, and one is shown; a string has up to as many a."""
    task, batch = drawn(name, gap=gap, load=load, distractors=distractors)
    pieces = {len(at) for at in steps_of(task.evidence(batch))}
    assert pieces == {"match": {1}, "count": set(range(1, load + 1))}.get(name, {load})
    for k in range(max(pieces)):
        assert (answers(task, with_another_piece(task, batch, k)) != answers(task, batch)).any(), k


@every_task
@every_size
def test_what_stands_elsewhere_before_the_question_changes_no_answer(name, gap, load, distractors):
    """All of it changes places, in all sequences."""
    task, batch = drawn(name, gap=gap, load=load, distractors=distractors)
    elsewhere = before(batch.mask) & ~task.evidence(batch)
    if isinstance(task, Recall):
        elsewhere &= batch.inputs[..., :KEYS].sum(-1) == 0
    assert elsewhere.any()
    order = torch.randperm(int(elsewhere.sum()), generator=torch.Generator().manual_seed(0))
    inputs = batch.inputs.clone()
    inputs[elsewhere] = inputs[elsewhere][order]
    assert torch.equal(answers(task, batch._replace(inputs=inputs)), answers(task, batch))


@every_task
@pytest.mark.parametrize("distractors", [1, 3])
def test_distractors_add_so_many_steps_before_the_gap_and_none_to_it(name, distractors):
    """In match they stand in the delay, which is as long as it was."""
    (_, without), (task, batch) = (drawn(name, gap=5, load=3, distractors=d) for d in (0, distractors))
    added = 0 if name == "match" else distractors
    assert batch.lengths.max() - without.lengths.max() == added
    assert set((task.probed(batch) - without.mask.int().argmax(1)).tolist()) == {added}


def test_closed_brackets_are_distractors_of_two_steps_each():
    """( opens and ) closes: before the gap, `distractors` of them, wherever the depth allows it."""
    task, batch = drawn("count", gap=2, load=3, distractors=2, language="dyck1")
    opening = batch.inputs[:, : 3 + 2 * 2]
    opens, closes = opening[..., 0], opening[..., 1]
    assert (closes.sum(1) == 2).all()
    assert ((opens - closes).cumsum(1) >= 0).all()
    assert set((opens - closes).sum(1).tolist()) == {1, 2, 3}
    assert (opens[:, -1] == 1).all()
    assert torch.equal((opens - closes).sum(1), task.evidence(batch).sum(1).float())


#: What of a string is no a tells how many a there are, since they stand in a fixed number of steps.
UNTRUE = ("count", "how much of it is no evidence")


# -- no leak -----------------------------------------------------------------------------------------------


def chance_with(kind, targets, classes):
    """How often the most frequent answer of a kind, found in one half of the sequences, is right in the other."""
    half = len(targets) // 2
    counts = torch.zeros(int(kind.max()) + 1, classes).index_put((kind[:half], targets[:half]), torch.tensor(1.0), True)
    return (counts.argmax(1)[kind[half:]] == targets[half:]).double().mean().item()


NO_EVIDENCE = ("lengths", "the step before", "how much of it is no evidence")


@pytest.mark.parametrize(("name", "probe"), [pair for pair in product(SPACED, NO_EVIDENCE) if pair != UNTRUE])
def test_a_probe_that_sees_no_evidence_stays_at_chance(name, probe):
    """The first answer of each sequence, at gaps from 4 to 7. Of a string, one in five ends with its first b."""
    task, batch = drawn(name, 40_000, gap=7, min_gap=4, load=5, distractors=3)
    question = task.probed(batch)
    rows, elsewhere = torch.arange(len(question)), before(batch.mask) & ~task.evidence(batch)
    kind = {
        "lengths": question,
        "the step before": batch.inputs[rows, question - 1].argmax(-1),
        "how much of it is no evidence": (elsewhere[..., None] * (batch.inputs > 0)).sum((1, 2)).long(),
    }[probe]
    chance = {"count": 1 - 1 / 5}.get(name, task.baselines[0].score)
    found = chance_with(kind, batch.targets[rows, question], task.output_size)
    assert abs(found - chance) <= 5 * (chance * (1 - chance) / 20_000) ** 0.5


# -- what lacks something stays at its plateau -------------------------------------------------------------


def trained(name, arm, steps, knobs=None, hidden_size=16, rate=0.02, **settings):
    task = component("task", name, **settings)
    model = component("model", arm, hidden_size=hidden_size, **(knobs or {}))
    budget = {"max_steps": steps, "batch_size": 64, "learning_rate": rate, "validate_every": steps}
    run = finished(make_spec(task, model, test_sequences=4000, record_every=steps, **budget))
    return run, load_task(name, **settings)


@pytest.mark.parametrize("name", [*SPACED, "digits"])
@pytest.mark.parametrize(("arm", "knobs"), [("memoryless", {}), ("window", {"window": 4})])
def test_without_memory_or_with_too_short_a_window_nothing_is_learned(name, arm, knobs):
    """In a string, a window sees some of the b, and may count them."""
    run, task = trained(name, arm, 100, knobs, gap=6)
    assert run.outcome == "unsolved"
    none, *better = (baseline.loss for baseline in task.baselines)
    least = better[0] if (name, arm) == ("count", "window") else none
    assert least * 0.97 < run.test["loss"] < none * 1.03


@pytest.mark.long
@pytest.mark.parametrize(
    ("name", "settings", "plateau"),
    [
        ("flip_flop", {"load": 1, "writes": 2, "filler": "blank"}, "which bits were written, not which one last"),
        ("selective_copy", {"load": 2, "distractors": 0}, "which symbols, not their order"),
    ],
)
def test_without_order_what_was_shown_is_known_and_not_when(name, settings, plateau):
    run, task = trained(name, "bag", 2500, hidden_size=64, rate=0.005, gap=3, **settings)
    (level,) = (b.loss for b in task.baselines if b.name == plateau)
    assert run.outcome == "unsolved"
    assert run.test["loss"] == pytest.approx(level, rel=0.05)
