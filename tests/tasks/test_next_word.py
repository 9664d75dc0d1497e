"""Tasks over words: embedding, training on more than is asked, state that goes on from window to window."""

import math
from dataclasses import replace

import pytest
import torch
from builders import component, load_core, make_spec
from torch import nn

from seqbench.config import Component
from seqbench.events import Baseline
from seqbench.models.base import Core, SequenceModel, encoder
from seqbench.models.prediction import predictor
from seqbench.tasks.base import Batch, Criterion
from seqbench.tasks.next_word import NextWord
from seqbench.training.build import build, try_out
from seqbench.training.evaluation import Evaluation
from seqbench.training.fit import Run, fit

WORDS = ("<end>", "a", "b", "c")
#: Words of each row of a batch that belong to the same text.
ROWS, WINDOW, WINDOWS = 3, 5, 4


class Alphabet(NextWord):
    """Rows of a text drawn once for each seed and stream, read in windows; asked is what follows an "a"."""

    score_name = "accuracy"
    carries_state = True
    evidence_lag = 1
    criterion = Criterion("accuracy", 2.0, 1.0, "never")
    baselines = (Baseline("no memory", math.log(4), 0.25),)

    def __init__(self, *, gap: int = 1, embedding: int = 6) -> None:
        super().__init__(WORDS, embedding, gap)

    def continues(self, stream, index, size):
        return index % WINDOWS != 0

    def sizes(self, stream, sequences):
        return [ROWS] * WINDOWS

    def text(self, seed, stream, size):
        draw = torch.Generator().manual_seed(seed + len(stream))
        return torch.randint(4, (size, WINDOW * WINDOWS + 1), generator=draw)

    def batch(self, seed, stream, index, size):
        text, start = self.text(seed, stream, size), index % WINDOWS * WINDOW
        return self.window(text[:, start : start + WINDOW + 1])

    def window(self, text):
        mask = torch.ones_like(text[:, 1:], dtype=torch.bool)
        return Batch(text[:, :-1], text[:, 1:], mask, mask.sum(1))

    def asked(self, batch):
        return batch.inputs == 1

    def score(self, outputs, targets, scored):
        return {"accuracy": (outputs.argmax(-1) == targets).double().mean().item()}

    def sample(self, rng, size):
        return self.batch(0, "train", 0, size)

    def oracle(self, batch):
        raise NotImplementedError


ALPHABET = Component("alphabet", f"{__name__}.Alphabet", {"gap": 1, "embedding": 6})
CARRYING = ("rnn", "gru", "lstm", "lstm_chrono", "memoryless", "window")


def run(spec):
    """All events, and the last."""
    events = list(fit(spec))
    return events, events[-1]


def model_of(arm, **kwargs):
    return build(make_spec(ALPHABET, component("model", arm, hidden_size=8), batch_size=ROWS, **kwargs))


# -- the model ---------------------------------------------------------------------------------------------


def test_words_are_embedded_and_numbers_are_not():
    assert isinstance(encoder(None, 3), nn.Identity)
    embedded = encoder(WORDS, 3)
    assert embedded(torch.tensor([[0, 3]])).shape == (1, 2, 3)


@pytest.mark.parametrize("arm", CARRYING)
def test_windows_with_carried_state_equal_one_long_pass(arm):
    task, model = model_of(arm)
    model.double()
    text = task.text(0, "test", ROWS)
    whole = task.window(text)
    at_once = model(whole.inputs, whole.mask).view(ROWS, -1, len(WORDS))
    parts, state = [], None
    for i in range(WINDOWS):
        window = task.batch(0, "test", i, ROWS)
        outputs, state = model.go_on(window.inputs, window.mask, state)
        parts.append(outputs.view(ROWS, WINDOW, -1))
    torch.testing.assert_close(torch.cat(parts, 1), at_once, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("arm", ["rnn", "gru", "lstm"])
def test_the_fused_run_from_a_state_equals_the_unrolled_one(arm):
    core = load_core(arm, hidden_size=8).double()
    inputs = torch.randn(2, 7, 3, dtype=torch.double, generator=torch.Generator().manual_seed(0))
    state = tuple(torch.rand_like(s) for s in core.initial_state(inputs))
    fast, slow = core.run(inputs, state), Core.run(core, inputs, state)
    for one, other in zip((fast[0], *fast[1]), (slow[0], *slow[1]), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-12, atol=1e-14)


def test_no_gradient_flows_into_the_window_before():
    _, model = model_of("lstm")
    inputs, mask = torch.ones(1, 3, dtype=torch.long), torch.ones(1, 3, dtype=torch.bool)
    _, state = model.go_on(inputs, mask, None)
    assert not any(s.requires_grad for s in state)


def test_a_core_that_cannot_go_on_from_a_state_is_refused_where_the_state_is_carried():
    opaque = Component("opaque", "builders.Opaque", {"hidden_size": 4})
    with pytest.raises(ValueError, match="state is carried from batch to batch, and opaque states no step"):
        try_out(make_spec(ALPHABET, opaque))


# -- training and evaluation -------------------------------------------------------------------------------


def test_training_carries_the_state_into_a_batch_that_goes_on_and_into_no_other(monkeypatch):
    task, model = model_of("lstm")
    run_, seen, go_on = Run(make_spec(ALPHABET, batch_size=ROWS), task, model), [], SequenceModel.go_on

    def spy(model, inputs, mask, state, truncate=None):
        outputs, last = go_on(model, inputs, mask, state, truncate)
        seen.append((state, last))
        return outputs, last

    monkeypatch.setattr(SequenceModel, "go_on", spy)
    for run_.step in range(1, 2 * WINDOWS + 1):
        run_._backward()
    for step in range(1, 2 * WINDOWS):
        given, before = seen[step][0], seen[step - 1][1]
        assert given is (None if (step + 1) % WINDOWS == 0 else before)


def test_an_evaluation_carries_the_state_and_scores_only_what_is_asked():
    task, model = model_of("gru")
    found = Evaluation(task, predictor(model, task), 0, "test", 0, 100)
    whole = task.window(task.text(0, "test", ROWS))
    with torch.inference_mode():
        outputs, targets, asked = (
            model(whole.inputs, whole.mask),
            whole.targets.flatten(),
            (whole.inputs == 1).flatten(),
        )
    scores = found.scores()
    assert scores["loss"] == pytest.approx(nn.functional.cross_entropy(outputs, targets).item(), rel=1e-5)
    assert scores["perplexity"] == pytest.approx(math.exp(scores["loss"]))
    right = outputs[asked].argmax(-1) == targets[asked]
    assert scores["accuracy"] == pytest.approx(right.double().mean().item())


class Endless(Alphabet):
    """Solved from the start, and never done."""

    open_ended = True

    def shortfall(self, scores):
        return 0.5

    def variants(self, sequences):
        return [({"embedding": 6.0}, self)]


ENDLESS = Component("endless", f"{__name__}.Endless", {"gap": 1, "embedding": 6})


def test_an_open_ended_task_is_trained_to_its_budget_and_judged_at_the_end():
    _, finished = run(make_spec(ENDLESS, batch_size=ROWS, max_steps=8, validate_every=1))
    assert (finished.outcome, finished.steps) == ("solved", 8)
    scores = {name: value for name, value in finished.test.items() if name != "loss_error"}
    assert finished.tables["variants"] == [{"embedding": 6.0, **scores}]


def test_the_vocabulary_is_told_at_the_start():
    events, _ = run(make_spec(ENDLESS, batch_size=ROWS, max_steps=1))
    assert events[0].words == WORDS


# -- dropout, learning rate, patience ------------------------------------------------------------------------


def test_dropout_acts_in_training_alone_and_is_the_same_for_the_same_seed_and_step():
    task, model = model_of("lstm", dropout=0.5)
    run_ = Run(make_spec(ALPHABET, batch_size=ROWS, dropout=0.5), task, model)
    batch = task.batch(0, "train", 4, ROWS)
    run_.step = 4
    first, again = run_._outputs(batch), run_._outputs(batch)
    run_.step = 8
    assert torch.equal(first, again)
    assert not torch.equal(first, run_._outputs(batch))
    predict = predictor(model, task)
    assert torch.equal(predict(batch, False), model.eval()(batch.inputs, batch.mask))


def test_dropout_leaves_the_global_generator_alone():
    before = torch.random.get_rng_state()
    run(make_spec(ALPHABET, batch_size=ROWS, max_steps=2, dropout=0.5))
    assert torch.equal(torch.random.get_rng_state(), before)


@pytest.mark.parametrize(
    ("schedule", "factors"),
    [
        ("constant", [0.5, 1, 1, 1, 1, 1]),
        ("linear", [0.5, 1, 1, 0.75, 0.5, 0.25]),
        ("cosine", [0.5, 1, 1, (1 + math.sqrt(0.5)) / 2, 0.5, (1 - math.sqrt(0.5)) / 2]),
    ],
)
def test_the_learning_rate_rises_in_the_warmup_and_falls_to_nothing_at_the_budget(schedule, factors):
    task, model = model_of("rnn")
    spec = make_spec(ALPHABET, max_steps=6, warmup_steps=2, schedule=schedule, learning_rate=0.1, batch_size=ROWS)
    run_, rates = Run(spec, task, model), []
    for run_.step in range(1, 7):
        rates.append(run_.descent.optimizer.param_groups[0]["lr"])
        run_.descent.update(run_._backward()[1])
    assert rates == pytest.approx([0.1 * factor for factor in factors])
    assert run_.descent.optimizer.param_groups[0]["lr"] == pytest.approx(
        0.1 if schedule == "constant" else 0, abs=1e-12
    )


class Souring(Alphabet):
    """Its validation loss falls three times and then rises for good."""

    falls = (3.0, 2.0, 1.0, 4.0, 4.0, 4.0, 4.0)
    open_ended = True

    def __init__(self, *, gap: int = 1, embedding: int = 6) -> None:
        super().__init__(gap=gap, embedding=embedding)
        self.asked_for = 0

    def batch(self, seed, stream, index, size):
        self.stream = stream
        self.asked_for += stream == "validation" and index % WINDOWS == 0
        return super().batch(seed, stream, index, size)

    def loss(self, outputs, targets):
        losses = super().loss(outputs, targets)
        return losses * 0 + self.falls[self.asked_for - 1] if self.stream == "validation" else losses


def test_without_patience_left_training_ends_and_the_best_model_takes_the_test():
    souring = Component("souring", f"{__name__}.Souring", {"gap": 1, "embedding": 6})
    spec = make_spec(souring, batch_size=ROWS, max_steps=50, validate_every=1, patience=2)
    _, finished = run(spec)
    assert finished.steps == 5  # the lowest loss came at step 3
    at_best = run(replace(spec, training=replace(spec.training, max_steps=3)))[1]
    assert finished.test == at_best.test
