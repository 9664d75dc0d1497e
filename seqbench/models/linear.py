"""What the cores share whose memory is linear in itself before: their step, their fast path, their direct path."""

import torch
from jaxtyping import Float, Inexact
from torch import Tensor

from seqbench.models.base import Core, State
from seqbench.models.scan import affine_scan

#: Numbers of the memory over which a scan goes at once: on a processor as many as stay in its cache, on a card as many
#: as leave room for what else is computed of them.
AT_ONCE, AT_ONCE_ON_A_CARD = 2**18, 2**26

#: What a core makes of its inputs before it meets its memory, `[..., _]` each.
Seen = tuple[Tensor, ...]


class LinearCore(Core):
    """m_t = a(x_t) m_{t-1} + b(x_t), elementwise, and h_t = read(m_t, x_t); real, or with `is_complex` complex.

    A subclass states `see`, `affine` and `read`, which work on one step and on all. Neither a nor b may depend on the
    memory: then the direct path, the product of all a, is the whole Jacobian of the memory. A core whose output is its
    memory has the one state h; the others have a second one, of `memory_size` numbers.
    """

    exact_direct = True
    is_complex = False
    memory_size: int

    def see(self, x: Float[Tensor, "*steps input"]) -> Seen:
        """What `affine` and `read` need of the inputs; the inputs themselves by default."""
        return (x,)

    def affine(self, *seen: Tensor) -> tuple[Inexact[Tensor, "*#steps _"], Inexact[Tensor, "*steps _"]]:
        """a and b; where a is the same for all steps and sequences, it may have lengths of one there."""
        raise NotImplementedError

    def read(self, memory: Inexact[Tensor, "*steps _"], *seen: Tensor) -> Float[Tensor, "*steps hidden"]:
        """h; the memory itself by default."""
        return memory

    def initial_state(self, like: Tensor) -> State:
        """Zeros."""
        h = like.new_zeros(len(like), self.hidden_size)
        return (h, like.new_zeros(len(like), self.memory_size))[: len(self.state_names)]

    def step(self, x_t: Float[Tensor, "batch input"], state: State) -> State:
        """One step of the equations of the subclass."""
        seen = self.see(x_t)
        a, b = self.affine(*seen)
        return self._states(memory := a * self._memory(state) + b, self.read(memory, *seen))

    def run(
        self, inputs: Float[Tensor, "batch time input"], state: State
    ) -> tuple[Float[Tensor, "batch time hidden"], State]:
        """By `affine_scan`; in parts where the memory of all steps is large."""
        hidden = []
        for part in torch.split(by_time(inputs), self.steps_at_once(inputs)):
            seen = self.see(part)
            memory = affine_scan(*self.affine(*seen), self._memory(state))
            hidden.append(self.read(memory, *seen))
            state = self._states(memory[-1], hidden[-1][-1])
        return torch.cat(hidden).transpose(0, 1), state

    def steps_at_once(self, inputs: Float[Tensor, "batch time input"]) -> int:
        """Of how many steps the memory may be there at once."""
        numbers = AT_ONCE if inputs.device.type == "cpu" else AT_ONCE_ON_A_CARD
        return max(1, numbers // max(1, len(inputs) * self.memory_size))

    def _memory(self, state: State) -> Inexact[Tensor, "batch _"]:
        return _as_complex(state[-1]) if self.is_complex else state[-1]

    def _states(self, memory: Inexact[Tensor, "batch _"], h: Float[Tensor, "batch hidden"]) -> State:
        flat = _as_pairs(memory) if self.is_complex else memory
        return (h, flat)[: len(self.state_names)]

    def direct(
        self, x_t: Float[Tensor, "batch input"], state: State, vectors: Float[Tensor, "batch memory"]
    ) -> Float[Tensor, "batch memory"]:
        """Times a, or its conjugate: for pairs of numbers, that is the transpose of the product."""
        a, _ = self.affine(*self.see(x_t))
        return _as_pairs(a.conj() * _as_complex(vectors)) if self.is_complex else a * vectors


def by_time(inputs: Float[Tensor, "batch time input"]) -> Float[Tensor, "time batch input"]:
    """Time first, so that a step is contiguous."""
    return inputs.transpose(0, 1).contiguous()


def _as_complex(pairs: Float[Tensor, "batch _"]) -> Inexact[Tensor, "batch _"]:
    return torch.view_as_complex(pairs.reshape(len(pairs), -1, 2))


def _as_pairs(values: Inexact[Tensor, "batch _"]) -> Float[Tensor, "batch _"]:
    return torch.view_as_real(values).flatten(-2)
