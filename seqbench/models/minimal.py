"""What the minimal cores share (Feng et al. 2024, arXiv 2410.01201): their step, and all steps in closed form.

PyTorch would record some twenty passes over all steps. Here the product with the inputs, gates, candidate and scan of
a part of the steps are made and differentiated while they stay in the processor's cache.
"""

from collections.abc import Iterator
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.autograd import Function

from seqbench.models import scan
from seqbench.models.base import State
from seqbench.models.candidates import Nonlinearity
from seqbench.models.linear import LinearCore, by_time
from seqbench.models.recurrent import one_more, refuse_a_second

Hidden = Float[Tensor, "*steps hidden"]
#: What the gates let through, `[..., hidden]` each.
Gates = tuple[Tensor, ...]


class Minimal(LinearCore):
    """h_t = (1 - z_t) * h_{t-1} + z_t * n_t, where z_t and n_t see x_t alone, and n_t = g(W_n x_t + b_n).

    `candidate` is g. A subclass has in W the rows of its gates and then those of n. Beside `affine`, for the step,
    it states `squash`, `written` and `through` for the closed form.
    """

    W: nn.Linear
    candidate: Nonlinearity

    def squash(self, *rows: Hidden) -> Gates:
        """The gates, from the products with the inputs, which may be overwritten."""
        raise NotImplementedError

    def written(self, *gates: Hidden) -> Hidden:
        """z."""
        raise NotImplementedError

    def through(self, d: Hidden, *gates: Hidden) -> Gates:
        """Gradients with respect to the products, from d, the one with respect to log(z / (1 - z))."""
        raise NotImplementedError

    def run(
        self, inputs: Float[Tensor, "batch time input"], state: State
    ) -> tuple[Float[Tensor, "batch time hidden"], State]:
        """On a CPU in closed form, which can be differentiated once."""
        if inputs.device.type != "cpu":
            return super().run(inputs, state)
        h = closed_form(self, inputs, *state)
        return h.transpose(0, 1), (h[-1],)


def closed_form(
    core: Minimal, inputs: Float[Tensor, "batch time input"], h_0: Float[Tensor, "batch hidden"]
) -> Float[Tensor, "time batch hidden"]:
    """h after each step."""
    x = nn.functional.pad(by_time(inputs), (0, 1), value=1.0)
    W = torch.cat([core.W.weight, core.W.bias[:, None]], 1).view(-1, core.hidden_size, x.shape[-1])
    steps = max(1, core.steps_at_once(inputs) // 2)  # gates and candidate have to stay there beside the memory
    recorded = torch.is_grad_enabled() and any(one.requires_grad for one in (x, h_0, W))
    h: Tensor = _ClosedForm.apply(x, h_0, W.mT, core, steps, recorded)  # type: ignore[no-untyped-call]
    return h


class _ClosedForm(Function):
    """With d_t = dL/dh_t, the whole gradient: dz_t = d_t (n_t - h_{t-1}), dn_t = d_t z_t.

    Of log(z / (1 - z)) it is z (1 - z) dz_t = d_t z_t (n_t - h_t). The last input is a one, whose weights are b.
    """

    @staticmethod
    def forward(
        ctx: Any,
        x: Float[Tensor, "time batch input"],
        h_0: Float[Tensor, "batch hidden"],
        W: Float[Tensor, "rows input hidden"],
        core: Minimal,
        steps: int,
        recorded: bool,
    ) -> Float[Tensor, "time batch hidden"]:
        """h of all steps, so many at a time; if `recorded`, gates and candidates are kept for the way back."""
        hidden, made = one_more(h_0, len(x)), []
        for part in _parts(len(x), steps):
            *rows, n = (x[part] @ W_of_rows for W_of_rows in W)
            gates, n, h = core.squash(*rows), core.candidate.value(n), hidden[1:][part]
            z = core.written(*gates)
            torch.mul(z, n, out=h)
            scan.forwards(1 - z, h, hidden[part.start])
            made += [*gates, n] if recorded else []
        ctx.save_for_backward(x, hidden, W, *made)
        ctx.core, ctx.steps = core, steps
        return hidden[1:]

    @staticmethod
    def backward(ctx: Any, gradient: Float[Tensor, "time batch hidden"]) -> tuple[Tensor | None, ...]:
        """From the last part to the first: d of the last step of each has what the next part hands on."""
        refuse_a_second()
        x, hidden, W, *made = ctx.saved_tensors
        dx, dW = torch.zeros_like(x) if ctx.needs_input_grad[0] else None, W.new_zeros(W.shape)
        of_h = torch.zeros_like(hidden[0])
        parts = zip(_parts(len(x), ctx.steps), zip(*[iter(made)] * len(W), strict=True), strict=True)
        for part, (*gates, n) in reversed(list(parts)):
            z, d = ctx.core.written(*gates), gradient[part].clone(memory_format=torch.contiguous_format)
            d[-1] += of_h
            of_h = scan.backwards(1 - z, d)
            d *= z
            of_rows = *ctx.core.through((n - hidden[1:][part]).mul_(d), *gates), ctx.core.candidate.through(d, n)
            for of_row, W_of_rows, dW_of_rows in zip(of_rows, W, dW, strict=True):
                dW_of_rows.addmm_(x[part].flatten(0, 1).T, of_row.flatten(0, 1))
                if dx is not None:
                    dx[part] += of_row @ W_of_rows.T
        return dx, of_h, dW, None, None, None


def _parts(time: int, steps: int) -> Iterator[slice]:
    return (slice(start, min(start + steps, time)) for start in range(0, time, steps))
