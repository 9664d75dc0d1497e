"""What theory says of the gradient by lag: bounds that it cannot cross, the direct path through the gates."""

import math
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor

from seqbench.events import DIRECT_BEST, DIRECT_MEAN, of_layer
from seqbench.models.base import Core, Gates, State


@torch.no_grad()
def theory_by_time(
    core: Core, gates: list[Gates], states: list[State], probe: Int[Tensor, " batch"]
) -> dict[str, Float[Tensor, "batch time"]]:
    """log10 of each bound, and of the direct path, from the step `probe` of each sequence back to step t (column t).

    `gates` are those of each step, `states` those before the first step and after each. "path" and "sigma_max" bound
    |dh_T/dh_t|; "direct_mean" and "direct_best" are the product of keep gates over the units of the state, their mean
    and their largest: the path on which a state is only kept (no bound, other paths add to it).
    """
    steps = [_of_step(core, gates_t, after) for gates_t, after in zip(gates, states[1:], strict=True)]
    curves = {}
    for name in steps[0]:
        per_step = torch.stack([step[name] for step in steps], 1).log10()  # [batch, time, ...]
        curves[name] = _between(per_step, probe)
    keep = curves.pop("keep", None)
    if keep is not None:
        curves[DIRECT_MEAN] = _log10_mean(keep)
        curves[DIRECT_BEST] = keep.amax(-1)
    return curves


@dataclass
class Onset:
    """The latest step of each sequence at which the gradient of its memory is not zero, and that gradient."""

    time: Int[Tensor, " batch"]
    """-1 where there is none."""
    vector: Float[Tensor, "batch memory"]
    log10_scale: Float[Tensor, " batch"]
    """In powers of which of ten the vector is given."""

    @classmethod
    def unknown(cls, memory: Float[Tensor, "batch memory"]) -> "Onset":
        """Before any gradient was seen."""
        zeros = torch.zeros_like(memory)
        return cls(torch.full((len(memory),), -1, device=memory.device), zeros, zeros.sum(-1))

    def see(self, time: int, vector: Float[Tensor, "batch memory"], log10_scale: Float[Tensor, " batch"]) -> None:
        """Take the gradient at a step; they come from the last one backwards."""
        new = (self.time < 0) & vector.ne(0).any(-1)
        self.time = self.time.masked_fill(new, time)
        self.vector = torch.where(new[:, None], vector, self.vector)
        self.log10_scale = torch.where(new, log10_scale, self.log10_scale)


@torch.no_grad()
def exact_by_time(
    core: Core, inputs: Float[Tensor, "batch time input"], states: list[State], onset: Onset
) -> Float[Tensor, "batch time"]:
    """log10 of the gradient of the last state by step: measured at `onset`, and from there back by `Core.direct` alone.

    The vector is rescaled after each step, with its logarithm kept, so that no lag underflows. -inf after the onset.
    """
    vector, scale = torch.zeros_like(onset.vector), torch.zeros_like(onset.log10_scale)
    by_time = []
    for t in range(inputs.shape[1] - 1, -1, -1):
        here = onset.time == t
        vector = torch.where(here[:, None], onset.vector, vector)
        norm = vector.norm(dim=-1)
        scale = torch.where(here, onset.log10_scale, scale) + norm.log10()
        by_time.append(scale)
        vector = core.direct(inputs[:, t], states[t], vector / torch.where(norm > 0, norm, 1.0)[:, None])
    return torch.stack(by_time[::-1], 1)


#: Decades between a gradient that is zero and one that is not: those that a number has.
MOST_APART = 308.0


def apart(
    measured: Float[Tensor, "batch time"], exact: Float[Tensor, "batch time"], probe: Int[Tensor, " batch"]
) -> float:
    """Of two gradients by step as log10, how far they are apart at most, up to the probed step of each sequence.

    Steps at which one is no number do not count; NaN where none does.
    """
    inside = torch.arange(measured.shape[1]) <= probe[:, None]
    counted = inside & (measured < torch.inf) & (exact < torch.inf)
    both_zero = torch.isneginf(measured) & torch.isneginf(exact)
    difference = (measured - exact).abs().masked_fill(both_zero, 0).clamp(max=MOST_APART)[counted]
    return difference.max().item() if len(difference) else math.nan


def timescales(
    core: Core, gates: list[Gates], lengths: Int[Tensor, " batch"]
) -> dict[int | None, Float[Tensor, " hidden"]]:
    """Steps after which each unit has forgotten to 1/e, -1 / ln f, f its mean keep gate; shortest first.

    By layer, which is None in a core that is no stack. The mean is over the steps of all sequences, padding left out.
    """
    kept, _ = of_layer(str(core.keep_gate))
    found = {}
    for name in (name for name in gates[0] if of_layer(name)[0] == kept):
        by_time = torch.stack([gates_t[name] for gates_t in gates], 1)
        inside = torch.arange(len(gates)) < lengths[:, None]
        found[of_layer(name)[1]] = (1 / by_time[inside].mean(0).log().abs()).sort().values
    return found


def _of_step(core: Core, gates: Gates, after: State) -> dict[str, Tensor]:
    kept = {} if core.keep_gate is None else {"keep": gates[core.keep_gate]}
    return {**core.step_bounds(after), **kept}


def _between(
    log_steps: Float[Tensor, "batch time *units"], probe: Int[Tensor, " batch"]
) -> Float[Tensor, "batch time *units"]:
    """Sum over the steps after t up to `probe`: the step to t itself does not belong to dh_T/dh_t.

    Added up from the probe backwards, so that a step of factor zero leaves those after it as they are.
    """
    later = (torch.arange(log_steps.shape[1]) > probe[:, None]).view(*log_steps.shape[:2], *(1,) * (log_steps.ndim - 2))
    sums = log_steps.masked_fill(later, 0).flip(1).cumsum(1).flip(1)
    return torch.cat([sums[:, 1:], torch.zeros_like(sums[:, :1])], 1)


def _log10_mean(log_values: Float[Tensor, "batch time units"]) -> Float[Tensor, "batch time"]:
    """log10 of the mean of 10**x, without underflow."""
    ln10 = math.log(10)
    return torch.logsumexp(log_values * ln10, -1) / ln10 - math.log10(log_values.shape[-1])
