"""The contract of a recurrent core, and the shared wrapper that makes it a model of a task."""

from typing import ClassVar

import torch
from jaxtyping import Bool, Float, Shaped
from torch import Tensor, nn

from seqbench.models import families

#: The first is the output h, `[batch, hidden_size]`, the last the memory (h itself, where there is no other). Others
#: than h may have widths of their own. All are flat: a matrix by heads, rows and columns; a complex number is a pair
#: of neighbours, its real and its imaginary part.
State = tuple[Float[Tensor, "batch _"], ...]
#: By name.
Gates = dict[str, Float[Tensor, "batch _"]]

#: Steps of the longest gap beyond that of its training at which a run is tested (`training.hold`), as a rule.
MOST_STEPS = 16_384


class Model:
    """What a file in `conf/model` may name: a `Core`, or an arm that is not trained (`seqbench.models.reference`).

    Raise `version` whenever the equations or the initialisation change.
    """

    version: ClassVar[int] = 1
    #: One of `seqbench.models.families.FAMILIES`.
    family: ClassVar[str] = families.OWN


class Core(Model, nn.Module):
    """A recurrent network without input encoding and readout: the only thing that differs between arms.

    A subclass takes `input_size` and its knobs as annotated keyword-only parameters (see `seqbench.config`), sets
    `hidden_size`, and states its equations in `step`. Parameters whose name contains "weight_hh" or "W_hh" count as
    recurrent in the gradient norms. A core that cannot state a step overrides `forward`; its states cannot be followed,
    so that the gradient is measured with respect to its inputs. With neither, TypeError.

    A fast path may replace `run`, which starts from a state and gives the last one, or `forward`, which starts from
    the initial state and gives none. It must equal the unrolled step to rounding.
    """

    state_names: tuple[str, ...] = ("h",)
    #: The states whose gradient together is told as that of the hidden state: the whole way back. That is h, and where
    #: no later step reads h, the memory beside it.
    hidden_states: tuple[str, ...] = ("h",)
    #: States that only say in which unit others are held, or norm them. Their gradient and its law mean nothing by
    #: themselves: the record has them, reports and traces leave them out.
    auxiliary: tuple[str, ...] = ()
    #: The gate whose product over time is the direct path of the last state (the cell, if there is one). Where it is
    #: narrower than that state, each of its values is for as many neighbours of the state.
    keep_gate: str | None = None
    #: Whether the last state is linear in itself before, and reaches the next step in no other way: the direct path is
    #: then its whole Jacobian, and the gradient by lag is known exactly.
    exact_direct: bool = False
    #: Of what the hidden size has to be a multiple.
    hidden_multiple: int = 1
    #: The longest gap beyond that of its training at which it is tested: less where long sequences cost it too much.
    most_steps: int = MOST_STEPS
    #: The states that the next step reads: all of them, as a rule.
    carried: slice = slice(None)
    hidden_size: int

    def __init__(self) -> None:
        super().__init__()
        if type(self).forward is Core.forward and not self.carries_state:
            raise TypeError(f"{type(self).__name__} states neither `step` nor `forward`: a core needs one of them")

    @property
    def has_step(self) -> bool:
        """Whether it states its equations step by step, so that its states can be followed."""
        return type(self).step is not Core.step

    @property
    def carries_state(self) -> bool:
        """Whether it can go on from a state, as text that is read in windows needs."""
        return self.has_step or type(self).run is not Core.run

    def step(self, x_t: Float[Tensor, "batch input"], state: State) -> State:
        """One step of the recurrence, `h_t = f(h_{t-1}, x_t)`; the first of the states is the output h_t."""
        raise NotImplementedError(f"{type(self).__name__} states no step")

    def gates(self, x_t: Float[Tensor, "batch input"], state: State) -> Gates:
        """The gates that open and close between `state` and the next, by name; none by default."""
        return {}

    def direct(
        self, x_t: Float[Tensor, "batch input"], state: State, vectors: Float[Tensor, "batch memory"]
    ) -> Float[Tensor, "batch memory"]:
        """A gradient of the last state after the step, carried back to `state` by the direct path alone.

        By default that is a multiplication by the keep gate; where it is another operator, this is its transpose.
        """
        keep = self.gates(x_t, state)[str(self.keep_gate)]
        return vectors * keep.repeat_interleave(vectors.shape[-1] // keep.shape[-1], -1)

    def step_bounds(self, after: State) -> dict[str, Float[Tensor, " batch"]]:
        """Upper bounds on the norm of the Jacobian dh_t/dh_{t-1} of the step that led to `after`; none by default."""
        return {}

    def initial_state(self, like: Tensor) -> State:
        """Zeros in the type and place of `like` for each of `state_names`; of `hidden_size` unless a core says else."""
        zeros = like.new_zeros(like.shape[0], self.hidden_size)
        return (zeros,) * len(self.state_names)

    def forward(self, inputs: Float[Tensor, "batch time input"]) -> Float[Tensor, "batch time hidden"]:
        """h after each step, from the initial state on."""
        return self.run(inputs, self.initial_state(inputs))[0]

    def run(
        self, inputs: Float[Tensor, "batch time input"], state: State
    ) -> tuple[Float[Tensor, "batch time hidden"], State]:
        """h after each step, from this state on, and the last state."""
        return self.unroll(inputs, state)

    def unroll(
        self, inputs: Float[Tensor, "batch time input"], state: State, truncate: int | None = None
    ) -> tuple[Float[Tensor, "batch time hidden"], State]:
        """`run`, step by step; with `truncate`, no gradient flows across every so many steps, counted from the last."""
        outputs = []
        for t, x_t in enumerate(inputs.unbind(1)):
            if truncate is not None and (inputs.shape[1] - t) % truncate == 0:
                state = tuple(s.detach() for s in state)
            state = self.step(x_t, state)
            outputs.append(state[0])
        return torch.stack(outputs, 1), state

    def states_along(self, inputs: Float[Tensor, "batch time input"]) -> list[State]:
        """The states before the first step and after each."""
        states = [self.initial_state(inputs)]
        for x_t in inputs.unbind(1):
            states.append(self.step(x_t, states[-1]))
        return states

    def gates_along(self, inputs: Float[Tensor, "batch time input"], states: list[State]) -> list[Gates]:
        """Those of each step; `states` as `states_along` gives them."""
        return [self.gates(x_t, before) for x_t, before in zip(inputs.unbind(1), states[:-1], strict=True)]


class SequenceModel(nn.Module):
    """encoder -> core -> readout: only the core differs between arms.

    The encoder follows from the task's input (see `encoder`). The readout is linear, and applied only where there is a
    loss. Dropout before and after the core, not inside it (Zaremba, Sutskever & Vinyals 2014).
    """

    def __init__(self, core: Core, output_size: int, encoder: nn.Module | None = None, dropout: float = 0.0) -> None:
        super().__init__()
        self.encoder = encoder or nn.Identity()
        self.core = core
        self.readout = nn.Linear(core.hidden_size, output_size)
        self.dropout = nn.Dropout(dropout)

    def forward(
        self,
        inputs: Shaped[Tensor, "batch time *features"],
        mask: Bool[Tensor, "batch time"],
        truncate: int | None = None,
    ) -> Float[Tensor, "scored output"]:
        """Outputs at the positions of `mask`, sequence by sequence, from the initial state on; see `Core.unroll`."""
        if truncate is None:
            return self._read_out(self.hidden(inputs), mask)
        encoded = self.dropout(self.encoder(inputs))
        return self._read_out(self.core.unroll(encoded, self.core.initial_state(encoded), truncate)[0], mask)

    def hidden(self, inputs: Shaped[Tensor, "batch time *features"]) -> Float[Tensor, "batch time hidden"]:
        """What the readout may read after each step, from the initial state on."""
        hidden: Tensor = self.core(self.dropout(self.encoder(inputs)))
        return hidden

    def go_on(
        self,
        inputs: Shaped[Tensor, "batch time *features"],
        mask: Bool[Tensor, "batch time"],
        state: State | None,
        truncate: int | None = None,
    ) -> tuple[Float[Tensor, "scored output"], State]:
        """The same from a state on (None: the initial one), with the last state, through which no gradient flows."""
        encoded = self.dropout(self.encoder(inputs))
        state = self.core.initial_state(encoded) if state is None else state
        hidden, last = self.core.run(encoded, state) if truncate is None else self.core.unroll(encoded, state, truncate)
        return self._read_out(hidden, mask), tuple(s.detach() for s in last)

    def _read_out(
        self, hidden: Float[Tensor, "batch time hidden"], mask: Bool[Tensor, "batch time"]
    ) -> Float[Tensor, "scored output"]:
        outputs: Tensor = self.readout(self.dropout(hidden[mask]))
        return outputs

    def freeze_core(self) -> None:
        """Leave only the readout to be trained. The encoder stays too: what it learns would come back through time."""
        self.encoder.requires_grad_(False)
        self.core.requires_grad_(False)

    @property
    def device(self) -> torch.device:
        """Where it computes, and where its batches have to be."""
        return self.readout.weight.device

    @property
    def num_parameters(self) -> int:
        """All of them, whether they are trained or not."""
        return sum(parameter.numel() for parameter in self.parameters())


def encoder(words: tuple[str, ...] | None, width: int) -> nn.Module:
    """Numbers go to the core as they are; places in a vocabulary become learned vectors `width` wide."""
    return nn.Identity() if words is None else nn.Embedding(len(words), width)


def initialise_recurrent(weight: Float[Tensor, "rows hidden"], how: str) -> None:
    """Overwrite each square block of a recurrent matrix in place.

    "uniform" leaves PyTorch's U(-1/sqrt(H), 1/sqrt(H)); "orthogonal" after Saxe et al. 2014; "identity" after Le,
    Jaitly & Hinton 2015.
    """
    for block in weight.chunk(weight.shape[0] // weight.shape[1]):
        if how == "orthogonal":
            nn.init.orthogonal_(block)
        elif how == "identity":
            nn.init.eye_(block)
