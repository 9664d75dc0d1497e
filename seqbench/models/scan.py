"""The affine scan: h_t = a_t h_{t-1} + b_t at all steps, which makes a core fast that is linear in its memory.

Two ways to the same numbers. A loop takes one operation a step. Doubling (Hillis & Steele 1986; for recurrences,
Blelloch 1990) joins pairs of steps, (a, b) then (a', b') = (a' a, a' b + b'), over distances 1, 2, 4, ...: few
operations, but each over all steps. Neither divides nor takes a logarithm, so that a may have any sign and size.

Buffers have time first, so that a step is contiguous, and are overwritten, because fresh memory costs more than what is
computed in it.
"""

from collections.abc import Iterable, Sequence
from itertools import repeat
from typing import Any

import torch
from jaxtyping import Inexact
from torch import Tensor
from torch.autograd.function import once_differentiable

#: On a CPU, doubling is the faster one from so many passes on, as long as these times the numbers of a step are no more
#: than so many (benchmarks/scan.py).
FEWEST_PASSES, MOST_BY_DOUBLING = 6, 4000

Factors = Inexact[Tensor, "#time #batch units"]
Buffer = Inexact[Tensor, "time batch units"]


def affine_scan(a: Factors, b: Buffer, h_0: Inexact[Tensor, "batch units"]) -> Buffer:
    """h after each step, real or complex, with a gradient for all three."""
    h: Tensor = _AffineScan.apply(a, b, h_0)  # type: ignore[no-untyped-call]
    return h


class _AffineScan(torch.autograd.Function):
    """db is what `backwards` gives, and da_t = db_t h_{t-1}*."""

    @staticmethod
    def forward(ctx: Any, a: Tensor, b: Tensor, h_0: Tensor) -> Tensor:
        h = b.clone(memory_format=torch.contiguous_format)
        forwards(a, h, h_0)
        ctx.save_for_backward(a, h, h_0)
        return h

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        a, h, h_0 = ctx.saved_tensors
        g = gradients[0].clone(memory_format=torch.contiguous_format)
        of_h_0, of_a = backwards(a.conj().resolve_conj(), g), torch.empty_like(g)
        torch.mul(g[0], h_0.conj(), out=of_a[0])
        torch.mul(g[1:], h[:-1].conj(), out=of_a[1:])
        return of_a.sum_to_size(a.shape), g, of_h_0


def forwards(a: Factors, h: Buffer, h_0: Inexact[Tensor, "batch units"]) -> None:
    """From b to h, in place."""
    if _doubling_wins(h):
        h.copy_(_by_doubling(a.expand_as(h), h, h_0))
    else:
        _by_loop(_steps(a), h.unbind(), h_0)


def backwards(a: Factors, g: Buffer) -> Inexact[Tensor, "batch units"]:
    """From dL/dh_t by itself to g_t = dL/dh_t + a_{t+1} g_{t+1}, in place; gives the gradient of h_0.

    It is the same scan from the end. Where a is complex, give its conjugate.
    """
    if _doubling_wins(g):
        later = a.expand_as(g)[1:].flip(0)
        g[:-1] = _by_doubling(later, g[:-1].flip(0), g[-1]).flip(0)
    else:
        _by_loop(_steps(a[1:] if len(a) > 1 else a, -1), g.unbind()[-2::-1], g[-1])
    return a[0] * g[0]


def _doubling_wins(b: Buffer) -> bool:
    passes = (len(b) - 1).bit_length() if len(b) else 0
    return passes >= FEWEST_PASSES and (b.is_cuda or b[0].numel() * passes <= MOST_BY_DOUBLING)


def _steps(a: Factors, order: int = 1) -> Iterable[Tensor]:
    return repeat(a[0]) if len(a) == 1 else a.unbind()[::order]


def _by_loop(a: Iterable[Tensor], places: Sequence[Tensor], h_t: Tensor) -> None:
    for a_t, place in zip(a, places, strict=False):
        h_t = place.addcmul_(a_t, h_t)


def _by_doubling(a: Buffer, b: Buffer, first: Inexact[Tensor, "batch units"]) -> Buffer:
    a, h = a.clone(memory_format=torch.contiguous_format), b.clone(memory_format=torch.contiguous_format)
    h[0] += a[0] * first
    distance = 1
    while distance < len(h):
        h[distance:] = torch.addcmul(h[distance:], a[distance:], h[:-distance])
        a[distance:] = a[distance:] * a[:-distance]
        distance *= 2
    return h
