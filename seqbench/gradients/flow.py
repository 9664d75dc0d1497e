"""How much gradient there is: by parameter block while training, and by lag back through time."""

import copy
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from seqbench.events import EXACT, INPUTS
from seqbench.gradients.theory import Onset, exact_by_time, theory_by_time, timescales
from seqbench.models.base import Core, SequenceModel, State
from seqbench.tasks.base import Batch, Task

BLOCKS = ("recurrent", "input", "readout")


def parameter_blocks(model: SequenceModel) -> dict[str, list[nn.Parameter]]:
    """All parameters, sorted into recurrent matrices (name contains "weight_hh" or "W_hh"), readout, and the rest."""
    blocks: dict[str, list[nn.Parameter]] = {block: [] for block in BLOCKS}
    for name, parameter in model.named_parameters():
        if name.startswith("readout."):
            blocks["readout"].append(parameter)
        else:
            recurrent = any(mark in name for mark in ("weight_hh", "W_hh"))
            blocks["recurrent" if recurrent else "input"].append(parameter)
    return blocks


def gradient_norm(parameters: list[nn.Parameter]) -> Tensor:
    """L2 norm of all gradients together, before any clipping; 0 where there are none."""
    return nn.utils.get_total_norm([p.grad for p in parameters if p.grad is not None])


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


class Flow:
    """Gradient of the loss at one position, `Task.probed`, with respect to each earlier state; and theory.

    A loss at every step would inject fresh gradient everywhere and hide the decay. The vector-Jacobian product is
    taken step by step through `Core.step` in float64 and rescaled to length one after each, its logarithm kept, so
    that no lag underflows. States s_t = (h_t, c_t) are nodes of the graph as `step` returns them: dL/dc_t is what
    reaches the loss through c_(t+1), so it is zero at lag 0.

    A frozen core is followed like any other: its states have a gradient, though its parameters are not trained.
    A core that states no step is followed through the gradient with respect to its inputs, in float64 without
    rescaling: zero below 1e-308.
    """

    def __init__(self, model: SequenceModel, task: Task, batch: Batch) -> None:
        self.model, self.task, self.batch = copy.deepcopy(model).double().eval().requires_grad_(), task, batch
        self.inputs, self.probe = encoded(self.model, batch), task.probed(batch)
        self.follows_states = self.model.core.has_step
        self.states = unroll(self.model.core, self.inputs) if self.follows_states else []

    def curves(self) -> list[LagCurve]:
        """The measured gradients, then the bounds and direct paths that the core has."""
        return [*self.gradients(), *(self.theory() if self.follows_states else [])]

    def gradients(self) -> list[LagCurve]:
        """One curve for each state of the core, relative to |dL/dh_T|; for "inputs" where it states no step."""
        if not self.follows_states:
            return self._by_lag({INPUTS: self._of_inputs()})
        measured, _ = self._measured
        return self._by_lag(dict(zip(self.model.core.state_names, map(self._relative, measured), strict=True)))

    def _relative(self, log_norms: Float[Tensor, "batch time"]) -> Float[Tensor, "batch time"]:
        """To |dL/dh_T|."""
        whole = self._measured[0][0].gather(1, self.probe[:, None])
        return torch.where(log_norms.isfinite(), log_norms - whole, log_norms)

    def _of_inputs(self) -> Float[Tensor, "batch time"]:
        inputs, rows = self.inputs.clone().requires_grad_(), torch.arange(len(self.probe))
        hidden = self.model.core(inputs)[rows, self.probe]
        loss = self.task.loss(self.model.readout(hidden), _doubled(self.batch.targets[rows, self.probe])).sum()
        log_norms = torch.autograd.grad(loss, inputs)[0].flatten(2).norm(dim=-1).log10()
        whole = log_norms.gather(1, self.probe[:, None])
        return torch.where(log_norms.isfinite(), log_norms - whole, log_norms)

    def theory(self) -> list[LagCurve]:
        """See `theory_by_time`, and for a core whose direct path is exact `exact_by_time`."""
        core = self.model.core
        curves = theory_by_time(core, self.inputs, self.states, self.probe)
        if core.exact_direct:
            curves[EXACT] = self._relative(exact_by_time(core, self.inputs, self.states, self._measured[1]))
        return self._by_lag(curves)

    def timescales(self) -> Float[Tensor, " hidden"]:
        """See `seqbench.gradients.theory.timescales`."""
        return timescales(self.model.core, self.inputs, self.states, self.batch.lengths)

    @cached_property
    def _measured(self) -> tuple[Float[Tensor, "states batch time"], Onset]:
        """log10 |dL/ds_t| of every state, -inf where it is zero; and where the last one begins."""
        states, probe = self.states, self.probe
        log_norms = torch.full((len(states[0]), *self.batch.mask.shape), -torch.inf, dtype=torch.double)
        vectors, log_scale = _zeros_like(states[0]), torch.zeros(len(probe), dtype=torch.double)
        onset = Onset.unknown(vectors[-1])
        for t in range(int(probe.max()), -1, -1):
            if (here := probe == t).any():
                gradient = _gradient_at_probe(self.model, self.task, self.batch, states[t + 1], t)
                vectors = _inject(vectors, gradient, here)
            vectors, log_scale = _rescale(vectors, log_scale)
            log_norms[:, :, t] = torch.stack([log_scale + v.norm(dim=-1).log10() for v in vectors])
            onset.see(t, vectors[-1], log_scale)
            vectors = pull_back(self.model.core, self.inputs[:, t], states[t], vectors)
        return log_norms, onset

    def _by_lag(self, curves: dict[str, Float[Tensor, "batch time"]]) -> list[LagCurve]:
        return [LagCurve(name, _by_lag(c, self.probe), _not_finite(c, self.probe)) for name, c in curves.items()]


def gradient_by_lag(model: SequenceModel, task: Task, batch: Batch) -> list[LagCurve]:
    """The measured gradients alone: see `Flow`."""
    return Flow(model, task, batch).gradients()


@torch.no_grad()
def encoded(model: SequenceModel, batch: Batch) -> Float[Tensor, "batch time input"]:
    """What the core of a model in float64 sees."""
    inputs: Tensor = model.encoder(_doubled(batch.inputs))
    return inputs


@torch.no_grad()
def unroll(core: Core, inputs: Float[Tensor, "batch time input"]) -> list[State]:
    """The states before the first step and after each."""
    states = [core.initial_state(inputs[:, 0])]
    for x_t in inputs.unbind(1):
        states.append(core.step(x_t, states[-1]))
    return states


def _zeros_like(state: State) -> State:
    return tuple(torch.zeros_like(s) for s in state)


def _gradient_at_probe(model: SequenceModel, task: Task, batch: Batch, state: State, t: int) -> Tensor:
    """dL/dh_t of the loss at step t alone, for every sequence."""
    h = state[0].detach().requires_grad_()
    loss = task.loss(model.readout(h), _doubled(batch.targets[:, t])).sum()
    return torch.autograd.grad(loss, h)[0]


def _doubled(targets: Tensor) -> Tensor:
    return targets.double() if targets.is_floating_point() else targets


def _inject(vectors: State, gradient: Tensor, here: Tensor) -> State:
    """Sequences whose probed position is `here` start with this gradient of h."""
    return (torch.where(here[:, None], gradient, vectors[0]), *vectors[1:])


def _rescale(vectors: State, log_scale: Tensor) -> tuple[State, Tensor]:
    norm = torch.cat(vectors, -1).norm(dim=-1)
    divisor = torch.where(norm > 0, norm, 1.0)
    return tuple(v / divisor[:, None] for v in vectors), log_scale + divisor.log10()


def pull_back(core: Core, x_t: Tensor, state: State, vectors: State) -> State:
    """Gradient with respect to the states before a step, given that with respect to the states after it."""
    before = tuple(s.detach().requires_grad_() for s in state)
    along = [(s * v).sum() for s, v in zip(core.step(x_t, before), vectors, strict=True)]
    # Of a number, not along vectors: for those, torch would import its compiler, which takes half a second.
    found = torch.autograd.grad(sum(along[1:], along[0]), before, allow_unused=True)
    return tuple(torch.zeros_like(s) if g is None else g for s, g in zip(before, found, strict=True))


def _by_lag(curve: Float[Tensor, "batch time"], probe: Int[Tensor, " batch"]) -> Float[np.ndarray, "batch lag"]:
    """From time to lag; NaN before the first step of a sequence."""
    time = probe[:, None] - torch.arange(int(probe.max()) + 1)
    return curve.gather(1, time.clamp(min=0)).masked_fill(time < 0, torch.nan).numpy()


def _not_finite(curve: Float[Tensor, "batch time"], probe: Int[Tensor, " batch"]) -> tuple[tuple[int, int], ...]:
    """Where the logarithm is NaN or infinite: a gradient of zero, -inf, is a finite one."""
    broken = (curve.isnan() | (curve == torch.inf)) & (torch.arange(curve.shape[1]) <= probe[:, None])
    last = curve.shape[1] - 1 - broken.flip(1).int().argmax(1)
    return tuple((int(probe[i] - last[i]), i) for i in broken.any(1).nonzero()[:, 0].tolist())
