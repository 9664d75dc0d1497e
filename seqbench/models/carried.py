"""How many numbers a model carries from step to step."""

import torch
from torch import nn

from seqbench.models.base import SequenceModel


def numbers_carried(model: SequenceModel, input_size: int) -> int | None:
    """Of one sequence, those of its states that the next step reads; None for a core that states no step.

    An output that no later step reads is none of them, though it is a state of its core. What is read as a place in a
    list, and not as a number (a count of the steps), does not count.
    """
    core, encoder = model.core, model.encoder
    if not core.has_step:
        return None
    width = encoder.embedding_dim if isinstance(encoder, nn.Embedding) else input_size
    x_t = next(model.parameters()).new_zeros(1, width)
    with torch.enable_grad():
        states = [state.detach().clone().requires_grad_() for state in core.initial_state(x_t)]
        after = [state.sum() for state in core.step(x_t, tuple(states)) if state.requires_grad]
        read = torch.autograd.grad(after, states, allow_unused=True) if after else [None] * len(states)
    return sum(state.numel() for state, gradient in zip(states, read, strict=True) if gradient is not None)
