"""A gradient as a curve: from time to lag, and over the sequences of a probe."""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor


@dataclass(frozen=True)
class LagCurve:
    """log10 of the gradient of one state, relative to |dL/dh_T|, per probe sequence: `[batch, lag]`.

    The state "inputs" is that of a core whose states cannot be followed: |dL/dx_t| relative to |dL/dx_T|.
    """

    state: str
    log10: Float[np.ndarray, "batch lag"]
    not_finite: tuple[tuple[int, int], ...] = ()
    """(lag, sample) of the first lag at which the gradient of a sample was not finite."""

    def mean_and_spread(self) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """Mean and standard deviation over the sequences in which the gradient is not zero; NaN if there is none."""
        seen = np.isfinite(self.log10)
        count = np.where(seen.any(0), seen.sum(0), np.nan)
        values = np.where(seen, self.log10, 0.0)
        mean = values.sum(0) / count
        variance = (np.where(seen, self.log10 - mean, 0.0) ** 2).sum(0) / count
        return tuple(mean.tolist()), tuple(np.sqrt(variance).tolist())

    def zero_share(self) -> tuple[float, ...]:
        """By lag, the part of the sequences with a finite gradient there in which it is exactly zero; NaN if none."""
        zero = np.isneginf(self.log10)
        counted = (zero | np.isfinite(self.log10)).sum(0)
        return tuple((zero.sum(0) / np.where(counted, counted, np.nan)).tolist())

    @classmethod
    def of(cls, state: str, by_time: Float[Tensor, "batch time"], probe: Int[Tensor, " batch"]) -> "LagCurve":
        """From logarithms at each step of time, seen from the probed step of each sequence."""
        return cls(state, _by_lag(by_time, probe), _not_finite(by_time, probe))


def _by_lag(curve: Float[Tensor, "batch time"], probe: Int[Tensor, " batch"]) -> Float[np.ndarray, "batch lag"]:
    """From time to lag; NaN before the first step of a sequence."""
    time = probe[:, None] - torch.arange(int(probe.max()) + 1)
    return curve.gather(1, time.clamp(min=0)).masked_fill(time < 0, torch.nan).numpy()


def _not_finite(curve: Float[Tensor, "batch time"], probe: Int[Tensor, " batch"]) -> tuple[tuple[int, int], ...]:
    """Where the logarithm is NaN or infinite: a gradient of zero, -inf, is a finite one."""
    broken = (curve.isnan() | (curve == torch.inf)) & (torch.arange(curve.shape[1]) <= probe[:, None])
    last = curve.shape[1] - 1 - broken.flip(1).int().argmax(1)
    return tuple((int(probe[i] - last[i]), i) for i in broken.any(1).nonzero()[:, 0].tolist())
