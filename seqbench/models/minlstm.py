"""The minimal LSTM, whose gates do not look at its state (Feng et al. 2024, arXiv 2410.01201)."""

from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor, nn

from seqbench.config import Count, Finite
from seqbench.models import families
from seqbench.models.base import State
from seqbench.models.chrono import CHRONO, chrono_, require_timescale
from seqbench.models.linear import LinearCore
from seqbench.models.mingru import CANDIDATES, Candidate


class MinLSTM(LinearCore):
    """An LSTM without an output gate, whose cell is its output, and whose two gates share out what is kept:

    f_t = sigma(W_f x_t + b_f), i_t = sigma(W_i x_t + b_i)
    f'_t = f_t / (f_t + i_t), i'_t = i_t / (f_t + i_t)
    n_t = g(W_n x_t + b_n)
    h_t = f'_t * h_{t-1} + i'_t * n_t

    `candidate` is g as in `MinGRU`. `forget_bias` is the whole b_f at initialisation: a number, "default" (PyTorch's,
    random around 0), or "chrono" (Tallec & Ollivier 2018): b_f ~ log U[1, T - 1] and b_i = -b_f, with
    T = `max_timescale` steps. Then sigma(b_f) + sigma(b_i) = 1, so that f' = sigma(b_f) as in an LSTM, with its time
    constants. With b_i = 0 instead, f' = 1 / (1 + (1 + 1 / u) / 2) would keep no unit longer than 2.5 steps.
    """

    family = families.GATED
    keep_gate = "forget"

    def __init__(
        self,
        input_size: int,
        *,
        hidden_size: Count = 64,
        candidate: Candidate = "positive",
        forget_bias: Finite | Literal["default", "chrono"] = "default",
        max_timescale: Count | None = None,
    ) -> None:
        super().__init__()
        require_timescale(forget_bias, max_timescale, "forget_bias")
        self.hidden_size = self.memory_size = hidden_size
        self.candidate = CANDIDATES[candidate]
        self.W = nn.Linear(input_size, 3 * hidden_size)
        with torch.no_grad():
            b_f, b_i, _ = self.W.bias.chunk(3)
            if forget_bias == CHRONO:
                assert max_timescale is not None
                b_i.copy_(-chrono_(b_f, max_timescale))
            elif not isinstance(forget_bias, str):
                b_f.fill_(forget_bias)

    def affine(self, *seen: Tensor) -> tuple[Float[Tensor, "*steps _"], Float[Tensor, "*steps _"]]:
        """f', and i' times the candidate; i' = sigma(log i - log f), which never divides zero by zero."""
        f, i, n = self.W(*seen).chunk(3, -1)
        written = torch.sigmoid(nn.functional.logsigmoid(i) - nn.functional.logsigmoid(f))
        return 1 - written, written * self.candidate(n)

    def gates(self, x_t: Float[Tensor, "batch input"], state: State) -> dict[str, Float[Tensor, "batch _"]]:
        """f' and i'."""
        forget = self.affine(x_t)[0]
        return {"forget": forget, "input": 1 - forget}
