"""Nobody's code changes what all runs of a process share: it is put back, and named."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch

from seqbench.training.numerics import GENERATORS, SETTINGS

#: Of Python's generator two equal initialisations say enough, and those of cards are there once a card is used.
UNWATCHED = ("Python's generator", "the generators of cards")
#: How each of the others is asked for and set.
WATCHED = {name: (one.ask, one.put) for name, one in SETTINGS.items()} | {
    name: (ask, put) for name, (ask, put, _) in GENERATORS.items() if name not in UNWATCHED
}


@contextmanager
def put_back() -> Iterator[list[str]]:
    """What the block changes is as it was before, and its names are in the list afterwards."""
    before = {name: ask() for name, (ask, _) in WATCHED.items()}
    changed: list[str] = []
    try:
        yield changed
    finally:
        changed += [name for name, (ask, _) in WATCHED.items() if repr_of(ask()) != repr_of(before[name])]
        for name in changed:
            WATCHED[name][1](before[name])


@contextmanager
def untouched(what: str) -> Iterator[None]:
    """Raises ValueError if the block changes any of it; afterwards it is as it was."""
    with put_back() as changed:
        yield
    if changed:
        raise ValueError(f"{what} changes what other runs share: {', '.join(changed)}")


def repr_of(state: Any) -> object:
    """Something that can be compared."""
    if isinstance(state, torch.Tensor):
        return state.tolist()
    if isinstance(state, tuple):
        return tuple(map(repr_of, state))
    return state.tolist() if isinstance(state, np.ndarray) else state
