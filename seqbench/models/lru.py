"""The linear recurrent unit (Orvieto et al. 2023, arXiv 2303.06349), and S4D's initialisation of it."""

import math
from typing import Literal

import torch
from jaxtyping import Complex, Float
from torch import Tensor, nn

from seqbench.config import Count
from seqbench.models import families
from seqbench.models.base import State
from seqbench.models.linear import LinearCore

#: Between which absolute values the ring has its eigenvalues; the paper chooses them by task.
RING = 0.9, 0.999
#: Between which numbers S4D draws its time steps, evenly by their logarithm.
TIME_STEPS = 1e-3, 1e-1
#: A frequency of 0 has no logarithm.
LOWEST_FREQUENCY = 1e-6


class LRU(LinearCore):
    """A complex memory m of `state_size` modes (x in the paper), which no gate touches:

    m_t = lambda * m_{t-1} + gamma * (B x_t)
    h_t = Re(C m_t) + D x_t

    lambda = exp(-exp(nu) + i exp(theta)), so that |lambda| < 1; B and C complex, all of them trained. `init` draws the
    eigenvalues lambda: "ring" evenly by area between the circles of radius 0.9 and 0.999, at any angle; "s4d" as
    S4D-Lin (Gu et al. 2022, arXiv 2206.11893) has them, exp(d_n (-1 / 2 + i pi n)) for n = 0, 1, ..., with a time step
    d_n for each mode, log-uniform from 0.001 to 0.1. At initialisation gamma = sqrt(1 - |lambda|^2), whatever the
    eigenvalues: of S4D there is nothing else. Without `state_size` there are as many modes as units.

    h is linear in the inputs, so that one layer with a linear readout can only solve a task that is linear too. Left
    out: what the paper puts around it, a normalisation and a gated linear unit in a residual block.
    """

    family = families.LINEAR
    state_names = hidden_states = ("h", "memory")
    keep_gate = "keep"
    is_complex = True

    def __init__(
        self,
        input_size: int,
        *,
        hidden_size: Count = 64,
        state_size: Count | None = None,
        init: Literal["ring", "s4d"] = "ring",
    ) -> None:
        super().__init__()
        modes = state_size or hidden_size
        self.hidden_size, self.memory_size = hidden_size, 2 * modes
        nu, theta = _ring(modes) if init == "ring" else _s4d(modes)
        self.W_hh = nn.ParameterDict({"log_nu": nu.log(), "log_theta": theta.clamp(min=LOWEST_FREQUENCY).log()})
        self.log_gamma = nn.Parameter((1 - torch.exp(-2 * nu)).log() / 2)
        self.B = nn.Parameter(torch.randn(2, modes, input_size) / math.sqrt(2 * input_size))
        self.C = nn.Parameter(torch.randn(2, hidden_size, modes) / math.sqrt(modes))
        self.D = nn.Parameter(torch.randn(hidden_size, input_size) / math.sqrt(input_size))

    def eigenvalues(self) -> Complex[Tensor, " modes"]:
        """lambda."""
        return torch.polar(self._kept(), self.W_hh["log_theta"].exp())

    def _kept(self) -> Float[Tensor, " modes"]:
        return torch.exp(-self.W_hh["log_nu"].exp())

    def affine(self, *seen: Tensor) -> tuple[Complex[Tensor, "*#steps _"], Complex[Tensor, "*steps _"]]:
        """lambda, and gamma B x, whose product is a real one that gives pairs."""
        (x,) = seen
        pairs = self.log_gamma.exp() * self.B.permute(2, 0, 1)
        b = torch.view_as_complex((x @ pairs.mT.flatten(1)).view(*x.shape[:-1], -1, 2))
        return self.eigenvalues()[(None,) * (x.dim() - 1)], b

    def read(self, memory: Tensor, *seen: Tensor) -> Float[Tensor, "*steps hidden"]:
        """Re(C m) + D x."""
        real, imaginary = self.C
        pairs = torch.stack([real, -imaginary], -1).flatten(1)
        h: Tensor = torch.view_as_real(memory).flatten(-2) @ pairs.T + seen[0] @ self.D.T
        return h

    def gates(self, x_t: Float[Tensor, "batch input"], state: State) -> dict[str, Float[Tensor, "batch _"]]:
        """|lambda|, for real and imaginary part alike."""
        return {"keep": self._kept().expand(len(x_t), -1)}


def _ring(modes: int) -> tuple[Tensor, Tensor]:
    """nu and theta."""
    low, high = RING
    squares = low**2 + (high**2 - low**2) * torch.rand(modes)
    return -squares.log() / 2, 2 * math.pi * torch.rand(modes)


def _s4d(modes: int) -> tuple[Tensor, Tensor]:
    low, high = TIME_STEPS
    time_steps = torch.empty(modes).uniform_(math.log(low), math.log(high)).exp()
    return time_steps / 2, math.pi * time_steps * torch.arange(modes)
