"""How parameters follow their gradient: it is clipped, the optimiser makes its step, and the learning rate goes on."""

import inspect
import math
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import nn

from seqbench.config import Training

#: Parameters of an optimiser that are no options here: they are set elsewhere, or say how it computes.
NO_OPTIONS = ("self", "params", "lr", "foreach", "fused", "capturable", "differentiable")


class Descent:
    """That of a run; `optimizer` is one of torch's."""

    def __init__(self, training: Training, parameters: Sequence[nn.Parameter]) -> None:
        self.training, self.parameters = training, parameters
        made = getattr(torch.optim, training.optimizer)
        self.optimizer = made(parameters, lr=training.learning_rate, **training.optimizer_options or {})
        self.schedule = torch.optim.lr_scheduler.LambdaLR(self.optimizer, training.learning_rate_factor)

    def update(self, norm: float) -> None:
        """One step along the gradient that the parameters have, whose norm this is."""
        if self.training.clip_norm is not None:
            nn.utils.clip_grads_with_norm_(self.parameters, self.training.clip_norm, torch.tensor(norm))
        if self.training.clip is not None:
            nn.utils.clip_grad_value_(self.parameters, self.training.clip["value"])
        self.optimizer.step()
        self.schedule.step()


def options(optimizer: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Of the options given to one of torch's optimisers, those that are other than it has by itself.

    Raises ValueError, in one line, for an option that it does not have, and for a value that it does not take.
    """
    cls = getattr(torch.optim, optimizer)
    defaults = {name: of.default for name, of in inspect.signature(cls).parameters.items() if name not in NO_OPTIONS}
    if unknown := [name for name in given if name not in defaults]:
        raise ValueError(f"{optimizer} has no option {unknown[0]!r}; it has {', '.join(sorted(defaults))}")
    clean = {name: _like(defaults[name], value, f"{name} of {optimizer}") for name, value in given.items()}
    try:
        cls([nn.Parameter(torch.zeros(1))], **clean)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{optimizer} does not take it: {error}") from error
    return {name: value for name, value in sorted(clean.items()) if value != _plain(defaults[name])}


def _like(default: Any, value: Any, what: str) -> Any:
    """A value of the kind of a default: true or false, a finite number, or a list of so many. Raises ValueError."""
    if isinstance(default, tuple):
        if isinstance(value, list) and len(value) == len(default):
            return [_like(0.0, one, what) for one in value]
        raise ValueError(f"{what}: {value!r} is not allowed; it should be a list of {len(default)} numbers")
    if isinstance(default, bool):
        if isinstance(value, bool):
            return value
        raise ValueError(f"{what}: {value!r} is not allowed; it should be true or false")
    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        return float(value)
    raise ValueError(f"{what}: {value!r} is not allowed; it should be a finite number")


def _plain(default: Any) -> Any:
    return list(default) if isinstance(default, tuple) else default
