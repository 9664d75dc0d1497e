"""What is around the core of a layer in a stack: nothing, or a residual stream. See `seqbench.models.stack`."""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from seqbench.events import HIDDEN
from seqbench.models.base import Core, Gates, State

#: Added to the mean square before its root is taken: the same in every precision, so that a probe sees the same model.
EPSILON = 1e-6

Over = Float[Tensor, "batch time _"]


class Plain(nn.Module):
    """The core alone; what it reads is dropped out."""

    #: States that the block has before those of its core.
    own_names: tuple[str, ...] = ()

    def __init__(self, core: Core, dropout: float) -> None:
        super().__init__()
        self.core, self.dropout = core, nn.Dropout(dropout)

    @property
    def state_names(self) -> tuple[str, ...]:
        """The block's own, then those of the core, whose first is the hidden state whatever it is called."""
        return (*self.own_names, HIDDEN, *self.core.state_names[1:])

    def own_state(self, like: Tensor) -> State:
        """What the block itself begins with."""
        return ()

    def read(self, x: Over, own: State) -> tuple[Over, State]:
        """What the core reads, from what is shown below and the block's own state; with that state afterwards."""
        return self.dropout(x), own

    def show(self, x: Tensor, h: Tensor) -> Tensor:
        """What the layer above reads, from what is shown below and the hidden state."""
        return h

    def initial_state(self, like: Tensor) -> State:
        """Of block and core."""
        return (*self.own_state(like), *self.core.initial_state(like))

    def step(self, x_t: Float[Tensor, "batch _"], state: State) -> tuple[Float[Tensor, "batch hidden"], State]:
        """What is shown, and the states after the step."""
        z, own, of_core = self.at(x_t, state)
        after = self.core.step(z, of_core)
        return self.show(x_t, after[0]), (*own, *after)

    def at(self, x_t: Float[Tensor, "batch _"], state: State) -> tuple[Float[Tensor, "batch _"], State, State]:
        """What the core reads at a step, the block's own state afterwards, and that of the core before."""
        return self.dropout(x_t), (), state

    def run(self, x: Over, state: State) -> tuple[Over, State]:
        """All steps at once, by the fast path of the core."""
        count = len(self.own_names)
        z, own = self.read(x, state[:count])
        h, after = self.core.run(z, state[count:])
        return self.show(x, h), (*own, *after)

    def own_along(self, x: Over) -> list[State]:
        """The block's own state before the first step and after each."""
        return [()] * (x.shape[1] + 1)

    def states_along(self, x: Over) -> list[State]:
        """The states before the first step and after each; the core goes step by step."""
        z, _ = self.read(x, self.own_state(x))
        return [(*own, *s) for own, s in zip(self.own_along(x), self.core.states_along(z), strict=True)]

    def gates_along(self, x: Over, states: list[State]) -> list[Gates]:
        """The gates of the core at each step."""
        z, _ = self.read(x, self.own_state(x))
        return self.core.gates_along(z, [state[len(self.own_names) :] for state in states])

    def shown_along(self, x: Over, states: list[State]) -> Over:
        """What is shown at each step."""
        return self.show(x, torch.stack([state[len(self.own_names)] for state in states[1:]], 1))

    def forward(self, x: Over) -> Over:
        """The same from the initial state on, which a core may do where it cannot go on from any other."""
        z, _ = self.read(x, self.own_state(x))
        return self.show(x, self.core(z))


class Residual(Plain):
    """Norm, convolution, core and dropout on a branch beside the stream; then the feed-forward part on another."""

    def __init__(self, core: Core, dropout: float, feed_forward: int, convolution: int) -> None:
        super().__init__(core, dropout)
        width = core.hidden_size
        self.norm = nn.RMSNorm(width, eps=EPSILON)
        self.convolution = Convolution(width, convolution) if convolution else None
        self.own_names = ("convolution",) if convolution else ()
        self.feed_forward = _feed_forward(width, feed_forward * width) if feed_forward else None

    def own_state(self, like: Tensor) -> State:
        """The last few norms, as zeros."""
        return self.convolution.initial_state(like) if self.convolution else ()

    def own_along(self, x: Over) -> list[State]:
        return self.convolution.windows(self.norm(x)) if self.convolution else super().own_along(x)

    def at(self, x_t: Float[Tensor, "batch _"], state: State) -> tuple[Float[Tensor, "batch _"], State, State]:
        if self.convolution is None:
            return self.norm(x_t), (), state
        z, own = self.read(x_t[:, None], state[:1])
        return z[:, 0], own, state[1:]

    def read(self, x: Over, own: State) -> tuple[Over, State]:
        normed = self.norm(x)
        return self.convolution(normed, own) if self.convolution else (normed, own)

    def show(self, x: Tensor, h: Tensor) -> Tensor:
        z: Tensor = x + self.dropout(h)
        return z if self.feed_forward is None else z + self.dropout(self.feed_forward(z))


def _feed_forward(width: int, inner: int) -> nn.Module:
    return nn.Sequential(nn.RMSNorm(width, eps=EPSILON), nn.Linear(width, inner), nn.GELU(), nn.Linear(inner, width))


class Convolution(nn.Module):
    """Of each unit by itself over the last `steps` steps, then SiLU (Gu & Dao 2023); initialised as nn.Conv1d is.

    As a sum over the steps: at one step, as a probe takes it, PyTorch's is twenty times as slow.
    """

    def __init__(self, width: int, steps: int) -> None:
        super().__init__()
        self.width, self.before = width, steps - 1
        bound = steps**-0.5
        self.weight = nn.Parameter(torch.empty(width, steps).uniform_(-bound, bound))
        self.bias = nn.Parameter(torch.empty(width).uniform_(-bound, bound))

    def initial_state(self, like: Tensor) -> State:
        """Zeros for the steps before the first."""
        return (like.new_zeros(len(like), self.before * self.width),)

    def forward(self, x: Over, state: State) -> tuple[Over, State]:
        """From what it saw before on; with what it has seen afterwards."""
        seen = self._seen(x, state)
        summed = (seen.unfold(1, self.before + 1, 1) * self.weight).sum(-1) + self.bias
        return nn.functional.silu(summed), (seen[:, -self.before :].flatten(1),)

    def windows(self, x: Over) -> list[State]:
        """The state before the first step and after each."""
        seen = self._seen(x, self.initial_state(x))
        return [(seen[:, t : t + self.before].flatten(1),) for t in range(x.shape[1] + 1)]

    def _seen(self, x: Over, state: State) -> Float[Tensor, "batch seen width"]:
        return torch.cat([state[0].reshape(len(x), self.before, self.width), x], 1)
