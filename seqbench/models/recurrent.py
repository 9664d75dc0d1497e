"""The simple recurrent network and the GRU over a whole sequence, forward and backward in closed form.

On a CPU, PyTorch's layers make and record several tensors at each step. Here a step is one matrix product and what is
elementwise, in place. What is not recurrent is done for all steps at once: the products with the inputs, the slopes of
the nonlinearities, the gradients of weights and inputs. Buffers have time first, so that a step is contiguous.
"""

from collections.abc import Iterator
from typing import Any

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn
from torch.autograd import Function

Hidden = Float[Tensor, "time batch hidden"]
Gradients = tuple[Tensor | None, ...]


def run(
    layer: nn.RNN | nn.GRU, inputs: Float[Tensor, "batch time input"], h_0: Float[Tensor, "batch hidden"]
) -> tuple[Float[Tensor, "batch time hidden"], Float[Tensor, "batch hidden"]]:
    """h after each step, from h_0 on, and the last one: what the layer gives, by its own code where that is faster."""
    recorded = torch.is_grad_enabled() and any(t.requires_grad for t in (inputs, h_0, *layer.parameters()))
    if inputs.device.type == "cpu" and scan_is_faster(layer, inputs.shape[1], recorded):
        return scan(layer, inputs, h_0)
    hidden, (h,) = layer(inputs, h_0[None])
    return hidden, h


def scan_is_faster(layer: nn.RNN | nn.GRU, time: int, recorded: bool) -> bool:
    """For so many steps, `recorded` for a gradient or not.

    It is a rule from measurements, and no clock is asked, so that the same run always takes the same way. Times as fast
    as the layer, forward and backward, for H from 8 to 512 (1,024 at T = 20) and batches from 1 to 128, on one thread
    of an AMD EPYC with torch 2.13: RNN 0.3 to 1.0 at T <= 2, 0.8 to 1.2 at T = 5, 1.0 to 1.5 at 10, 1.1 to 1.9 at 20,
    1.2 to 2.8 at 100; GRU 0.4 to 1.1, 0.9 to 1.4, 1.1 to 1.9, 1.1 to 2.3, 1.0 to 2.9. The gain is the least where
    products are large. Without a gradient: RNN 0.7 to 1.1 at T = 5, 0.9 to 1.2 at 20, 1.1 to 1.2 at 50; GRU 0.8 to 1.1
    at T = 20 and 100.
    """
    if not recorded:
        return isinstance(layer, nn.RNN) and time >= 50
    return time >= 10


def scan(
    layer: nn.RNN | nn.GRU, inputs: Float[Tensor, "batch time input"], h_0: Float[Tensor, "batch hidden"]
) -> tuple[Float[Tensor, "batch time hidden"], Float[Tensor, "batch hidden"]]:
    """The same in closed form. It can be differentiated once."""
    x, weights = inputs.transpose(0, 1).contiguous(), layer.all_weights[0]
    if isinstance(layer, nn.GRU):
        hidden = GRUScan.apply(x, h_0, *weights)  # type: ignore[no-untyped-call]
    else:
        hidden = RNNScan.apply(x, h_0, *weights, layer.nonlinearity == "tanh")  # type: ignore[no-untyped-call]
    return hidden.transpose(0, 1), hidden[-1]


class RNNScan(Function):
    """h_t = phi(W_ih x_t + b_ih + W_hh h_{t-1} + b_hh), where phi is tanh or ReLU."""

    @staticmethod
    def forward(
        ctx: Any,
        x: Float[Tensor, "time batch input"],
        h_0: Float[Tensor, "batch hidden"],
        W_ih: Float[Tensor, "hidden input"],
        W_hh: Float[Tensor, "hidden hidden"],
        b_ih: Float[Tensor, " hidden"],
        b_hh: Float[Tensor, " hidden"],
        is_tanh: bool,
    ) -> Hidden:
        """h_1 to h_T. The products with all inputs are taken at once, and each step is written over its own."""
        hidden = one_more(h_0, len(x))
        torch.addmm(b_ih + b_hh, x.flatten(0, 1), W_ih.T, out=hidden[1:].flatten(0, 1))
        W, phi_ = W_hh.T, torch.tanh_ if is_tanh else torch.relu_
        for h, h_t in _steps(hidden[:-1], hidden[1:]):
            phi_(h_t.addmm_(h, W))
        ctx.save_for_backward(x, hidden, W_ih, W_hh)
        ctx.is_tanh = is_tanh
        return hidden[1:]

    @staticmethod
    def backward(ctx: Any, gradient: Hidden) -> Gradients:
        """With d_t = dL/dh_t, the whole gradient, and e_t = phi'_t * d_t: d_{t-1} = `gradient`_{t-1} + W_hh' e_t.

        phi'_t is 1 - h_t^2, or whether h_t is above 0. dW_hh sums e_t h_{t-1}', dW_ih e_t x_t', each db e_t.
        """
        refuse_a_second()
        x, hidden, W_ih, W_hh = ctx.saved_tensors
        before, h = hidden[:-1], hidden[1:]
        slopes, through_phi = (1 - h * h, Tensor.mul_) if ctx.is_tanh else (h <= 0, _stopped)
        carried = one_more(torch.zeros_like(before[0]), len(x))
        d = carried[1:].copy_(gradient)  # with respect to h, then to what phi is taken of
        for d_before, d_t, slope in _steps(carried[:-1], d, slopes, backwards=True):
            d_before.addmm_(through_phi(d_t, slope), W_hh)
        dW_ih, db_ih = _of_weights(ctx, d, x)
        dW_hh, db_hh = _of_weights(ctx, d, before)
        return _of_inputs(ctx, d, W_ih), carried[0], dW_ih, dW_hh, db_ih, db_hh, None


def _stopped(d: Float[Tensor, "batch hidden"], off: Bool[Tensor, "batch hidden"]) -> Float[Tensor, "batch hidden"]:
    """Zero where ReLU is; a product with zero would be NaN where a gradient has overflowed."""
    return d.masked_fill_(off, 0)


class GRUScan(Function):
    """The equations of `seqbench.models.gru.GRU`: weights and biases have rows for r, for z and for n.

    With s = W_hn h_{t-1} + b_hn, the gradients with respect to s and to the sums inside r and z are d, the one with
    respect to h_t, times factors that the forward pass leaves behind.
    """

    @staticmethod
    def forward(
        ctx: Any,
        x: Float[Tensor, "time batch input"],
        h_0: Float[Tensor, "batch hidden"],
        W_ih: Float[Tensor, "3*hidden input"],
        W_hh: Float[Tensor, "3*hidden hidden"],
        b_ih: Float[Tensor, " 3*hidden"],
        b_hh: Float[Tensor, " 3*hidden"],
    ) -> Hidden:
        """h_1 to h_T. Kept are r, z, s and n of all steps."""
        hidden = one_more(h_0, len(x))
        rzs, n = _from_inputs(x, W_ih, b_ih, b_hh)
        (r, z, s), rz, W = rzs.chunk(3, -1), rzs[..., : -n.shape[-1]], W_hh.T
        steps = _steps(hidden[:-1], hidden[1:], rzs, rz, r, z, s, n)
        for h, h_t, rzs_t, rz_t, r_t, z_t, s_t, n_t in steps:
            rzs_t.addmm_(h, W)
            rz_t.sigmoid_()
            n_t.addcmul_(r_t, s_t).tanh_()
            torch.lerp(n_t, h, z_t, out=h_t)
        ctx.save_for_backward(x, hidden, rzs, n, W_ih, W_hh)
        return hidden[1:]

    @staticmethod
    def backward(ctx: Any, gradient: Hidden) -> Gradients:
        """With d_t = dL/dh_t, the whole gradient, and m_t = (1 - z_t) (1 - n_t^2) d_t, the one inside the tanh:

        ds_t = r_t m_t, dr_t = r_t (1 - r_t) s_t m_t, dz_t = z_t (1 - z_t) (h_{t-1} - n_t) d_t
        d_{t-1} = `gradient`_{t-1} + z_t d_t + W_hh' (dr_t, dz_t, ds_t)

        What the inputs add to n is not behind r: for their weights, m_t stands for ds_t.
        """
        refuse_a_second()
        x, hidden, rzs, n, W_ih, W_hh = ctx.saved_tensors
        before, (r, z, s) = hidden[:-1], rzs.chunk(3, -1)
        d_rzs, to_n = torch.empty_like(rzs), (1 - z) * (1 - n * n)
        d_r, d_z, d_s = d_rzs.chunk(3, -1)
        torch.mul(to_n * s, r * (1 - r), out=d_r)
        torch.mul(before - n, z * (1 - z), out=d_z)
        torch.mul(to_n, r, out=d_s)
        carried = one_more(torch.zeros_like(before[0]), len(x))
        d = carried[1:].copy_(gradient)
        by_gate = d_rzs.view(*x.shape[:2], 3, -1)
        for d_before, d_t, z_t, rzs_t, each_t in _steps(carried[:-1], d, z, d_rzs, by_gate, backwards=True):
            each_t.mul_(d_t[:, None])
            d_before.addcmul_(d_t, z_t).addmm_(rzs_t, W_hh)
        dW_hh, db_hh = _of_weights(ctx, d_rzs, before)
        torch.mul(to_n, d, out=d_s)  # of n, because the products with the inputs are not behind r
        dW_ih, db_ih = _of_weights(ctx, d_rzs, x)
        return _of_inputs(ctx, d_rzs, W_ih), carried[0], dW_ih, dW_hh, db_ih, db_hh


def _from_inputs(
    x: Float[Tensor, "time batch input"],
    W_ih: Float[Tensor, "rows input"],
    b_ih: Float[Tensor, " rows"],
    b_hh: Float[Tensor, " rows"],
) -> tuple[Float[Tensor, "time batch rows"], Hidden]:
    """What a GRU adds its recurrent products to, and the part of n that is not behind r."""
    to_n, X = len(b_ih) // 3 * 2, x.flatten(0, 1)
    rzs = x.new_empty(*x.shape[:2], len(b_ih))
    torch.addmm((b_ih + b_hh)[:to_n], X, W_ih[:to_n].T, out=rzs.flatten(0, 1)[:, :to_n])
    rzs[..., to_n:] = b_hh[to_n:]
    return rzs, torch.addmm(b_ih[to_n:], X, W_ih[to_n:].T).view(*x.shape[:2], -1)


def refuse_a_second() -> None:
    """torch's `once_differentiable` would take the first derivative for a constant wherever the loss is linear in h."""
    if torch.is_grad_enabled():
        raise RuntimeError("the closed form has no second derivative (create_graph=True): take that of Core.unroll")


def one_more(first: Float[Tensor, "batch hidden"], time: int) -> Float[Tensor, "_ batch hidden"]:
    """Room for so many steps behind a first one."""
    buffer = first.new_empty(time + 1, *first.shape)
    buffer[0] = first
    return buffer


def _steps(*buffers: Tensor, backwards: bool = False) -> Iterator[tuple[Tensor, ...]]:
    return zip(*(buffer.unbind()[:: -1 if backwards else 1] for buffer in buffers), strict=True)


def _of_weights(
    ctx: Any, d: Float[Tensor, "time batch rows"], factor: Float[Tensor, "time batch columns"]
) -> tuple[Float[Tensor, "rows columns"] | None, Float[Tensor, " rows"] | None]:
    """Gradients of a matrix and its bias; none where the core is frozen."""
    if not any(ctx.needs_input_grad[2:]):
        return None, None
    D = d.flatten(0, 1)
    return (factor.flatten(0, 1).T @ D).T, D.sum(0)  # a narrow `factor` takes five times as long the other way round


def _of_inputs(
    ctx: Any, d: Float[Tensor, "time batch rows"], W_ih: Float[Tensor, "rows input"]
) -> Float[Tensor, "time batch input"] | None:
    return d @ W_ih if ctx.needs_input_grad[0] else None
