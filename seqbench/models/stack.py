"""Several cores as one: each layer reads what the layer below it shows, at the same step."""

from collections.abc import Callable, Iterator
from itertools import accumulate, chain, count, pairwise, starmap
from typing import NamedTuple

from jaxtyping import Float
from torch import Tensor, nn

from seqbench.config import Layers
from seqbench.events import HIDDEN, in_layer
from seqbench.models.base import Core, Gates, State
from seqbench.models.blocks import EPSILON, Plain, Residual


class Layer(NamedTuple):
    """A block of a stack."""

    number: int
    block: Plain
    place: slice


class Stack(Core):
    """Cores one above the other, all with the same knobs; `model.block` says what is around each.

    plain (Graves 2013), with input u, layers k = 1 ... K from the bottom up, and dropout d between them (Zaremba,
    Sutskever & Vinyals 2014):

    h_1 = core_1(u)
    h_k = core_k(d(h_(k-1)))
    y = h_K

    residual, with the norm first (Xiong et al. 2020), and dropout on each branch (Vaswani et al. 2017):

    x_0 = W u + b
    z_k = x_(k-1) + d(core_k(conv(norm(x_(k-1)))))
    x_k = z_k + d(A gelu(B norm(z_k) + b_B) + b_A)
    y = norm(x_K)

    norm(x) = g * x / sqrt(mean(x^2) + 1e-6) (Zhang & Sennrich 2019). B makes the width `model.feed_forward` times as
    large; with 0 there is no such part. conv is causal, of each unit by itself over the last `model.convolution` steps,
    and then SiLU (Gu & Dao 2023); with 0 the core reads the norm as it is.

    The first state is the output y, which no later step reads. Then come those of each layer, from the bottom up. So
    the last one is the memory of the top layer, and it reaches later steps through that layer alone: the keep gate and
    the direct path are the top layer's. A bound on the step of one core bounds no stack, so there is none.
    """

    carried = slice(1, None)

    def __init__(self, input_size: int, make: Callable[[int], Core], layers: Layers, dropout: float = 0.0) -> None:
        """`make` makes a core for inputs of a width."""
        super().__init__()
        residual = layers.block == "residual"
        made = _residual(input_size, make, layers, dropout) if residual else _plain(input_size, make, layers, dropout)
        blocks = list(made)
        self.blocks = nn.ModuleList(blocks)
        ends = accumulate((len(block.state_names) for block in blocks), initial=1)
        #: With its number, from 1 at the bottom, and the place of its states among all.
        self.layers = list(map(Layer, count(1), blocks, starmap(slice, pairwise(ends))))
        self.state_names = (HIDDEN, *(in_layer(name, n) for n, block, _ in self.layers for name in block.state_names))
        hidden = (in_layer(name, n) for n, block, _ in self.layers for name in block.core.hidden_states)
        self.hidden_states = (HIDDEN, *hidden)
        top = blocks[-1].core
        self.hidden_size, self.hidden_multiple = top.hidden_size, top.hidden_multiple
        self.exact_direct, self.family = top.exact_direct, top.family  # type: ignore[misc]
        self.auxiliary, self.most_steps = top.auxiliary, top.most_steps
        self.keep_gate = None if top.keep_gate is None else in_layer(top.keep_gate, len(blocks))
        # With b, and where the widths are the same, too: all that a norm leaves of x is its direction, so the size of
        # a number in the input has to become one.
        self.into = nn.Linear(input_size, self.hidden_size) if residual else nn.Identity()
        self.out = nn.RMSNorm(self.hidden_size, eps=EPSILON) if residual else nn.Identity()

    @property
    def has_step(self) -> bool:
        return all(layer.block.core.has_step for layer in self.layers)

    @property
    def carries_state(self) -> bool:
        return all(layer.block.core.carries_state for layer in self.layers)

    def initial_state(self, like: Tensor) -> State:
        of_layers = (layer.block.initial_state(like) for layer in self.layers)
        return (like.new_zeros(len(like), self.hidden_size), *chain.from_iterable(of_layers))

    def step(self, x_t: Float[Tensor, "batch input"], state: State) -> State:
        shown, after = self.into(x_t), list[Tensor]()
        for _, block, place in self.layers:
            shown, states = block.step(shown, state[place])
            after += states
        return (self.out(shown), *after)

    def run(
        self, inputs: Float[Tensor, "batch time input"], state: State
    ) -> tuple[Float[Tensor, "batch time hidden"], State]:
        """As `Core.run`: each layer runs over the whole sequence before the one above begins."""
        shown, after = self.into(inputs), list[Tensor]()
        for _, block, place in self.layers:
            shown, states = block.run(shown, state[place])
            after += states
        hidden = self.out(shown)
        return hidden, (hidden[:, -1], *after)

    def forward(self, inputs: Float[Tensor, "batch time input"]) -> Float[Tensor, "batch time hidden"]:
        shown = self.into(inputs)
        for _, block, _ in self.layers:
            shown = block(shown)
        hidden: Tensor = self.out(shown)
        return hidden

    def gates(self, x_t: Float[Tensor, "batch input"], state: State) -> Gates:
        """Those of all layers, with the layer in the name."""
        gates = Gates()
        for n, core, z, own in self._read_by_cores(x_t, state):
            gates |= {in_layer(name, n): gate for name, gate in core.gates(z, own).items()}
        return gates

    def states_along(self, inputs: Float[Tensor, "batch time input"]) -> list[State]:
        """Layer by layer: what is around the cores is computed at all steps at once."""
        shown, of_layers = self.into(inputs), []
        for _, block, _ in self.layers:
            of_layers.append(block.states_along(shown))
            shown = block.shown_along(shown, of_layers[-1])
        outputs = [self.initial_state(inputs)[0], *self.out(shown).unbind(1)]
        return [(y, *chain.from_iterable(own)) for y, *own in zip(outputs, *of_layers, strict=True)]

    def gates_along(self, inputs: Float[Tensor, "batch time input"], states: list[State]) -> list[Gates]:
        """Layer by layer: what a layer shows is known from its states, and takes no step."""
        shown, by_step = self.into(inputs), [Gates() for _ in states[1:]]
        for n, block, place in self.layers:
            own = [state[place] for state in states]
            for found, gates in zip(by_step, block.gates_along(shown, own), strict=True):
                found |= {in_layer(name, n): gate for name, gate in gates.items()}
            shown = block.shown_along(shown, own)
        return by_step

    def direct(
        self, x_t: Float[Tensor, "batch input"], state: State, vectors: Float[Tensor, "batch memory"]
    ) -> Float[Tensor, "batch memory"]:
        *_, (_, core, z, own) = self._read_by_cores(x_t, state)
        return core.direct(z, own, vectors)

    def _read_by_cores(self, x_t: Tensor, state: State) -> Iterator[tuple[int, Core, Tensor, State]]:
        """What each core reads at a step, and its own states before it."""
        shown = self.into(x_t)
        for n, block, place in self.layers:
            z, _, own = block.at(shown, state[place])
            yield n, block.core, z, own
            if n < len(self.layers):
                shown, _ = block.step(shown, state[place])


def _plain(input_size: int, make: Callable[[int], Core], layers: Layers, dropout: float) -> Iterator[Plain]:
    """What the lowest reads is dropped out before the stack."""
    width = input_size
    for layer in range(layers.layers):
        core = make(width)
        yield Plain(core, dropout if layer else 0.0)
        width = core.hidden_size


def _residual(input_size: int, make: Callable[[int], Core], layers: Layers, dropout: float) -> Iterator[Plain]:
    width = make(input_size).hidden_size  # of the stream: nothing else says how wide a core of anybody's is
    for _ in range(layers.layers):
        yield Residual(make(width), dropout, layers.feed_forward, layers.convolution)
