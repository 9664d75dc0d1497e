"""The loop of the sLSTM over all steps, with a backward pass of its own: few operations a step, and no graph.

What a step needs alone is written over at each, because fresh memory costs more than computing on it.
"""

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn.functional import logsigmoid

#: The batch comes last, so that the gates of a head are one piece of memory.
Units = Float[Tensor, "heads d batch"]

#: As long as no i~ and no f~ is beyond it, N itself can be held in single precision.
LARGE = 28.0


class Loop(torch.autograd.Function):
    """h of all steps, the last log N and the last c; see `seqbench.models.slstm.SLSTM`.

    An empty memory has log N = -inf. Afterwards, what is kept stands in the place of i.
    """

    @staticmethod
    def forward(
        ctx: Any,
        x: Float[Tensor, "time input batch"],
        W: Float[Tensor, "gates input"],
        b: Float[Tensor, " gates"],
        R: Float[Tensor, "heads rows d"],
        h: Units,
        log_N: Units,
        c: Units,
    ) -> tuple[Float[Tensor, "batch time heads d"], Units, Units]:
        """c_t = k_t c_{t-1} + (1 - k_t) z_t, where k_t = f_t N_{t-1} / N_t is what is kept.

        N is held as its logarithm, or as itself where nothing is so large that it could overflow.
        """
        time, _, batch = x.shape
        heads, width, d = R.shape
        twice = torch.ones(heads, 4, d, 1, dtype=x.dtype, device=x.device)
        twice[:, 2] = 2  # tanh(z~) is 2 sigma(2 z~) - 1, and all sigmas are taken in one operation
        twice_R, rows = R * twice.view(heads, width, 1), twice.view(-1, 1)
        gates = torch.baddbmm(b[:, None] * rows, (W * rows).expand(time, -1, -1), x).view(time, heads, 4, d, batch)
        # To look at numbers of a card, its work would have to be waited for.
        in_logarithms = x.device.type != "cpu" or _is_large(gates[:, :, :2], R[:, : 2 * d], h, log_N)
        hidden, cells = x.new_empty(batch, time, heads, d), x.new_empty(time, heads, d, batch)
        first, before, N = (h, c), torch.empty_like(c), log_N if in_logarithms else log_N.exp()
        minus_one = -x.new_ones(())
        h = h.clone()
        steps = (gates.view(time, heads, width, batch), gates[:, :, 1:], *gates.unbind(2), cells,
                 hidden.permute(1, 2, 3, 0))  # fmt: skip
        for gates_t, squashed, i, f, z, o, c_t, h_t in zip(*map(torch.unbind, steps), strict=True):
            gates_t.baddbmm_(twice_R, h)
            if in_logarithms:
                torch.add(logsigmoid(f), N, out=before)
                N = torch.logaddexp(before, i)
                torch.sub(before, N, out=i).exp_()
                squashed.sigmoid_()
            else:
                squashed.sigmoid_()
                torch.mul(f, N, out=before)
                torch.add(i.exp_(), before, out=N)
                torch.div(before, N, out=i)
            torch.add(minus_one, z, alpha=2, out=z)
            torch.lerp(z, c, i, out=c_t)
            torch.mul(o, c_t, out=h)
            h_t.copy_(h)
            c = c_t
        ctx.save_for_backward(x, W, R, *first, gates, cells, hidden)
        return hidden, N if in_logarithms else N.log_(), c.clone()

    @staticmethod
    @once_differentiable
    def backward(
        ctx: Any, d_hidden: Float[Tensor, "batch time heads d"], d_log_N: Units, d_c: Units
    ) -> tuple[Tensor | None, ...]:
        """With dc_t and dN_t the whole gradients with respect to c_t and log N_t, and z_t before its tanh as z~_t:

        dN_{t-1} = k_t (1 - k_t) (c_{t-1} - z_t) dc_t + k_t dN_t, since k_t = sigma(log f_t + log N_{t-1} - i~_t)
        di~_t = dN_t - dN_{t-1}, df~_t = (1 - f_t) dN_{t-1}, dz~_t = (1 - z_t^2) (1 - k_t) dc_t
        dc_{t-1} = k_t dc_t + o_{t-1} dh_{t-1}, do~_t = o_t (1 - o_t) c_t dh_t
        dh_{t-1} = d_hidden_{t-1} + R' (di~_t, df~_t, dz~_t, do~_t)
        """
        x, W, R, h, c, gates, cells, hidden = ctx.saved_tensors
        time, heads, _, d, batch = gates.shape
        d_gates, d_h = torch.empty_like(gates[0]), torch.zeros_like(d_c)
        d_i, d_f, d_z, d_o = d_gates.unbind(1)
        by_head, by_row = d_gates.view(heads, 4 * d, batch), d_gates.view(-1, batch)
        d_W, d_R, d_b, R_T = torch.zeros_like(W), torch.zeros_like(R), W.new_zeros(len(W)), R.mT.contiguous()
        d_x = torch.empty_like(x) if ctx.needs_input_grad[0] else None
        d_c, d_log_N, kept, spare = d_c.clone(), d_log_N.clone(), torch.empty_like(d_c), torch.empty_like(d_c)
        c_before = (*cells.unbind()[:-1][::-1], c)
        h_before = (*hidden.permute(1, 2, 0, 3).unbind()[:-1][::-1], h.mT)
        steps = (x.mT, *gates.unbind(2), cells, d_hidden.permute(1, 2, 3, 0))
        backwards = zip(c_before, h_before, *(s.unbind()[::-1] for s in steps), strict=True)
        for t, (c_before_t, h_before_t, x_t, keep, f, z, o, c_t, shown) in enumerate(backwards):
            d_h.add_(shown)
            d_c.addcmul_(d_h, o)
            SIGMOID(d_h.mul_(c_t), o, grad_input=d_o)
            torch.sub(c_before_t, z, out=spare).mul_(d_c)
            SIGMOID(spare, keep, grad_input=kept)
            kept.addcmul_(d_log_N, keep)
            torch.sub(d_log_N, kept, out=d_i)
            torch.addcmul(kept, kept, f, value=-1, out=d_f)
            torch.mul(d_c, keep, out=spare)
            TANH(d_c.sub_(spare), z, grad_input=d_z)
            d_c, spare, d_log_N, kept = spare, d_c, kept, d_log_N
            torch.bmm(R_T, by_head, out=d_h)
            d_R.baddbmm_(by_head, h_before_t)
            d_W.addmm_(by_row, x_t)
            d_b.add_(by_row.sum(-1))
            if d_x is not None:
                torch.mm(W.T, by_row, out=d_x[time - 1 - t])
        return d_x, d_W, d_b, d_R, d_h, d_log_N, d_c


SIGMOID, TANH = torch.ops.aten.sigmoid_backward.grad_input, torch.ops.aten.tanh_backward.grad_input


def _is_large(gates: Tensor, R: Tensor, h: Units, log_N: Units) -> bool:
    """Whether i~, f~ or log N may be beyond `LARGE`; no h is beyond 1 in any unit but for a first one given."""
    largest = torch.linalg.vector_norm(gates, torch.inf)
    reach = largest + R.abs().sum(-1).amax() * h.abs().amax().clamp(min=1)
    return bool(torch.maximum(reach, log_N.amax() - LARGE) > LARGE)
