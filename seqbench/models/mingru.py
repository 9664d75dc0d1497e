"""The minimal gated recurrent unit, whose gate does not look at its state (Feng et al. 2024, arXiv 2410.01201)."""

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


class MinGRU(Minimal):
    """A GRU without a reset gate, and without what its gate and its candidate see of the state:

    z_t = sigma(W_z x_t + b_z)
    n_t = g(W_n x_t + b_n)
    h_t = (1 - z_t) * h_{t-1} + z_t * n_t

    `candidate` is g: "positive" is x + 1/2 for x >= 0 and sigma(x) below, as the paper has it for its scan in
    logarithms; "identity" as it defines the unit; "tanh" as the GRU has it. `keep_bias` is the whole bias of 1 - z_t at
    initialisation, -b_z: a number, "default" (PyTorch's, random around 0), or "chrono" (Tallec & Ollivier 2018):
    -b_z ~ log U[1, T - 1], T = `max_timescale` steps.

    Left out: what the paper puts around it, a convolution, an MLP and a normalisation in a residual block.
    """

    family = families.GATED
    keep_gate = "keep"

    def __init__(
        self,
        input_size: int,
        *,
        hidden_size: Count = 64,
        candidate: Candidate = "positive",
        keep_bias: Finite | Literal["default", "chrono"] = "default",
        max_timescale: Count | None = None,
    ) -> None:
        super().__init__()
        require_timescale(keep_bias, max_timescale, "keep_bias")
        self.hidden_size = self.memory_size = hidden_size
        self.candidate = CANDIDATES[candidate]
        self.W = nn.Linear(input_size, 2 * hidden_size)
        with torch.no_grad():
            b_z = self.W.bias[:hidden_size]
            if keep_bias == CHRONO:
                assert max_timescale is not None
                b_z.copy_(-chrono_(b_z, max_timescale))
            elif not isinstance(keep_bias, str):
                b_z.fill_(-keep_bias)

    def affine(self, *seen: Tensor) -> tuple[Float[Tensor, "*steps _"], Float[Tensor, "*steps _"]]:
        """1 - z, and z times the candidate."""
        z, n = self.W(*seen).chunk(2, -1)
        z = torch.sigmoid(z)
        return 1 - z, z * self.candidate.value(n)

    def squash(self, *rows: Hidden) -> Gates:
        """z."""
        (z,) = rows
        return (z.sigmoid_(),)

    def written(self, *gates: Hidden) -> Hidden:
        """z as it is."""
        return gates[0]

    def through(self, d: Hidden, *gates: Hidden) -> Gates:
        """d as it is, because the row is log(z / (1 - z))."""
        return (d,)

    def gates(self, x_t: Float[Tensor, "batch input"], state: State) -> dict[str, Float[Tensor, "batch _"]]:
        """1 - z."""
        return {"keep": self.affine(x_t)[0]}
