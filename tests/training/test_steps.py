"""What a core says of one step is tried before anything is trained: probes and traces rely on it."""

import pytest
import torch
from builders import Opaque, cores, load_core
from torch import nn

from seqbench.config import Layers
from seqbench.models.base import Core
from seqbench.models.stack import Stack
from seqbench.training.steps import STEPS, left_alone, try_step

WIDTH, HIDDEN = 3, 4


class Leaky(Core):
    """A sound core with a memory that is half kept; each of the others spoils it in one way."""

    state_names = ("h", "c")
    keep_gate = "keep"
    exact_direct = True

    def __init__(self, input_size=WIDTH):
        super().__init__()
        self.hidden_size = HIDDEN
        self.W = nn.Linear(input_size, HIDDEN)

    def step(self, x_t, state):
        c = 0.5 * state[1] + self.W(x_t)
        return torch.tanh(c), c

    def gates(self, x_t, state):
        return {"keep": torch.full_like(state[1], 0.5)}


class Narrower(Leaky):
    def step(self, x_t, state):
        h, c = super().step(x_t, state)
        return h[:, :-1], c


class Grows(Leaky):
    def step(self, x_t, state):
        h, c = super().step(x_t, (state[0], state[1][:, :HIDDEN]))
        return h, torch.cat([state[1], c], -1)


class OnlyTheOutput(Leaky):
    def step(self, x_t, state):
        return super().step(x_t, state)[0]


class OneStateTooFew(Leaky):
    def step(self, x_t, state):
        return super().step(x_t, state)[:1]


class CountsInNumbers(Leaky):
    def step(self, x_t, state):
        return super().step(x_t, state)[0], 3


class CountsInWhole(Leaky):
    def initial_state(self, like):
        return like.new_zeros(len(like), HIDDEN), torch.zeros(len(like), 1, dtype=torch.long)


class Single(Leaky):
    def initial_state(self, like):
        return tuple(state.float() for state in super().initial_state(like))


class Overwrites(Leaky):
    def step(self, x_t, state):
        return torch.tanh(state[1].mul_(0.5).add_(self.W(x_t))), state[1]


class OverwritesInputs(Leaky):
    def step(self, x_t, state):
        return super().step(x_t.mul_(0.5), state)


class TellsAnotherState(Leaky):
    hidden_states = ("h", "memory")


class NoSuchGate(Leaky):
    keep_gate = "forget"


class ThreeForFour(Leaky):
    def gates(self, x_t, state):
        return {"keep": torch.full_like(state[1][:, :3], 0.5)}


class GateAsNumber(Leaky):
    def gates(self, x_t, state):
        return {"keep": 0.5}


class GatesWithoutNames(Leaky):
    def gates(self, x_t, state):
        return [torch.full_like(state[1], 0.5)]


class BoundOfAll(Leaky):
    def step_bounds(self, after):
        return {"path": torch.tensor(1.0)}


class NoDirectPath(Leaky):
    keep_gate = None


class AnotherGate(Leaky):
    def gates(self, x_t, state):
        return {"keep": torch.full_like(state[1], 0.75)}


class AroundTheMemory(Leaky):
    """Its memory reaches the next step by the output, too, and so the one after that."""

    def step(self, x_t, state):
        c = 0.5 * state[1] + self.W(x_t) + 0.01 * state[0]
        return torch.tanh(c), c


SPOILT = {
    Narrower: r"its step gives h with the shape \(3, 3\) instead of \(3, 4\)",
    Grows: r"its step gives c with the shape \(3, 8\) instead of \(3, 4\)",
    OnlyTheOutput: "its step gives a Tensor instead of a tuple of states",
    OneStateTooFew: "its step gives 1 state, and state_names has h, c",
    CountsInNumbers: "its step gives c as int instead of a tensor",
    CountsInWhole: "initial_state gives c in torch.int64, through which no gradient flows",
    Single: "initial_state gives h in torch.float32 for inputs in torch.float64: keep to their type",
    Overwrites: "it changes the states that it is given, in place: make new tensors",
    OverwritesInputs: "it changes the inputs that it is given, in place: make new tensors",
    TellsAnotherState: "hidden_states has 'memory', and state_names has h, c",
    NoSuchGate: "keep_gate is 'forget', and gates gives keep",
    ThreeForFour: "the gate keep has 3 values for 4 numbers of c",
    GateAsNumber: "gates gives keep as float instead of a tensor",
    GatesWithoutNames: "gates gives a list instead of a dict",
    BoundOfAll: r"step_bounds gives path with the shape \(\) instead of \(3\)",
    NoDirectPath: "exact_direct is set, and neither keep_gate nor direct says what the direct path is",
    AnotherGate: "exact_direct is set, and its direct path is not the Jacobian of its last state",
    AroundTheMemory: "exact_direct is set, and its direct path is not the Jacobian of its last state",
}


@pytest.mark.parametrize("core", SPOILT, ids=lambda core: core.__name__)
def test_what_a_probe_would_stumble_over_is_refused(core):
    with pytest.raises(ValueError, match=SPOILT[core]):
        try_step(core(), WIDTH, STEPS)


@pytest.mark.parametrize("layers", [Layers(layers=2), Layers(layers=2, block="residual", convolution=4)], ids=str)
def test_in_a_stack_it_is_said_of_the_core(layers):
    try_step(Stack(WIDTH, Leaky, layers), WIDTH, STEPS)
    with pytest.raises(ValueError, match="its step gives 1 state, and state_names has h, c"):
        try_step(Stack(WIDTH, OneStateTooFew, layers), WIDTH, STEPS)


@pytest.mark.parametrize("arm", cores())
def test_every_core_of_ours_passes_alone_and_in_a_stack(arm):
    try_step(load_core(arm, input_size=WIDTH, steps=STEPS), WIDTH, STEPS)
    try_step(Stack(WIDTH, lambda width: load_core(arm, input_size=width, steps=STEPS), Layers(layers=2)), WIDTH, STEPS)


def test_a_core_without_a_step_has_nothing_to_say_of_it():
    try_step(Opaque(WIDTH), WIDTH, STEPS)


def test_what_is_not_finite_is_not_taken_for_changed():
    nan = torch.full((2, 2), torch.nan)
    assert left_alone(torch.Tensor.sum, nan).isnan()
