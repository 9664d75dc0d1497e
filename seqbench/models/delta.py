"""Linear attention and its relatives by the delta rule: one memory, with switches for what is forgotten, and how."""

import math
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import silu, softplus

from seqbench.config import Count
from seqbench.models import families
from seqbench.models.base import Core, State
from seqbench.models.chrono import chrono_
from seqbench.models.chunks import remember
from seqbench.models.heads import by_head, require_heads

#: Added to the squared length of a key or a query, so that one of zeros stays zero.
EPSILON = 1e-6


class Delta(Core):
    """In each head a matrix S that keeps values by keys of length one; the gates alpha and beta are numbers of a head:

    q_t = unit(silu(W_q x_t)), k_t = unit(silu(W_k x_t)), v_t = silu(W_v x_t), unit(u) = u / sqrt(u' u + 1e-6)
    S_t = alpha_t (I - beta_t k_t k_t') S_{t-1} + beta_t k_t v_t'
    h_t = S_t' q_t

    S is transposed against the papers. No gate sees a state, so S is linear in itself before, and its direct path is
    its whole Jacobian: an operator, which keeps alpha across k_t, and alpha (1 - beta) along it. The switches:

    `delta`: with it beta_t = sigma(w_beta x_t), and what stands at the key is replaced; without it the old memory is
    not read, S_t = alpha_t S_{t-1} + k_t v_t'. `negative_eigenvalues` makes beta twice as large (Grazzi et al. 2024).
    `gate`: "none" forgets nothing, alpha = 1; "fixed" is that of the retentive network, 1 - 2^(-5 - head), from head 0
    on; "learned" is alpha_t = exp(-exp(a) softplus(w_alpha x_t + b)). Then exp(a) ~ U(0, 16), and softplus(b) between
    0.001 and 0.1, evenly in its logarithm, as the authors' code has it; or with `max_timescale` = T by chrono
    initialisation (Tallec & Ollivier 2018): a = 0 and b = -log u, u ~ U[1, T - 1], for which alpha = sigma(log u).

    | arm | `gate` | `delta` | |
    |---|---|---|---|
    | linear_attention | none | no | Katharopoulos et al. 2020, without their kernel elu + 1 and their normaliser |
    | retnet | fixed | no | Sun et al. 2023, arXiv 2307.08621, without their rotation |
    | deltanet | none | yes | Schlag et al. 2021; with these keys Yang, Wang et al. 2024, arXiv 2406.06484 |
    | gated_deltanet | learned | yes | Yang, Kautz & Hatamizadeh 2024, arXiv 2412.06464 |

    Keys and queries are those of the delta rule in every arm, so that arms differ by their switches alone. Left out:
    what the authors put around it, short convolutions, a normalisation of each head, a gate on the output.
    """

    family = families.MATRIX
    state_names = hidden_states = ("h", "S")
    exact_direct = True

    def __init__(
        self,
        input_size: int,
        *,
        hidden_size: Count = 64,
        heads: Count = 4,
        gate: Literal["none", "fixed", "learned"] = "learned",
        delta: bool = True,
        negative_eigenvalues: bool = False,
        max_timescale: Count | None = None,
    ) -> None:
        super().__init__()
        require_heads(hidden_size, heads)
        if negative_eigenvalues and not delta:
            raise ValueError("negative_eigenvalues belongs to delta: without it nothing is erased")
        if max_timescale is not None and gate != "learned":
            raise ValueError(f"max_timescale belongs to gate=learned, and gate is {gate}")
        self.hidden_size, self.hidden_multiple = hidden_size, heads
        self.heads, self.d = heads, hidden_size // heads
        self.strongest = 2.0 if negative_eigenvalues else 1.0
        self.W_qkv = nn.Linear(input_size, 3 * hidden_size, bias=False)
        self.w_beta = nn.Linear(input_size, heads, bias=False) if delta else None
        self.gate = _gate(gate, input_size, heads, max_timescale)
        self.keep_gate = None if self.gate is None else "forget"

    def initial_state(self, like: Tensor) -> State:
        """Zeros."""
        return like.new_zeros(len(like), self.hidden_size), like.new_zeros(len(like), self.hidden_size * self.d)

    def gates(self, x_t: Float[Tensor, "batch input"], state: State) -> dict[str, Float[Tensor, "batch heads"]]:
        """alpha and beta, those that there are."""
        alpha = {} if self.gate is None else {"forget": self._log_alpha(x_t).exp()}
        return alpha if self.w_beta is None else {**alpha, "write": self._beta(x_t)}

    def step(self, x_t: Float[Tensor, "batch input"], state: State) -> State:
        q, k, v = self._see(x_t)
        S = self._log_alpha(x_t).exp()[..., None, None] * self._by_head(state[1])
        if self.w_beta is not None:
            v = self._beta(x_t)[..., None] * (v - _read(S, k))
        S = S + k[..., None] * v[..., None, :]
        return _read(S, q).flatten(1), S.flatten(1)

    def run(
        self, inputs: Float[Tensor, "batch time input"], state: State
    ) -> tuple[Float[Tensor, "batch time hidden"], State]:
        """In chunks."""
        beta = None if self.w_beta is None else self._beta(inputs)
        q, k, v = self._see(inputs)
        h, S = remember(q, k, v, self._log_alpha(inputs), self._by_head(state[1]), beta)
        return h.flatten(2), (h[:, -1].flatten(1), S.flatten(1))

    def direct(
        self, x_t: Float[Tensor, "batch input"], state: State, vectors: Float[Tensor, "batch memory"]
    ) -> Float[Tensor, "batch memory"]:
        """Times alpha (I - beta k k'), or alpha: both are their own transpose."""
        G = self._by_head(vectors)
        if self.w_beta is not None:
            _, k, _ = self._see(x_t)
            G = G - (self._beta(x_t)[..., None] * k)[..., None] * _read(G, k)[..., None, :]
        return (self._log_alpha(x_t).exp()[..., None, None] * G).flatten(1)

    def _by_head(self, flat: Float[Tensor, "batch memory"]) -> Float[Tensor, "batch heads keys values"]:
        return flat.view(-1, self.heads, self.d, self.d)

    def _see(self, x: Float[Tensor, "*steps input"]) -> tuple[Float[Tensor, "*steps heads _"], ...]:
        """q, k and v."""
        q, k, v = (by_head(vectors, self.heads) for vectors in silu(self.W_qkv(x)).chunk(3, -1))
        return _unit(q), _unit(k), v

    def _beta(self, x: Float[Tensor, "*steps input"]) -> Float[Tensor, "*steps heads"]:
        assert self.w_beta is not None
        return self.strongest * torch.sigmoid(self.w_beta(x))

    def _log_alpha(self, x: Float[Tensor, "*steps input"]) -> Float[Tensor, "*steps heads"]:
        if self.gate is None:
            return x.new_zeros(*x.shape[:-1], self.heads)
        log_alpha: Tensor = self.gate(x)
        return log_alpha


class Fixed(nn.Module):
    """log alpha = log(1 - 2^(-5 - head)) (Sun et al. 2023): time constants of 31.5, 63.5, 127.5, ... steps."""

    log_alpha: Tensor

    def __init__(self, heads: int) -> None:
        super().__init__()
        self.register_buffer("log_alpha", torch.log1p(-(2.0 ** -(5 + torch.arange(heads)))))

    def forward(self, x: Float[Tensor, "*steps input"]) -> Float[Tensor, "*steps heads"]:
        """The same at all steps, whatever they show."""
        return self.log_alpha.expand(*x.shape[:-1], -1)


class Learned(nn.Module):
    """log alpha = -exp(a) softplus(w x + b)."""

    def __init__(self, input_size: int, heads: int, max_timescale: int | None) -> None:
        super().__init__()
        self.w = nn.Linear(input_size, heads)
        self.a = nn.Parameter(torch.zeros(heads))
        with torch.no_grad():
            if max_timescale is None:
                self.a.copy_((16 - self.a.uniform_(0, 16)).log_())  # above 0
                softplus_b = self.w.bias.uniform_(math.log(0.001), math.log(0.1)).exp()
                self.w.bias.copy_(softplus_b.expm1().log())
            else:
                self.w.bias.copy_(-chrono_(self.w.bias, max_timescale))

    def forward(self, x: Float[Tensor, "*steps input"]) -> Float[Tensor, "*steps heads"]:
        """At each step from what it shows, and from no state."""
        log_alpha: Tensor = -self.a.exp() * softplus(self.w(x), threshold=50)
        return log_alpha


def _gate(kind: str, input_size: int, heads: int, max_timescale: int | None) -> Fixed | Learned | None:
    if kind == "learned":
        return Learned(input_size, heads, max_timescale)
    return Fixed(heads) if kind == "fixed" else None


def _unit(u: Float[Tensor, "*steps heads _"]) -> Float[Tensor, "*steps heads _"]:
    return u * (u.square().sum(-1, keepdim=True) + EPSILON).rsqrt()


def _read(S: Float[Tensor, "batch heads keys values"], at: Float[Tensor, "batch heads keys"]) -> Tensor:
    """S' at."""
    return (at[..., None, :] @ S).squeeze(-2)
