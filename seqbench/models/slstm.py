"""The LSTM with exponential gates and a normaliser (Beck et al. 2024, arXiv 2405.04517)."""

from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import logsigmoid

from seqbench.config import Count, Finite
from seqbench.models import families
from seqbench.models.base import Core, State
from seqbench.models.chrono import CHRONO, chrono_, require_timescale
from seqbench.models.heads import by_head, require_heads
from seqbench.models.slstm_loop import Loop


class SLSTM(Core):
    """An input gate that is an exponential, and a normaliser n beside the cell; each head sees itself alone:

    i~_t, f~_t, z~_t, o~_t = W x_t + b + R h_{t-1}, R block-diagonal, a block for each head
    i_t = exp(i~_t), f_t = sigma(f~_t), z_t = tanh(z~_t), o_t = sigma(o~_t)
    N_t = f_t N_{t-1} + i_t
    c_t = (f_t N_{t-1} c_{t-1} + i_t z_t) / N_t
    h_t = o_t * c_t

    c is the paper's cell divided by its normaliser, the only form in which it is read: a mean of all z, in which each
    weighs i times what has been kept since. So c is kept by f_t N_{t-1} / N_t, which with f = 1 falls as 1 over the
    number of steps, and not exponentially; how large the input gates are altogether is of no matter. h_{t-1} reaches
    the gates, so the direct path is not the whole Jacobian.

    N is held as n exp(m). The paper's stabiliser is m_t = max(log f_t + m_{t-1}, i~_t), and any other gives the same
    outputs; here it is m_t = log N_t. So n is 0 before the first step and 1 from there on.

    `forget_bias` is the bias of f: "spread" evenly from 3 to 6 over the units of each head (time constants of f from 21
    to 404 steps); "power_law", 5 - 12 r^0.3 with r from 0 to 1 over those units, as the authors' code has it for the
    first block of a stack: half of the units then forget within a fifth of a step, which a single layer cannot use; a
    number; or "chrono" (Tallec & Ollivier 2018), log U[1, T - 1], T = `max_timescale` steps, without a bias of i to
    match, as one for all steps changes nothing. All other biases begin at 0, and weights as those of nn.LSTM.

    Left out: what is around it in the authors' block, a convolution, a normalisation of each head, a feed-forward part.
    """

    family = families.GATED
    state_names, auxiliary = ("h", "n", "m", "c"), ("n", "m")
    keep_gate = "keep"

    def __init__(
        self,
        input_size: int,
        *,
        hidden_size: Count = 64,
        heads: Count = 4,
        forget_bias: Finite | Literal["spread", "power_law", "chrono"] = "spread",
        max_timescale: Count | None = None,
    ) -> None:
        super().__init__()
        require_heads(hidden_size, heads)
        require_timescale(forget_bias, max_timescale, "forget_bias")
        self.hidden_size, self.hidden_multiple = hidden_size, heads
        self.heads, self.d = heads, hidden_size // heads
        bound = hidden_size**-0.5
        #: By head, gate (i, f, z, o) and unit, from inputs and from the units of the head.
        self.W = nn.Parameter(torch.empty(heads * 4 * self.d, input_size).uniform_(-bound, bound))
        self.W_hh = nn.Parameter(torch.empty(heads, 4 * self.d, self.d).uniform_(-bound, bound))
        self.b = nn.Parameter(torch.zeros(heads * 4 * self.d))
        with torch.no_grad():
            self._initialise(self.b.view(heads, 4, self.d)[:, 1], forget_bias, max_timescale)

    def _initialise(self, b_f: Float[Tensor, "heads d"], forget_bias: float | str, max_timescale: int | None) -> None:
        if forget_bias == CHRONO:
            assert max_timescale is not None
            b_f.copy_(chrono_(b_f.new_empty(self.hidden_size), max_timescale).view_as(b_f))
        elif forget_bias == "spread":
            b_f.copy_(torch.linspace(3, 6, self.d, device=b_f.device))
        elif forget_bias == "power_law":
            b_f.copy_(5 - 12 * torch.linspace(0, 1, self.d, device=b_f.device) ** 0.3)
        else:
            b_f.fill_(float(forget_bias))

    def gates(self, x_t: Float[Tensor, "batch input"], state: State) -> dict[str, Float[Tensor, "batch hidden"]]:
        """What of the cell is kept, f itself, the candidate z and o; of z the cell takes what it does not keep."""
        keep, _, f, z, o = self._see(x_t, state)
        return {"keep": keep, "forget": f, "candidate": z, "output": o}

    def step(self, x_t: Float[Tensor, "batch input"], state: State) -> State:
        keep, m, _, z, o = self._see(x_t, state)
        c = keep * state[3] + (1 - keep) * z
        return o * c, torch.ones_like(m), m, c

    def _see(self, x_t: Float[Tensor, "batch input"], state: State) -> tuple[Float[Tensor, "batch hidden"], ...]:
        """What is kept, log N, f, z and o."""
        h, n, m, _ = state
        by_gate = (x_t @ self.W.T + self.b).view(-1, self.heads, 4, self.d)
        by_gate = by_gate + torch.einsum("bhj,hij->bhi", by_head(h, self.heads), self.W_hh).view_as(by_gate)
        i, f, z, o = (gate.flatten(1) for gate in by_gate.unbind(2))
        before = torch.where(n > 0, logsigmoid(f) + m, -torch.inf)  # log of f N_{t-1} / n
        largest = torch.maximum(before, i)
        kept, new = n * (before - largest).exp(), (i - largest).exp()
        total = kept + new  # n is 0 or 1, so that one of the two is 1
        return kept / total, largest + total.log(), torch.sigmoid(f), torch.tanh(z), torch.sigmoid(o)

    def run(
        self, inputs: Float[Tensor, "batch time input"], state: State
    ) -> tuple[Float[Tensor, "batch time hidden"], State]:
        """By a loop without a graph; see `seqbench.models.slstm_loop`."""
        h, n, m, c = state
        log_N = torch.where(n > 0, m, -torch.inf)
        turned = (by_head(s, self.heads).permute(1, 2, 0) for s in (h, log_N, c))
        hidden, m, c = Loop.apply(inputs.permute(1, 2, 0), self.W, self.b, self.W_hh, *turned)  # type: ignore[no-untyped-call]
        hidden, m, c = hidden.flatten(2), *(s.permute(2, 0, 1).flatten(1) for s in (m, c))
        return hidden, (hidden[:, -1], torch.ones_like(m), m, c)
