"""The selective state space of Mamba, S6 (Gu & Dao 2023, arXiv 2312.00752)."""

import math

import torch
from jaxtyping import Float
from torch import Tensor, nn

from seqbench.config import Count
from seqbench.models import families
from seqbench.models.base import State
from seqbench.models.linear import LinearCore, Seen

#: Between which numbers Delta is drawn at initialisation, evenly by its logarithm.
TIME_STEPS = 1e-3, 1e-1
#: Units for each number through which Delta is computed.
UNITS_PER_RANK = 16


class Mamba(LinearCore):
    """Every unit has a memory m of `state_size` numbers n = 1, 2, ..., written, kept and read as the input says:

    u_t = SiLU(W_u x_t)
    Delta_t = softplus(W_Delta W_r u_t + b_Delta), B_t = W_B u_t, C_t = W_C u_t
    m_t = exp(Delta_t A) * m_{t-1} + Delta_t u_t B_t
    h_t = C_t . m_t + D * u_t

    A = -n at initialisation, the same for every unit, and below 0 for good (its logarithm is trained); B and C are
    shared by all units. W_r has a rank of one for every 16 units. b_Delta is such that softplus(b_Delta) is log-uniform
    from 0.001 to 0.1 (as the paper's code draws it), so that a memory n starts with 10 / n to 1,000 / n steps.

    Left out is what the paper puts around S6: the causal convolution over 4 steps before the SiLU, which bridges short
    gaps by itself; the gate beside S6; the projection behind it.
    """

    family = families.LINEAR
    state_names = hidden_states = ("h", "memory")
    keep_gate = "keep"

    def __init__(self, input_size: int, *, hidden_size: Count = 64, state_size: Count = 16) -> None:
        super().__init__()
        self.hidden_size, self.memory_size = hidden_size, hidden_size * state_size
        rank = math.ceil(hidden_size / UNITS_PER_RANK)
        self.parts = rank, state_size, state_size
        self.W_u = nn.Linear(input_size, hidden_size, bias=False)
        self.W_rBC = nn.Linear(hidden_size, sum(self.parts), bias=False)
        self.W_Delta = nn.Linear(rank, hidden_size)
        self.log_W_hh = nn.Parameter(torch.arange(1.0, state_size + 1).log().repeat(hidden_size, 1))
        self.D = nn.Parameter(torch.ones(hidden_size))
        with torch.no_grad():
            self.W_Delta.weight.uniform_(-(rank**-0.5), rank**-0.5)
            Delta = self.W_Delta.bias.uniform_(*map(math.log, TIME_STEPS)).exp_()
            Delta += (-torch.expm1(-Delta)).log()  # the inverse of softplus

    def see(self, x: Float[Tensor, "*steps input"]) -> Seen:
        """u, Delta, B and C."""
        u = nn.functional.silu(self.W_u(x))
        r, B, C = self.W_rBC(u).split(self.parts, -1)
        return u, nn.functional.softplus(self.W_Delta(r)), B, C

    def affine(self, *seen: Tensor) -> tuple[Float[Tensor, "*steps _"], Float[Tensor, "*steps _"]]:
        """exp(Delta A) and Delta u B, unit by unit."""
        u, Delta, B, _ = seen
        a = torch.exp(-Delta[..., None] * self.log_W_hh.exp())
        return a.flatten(-2), ((Delta * u)[..., None] * B[..., None, :]).flatten(-2)

    def read(self, memory: Tensor, *seen: Tensor) -> Float[Tensor, "*steps hidden"]:
        """C . m + D u."""
        u, _, _, C = seen
        by_unit = memory.reshape(*memory.shape[:-1], self.hidden_size, -1)
        h: Tensor = (by_unit @ C[..., None])[..., 0] + self.D * u
        return h

    def gates(self, x_t: Float[Tensor, "batch input"], state: State) -> dict[str, Float[Tensor, "batch _"]]:
        """exp(Delta A), unit by unit."""
        return {"keep": self.affine(*self.see(x_t))[0]}
