"""The minimal LSTM, whose gates do not look at its state (Feng et al. 2024, arXiv 2410.01201)."""

from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor, nn

from seqbench.config import Count, Finite
from seqbench.models import families
from seqbench.models.base import State
from seqbench.models.candidates import CANDIDATES, Candidate
from seqbench.models.chrono import CHRONO, chrono_, require_timescale
from seqbench.models.minimal import Gates, Hidden, Minimal

#: From where down sigma(x) is exp(x) to rounding, in double precision, too.
CLOSED = -40.0


class MinLSTM(Minimal):
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
        return 1 - written, written * self.candidate.value(n)

    def squash(self, *rows: Hidden) -> Gates:
        """f and i. Where both are closed, f' and i' are left to the difference of the rows, so both stay above 0."""
        f, i = rows
        below = torch.maximum(f, i).clamp_(max=CLOSED).sub_(CLOSED)
        return f.sub_(below).sigmoid_(), i.sub_(below).sigmoid_()

    def written(self, *gates: Hidden) -> Hidden:
        """i'."""
        f, i = gates
        return i / (f + i)

    def through(self, d: Hidden, *gates: Hidden) -> Gates:
        """log(i' / f') is log i - log f."""
        f, i = gates
        return d * (f - 1), d * (1 - i)

    def gates(self, x_t: Float[Tensor, "batch input"], state: State) -> dict[str, Float[Tensor, "batch _"]]:
        """f' and i'."""
        forget = self.affine(x_t)[0]
        return {"forget": forget, "input": 1 - forget}
