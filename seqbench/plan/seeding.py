"""One root seed, many independent named streams: nothing in seqbench draws from a global generator."""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch


def _sequence(seed: int, names: tuple[str | int, ...]) -> np.random.SeedSequence:
    """Names become words of a spawn key, so that two streams never share their randomness."""
    key = tuple(zlib.crc32(str(name).encode()) for name in names)
    return np.random.SeedSequence(seed, spawn_key=key)


def generator(seed: int, *names: str | int) -> np.random.Generator:
    """The numpy generator of the stream that `names` describe, e.g. `generator(3, "train", 17)`."""
    return np.random.default_rng(_sequence(seed, names))


@contextmanager
def torch_seeded(seed: int, *names: str | int) -> Iterator[None]:
    """Within the block torch's global generators are at the named stream; afterwards they are as they were.

    They are that of the CPU and, in a process that uses cards, theirs. `torch.manual_seed` would note for cards that
    may be used later where it was called from, which takes a hundred times as long.
    """
    in_use = torch.cuda.is_initialized()  # type: ignore[no-untyped-call]
    cards = range(torch.cuda.device_count()) if in_use else ()
    with torch.random.fork_rng(devices=cards):
        number = int(_sequence(seed, names).generate_state(1, np.uint64)[0] >> 1)
        torch.default_generator.manual_seed(number)
        if cards:
            torch.cuda.manual_seed_all(number)
        yield
