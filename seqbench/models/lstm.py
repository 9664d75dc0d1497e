"""Long short-term memory with a forget gate (Hochreiter & Schmidhuber 1997; Gers, Schmidhuber & Cummins 2000)."""

from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor, nn

from seqbench.config import Count, Finite
from seqbench.models import families
from seqbench.models.base import Core, State


class LSTM(Core):
    """Gates i (input), f (forget), o (output) around a cell state c:

    i_t, f_t, o_t = sigma(W_ix x_t + b_i + W_hh h_{t-1}), likewise f and o
    g_t = tanh(W_gx x_t + b_g + W_gh h_{t-1})
    c_t = f_t * c_{t-1} + i_t * g_t
    h_t = o_t * tanh(c_t)

    `forget_bias` is the whole bias of the forget gate at initialisation: a number, "default" (PyTorch's, random
    around 0), or "chrono" (Tallec & Ollivier 2018, eq. 16): b_f ~ log U[1, T - 1] and b_i = -b_f, with
    T = `max_timescale` steps, the longest dependency that the initialisation should reach.
    """

    family = families.GATED
    state_names = ("h", "c")
    keep_gate = "forget"

    def __init__(
        self,
        input_size: int,
        *,
        hidden_size: Count = 64,
        forget_bias: Finite | Literal["default", "chrono"] = 1.0,
        max_timescale: Count | None = None,
    ) -> None:
        super().__init__()
        if (forget_bias == "chrono") != (max_timescale is not None):
            raise ValueError("max_timescale belongs to forget_bias=chrono: set both or neither")
        self.hidden_size = hidden_size
        self.layer = nn.LSTM(input_size, hidden_size, batch_first=True)
        with torch.no_grad():
            self._initialise_biases(forget_bias, max_timescale)

    def _initialise_biases(self, forget_bias: float | str, max_timescale: int | None) -> None:
        _, _, b_ih, b_hh = self.layer.all_weights[0]
        (b_i, b_f, _, _), (also_b_i, also_b_f, _, _) = b_ih.chunk(4), b_hh.chunk(4)
        if forget_bias == "default":
            return
        also_b_f.zero_()
        if isinstance(forget_bias, str):
            assert max_timescale is not None
            b_f.uniform_(1, max(max_timescale - 1, 1)).log_()
            b_i.copy_(-b_f)
            also_b_i.zero_()
        else:
            b_f.fill_(forget_bias)

    def gates(self, x_t: Float[Tensor, "batch input"], state: State) -> dict[str, Float[Tensor, "batch hidden"]]:
        """i, f and o, open from 0 to 1, and the candidate g."""
        W_ih, W_hh, b_ih, b_hh = self.layer.all_weights[0]
        i, f, g, o = (x_t @ W_ih.T + b_ih + state[0] @ W_hh.T + b_hh).chunk(4, -1)
        return {
            "input": torch.sigmoid(i),
            "forget": torch.sigmoid(f),
            "candidate": torch.tanh(g),
            "output": torch.sigmoid(o),
        }

    def step(self, x_t: Float[Tensor, "batch input"], state: State) -> State:
        gate = self.gates(x_t, state)
        c = gate["forget"] * state[1] + gate["input"] * gate["candidate"]
        return gate["output"] * torch.tanh(c), c

    def run(
        self, inputs: Float[Tensor, "batch time input"], state: State
    ) -> tuple[Float[Tensor, "batch time hidden"], State]:
        hidden, ((h,), (c,)) = self.layer(inputs, (state[0][None], state[1][None]))
        return hidden, (h, c)
