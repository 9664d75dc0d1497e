"""What the minimal cores write may look like, with gradients in closed form."""

from collections.abc import Callable, Mapping
from typing import Literal, NamedTuple

import torch
from torch import Tensor

Candidate = Literal["positive", "identity", "tanh"]


class Nonlinearity(NamedTuple):
    """A function, and its gradient from that of what it gave (it may be overwritten) and from what it gave."""

    value: Callable[[Tensor], Tensor]
    through: Callable[[Tensor, Tensor], Tensor]


def positive(x: Tensor) -> Tensor:
    """x + 1/2 from 0 on, sigma(x) below: continuous, and above 0. Twice as fast so as by a condition."""
    above = torch.relu(x)
    return above + (x - above).sigmoid_()


def _through_positive(d: Tensor, n: Tensor) -> Tensor:
    above = torch.ops.aten.threshold_backward(d, n, 0.5)
    torch.ops.aten.sigmoid_backward.grad_input(d.sub_(above), n, grad_input=d)
    return d.add_(above)


def _same(x: Tensor) -> Tensor:
    return x


def _through_same(d: Tensor, n: Tensor) -> Tensor:
    return d


def _through_tanh(d: Tensor, n: Tensor) -> Tensor:
    return d.addcmul_(d * n, n, value=-1)


CANDIDATES: Mapping[Candidate, Nonlinearity] = {
    "positive": Nonlinearity(positive, _through_positive),
    "identity": Nonlinearity(_same, _through_same),
    "tanh": Nonlinearity(torch.tanh, _through_tanh),
}
