"""What the cores with heads share: a width that the heads divide, and vectors by head."""

from jaxtyping import Float
from torch import Tensor


def require_heads(hidden_size: int, heads: int) -> None:
    """Raises ValueError unless each head has the same whole number of units."""
    if hidden_size % heads:
        told = f"{heads} heads do not divide {hidden_size} hidden units"
        raise ValueError(f"{told}: set hidden_size to a multiple of {heads}")


def by_head(vectors: Float[Tensor, "*steps hidden"], heads: int) -> Float[Tensor, "*steps heads _"]:
    """Each head has the next so many units."""
    return vectors.reshape(*vectors.shape[:-1], heads, vectors.shape[-1] // heads)
