"""The Jacobian dh_T/ds_t itself, not only a loss through it: all its singular values, or their root mean square.

s is what is told as the hidden state (`Core.hidden_states`): h, and where no later step reads h, the memory beside it.
So it is a block of the product of the full state's step Jacobians. For an LSTM, whose s is h, the paths through the
cell are in it. The product is taken from T backwards as vector-Jacobian products of some rows, in float64, rescaled
after every step with the logarithm kept: no lag under- or overflows.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from seqbench.gradients.flow import pull_back, unroll
from seqbench.models.base import Core, State

EPSILON = torch.finfo(torch.double).eps

#: A state, or its gradient, once for every row that is pulled back.
ByRow = tuple[Float[Tensor, "rows _"], ...]


@dataclass(frozen=True)
class Spectrum:
    """log10 of the singular values of dh_T/ds_(T-lag), largest first, lag 0 to the state before the first step.

    NaN below what float64 resolves beside the largest; -inf where the whole Jacobian is zero.
    """

    log10: Float[Tensor, "batch lag hidden"]
    not_finite: tuple[tuple[int, int], ...]
    """(lag, sample) from which on a Jacobian was not finite; all NaN from there."""


@dataclass(frozen=True)
class Directions:
    """log10 of the norm of u dh_T/ds_(T-lag) for random unit vectors u: the root mean square over them, and the spread.

    The mean square over all u is that of the singular values. `spread` is the standard deviation of the logarithms.
    """

    rms: Float[Tensor, "batch lag"]
    spread: Float[Tensor, "batch lag"]
    not_finite: tuple[tuple[int, int], ...]


def log_singular_values(
    core: Core, inputs: Float[Tensor, "batch time input"], states: list[State] | None = None
) -> Spectrum:
    """The whole spectrum, T the last step of `inputs`; for a small state: it follows as many rows as there are units.

    `core` and `inputs` in float64; `states` as `seqbench.gradients.flow.unroll` gives them.
    """
    rows = torch.eye(core.hidden_size, dtype=torch.double).expand(len(inputs), -1, -1)
    by_lag = [(_log_svd(block) + log_scale, _is_finite(block, log_scale)) for block, log_scale in
              _backwards(core, inputs, states, rows)]  # fmt: skip
    log10, finite = (torch.stack(part, 1) for part in zip(*by_lag, strict=True))
    return Spectrum(log10.masked_fill(~finite[..., None], torch.nan), _first(~finite))


def log_norm_by_directions(
    core: Core,
    inputs: Float[Tensor, "batch time input"],
    states: list[State] | None = None,
    *,
    directions: int = 16,
    seed: int = 0,
) -> Directions:
    """An estimate from so many random directions, the same for every sample; for a large state. Else as above."""
    rows = torch.randn(directions, core.hidden_size, dtype=torch.double, generator=torch.Generator().manual_seed(seed))
    rows = (rows / rows.norm(dim=-1, keepdim=True)).expand(len(inputs), -1, -1)
    by_lag = [(block.norm(dim=-1).log10() + log_scale, _is_finite(block, log_scale)) for block, log_scale in
              _backwards(core, inputs, states, rows)]  # fmt: skip
    norms, finite = (torch.stack(part, 1) for part in zip(*by_lag, strict=True))
    norms = norms.masked_fill(~finite[..., None], torch.nan)
    mean_square = torch.logsumexp(norms * 2 * math.log(10), -1) / math.log(10) - math.log10(directions)
    return Directions(mean_square / 2, norms.std(-1, correction=0), _first(~finite))


def _backwards(
    core: Core, inputs: Tensor, states: list[State] | None, rows: Float[Tensor, "batch rows hidden"]
) -> Iterator[tuple[Float[Tensor, "batch rows _"], Float[Tensor, "batch 1"]]]:
    """At each lag the rows times the Jacobian, in units of 10**log_scale."""
    told = [core.state_names.index(name) for name in core.hidden_states]
    states = unroll(core, inputs) if states is None else states
    batch, count = rows.shape[:2]
    vectors = _with_rows(tuple(torch.zeros_like(s) for s in states[-1]), count)
    vectors = (rows.flatten(0, 1), *vectors[1:])
    log_scale = torch.zeros(batch, 1, dtype=torch.double)
    for t in range(inputs.shape[1], -1, -1):
        norm = torch.cat([v.view(batch, -1) for v in vectors], -1).norm(dim=-1)
        divisor = torch.where(norm > 0, norm, 1.0)[:, None, None]
        vectors = tuple((v.view(batch, count, -1) / divisor).flatten(0, 1) for v in vectors)
        log_scale = log_scale + divisor[..., 0].log10()
        yield torch.cat([vectors[place] for place in told], -1).view(batch, count, -1), log_scale
        if t > 0:
            vectors = pull_back(core, _repeat(inputs[:, t - 1], count), _with_rows(states[t - 1], count), vectors)


def _log_svd(block: Float[Tensor, "batch hidden _"]) -> Float[Tensor, "batch hidden"]:
    """log10 of the singular values; what is lost in the rounding error of the largest is NaN."""
    values = torch.linalg.svdvals(torch.where(block.isfinite(), block, 0.0))
    largest = values[:, :1]
    resolved = (values > EPSILON * block.shape[-1] * largest) | (largest == 0)
    return torch.where(resolved, values.log10(), torch.nan)


def _is_finite(block: Float[Tensor, "batch rows _"], log_scale: Float[Tensor, "batch 1"]) -> Bool[Tensor, " batch"]:
    return block.isfinite().all(-1).all(-1) & log_scale.isfinite()[:, 0]


def _with_rows(state: State, count: int) -> ByRow:
    return tuple(_repeat(s, count) for s in state)


def _repeat(values: Tensor, count: int) -> Tensor:
    """Every sample as many times as there are rows to pull back."""
    return values.repeat_interleave(count, 0)


def _first(broken: Bool[Tensor, "batch lag"]) -> tuple[tuple[int, int], ...]:
    """(lag, sample) of the first lag at which a sample is broken."""
    samples = broken.any(1).nonzero()[:, 0].tolist()
    return tuple((int(broken[i].int().argmax()), i) for i in samples)
