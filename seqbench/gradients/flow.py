"""The gradient by lag: how much of it there is, so many steps back through time."""

import copy
import math
from functools import cached_property

import torch
from jaxtyping import Float
from torch import Tensor

from seqbench.events import EXACT, HIDDEN, INPUTS
from seqbench.gradients.curve import LagCurve
from seqbench.gradients.theory import Onset, apart, exact_by_time, theory_by_time, timescales
from seqbench.models.base import Core, Gates, SequenceModel, State
from seqbench.tasks.base import Batch, Task


class Flow:
    """Gradient of the loss at one position, `Task.probed`, with respect to each earlier state; and theory.

    A loss at every step would inject fresh gradient everywhere and hide the decay. The vector-Jacobian product is
    taken step by step through `Core.step` in float64 and rescaled to length one after each, its logarithm kept, so
    that no lag underflows. States s_t = (h_t, c_t) are nodes of the graph as `step` returns them: dL/dc_t is what
    reaches the loss through c_(t+1), so it is zero at lag 0.

    A frozen core is followed like any other: its states have a gradient, though its parameters are not trained.
    All of it is computed on the CPU, wherever the model is trained: not every device has float64, one measure holds for
    all, and products this small one after the other are what a device speeds up least.
    A core that states no step is followed through the gradient with respect to its inputs, in float64 without
    rescaling: zero below 1e-308.
    """

    def __init__(self, model: SequenceModel, task: Task, batch: Batch) -> None:
        self.model = copy.deepcopy(model).cpu().double().eval().requires_grad_()
        self.task, self.batch = task, batch
        self.inputs, self.probe = encoded(self.model, batch), task.probed(batch)
        self.follows_states = self.model.core.has_step
        self.states = unroll(self.model.core, self.inputs) if self.follows_states else []

    def curves(self) -> list[LagCurve]:
        """The measured gradients, then the bounds and direct paths that the core has."""
        return [*self.gradients(), *(self.theory() if self.follows_states else [])]

    def gradients(self) -> list[LagCurve]:
        """One curve for each state of the core, relative to |dL/dh_T|; for "inputs" where it states no step.

        That of "h" is of all `Core.hidden_states` together: in a stack the whole way back, whichever layer it leads
        through.
        """
        if not self.follows_states:
            return self._by_lag({INPUTS: self._of_inputs()})
        measured = dict(zip(self.model.core.state_names, self._measured[0], strict=True))
        hidden = [measured[name] for name in self.model.core.hidden_states]
        if len(hidden) > 1:
            measured[HIDDEN] = _log10_of_all(torch.stack(hidden))
        return self._by_lag({name: self._relative(norms) for name, norms in measured.items()})

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
        curves = theory_by_time(core, self.gates, self.states, self.probe)
        return self._by_lag(curves | ({EXACT: self._relative(self._exact)} if core.exact_direct else {}))

    @cached_property
    def _exact(self) -> Float[Tensor, "batch time"]:
        return exact_by_time(self.model.core, self.inputs, self.states, self._measured[1])

    def apart(self) -> float:
        """Decades between the measured gradient of the memory and the exact one at most; see `theory.apart`."""
        return apart(self._measured[0][-1], self._exact, self.probe)

    def timescales(self) -> dict[int | None, Float[Tensor, " hidden"]]:
        """See `seqbench.gradients.theory.timescales`."""
        return timescales(self.model.core, self.gates, self.batch.lengths)

    @cached_property
    @torch.no_grad()
    def gates(self) -> list[Gates]:
        """Those of each step; none where the core states no step."""
        return self.model.core.gates_along(self.inputs, self.states) if self.follows_states else []

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
            log_norms[:, :, t] = log_scale + torch.stack([v.norm(dim=-1) for v in vectors]).log10()
            onset.see(t, vectors[-1], log_scale)
            vectors = pull_back(self.model.core, self.inputs[:, t], states[t], vectors)
        return log_norms, onset

    def _by_lag(self, curves: dict[str, Float[Tensor, "batch time"]]) -> list[LagCurve]:
        return [LagCurve.of(name, curve, self.probe) for name, curve in curves.items()]


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
    return core.states_along(inputs)


def _log10_of_all(log_norms: Float[Tensor, "parts batch time"]) -> Float[Tensor, "batch time"]:
    """log10 of the norm of all parts together, without under- or overflow."""
    return torch.logsumexp(2 * math.log(10) * log_norms, 0) / (2 * math.log(10))


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
    whole = torch.cat(vectors, -1)
    norm = whole.norm(dim=-1)
    divisor = torch.where(norm > 0, norm, 1.0)
    parts = torch.split(whole / divisor[:, None], [v.shape[-1] for v in vectors], -1)
    return parts, log_scale + divisor.log10()


def pull_back(core: Core, x_t: Tensor, state: State, vectors: State) -> State:
    """Gradient with respect to the states before a step, given that with respect to the states after it."""
    before = tuple(s.detach().requires_grad_() for s in state)
    # Of a number, not along vectors: for those, torch would import its compiler, which takes half a second.
    along = (torch.cat(core.step(x_t, before), -1) * torch.cat(vectors, -1)).sum()
    found = torch.autograd.grad(along, before, allow_unused=True)
    return tuple(torch.zeros_like(s) if g is None else g for s, g in zip(before, found, strict=True))
