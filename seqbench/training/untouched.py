"""What all runs of a process share, and no component may change."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch

#: How each of these is asked for and set.
SHARED: Mapping[str, tuple[Callable[[], Any], Callable[[Any], Any]]] = {
    "torch's generator": (torch.get_rng_state, torch.set_rng_state),
    "NumPy's generator": (np.random.get_state, np.random.set_state),
    "the default type of numbers": (torch.get_default_dtype, torch.set_default_dtype),
    "the number of threads": (torch.get_num_threads, torch.set_num_threads),
    "whether gradients are recorded": (torch.is_grad_enabled, torch.set_grad_enabled),
}


@contextmanager
def untouched(what: str) -> Iterator[None]:
    """Raises ValueError if the block changes any of it; afterwards it is as it was."""
    before = {name: ask() for name, (ask, _) in SHARED.items()}
    try:
        yield
    finally:
        after = {name: ask() for name, (ask, _) in SHARED.items()}
        changed = [name for name in SHARED if repr_of(before[name]) != repr_of(after[name])]
        for name in changed:
            SHARED[name][1](before[name])
    if changed:
        raise ValueError(f"{what} changes what other runs share: {', '.join(changed)}")


def repr_of(state: Any) -> object:
    """Something that can be compared."""
    if isinstance(state, torch.Tensor):
        return state.tolist()
    if isinstance(state, tuple):
        return tuple(map(repr_of, state))
    return state.tolist() if isinstance(state, np.ndarray) else state
