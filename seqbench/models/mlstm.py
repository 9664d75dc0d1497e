"""The LSTM with a matrix memory (Beck et al. 2024, arXiv 2405.04517)."""

import math
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import logsigmoid

from seqbench.config import Count, Finite
from seqbench.models import families
from seqbench.models.base import Core, State
from seqbench.models.chrono import CHRONO, chrono_, require_timescale
from seqbench.models.chunks import remember
from seqbench.models.heads import by_head, require_heads

#: Above exp of it, the scale of the memory is held down by the stabiliser.
ROOM = 30.0
#: The denominator is never below exp of minus it.
DEEPEST = 40.0


class MLSTM(Core):
    """In each head a matrix C that keeps values by keys, with d units a head; gates are numbers of a head:

    q_t = W_q x_t + b_q, k_t = (W_k x_t + b_k) / sqrt(d), v_t = W_v x_t + b_v
    i_t = exp(w_i x_t + b_i), f_t = sigma(w_f x_t + b_f), o_t = sigma(W_o x_t + b_o)
    C_t = f_t C_{t-1} + i_t k_t v_t'
    n_t = f_t n_{t-1} + i_t k_t
    h_t = o_t * C_t' q_t / max(abs(n_t' q_t), 1)

    C is transposed against the paper. No gate sees a state, so C and n are linear in themselves before, and the direct
    path f of C is its whole Jacobian; what is read of it is divided by n.

    The states are held as exp(-m) C and exp(-m) n, which changes no output if the 1 becomes exp(-m). The paper's
    stabiliser is m_t = max(log f_t + m_{t-1}, log i_t). Here it is m_t = max(m_{t-1}, log i_t - 30), from 0 on: it
    stays 0, and C is C itself, until an input gate exceeds exp(30). So the gate f is what a step keeps, and not a
    change of units. Where m is above 40, exp(-40) stands for exp(-m), so that nothing is divided by 0.

    `forget_bias` is b_f: "spread" evenly from 3 to 6 over the heads, as the authors' code has it (time constants of 21
    to 404 steps); a number; or "chrono" (Tallec & Ollivier 2018), b_f ~ log U[1, T - 1] and b_i = -b_f, with
    T = `max_timescale` steps. Otherwise b_i ~ N(0, 0.1), and w_i and w_f begin at 0, as the authors' code has it.

    Left out: what is around it in the authors' block, a convolution, a normalisation of each head, a second gate.
    """

    family = families.MATRIX
    state_names, auxiliary = ("h", "n", "m", "C"), ("m",)
    hidden_states = ("h", "n", "C")
    keep_gate = "forget"
    exact_direct = True

    def __init__(
        self,
        input_size: int,
        *,
        hidden_size: Count = 64,
        heads: Count = 4,
        forget_bias: Finite | Literal["spread", "chrono"] = "spread",
        max_timescale: Count | None = None,
    ) -> None:
        super().__init__()
        require_heads(hidden_size, heads)
        require_timescale(forget_bias, max_timescale, "forget_bias")
        self.hidden_size, self.hidden_multiple = hidden_size, heads
        self.heads, self.d = heads, hidden_size // heads
        self.W_qkvo = nn.Linear(input_size, 4 * hidden_size)
        self.w_if = nn.Linear(input_size, 2 * heads)
        with torch.no_grad():
            self.w_if.weight.zero_()
            self._initialise_biases(forget_bias, max_timescale)

    def _initialise_biases(self, forget_bias: float | str, max_timescale: int | None) -> None:
        b_i, b_f = self.w_if.bias.chunk(2)
        b_i.normal_(0, 0.1)
        if forget_bias == CHRONO:
            assert max_timescale is not None
            b_i.copy_(-chrono_(b_f, max_timescale))
        elif isinstance(forget_bias, str):
            b_f.copy_(torch.linspace(3, 6, self.heads, device=b_f.device))
        else:
            b_f.fill_(forget_bias)

    def initial_state(self, like: Tensor) -> State:
        """Zeros."""
        widths = (self.hidden_size, self.hidden_size, self.heads, self.hidden_size * self.d)
        return tuple(like.new_zeros(len(like), width) for width in widths)

    def gates(self, x_t: Float[Tensor, "batch input"], state: State) -> dict[str, Float[Tensor, "batch _"]]:
        """i and f as they act on what is held, and o."""
        *_, log_i, log_f, o = self._see(x_t)
        m = _stabiliser(state[2], log_i)
        return {"input": (log_i - m).exp(), "forget": (log_f + state[2] - m).exp(), "output": o}

    def step(self, x_t: Float[Tensor, "batch input"], state: State) -> State:
        """In the states' units f_t is exp(log f_t + m_{t-1} - m_t), and i_t is exp(log i_t - m_t)."""
        _, n, m_before, C = state
        q, k, v, log_i, log_f, o = self._see(x_t)
        m = _stabiliser(m_before, log_i)
        f, written = (log_f + m_before - m).exp()[..., None], (log_i - m).exp()[..., None] * k
        n = f * by_head(n, self.heads) + written
        C = f[..., None] * C.view(-1, self.heads, self.d, self.d) + written[..., None] * v[..., None, :]
        read = (q[..., None, :] @ C).squeeze(-2) / _denominator((n * q).sum(-1, keepdim=True), m[..., None])
        return o * read.flatten(-2), n.flatten(1), m, C.flatten(1)

    def run(
        self, inputs: Float[Tensor, "batch time input"], state: State
    ) -> tuple[Float[Tensor, "batch time hidden"], State]:
        """In chunks; n is one more column of C, that of a value which is always 1."""
        q, k, v, log_i, log_f, o = self._see(inputs)
        _, n, m_before, C = state
        with torch.no_grad():  # no output changes with it
            m = torch.cat([m_before[:, None], log_i - ROOM], 1).cummax(1).values
        before, m = m[:, :-1], m[:, 1:]
        both = torch.cat([C.view(-1, self.heads, self.d, self.d), by_head(n, self.heads)[..., None]], -1)
        values = (log_i - m).exp()[..., None] * torch.nn.functional.pad(v, (0, 1), value=1.0)
        read, both = remember(q, k, values, log_f + before - m, both)
        h = o * (read[..., :-1] / _denominator(read[..., -1:], m[..., None])).flatten(-2)
        return h, (h[:, -1], both[..., -1].flatten(1), m[:, -1], both[..., :-1].flatten(1))

    def _see(self, x: Float[Tensor, "*steps input"]) -> tuple[Tensor, ...]:
        """q, k and v by head, the logarithms of i and f, and o."""
        q, k, v, o = self.W_qkvo(x).chunk(4, -1)
        log_i, f = self.w_if(x).chunk(2, -1)
        q, k, v = (by_head(vectors, self.heads) for vectors in (q, k / math.sqrt(self.d), v))
        return q, k, v, log_i, logsigmoid(f), torch.sigmoid(o)


def _stabiliser(before: Float[Tensor, "batch heads"], log_i: Float[Tensor, "batch heads"]) -> Tensor:
    return torch.maximum(before, log_i - ROOM)


def _denominator(along_q: Float[Tensor, "*steps heads 1"], m: Float[Tensor, "*steps heads 1"]) -> Tensor:
    return torch.maximum(along_q.abs(), (-m.clamp(max=DEEPEST)).exp())
