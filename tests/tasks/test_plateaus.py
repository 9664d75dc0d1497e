"""Every plateau is what the best guess scores that a model with the memory of its name can make.

The guesses are made from the inputs and from nothing that a task states of itself, for 100,000 sequences.
"""

import math

import numpy as np
import pytest
import torch
from builders import load_task
from torch.nn.functional import one_hot

from seqbench.events import Level
from seqbench.tasks.copy import BLANK, GO, SYMBOLS
from seqbench.tasks.flip_flop import WRITE
from seqbench.tasks.groups import permutations, signs
from seqbench.tasks.recall import KEYS, VALUES
from seqbench.tasks.spaced import ranked
from seqbench.tasks.temporal_order import X
from seqbench.training.diagnosis import diagnose

SEQUENCES = 100_000


def shared(alike):
    """Equal chances of all classes that are marked."""
    return alike / alike.sum(-1, keepdim=True)


def first_of(name):
    """The number in a name, as in "the last 2 of 8 symbols remembered"."""
    return next(int(word) for word in name.split() if word.isdigit())


def copied(task, batch, name):
    """At each answer its symbol, or all symbols alike; a blank where one is due, where that is known."""
    recall, shown = batch.mask.shape[1] - task.load, batch.inputs.argmax(-1)
    answers = torch.ones(len(shown), task.load, SYMBOLS) / SYMBOLS
    symbols = one_hot(shown[shown < SYMBOLS].view(-1, task.load), SYMBOLS).float()
    if "order" in name:
        answers = shared(symbols.sum(1, keepdim=True).expand_as(symbols))
    elif "remembered" in name:
        known = slice(-first_of(name), None) if "last" in name else slice(first_of(name))
        answers[:, known] = symbols[:, known]
    if task.loss_on == "asked":
        return answers
    outputs = torch.zeros(*shown.shape, SYMBOLS + 1)
    outputs[..., BLANK] = 1
    outputs[:, recall:, BLANK], outputs[:, recall:, :SYMBOLS] = 0, answers
    if name == "no memory":
        due = (task.load - 1) / (shown == BLANK)[0].sum()
        outputs[shown == BLANK] = torch.tensor([due / SYMBOLS] * SYMBOLS + [1 - due])
        outputs[shown == GO, :SYMBOLS] = 1 / SYMBOLS
    return outputs


def grouped(task, batch, name):
    """All elements that are alike in what is known of the product."""
    known = torch.zeros(task.output_size)
    if "modulo" in name:
        known = torch.arange(task.output_size) % first_of(name)
    elif "sign" in name:
        known = torch.from_numpy(signs(permutations(task.group)))
    elif "pairings" in name:
        elements = permutations("S4")
        where = [_pairing(elements[:, 0], elements[:, i]) for i in (1, 2)]  # two of the three decide
        known = torch.from_numpy(3 * where[0] + where[1])
    return shared((known == known[batch.targets[batch.mask]][:, None]).float())


def _pairing(one, other):
    """Which of the three ways to pair four things has these two in a pair: that of 0 with 1, 2 or 3."""
    low, high = np.minimum(one, other), np.maximum(one, other)
    return np.where(low == 0, high, 6 - low - high) - 1


def recalled(task, batch, name):
    """Of each key that is asked for, the values that it may have."""
    shown = batch.inputs.argmax(-1)
    steps = shown.shape[1] - task.answers
    at = (shown[:, :steps] < KEYS).nonzero()[:, 1].view(len(shown), -1)
    keys, values = shown.gather(1, at), shown.gather(1, at + 1) - KEYS
    asked, bag = shown[:, steps:], one_hot(values, VALUES).sum(1, keepdim=True).float()
    every = torch.ones(len(shown), task.answers, VALUES)
    if "keys" in name:
        return shared(bag.expand_as(every))
    if name == "no memory":
        return shared(every)
    matches = keys[:, None] == asked[..., None]
    if "which came last" in name:
        return shared(torch.einsum("qap,qpv->qav", matches.float(), one_hot(values, VALUES).float()))
    valid = ~(keys[:, :, None] == keys[:, None]).triu(1).any(2)  # no later pair has this key
    known = valid & (valid.flip(1).cumsum(1).flip(1) <= first_of(name))
    taken = (one_hot(values, VALUES) * known[..., None]).sum(1, keepdim=True)
    exact = torch.einsum("qap,qpv->qav", (matches & known[:, None]).float(), one_hot(values, VALUES).float())
    return torch.where(exact.any(-1, keepdim=True), exact, shared((taken == 0).float().expand_as(every)))


def read(task, batch, name):
    """Of each channel that is read, the chance that its bit is one."""
    inputs, K = batch.inputs, task.load
    at = (inputs[..., WRITE] > 0).nonzero()[:, 1].view(len(inputs), -1)
    channels = inputs[..., 3:-1].argmax(-1)
    written, bits = channels.gather(1, at), inputs[..., -1].gather(1, at)
    asked = channels[:, -task.answers :]
    matches = written[:, None] == asked[..., None]
    if name == "no memory":
        one = torch.full(asked.shape, 0.5)
    elif "channel" in name and "last bit" in name:
        right = (K + 1) / (2 * K)
        one = torch.where(bits[:, -1:] > 0, right, 1 - right).expand(asked.shape)
    elif "which one last" in name and "remembered" not in name:
        one = (matches * bits[:, None]).sum(2) / task.writes
    else:
        latest = (matches * torch.arange(1, at.shape[1] + 1)).argmax(2)
        distinct = torch.stack([_distinct(written[:, j:], K) for j in range(at.shape[1])], 1)
        one = torch.where(distinct.gather(1, latest) <= first_of(name), bits.gather(1, latest), 0.5)
    return torch.stack([1 - one, one], -1)


def _distinct(written, channels):
    """How many channels there are among these."""
    return one_hot(written, channels).any(1).sum(1)


def matched(task, batch, name):
    """By how often the test came before: Bayes' rule for c of d + 1 that are drawn from S stimuli."""
    if name == "no memory":
        return torch.full((len(batch.inputs), 2), 0.5)
    seen = (batch.inputs[:, :-1, : task.load] * batch.inputs[:, -1:, : task.load]).sum((1, 2))
    same = seen * (task.load - 1) / (seen * (task.load - 1) + task.distractors + 1 - seen)
    return torch.stack([1 - same, same], -1)


def counted(task, batch, name):
    """The chance that a closing symbol is the last: 2 / (N + 1) of all; of the j-th, one of those that n may be."""
    last = torch.full(batch.mask.shape, 2 / (task.load + 1))
    if name != "no memory":
        j = batch.mask.cumsum(1)
        last = 1 / (task.load - j + 1)
        if task.language == "anbncn":
            in_c = batch.inputs[..., 2] > 0
            last = torch.where(in_c, batch.targets.float(), last)
    last = last[batch.mask]
    return torch.stack([1 - last, last], -1)


def ordered(task, batch, name):
    """All orders that are alike in what is known; each is a number that has a digit for each symbol, after a one.

    Whoever knows nothing knows how often each number of symbols has come at such a step.
    """
    orders = torch.arange(1, task.output_size + 1)
    symbols = torch.tensor([int(order).bit_length() - 1 for order in orders])
    shown = batch.inputs[..., X:].any(-1)[batch.mask].long()
    chances = []
    for last in (0, 1):  # the last symbol is known at a step that shows one
        known = orders % 2 ** symbols.clamp(max=max(last, first_of(name) if "last" in name else 0))
        if "order" in name:
            known = 100 * known + torch.tensor([int(order).bit_count() for order in orders])
        often = torch.bincount(symbols[batch.targets[batch.mask]][shown == last], minlength=task.load + 1)
        likely = (often / 2 ** torch.arange(task.load + 1))[symbols]
        if name != "no memory":
            known, likely = 100 * known + symbols, torch.ones(len(orders))
        chances.append(shared((known == known[:, None]) * likely))
    return torch.stack(chances)[shown, batch.targets[batch.mask]]


CASES = [
    (copied, "copy", {"load": 3, "loss_on": "all"}),
    (copied, "copy", {"load": 1, "loss_on": "all", "gap": 1}),
    (copied, "selective_copy", {"load": 4, "distractors": 3}),
    (copied, "selective_copy", {"load": 3, "distractors": 3, "loss_on": "all"}),
    (copied, "selective_copy", {"load": 3, "distractors": 2, "filler": "random", "loss_on": "all"}),
    (grouped, "group", {"group": "Z6", "load": 3}),
    (grouped, "group", {"group": "S4", "load": 2, "distractors": 2}),
    (grouped, "group", {"group": "S5", "load": 2, "loss_on": "all"}),
    (grouped, "group", {"group": "A5"}),
    (recalled, "recall", {"load": 4, "distractors": 2}),
    (recalled, "recall", {"load": 3, "updates": 2, "loss_on": "all"}),
    (read, "flip_flop", {"load": 3, "writes": 3, "distractors": 2}),
    (read, "flip_flop", {"load": 2, "writes": 2, "loss_on": "all"}),
    (matched, "match", {"load": 4, "distractors": 3}),
    (counted, "count", {"load": 5, "language": "anbncn"}),
    (ordered, "temporal_order", {"load": 2, "loss_on": "all"}),
    (ordered, "temporal_order", {"load": 3, "loss_on": "all", "min_gap": 2}),
    (ordered, "temporal_order", {"load": 1, "loss_on": "all", "gap": 20}),
    (counted, "count", {"load": 2, "distractors": 2, "language": "dyck1"}),
]


@pytest.mark.parametrize(("guess", "name", "settings"), CASES, ids=[f"{n}-{s}" for _, n, s in CASES])
def test_a_plateau_is_what_the_best_guess_scores_that_its_memory_allows(guess, name, settings):
    task = load_task(name, **{"gap": 4} | settings)
    batch = task.batch(0, "test", 0, SEQUENCES)
    targets, asked = batch.targets[batch.mask], task.asked(batch)
    for plateau in task.baselines:
        chances = guess(task, batch, plateau.name).reshape(len(targets), -1)
        losses = task.loss(chances.log(), targets).double()
        assert abs(losses.mean() - plateau.loss) <= 5 * error(losses, batch.mask) + 1e-6, plateau
        scores = task.score(chances[asked[batch.mask]], batch.targets[asked], asked.sum(1))
        share = scores[task.score_name]
        assert abs(share - plateau.score) <= 5 * math.sqrt(share * (1 - share) / SEQUENCES) + 1e-6, plateau


def added(task, batch, name):
    """The sum of the values that are known, and 1/2 for each other; without memory, as many as come on average."""
    values, marks = batch.inputs.unbind(-1)
    known = marks * (marks.cumsum(1) <= (first_of(name) if "remembered" in name else 0))
    shown = marks * (1 - known)
    unknown = marks.cumsum(1) - known.cumsum(1) - shown
    if name == "no memory":
        unknown = torch.where(marks > 0, unknown[marks > 0].mean(), unknown[(marks == 0) & batch.mask].mean())
    return ((values * known).cumsum(1) + values * shown + unknown / 2)[batch.mask][:, None]


@pytest.mark.parametrize("load", [1, 3])
@pytest.mark.parametrize("settings", [{}, {"min_gap": 2}, {"placement": "halves"}, {"placement": "early"}])
def test_a_plateau_of_adding_is_what_the_best_guess_scores_at_all_steps(load, settings):
    task = load_task("adding", gap=8, load=load, loss_on="all", **settings)
    batch = task.batch(0, "test", 0, SEQUENCES)
    asked = task.asked(batch)
    assert [len(task.baselines), int(asked.sum())] == [load + 1, SEQUENCES]
    for plateau in task.baselines:
        outputs = added(task, batch, plateau.name)
        losses = task.loss(outputs, batch.targets[batch.mask]).double()
        assert abs(losses.mean() - plateau.loss) <= 5 * error(losses, batch.mask), plateau
        if plateau.name == "no memory":  # the best of all that may be said at the last step, which is a constant
            outputs[:] = load / 2
        decide = task.loss(outputs, batch.targets[batch.mask])[asked[batch.mask]].double()
        assert abs(decide.mean() - plateau.score) <= 5 * decide.std() / SEQUENCES**0.5, plateau


def test_plateaus_of_adding_at_all_steps_are_by_hand():
    """One value, marked at a place from 0 to 9 of 11: 4.5 steps before it on average, then 5.5 with a sum of one.

    Without memory a step without a mark has .55 of a value, which varies by .55 / 12 + .55 * .45 / 4.
    """
    none, counted = load_task("adding", gap=1, load=1, loss_on="all").baselines
    assert none.loss == pytest.approx((0.55 / 12 + 0.55 * 0.45 / 4) * 10 / 11)
    assert counted.loss == pytest.approx(5.5 / 12 / 11)
    assert none.score == counted.score == 1 / 12
    assert counted.name == "how many values were marked, not which"


def error(losses, mask):
    """The standard error of a mean whose sequences have several losses each, or not the same number of them."""
    apart = torch.zeros(len(mask)).double().index_add_(0, mask.nonzero()[:, 0], losses - losses.mean())
    return float((apart**2).sum().sqrt() / len(losses))


def test_plateaus_of_one_loss_are_one_because_a_test_cannot_tell_them_apart():
    task = load_task("flip_flop", load=2, writes=2)
    names = [plateau.name for plateau in task.baselines]
    assert names[-1] == "the last 1 of 2 channels remembered, or which bits were written, not which one last"
    assert ranked(task.baselines) == task.baselines


def test_the_plateaus_of_permutations_are_by_hand():
    """S4 has 24 permutations, of which 12 have one sign, and 4 leave the three pairings of four as they are."""
    stated = {b.name: round(math.exp(b.loss)) for b in load_task("group", group="S4").baselines}
    assert stated == {"no memory": 24, "the sign only": 12, "how the three pairings of four are permuted only": 4}
    assert [round(math.exp(b.loss)) for b in load_task("group", group="A5").baselines] == [60]


@pytest.mark.parametrize(("load", "loss"), [(2, 0.607), (3, 0.930), (4, 1.140), (8, 1.557), (16, 1.826)])
def test_which_symbols_but_not_their_order_is_worth_so_much(load, loss):
    """With two symbols: 7 in 8 pairs are of different symbols, between which there is ln 2 to choose."""
    plateaus = {b.name: b.loss for b in load_task("selective_copy", load=load).baselines}
    assert round(plateaus["which symbols, not their order"], 3) == loss


def test_the_shades_of_a_digit_are_worth_more_than_nothing():
    none, shades = load_task("digits").baselines
    assert none.loss == pytest.approx(math.log(10), abs=0.001)
    assert shades.score > 2 * none.score


@pytest.mark.parametrize(
    ("name", "settings", "loss", "told"),
    [
        ("group", {"group": "S4"}, math.log(12), "the sign only"),
        ("selective_copy", {"load": 2}, 7 / 8 * math.log(2), "which symbols, not their order"),
        ("selective_copy", {"load": 8}, 3 / 4 * math.log(8), "the last 2 of 8 symbols remembered"),
        ("flip_flop", {"load": 3, "writes": 1}, 0.6365, "the last bit written, not its channel"),
        ("recall", {"load": 4}, math.log(4), "which values, not their keys"),
        ("count", {"load": 5}, math.log(5) / 3, "the b counted, not the a"),
    ],
)
def test_a_run_that_ends_at_a_plateau_is_told_what_it_knows(name, settings, loss, told):
    found = diagnose(100, Level("loss", loss, 0.002), [], load_task(name, **settings).baselines)
    assert found.label == "partial"
    assert f"is at the plateau of {told}," in found.evidence
