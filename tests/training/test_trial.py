"""Before anything is trained, a core is shown to be one: what would make its result meaningless is refused by name."""

import os
from dataclasses import replace

import numpy as np
import pytest
import torch
from builders import component, cores, load_core, make_spec
from torch import nn

from seqbench.config import load_class
from seqbench.models.base import Core
from seqbench.models.rnn import RNN
from seqbench.plan import RunSpec
from seqbench.training import build
from seqbench.training.trial import STEPS, try_core
from seqbench.training.untouched import untouched

WIDTH, HIDDEN = 3, 4


class Cell(Core):
    """A sound core that each of the others spoils in one way."""

    def __init__(self) -> None:
        super().__init__()
        self.hidden_size = HIDDEN
        self.W = nn.Linear(WIDTH + HIDDEN, HIDDEN)

    def step(self, x_t, state):
        return (torch.tanh(self.W(torch.cat([x_t, state[0]], -1))),)


class Bidirectional(Core):
    def __init__(self) -> None:
        super().__init__()
        self.hidden_size = 2 * HIDDEN
        self.both = nn.LSTM(WIDTH, HIDDEN, batch_first=True, bidirectional=True)

    def forward(self, inputs):
        return self.both(inputs)[0]


class SeesOneAhead(Cell):
    def run(self, inputs, state):
        return super().run(torch.cat([inputs[:, 1:], inputs[:, -1:]], 1), state)


class KnowsTheLast(Cell):
    def forward(self, inputs):
        return super().forward(inputs) + inputs[:, -1:, :1]


class Normalised(Cell):
    """Over the sequences of a batch, and in training only."""

    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.BatchNorm1d(HIDDEN)

    def step(self, x_t, state):
        return (self.norm(super().step(x_t, state)[0]),)


class Centred(Cell):
    def step(self, x_t, state):
        h = super().step(x_t, state)[0]
        return (h - h.mean(0),)


class AnotherFastPath(Cell):
    def run(self, inputs, state):
        hidden, last = super().run(inputs, state)
        return 1.001 * hidden, (1.001 * last[0],)


class LearnsOtherwise(Cell):
    """The same outputs, and half of the gradient."""

    def run(self, inputs, state):
        hidden, last = super().run(inputs, state)
        return (hidden + hidden.detach()) / 2, last


class AnotherFastPathWithGradient(Cell):
    def run(self, inputs, state):
        hidden, last = super().run(inputs, state)
        return hidden * (1.001 if torch.is_grad_enabled() else 1), last


class RaisesWithGradient(Cell):
    def run(self, inputs, state):
        if torch.is_grad_enabled():
            raise NotImplementedError("no kernel")
        return super().run(inputs, state)


class Forgets(Cell):
    def run(self, inputs, state):
        return super().run(inputs, self.initial_state(inputs))


class Remembers(Cell):
    """From call to call."""

    def forward(self, inputs):
        self.calls = getattr(self, "calls", 0) + 1
        return super().forward(inputs) + self.calls


class TakesTurns(Cell):
    """By the number of its steps so far, odd or even."""

    def step(self, x_t, state):
        self.calls = getattr(self, "calls", 0) + 1
        return (super().step(x_t, state)[0] * (1 + self.calls % 2),)


class Overwrites(Cell):
    def forward(self, inputs):
        return super().forward(inputs.mul_(0.5))


class OverwritesState(Cell):
    def run(self, inputs, state):
        return super().run(inputs, (state[0].add_(1),))


class Noisy(Cell):
    def forward(self, inputs):
        return super().forward(inputs) + torch.randn(1)


class Explodes(Cell):
    def step(self, x_t, state):
        return (state[0] * 1e300 + 1e300,)


class Narrow(Cell):
    def forward(self, inputs):
        return super().forward(inputs)[..., :-1]


SPOILT = {
    Bidirectional: "it is not causal",
    SeesOneAhead: "it is not causal",
    KnowsTheLast: "it is not causal",
    Normalised: "the sequences of a batch touch one another",
    Centred: "the sequences of a batch touch one another",
    AnotherFastPath: "it does not carry its state|it is another model when it runs than its step says",
    LearnsOtherwise: "it is another model when it learns than its step says",
    AnotherFastPathWithGradient: "it is another model when it learns than its step says",
    Forgets: "it does not carry its state",
    Remembers: "the same inputs give other outputs the second time",
    TakesTurns: "the same inputs give other outputs the second time",
    Overwrites: "it changes the inputs that it is given, in place: make new tensors",
    OverwritesState: "it changes the states that it is given, in place: make new tensors",
    Noisy: "the same inputs give other outputs the second time|computing changes what other runs share",
    Explodes: "its outputs are not finite",
    Narrow: r"its outputs have the shape \(3, 23, 3\) instead of \(3, 23, 4\)",
}


@pytest.mark.parametrize("core", SPOILT, ids=lambda core: core.__name__)
def test_what_would_make_a_result_meaningless_is_refused(core):
    with pytest.raises(ValueError, match=SPOILT[core]):
        try_core(core(), WIDTH, 100)


@pytest.mark.parametrize("steps", [3, 10, 22, 23, 24, 100])
def test_who_takes_turns_is_found_with_any_number_of_steps(steps):
    with pytest.raises(ValueError, match="the same inputs give other outputs"):
        try_core(TakesTurns(), WIDTH, steps)


def test_what_raises_where_a_gradient_is_asked_for_is_found_before_training():
    with pytest.raises(NotImplementedError, match="no kernel"):
        try_core(RaisesWithGradient(), WIDTH, 100)


def test_what_is_sound_is_told_in_a_line():
    assert try_core(Cell(), WIDTH, 100) == "causal, carries state, runs step by step"
    assert try_core(RNN(WIDTH), WIDTH, 100) == "causal, carries state, fast path equals step"


@pytest.mark.parametrize("arm", cores())
def test_every_core_of_ours_passes(arm):
    knobs = {"length": 30} if arm == "unshared" else {}
    core = load_core(arm, input_size=WIDTH, **knobs)
    with_step = "carries state, fast path equals step" if core.has_step else "carries no state, states no step"
    assert try_core(core, WIDTH, 30) == f"causal, {with_step}"


def test_a_core_that_states_no_step_says_so():
    class Convolution(Core):
        hidden_size = HIDDEN

        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Conv1d(WIDTH, HIDDEN, 3)

        def forward(self, inputs):
            return self.conv(nn.functional.pad(inputs.transpose(1, 2), (2, 0))).transpose(1, 2)

    assert try_core(Convolution(), WIDTH, 100) == "causal, carries no state, states no step"


def test_dropout_inside_a_core_is_no_fault():
    class Dropping(Cell):
        def step(self, x_t, state):
            return (nn.functional.dropout(super().step(x_t, state)[0], 0.5, self.training),)

    assert try_core(Dropping(), WIDTH, 100).startswith("causal")


def test_a_trial_leaves_the_core_as_it_was():
    core = Normalised()
    before = {name: value.clone() for name, value in core.state_dict().items()}
    with pytest.raises(ValueError, match="touch"):
        try_core(core, WIDTH, STEPS)
    assert core.training
    assert all(torch.equal(value, before[name]) for name, value in core.state_dict().items())


# -- with its task -----------------------------------------------------------------------------------------


class FromElsewhere(RNN):
    """Initialised with numbers that the seed does not know."""

    def __init__(self, input_size: int) -> None:
        super().__init__(input_size, hidden_size=4)
        nn.init.constant_(self.get_parameter(next(name for name, _ in self.named_parameters())), os.urandom(1)[0])


class Meddles(RNN):
    def __init__(self, input_size: int) -> None:
        super().__init__(input_size, hidden_size=4)
        np.random.rand()


class NarrowStep(RNN):
    def __init__(self, input_size: int) -> None:
        super().__init__(input_size, hidden_size=4)

    def step(self, x_t, state):
        return (super().step(x_t, state)[0][:, :-1],)


def spec_of(core: type) -> RunSpec:
    return replace(make_spec(), model=replace(component("model", "rnn"), target=core.__name__, settings={}))


@pytest.mark.parametrize(
    ("core", "reason"),
    [
        (FromElsewhere, "it is initialised with other random numbers than the run's own"),
        (Meddles, "making it changes what other runs share: NumPy's generator"),
        (NarrowStep, "its step gives h with the shape"),
    ],
)
def test_what_is_wrong_with_a_model_is_refused(core, reason, monkeypatch):
    found = {core.__name__: core}
    monkeypatch.setattr(build, "load_class", lambda target, contract: found.get(target) or load_class(target, contract))
    with pytest.raises(ValueError, match=reason):
        build.try_out(spec_of(core))


@pytest.mark.parametrize(
    ("meddle", "told"),
    [
        (lambda: torch.manual_seed(3), "torch's generator"),
        (lambda: np.random.rand(), "NumPy's generator"),
        (lambda: torch.set_default_dtype(torch.float64), "the default type of numbers"),
        (lambda: torch.set_grad_enabled(False), "whether gradients are recorded"),
    ],
)
def test_what_is_shared_is_named_and_put_back(meddle, told):
    before = torch.get_default_dtype(), torch.is_grad_enabled(), torch.get_rng_state()
    with pytest.raises(ValueError, match=f"it changes what other runs share: {told}$"), untouched("it"):
        meddle()
    after = torch.get_default_dtype(), torch.is_grad_enabled(), torch.get_rng_state()
    assert before[:2] == after[:2]
    assert torch.equal(before[2], after[2])
