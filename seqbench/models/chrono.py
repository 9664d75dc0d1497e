"""Chrono initialisation (Tallec & Ollivier 2018): biases from the time constants that the units shall have."""

from jaxtyping import Float
from torch import Tensor

CHRONO, DEFAULT = "chrono", "default"


def require_timescale(bias: float | str, max_timescale: int | None, name: str) -> None:
    """Raises ValueError unless the longest time constant is given just where the bias called `name` is by chrono."""
    if (bias == CHRONO) != (max_timescale is not None):
        raise ValueError(f"max_timescale belongs to {name}=chrono: set both or neither")


def chrono_(bias: Float[Tensor, " units"], max_timescale: int) -> Float[Tensor, " units"]:
    """Overwritten with log U[1, T - 1], T the longest time constant in steps.

    A gate sigma(log u) keeps 1 / (1 + 1 / u) a step, so that its time constant 1 / ln(1 + 1 / u) is about u + 1 / 2.
    """
    return bias.uniform_(1, max(max_timescale - 1, 1)).log_()
