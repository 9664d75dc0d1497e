"""The gated recurrent unit (Cho et al. 2014), in the form that PyTorch's fused kernel computes."""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from seqbench.config import Count
from seqbench.models import families
from seqbench.models.base import Core, State


class GRU(Core):
    """A reset gate r and an update gate z:

    r_t = sigma(W_ir x_t + b_ir + W_hr h_{t-1} + b_hr)
    z_t = sigma(W_iz x_t + b_iz + W_hz h_{t-1} + b_hz)
    n_t = tanh(W_in x_t + b_in + r_t * (W_hn h_{t-1} + b_hn))
    h_t = (1 - z_t) * n_t + z_t * h_{t-1}
    """

    family = families.GATED
    keep_gate = "update"

    def __init__(self, input_size: int, *, hidden_size: Count = 64) -> None:
        super().__init__()
        self.hidden_size = hidden_size
        self.layer = nn.GRU(input_size, hidden_size, batch_first=True)

    def gates(self, x_t: Float[Tensor, "batch input"], state: State) -> dict[str, Float[Tensor, "batch hidden"]]:
        W_ih, W_hh, b_ih, b_hh = self.layer.all_weights[0]
        i_r, i_z, i_n = (x_t @ W_ih.T + b_ih).chunk(3, -1)
        h_r, h_z, h_n = (state[0] @ W_hh.T + b_hh).chunk(3, -1)
        r, z = torch.sigmoid(i_r + h_r), torch.sigmoid(i_z + h_z)
        return {"reset": r, "update": z, "candidate": torch.tanh(i_n + r * h_n)}

    def step(self, x_t: Float[Tensor, "batch input"], state: State) -> State:
        gate = self.gates(x_t, state)
        return ((1 - gate["update"]) * gate["candidate"] + gate["update"] * state[0],)

    def run(
        self, inputs: Float[Tensor, "batch time input"], state: State
    ) -> tuple[Float[Tensor, "batch time hidden"], State]:
        hidden, (h,) = self.layer(inputs, state[0][None])
        return hidden, (h,)
