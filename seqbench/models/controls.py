"""Controls: each lacks one thing that sequence modelling needs, and must fail where that thing is needed."""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from seqbench.config import Count
from seqbench.models import families
from seqbench.models.base import Core, State


class Memoryless(Core):
    """Sees the current step alone: h_t = tanh(W x_t + b)."""

    family = families.CONTROL

    def __init__(self, input_size: int, *, hidden_size: Count = 64) -> None:
        super().__init__()
        self.hidden_size = hidden_size
        self.W_ih = nn.Linear(input_size, hidden_size)

    def step(self, x_t: Float[Tensor, "batch input"], state: State) -> State:
        return (torch.tanh(self.W_ih(x_t)),)

    def forward(self, inputs: Float[Tensor, "batch time input"]) -> Float[Tensor, "batch time hidden"]:
        outputs: Tensor = torch.tanh(self.W_ih(inputs))
        return outputs


class Bag(Core):
    """Sees what came, not in which order (Zaheer et al. 2017).

    s_t = s_{t-1} + relu(W x_t + b), h_t = relu(V s_t + a)
    """

    family = families.CONTROL
    state_names = ("h", "sum")

    def __init__(self, input_size: int, *, hidden_size: Count = 64) -> None:
        super().__init__()
        self.hidden_size = hidden_size
        self.W_ih = nn.Linear(input_size, hidden_size)
        self.V = nn.Linear(hidden_size, hidden_size)

    def step(self, x_t: Float[Tensor, "batch input"], state: State) -> State:
        total = state[1] + torch.relu(self.W_ih(x_t))
        return torch.relu(self.V(total)), total

    def forward(self, inputs: Float[Tensor, "batch time input"]) -> Float[Tensor, "batch time hidden"]:
        outputs: Tensor = torch.relu(self.V(torch.relu(self.W_ih(inputs)).cumsum(1)))
        return outputs


class Window(Core):
    """Feed-forward over the last `window` steps: it reaches back `window - 1` steps and not one further."""

    family = families.CONTROL
    state_names = ("h", "window")

    def __init__(self, input_size: int, *, hidden_size: Count = 64, window: Count = 10) -> None:
        super().__init__()
        self.hidden_size, self.input_size, self.window = hidden_size, input_size, window
        self.W_ih = nn.Linear(window * input_size, hidden_size)
        self.V = nn.Linear(hidden_size, hidden_size)

    def initial_state(self, like: Tensor) -> State:
        zeros = like.new_zeros
        return zeros(len(like), self.hidden_size), zeros(len(like), self.window * self.input_size)

    def step(self, x_t: Float[Tensor, "batch input"], state: State) -> State:
        seen = torch.cat([state[1][:, self.input_size :], x_t], -1)
        return torch.relu(self.V(torch.relu(self.W_ih(seen)))), seen

    def forward(self, inputs: Float[Tensor, "batch time input"]) -> Float[Tensor, "batch time hidden"]:
        padded = nn.functional.pad(inputs, (0, 0, self.window - 1, 0))
        seen = padded.unfold(1, self.window, 1).transpose(2, 3).flatten(2)
        outputs: Tensor = torch.relu(self.V(torch.relu(self.W_ih(seen))))
        return outputs


class Unshared(Core):
    """A simple recurrent network with matrices of its own for each step: a fixed length, and nothing learned twice.

    h_t = tanh(W_t x_t + b_t + U_t h_{t-1}), for exactly `length` steps. Raises ValueError at any other length.
    """

    family = families.CONTROL
    state_names = ("h", "time")

    def __init__(self, input_size: int, *, hidden_size: Count = 64, length: Count = 20) -> None:
        super().__init__()
        self.hidden_size, self.length = hidden_size, length
        bound = hidden_size**-0.5
        self.W_ih = nn.Parameter(torch.empty(length, input_size, hidden_size).uniform_(-bound, bound))
        self.W_hh = nn.Parameter(
            torch.stack([nn.init.orthogonal_(torch.empty(hidden_size, hidden_size)) for _ in range(length)])
        )
        self.b = nn.Parameter(torch.zeros(length, hidden_size))

    def initial_state(self, like: Tensor) -> State:
        return like.new_zeros(len(like), self.hidden_size), like.new_zeros(len(like), 1)

    def step(self, x_t: Float[Tensor, "batch input"], state: State) -> State:
        h, time = state
        t = round(time[0, 0].item())
        if t >= self.length:
            raise ValueError(self._refusal(f"at least {t + 1}"))
        return torch.tanh(x_t @ self.W_ih[t] + self.b[t] + h @ self.W_hh[t]), time + 1

    def forward(self, inputs: Float[Tensor, "batch time input"]) -> Float[Tensor, "batch time hidden"]:
        if inputs.shape[1] != self.length:
            raise ValueError(self._refusal(str(inputs.shape[1])))
        return super().forward(inputs)

    def _refusal(self, steps: str) -> str:
        return f"it has matrices for {self.length} steps and no other number, and the sequences have {steps}"
