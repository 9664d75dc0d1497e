"""The simple recurrent network (Elman 1990), with tanh or ReLU."""

from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor, nn

from seqbench.config import Count
from seqbench.events import PATH, SIGMA_MAX
from seqbench.models import families
from seqbench.models.base import Core, State, initialise_recurrent


class RNN(Core):
    """h_t = phi(W_ih x_t + b_ih + W_hh h_{t-1} + b_hh)."""

    family = families.CLASSICAL

    def __init__(
        self,
        input_size: int,
        *,
        hidden_size: Count = 64,
        nonlinearity: Literal["tanh", "relu"] = "tanh",
        recurrent_init: Literal["uniform", "orthogonal", "identity"] = "uniform",
    ) -> None:
        super().__init__()
        self.hidden_size, self.nonlinearity = hidden_size, nonlinearity
        self.layer = nn.RNN(input_size, hidden_size, nonlinearity=nonlinearity, batch_first=True)
        with torch.no_grad():
            _, W_hh, b_ih, b_hh = self.layer.all_weights[0]
            initialise_recurrent(W_hh, recurrent_init)
            if recurrent_init == "identity":
                b_ih.zero_()
                b_hh.zero_()

    def step(self, x_t: Float[Tensor, "batch input"], state: State) -> State:
        (h,) = state
        W_ih, W_hh, b_ih, b_hh = self.layer.all_weights[0]
        phi = torch.tanh if self.nonlinearity == "tanh" else torch.relu
        return (phi(x_t @ W_ih.T + b_ih + h @ W_hh.T + b_hh),)

    def step_bounds(self, after: State) -> dict[str, Float[Tensor, " batch"]]:
        """max phi' sigma_max(W_hh), along the path that was taken, and sigma_max(W_hh) (Pascanu et al. 2013, eq. 6)."""
        (h,) = after
        slope = 1 - h**2 if self.nonlinearity == "tanh" else (h > 0).to(h)
        W_hh = self.layer.all_weights[0][1]
        sigma_max = torch.linalg.matrix_norm(W_hh, 2) if W_hh.isfinite().all() else W_hh.new_tensor(torch.nan)
        return {PATH: slope.amax(-1) * sigma_max, SIGMA_MAX: sigma_max.expand(len(h))}

    def run(
        self, inputs: Float[Tensor, "batch time input"], state: State
    ) -> tuple[Float[Tensor, "batch time hidden"], State]:
        hidden, (h,) = self.layer(inputs, state[0][None])
        return hidden, (h,)
