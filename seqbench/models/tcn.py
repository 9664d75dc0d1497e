"""The temporal convolutional network (Bai, Kolter & Koltun 2018, arXiv 1803.01271): it is known how far it sees."""

from typing import Annotated

import torch
from annotated_types import Ge, Le
from jaxtyping import Float
from torch import Tensor, nn

from seqbench.config import Count
from seqbench.models import families
from seqbench.models.base import Core

Levels = Annotated[int, Ge(1), Le(30)]


class TCN(Core):
    """`levels` residual blocks of two causal convolutions each, over `kernel_size` steps that lie 2^level apart:

    z = relu(convolution(relu(convolution(y))))
    y <- relu(z + y)

    level = 0, 1, ... from the inputs on; in the first block, where the widths differ, y on the right is W y + b. So an
    output sees `receptive_field` = 1 + 2 (kernel_size - 1) (2^levels - 1) steps, its own among them, and not one more:
    a gap beyond it cannot be bridged.

    It has neither the weight normalisation nor the dropout of the paper, and PyTorch's initialisation. It states no
    step: the gradient by lag is that of its inputs.
    """

    family = families.CONVOLUTION

    def __init__(self, input_size: int, *, hidden_size: Count = 64, kernel_size: Count = 3, levels: Levels = 6) -> None:
        super().__init__()
        self.hidden_size = hidden_size
        self.receptive_field = 1 + 2 * (kernel_size - 1) * (2**levels - 1)
        widths = [input_size] + [hidden_size] * levels
        self.blocks = nn.Sequential(*(Block(widths[i], hidden_size, kernel_size, 2**i) for i in range(levels)))

    def forward(self, inputs: Float[Tensor, "batch time input"]) -> Float[Tensor, "batch time hidden"]:
        hidden: Tensor = self.blocks(inputs.mT).mT
        return hidden


class Block(nn.Module):
    """One residual block; see `TCN`."""

    def __init__(self, width: int, hidden_size: int, kernel_size: int, apart: int) -> None:
        super().__init__()
        self.before = (kernel_size - 1) * apart
        self.first = nn.Conv1d(width, hidden_size, kernel_size, dilation=apart)
        self.second = nn.Conv1d(hidden_size, hidden_size, kernel_size, dilation=apart)
        self.beside = nn.Identity() if width == hidden_size else nn.Conv1d(width, hidden_size, 1)

    def forward(self, y: Float[Tensor, "batch width time"]) -> Float[Tensor, "batch hidden time"]:
        """Zeros stand before the first step alone, so that a step sees itself and those before it."""
        z = y
        for convolution in (self.first, self.second):
            z = torch.relu(convolution(nn.functional.pad(z, (self.before, 0))))
        return torch.relu(z + self.beside(y))
