"""A matrix memory that is linear in itself, many steps at once: within a chunk of steps by matrix products.

The chunked form of the delta rule is that of Yang, Wang, Zhang, Shen & Kim 2024 (arXiv 2406.06484), with decay as in
Yang, Kautz & Hatamizadeh 2024 (arXiv 2412.06464).
"""

import torch
from jaxtyping import Float
from torch import Tensor

#: Steps of a chunk. Longer ones cost more in products than they save in steps of the loop: measured on a CPU.
STEPS = 16
#: Steps whose chunks are computed together on a processor: beyond, what is computed on the way leaves its cache. On a
#: card all are.
AT_ONCE = 8 * STEPS

Vectors = Float[Tensor, "batch time heads _"]
Numbers = Float[Tensor, "batch time heads"]
Memory = Float[Tensor, "batch heads keys values"]
#: Vectors by chunk, with batch and heads as one.
InChunks = Float[Tensor, "chunks rows steps _"]


def remember(
    q: Vectors, k: Vectors, v: Vectors, log_keep: Numbers, S: Memory, beta: Numbers | None = None
) -> tuple[Vectors, Memory]:
    """All o_t = S_t' q_t and the last S, from this S on. With alpha_t = exp(log_keep), which must be finite,

    S_t = alpha_t S_{t-1} + k_t v_t', or where beta is given
    S_t = alpha_t (I - beta_t k_t k_t') S_{t-1} + beta_t k_t v_t'

    In a chunk that begins with S, S_t = gamma_t S + sum_{s <= t} D_ts k_s u_s', where gamma and D are products of
    alpha, and u = v. By the delta rule u_t = beta_t (v_t - gamma_t S' k_t - sum_{s < t} D_ts (k_s' k_t) u_s), which is
    a triangular system: u = (I + L)^-1 beta (v - gamma k S). So a chunk is S <- A S + B, and this alone is a loop.
    """
    given, outputs = (q, k, v, log_keep, *(() if beta is None else (beta,))), []
    time = q.shape[1]
    cuts = list(range(AT_ONCE, time, AT_ONCE)) if q.device.type == "cpu" else []
    for q, k, v, log_keep, *strength in zip(*(x.tensor_split(cuts, 1) for x in given), strict=True):
        shown, S = _at_once(q, k, v, log_keep, S, *strength)
        outputs.append(shown)
    return torch.cat(outputs, 1), S


def _at_once(
    q: Vectors, k: Vectors, v: Vectors, log_keep: Numbers, S: Memory, beta: Numbers | None = None
) -> tuple[Vectors, Memory]:
    """`remember`, for so many steps that all chunks are computed together."""
    batch, time, heads, _ = q.shape
    q, k, v = (_in_chunks(x) for x in (q, k, v))
    gamma, D = _decays(_in_chunks(log_keep[..., None])[..., 0])
    seen, kept_to_end = (q @ k.mT) * D, (k * D[..., -1, :, None]).mT
    read, A = gamma[..., None] * q, gamma[..., -1:, None] * torch.eye(k.shape[-1], dtype=k.dtype, device=k.device)
    if beta is not None:
        strength = _in_chunks(beta[..., None])
        v, erased = _solve((k @ k.mT) * D * strength, strength * v, strength * gamma[..., None] * k)
        read, A = read - seen @ erased, A - kept_to_end @ erased
    states = [S.flatten(0, 1)]
    for keep, write in zip(A, kept_to_end @ v, strict=True):
        states.append(torch.baddbmm(write, keep, states[-1]))
    outputs = seen @ v + read @ torch.stack(states[:-1])
    outputs = outputs.view(-1, batch, heads, STEPS, v.shape[-1]).permute(1, 0, 3, 2, 4).flatten(1, 2)
    return outputs[:, :time], states[-1].view(S.shape)


def _in_chunks(x: Vectors) -> InChunks:
    """Filled up with steps of zeros, which keep all and write nothing."""
    batch, time, heads, width = x.shape
    chunks = -(-time // STEPS)
    filled = torch.nn.functional.pad(x, (0, 0, 0, 0, 0, chunks * STEPS - time))
    by_chunk = filled.reshape(batch, chunks, STEPS, heads, width).permute(1, 0, 3, 2, 4)
    return by_chunk.reshape(chunks, batch * heads, STEPS, width)


def _decays(
    log_keep: Float[Tensor, "chunks rows steps"],
) -> tuple[Float[Tensor, "chunks rows steps"], Float[Tensor, "chunks rows steps steps"]]:
    """What each step has of the memory before the chunk, and step t (row) of what step s (column) wrote, 0 for s > t.

    Each is the exponential of a sum of its own: a difference of two long sums would lose precision after a step that
    forgets nearly all.
    """
    steps = torch.arange(STEPS, device=log_keep.device)
    t, s = steps[:, None, None], torch.arange(-1, STEPS, device=log_keep.device)[:, None]
    between = ((s < steps) & (steps <= t)).to(log_keep)
    products = (log_keep @ between.view(-1, STEPS).T).view(*log_keep.shape, STEPS + 1).exp()
    return products[..., 0], products[..., 1:].tril()


def _solve(L: Float[Tensor, "chunks rows steps steps"], *right: InChunks) -> tuple[InChunks, ...]:
    """(I + L)^-1 times each of two, of L what is below the diagonal."""
    joined: Tensor = torch.linalg.solve_triangular(L.tril(-1), torch.cat(right, -1), upper=False, unitriangular=True)
    return joined.tensor_split([right[0].shape[-1]], -1)
