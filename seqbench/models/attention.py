"""Causal attention (Vaswani et al. 2017): the reference beside the recurrent cores, which forgets nothing by itself."""

from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention

from seqbench.config import Count
from seqbench.models import families
from seqbench.models.base import Core
from seqbench.models.heads import by_head, require_heads


class Attention(Core):
    """One layer, d units a head; each step sees itself and all before it:

    q_t = W_q x_t + b_q, k_t = W_k x_t + b_k, v_t = W_v x_t + b_v
    a_ts = exp(q_t' k_s / sqrt(d)) / sum_{r <= t} exp(q_t' k_r / sqrt(d))
    h_t = W_o (sum_{s <= t} a_ts v_s, of all heads beside each other) + b_o

    `positions`: with "none" a step sees what came, and not in which order, but for how much of it there is; "rotary"
    turns each pair of neighbours in q_t and k_t by the angle t 10000^(-2 j / d), j = 0, 1, ... the number of the pair,
    so that q_t' k_s depends on t - s (Su et al. 2021, arXiv 2104.09864).

    It states no step: what it remembers grows with the sequence. The gradient by lag is that of its inputs. Left out:
    what is around it in a transformer, a residual stream with normalisations and a feed-forward part.
    """

    family = families.ATTENTION
    most_steps = 1024  # what a sequence costs grows with the square of its steps

    def __init__(
        self,
        input_size: int,
        *,
        hidden_size: Count = 64,
        heads: Count = 4,
        positions: Literal["none", "rotary"] = "rotary",
    ) -> None:
        super().__init__()
        require_heads(hidden_size, heads)
        self.hidden_size, self.heads, self.is_rotary = hidden_size, heads, positions == "rotary"
        self.hidden_multiple = 2 * heads if self.is_rotary else heads
        if hidden_size % self.hidden_multiple:
            raise ValueError(f"rotary positions turn pairs of units, and {hidden_size // heads} units a head are odd")
        self.W_qkv = nn.Linear(input_size, 3 * hidden_size)
        self.W_o = nn.Linear(hidden_size, hidden_size)

    def forward(self, inputs: Float[Tensor, "batch time input"]) -> Float[Tensor, "batch time hidden"]:
        q, k, v = (by_head(vectors, self.heads).transpose(1, 2) for vectors in self.W_qkv(inputs).chunk(3, -1))
        if self.is_rotary:
            q, k = turned(q), turned(k)
        read = scaled_dot_product_attention(q, k, v, is_causal=True)
        hidden: Tensor = self.W_o(read.transpose(1, 2).flatten(2))
        return hidden


def turned(vectors: Float[Tensor, "batch heads time d"]) -> Float[Tensor, "batch heads time d"]:
    """Each pair of neighbours by its angle; see `Attention`."""
    time, d = vectors.shape[-2:]
    frequencies = 10_000.0 ** (-torch.arange(0, d, 2, dtype=vectors.dtype, device=vectors.device) / d)
    angles = torch.arange(time, dtype=vectors.dtype, device=vectors.device)[:, None] * frequencies
    cos, sin = angles.cos(), angles.sin()
    one, other = vectors[..., ::2], vectors[..., 1::2]
    return torch.stack([one * cos - other * sin, one * sin + other * cos], -1).flatten(-2)
