"""Several cores as one: each layer reads what the layer below it shows, at the same step."""

from collections.abc import Callable, Iterator
from typing import cast

from jaxtyping import Float
from torch import Tensor, nn

from seqbench.config import Layers
from seqbench.events import HIDDEN, in_layer
from seqbench.models.base import Core, State
from seqbench.models.blocks import EPSILON, Plain, Residual


class Stack(Core):
    """Cores one above the other, all with the same knobs; `model.block` says what is around each.

    plain (Graves 2013), with input u, and dropout d between the layers (Zaremba, Sutskever & Vinyals 2014):

    h^1 = core^1(u)
    h^l = core^l(d(h^(l-1)))
    y = h^L

    residual, with the norm first (Xiong et al. 2020), and dropout on each branch (Vaswani et al. 2017):

    x^0 = W u + b
    z^l = x^(l-1) + d(core^l(conv(norm(x^(l-1)))))
    x^l = z^l + d(W_2 gelu(W_1 norm(z^l) + b_1) + b_2)
    y = norm(x^L)

    norm(x) = g * x / sqrt(mean(x^2) + 1e-6) (Zhang & Sennrich 2019). W_1 makes the width `model.feed_forward` times as
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
        self.blocks = nn.ModuleList(made)
        self.state_names = (HIDDEN, *(in_layer(name, n) for n, block in self._layers for name in block.state_names))
        _, top = self._layers[-1]
        self.hidden_size, self.exact_direct = top.core.hidden_size, top.core.exact_direct
        self.keep_gate = None if top.core.keep_gate is None else in_layer(top.core.keep_gate, len(self.blocks))
        # With b, and where the widths are the same, too: all that a norm leaves of x is its direction, so the size of
        # a number in the input has to become one.
        self.into = nn.Linear(input_size, self.hidden_size) if residual else nn.Identity()
        self.out = nn.RMSNorm(self.hidden_size, eps=EPSILON) if residual else nn.Identity()

    @property
    def _layers(self) -> list[tuple[int, Plain]]:
        """Numbered from 1, the lowest."""
        return list(enumerate(cast("list[Plain]", list(self.blocks)), 1))

    def _with_states(self, state: State) -> Iterator[tuple[int, Plain, State]]:
        at = 1
        for n, block in self._layers:
            to = at + len(block.state_names)
            yield n, block, state[at:to]
            at = to

    @property
    def has_step(self) -> bool:
        return all(block.core.has_step for _, block in self._layers)

    @property
    def carries_state(self) -> bool:
        return all(block.core.carries_state for _, block in self._layers)

    def initial_state(self, like: Tensor) -> State:
        states = (block.initial_state(like) for _, block in self._layers)
        return (like.new_zeros(len(like), self.hidden_size), *(s for state in states for s in state))

    def step(self, x_t: Float[Tensor, "batch input"], state: State) -> State:
        shown, after = self.into(x_t), list[Tensor]()
        for _, block, own in self._with_states(state):
            shown, states = block.step(shown, own)
            after += states
        return (self.out(shown), *after)

    def run(
        self, inputs: Float[Tensor, "batch time input"], state: State
    ) -> tuple[Float[Tensor, "batch time hidden"], State]:
        shown, after = self.into(inputs), list[Tensor]()
        for _, block, own in self._with_states(state):
            shown, states = block.run(shown, own)
            after += states
        hidden = self.out(shown)
        return hidden, (hidden[:, -1], *after)

    def forward(self, inputs: Float[Tensor, "batch time input"]) -> Float[Tensor, "batch time hidden"]:
        shown = self.into(inputs)
        for _, block in self._layers:
            shown = block(shown)
        hidden: Tensor = self.out(shown)
        return hidden

    def gates(self, x_t: Float[Tensor, "batch input"], state: State) -> dict[str, Float[Tensor, "batch _"]]:
        """Those of all layers, with the layer in the name."""
        gates = dict[str, Tensor]()
        for n, core, z, own in self._read_by_cores(x_t, state):
            gates |= {in_layer(name, n): gate for name, gate in core.gates(z, own).items()}
        return gates

    def direct(
        self, x_t: Float[Tensor, "batch input"], state: State, vectors: Float[Tensor, "batch memory"]
    ) -> Float[Tensor, "batch memory"]:
        *_, (_, core, z, own) = self._read_by_cores(x_t, state)
        return core.direct(z, own, vectors)

    def _read_by_cores(self, x_t: Tensor, state: State) -> Iterator[tuple[int, Core, Tensor, State]]:
        """What each core reads at a step, and its own states before it."""
        shown = self.into(x_t)
        for n, block, states in self._with_states(state):
            z, _, own = block.at(shown, states)
            yield n, block.core, z, own
            if n < len(self.blocks):
                shown, _ = block.step(shown, states)


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
