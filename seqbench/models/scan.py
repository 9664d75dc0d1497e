"""The affine scan: h_t = a_t h_{t-1} + b_t at all steps, which makes a core fast that is linear in its memory.

Two ways to the same numbers. A loop takes one operation a step. Doubling (Hillis & Steele 1986; for recurrences,
Blelloch 1990) joins pairs of steps, (a, b) then (a', b') = (a' a, a' b + b'), over distances 1, 2, 4, ...: few
operations, but each over all steps. Neither divides nor takes a logarithm, so that a may have any sign and size.
"""

from typing import Any

import torch
from jaxtyping import Inexact
from torch import Tensor
from torch.autograd.function import once_differentiable

#: On a CPU, doubling is the faster one from so many passes on, as long as these times the numbers of a step are no more
#: than so many (benchmarks/scan.py).
FEWEST_PASSES, MOST_BY_DOUBLING = 6, 5000


def affine_scan(
    a: Inexact[Tensor, "#batch #time units"],
    b: Inexact[Tensor, "batch time units"],
    h_0: Inexact[Tensor, "batch units"],
) -> Inexact[Tensor, "batch time units"]:
    """h after each step, real or complex, with a gradient for all three."""
    h: Tensor = _AffineScan.apply(a.expand_as(b), b, h_0)  # type: ignore[no-untyped-call]
    return h


class _AffineScan(torch.autograd.Function):
    """Backward it is the same scan from the end: g_t = dL/dh_t + a_{t+1}* g_{t+1}, db = g, da_t = g_t h_{t-1}*."""

    @staticmethod
    def forward(ctx: Any, a: Tensor, b: Tensor, h_0: Tensor) -> Tensor:
        h = b.new_empty(b.shape)
        _scan(a, b, h_0, h)
        ctx.save_for_backward(a, h, h_0)
        return h

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        (gradient,), (a, h, h_0) = gradients, ctx.saved_tensors
        kept, g, of_a = a.conj().resolve_conj(), h.new_empty(h.shape), h.new_empty(h.shape)
        g[:, -1] = gradient[:, -1]
        _scan(kept[:, 1:], gradient[:, :-1], g[:, -1], g[:, :-1], backwards=True)
        torch.mul(g[:, 0], h_0.conj(), out=of_a[:, 0])
        torch.mul(g[:, 1:], h[:, :-1].conj(), out=of_a[:, 1:])
        return of_a, g, kept[:, 0] * g[:, 0]


def _scan(a: Tensor, b: Tensor, first: Tensor, out: Tensor, backwards: bool = False) -> None:
    """Into `out`, in the order of time or from the last step to the first."""
    if not _doubling_wins(b):
        _by_loop(a, b, first, out, backwards)
    elif backwards:
        out.copy_(_by_doubling(a.flip(1), b.flip(1), first).flip(1))
    else:
        out.copy_(_by_doubling(a, b, first))


def _doubling_wins(b: Tensor) -> bool:
    passes = (b.shape[1] - 1).bit_length() if b.shape[1] else 0
    return passes >= FEWEST_PASSES and (b.is_cuda or b[:, 0].numel() * passes <= MOST_BY_DOUBLING)


def _by_loop(a: Tensor, b: Tensor, h_t: Tensor, out: Tensor, backwards: bool) -> None:
    steps = list(zip(a.unbind(1), b.unbind(1), out.unbind(1), strict=True))
    for a_t, b_t, place in reversed(steps) if backwards else steps:
        h_t = torch.addcmul(b_t, a_t, h_t, out=place)


def _by_doubling(a: Tensor, b: Tensor, first: Tensor) -> Tensor:
    a, h = a.clone(memory_format=torch.contiguous_format), b.clone(memory_format=torch.contiguous_format)
    h[:, 0] += a[:, 0] * first
    distance = 1
    while distance < h.shape[1]:
        h[:, distance:] = torch.addcmul(h[:, distance:], a[:, distance:], h[:, :-distance])
        a[:, distance:] = a[:, distance:] * a[:, :-distance]
        distance *= 2
    return h
