"""What is around the core of a layer in a stack: nothing, or a residual stream. See `seqbench.models.stack`."""

from jaxtyping import Float
from torch import Tensor, cat, nn

from seqbench.events import HIDDEN
from seqbench.models.base import Core, State

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
        count = len(self.own_names)
        z, own = self.read(x_t[:, None], state[:count])
        return z[:, 0], own, state[count:]

    def run(self, x: Over, state: State) -> tuple[Over, State]:
        """All steps at once, by the fast path of the core."""
        count = len(self.own_names)
        z, own = self.read(x, state[:count])
        h, after = self.core.run(z, state[count:])
        return self.show(x, h), (*own, *after)

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

    def read(self, x: Over, own: State) -> tuple[Over, State]:
        normed = self.norm(x)
        return self.convolution(normed, own) if self.convolution else (normed, own)

    def show(self, x: Tensor, h: Tensor) -> Tensor:
        z: Tensor = x + self.dropout(h)
        return z if self.feed_forward is None else z + self.dropout(self.feed_forward(z))


def _feed_forward(width: int, inner: int) -> nn.Module:
    return nn.Sequential(nn.RMSNorm(width, eps=EPSILON), nn.Linear(width, inner), nn.GELU(), nn.Linear(inner, width))


class Convolution(nn.Module):
    """Of each unit by itself over the last `steps` steps, then SiLU (Gu & Dao 2023)."""

    def __init__(self, width: int, steps: int) -> None:
        super().__init__()
        self.layer, self.width, self.before = nn.Conv1d(width, width, steps, groups=width), width, steps - 1

    def initial_state(self, like: Tensor) -> State:
        """Zeros for the steps before the first."""
        return (like.new_zeros(len(like), self.before * self.width),)

    def forward(self, x: Over, state: State) -> tuple[Over, State]:
        """From what it saw before on; with what it has seen afterwards."""
        seen = cat([state[0].reshape(len(x), self.before, self.width), x], 1)
        return nn.functional.silu(self.layer(seen.mT).mT), (seen[:, -self.before :].flatten(1),)
