"""Where a run is computed: what a name means on this machine, and what makes a card compute the same again.

A process that has used a card cannot be forked any more. So nothing here is called by the driver or by the server that
workers are forked from, but for `executor=serial`, which is to train in the driver.
"""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager

import torch

from seqbench.config import CPU, in_one_line, message

#: What it is called where a card has no more memory, by torch and by the libraries below it.
FULL = ("out of memory", "ALLOC_FAILED")
#: What cuBLAS needs to give the same sums each time, wherever it keeps its intermediate results.
REPEATABLE = {"CUBLAS_WORKSPACE_CONFIG": ":4096:8"}


def device_of(name: str) -> str:
    """The device that is meant: "auto" a card if there is one, "cuda:0" cuda. Raises ValueError without one."""
    if name == "auto":
        return "cuda" if torch.cuda.is_available() else CPU
    try:
        torch.zeros(1, device=name).item()
    except Exception as error:  # each build of torch has its own
        reason = in_one_line(error)
        raise ValueError(f"this torch sees no such device: {reason or type(error).__name__}") from error
    return name.removesuffix(":0")


def card(device: str) -> str:
    """What the card calls itself; empty for the CPU."""
    return "" if device == CPU else torch.cuda.get_device_name(device)


def memory(device: str) -> int:
    """Bytes of a card."""
    return int(torch.cuda.get_device_properties(device).total_memory)


@contextmanager
def computing(device: str) -> Iterator[None]:
    """Within the block a card computes the same numbers again, as far as torch can; afterwards its memory is free.

    Where it knows no way, it warns and goes on. Raises MemoryError, in a line, when the card has no more memory.
    """
    if device == CPU:
        yield
        return
    os.environ.update(REPEATABLE)
    torch.use_deterministic_algorithms(True, warn_only=True)
    try:
        yield
    except RuntimeError as error:
        if not any(mark in message(error) for mark in FULL):
            raise
        raise MemoryError(_told(device, error)) from error
    finally:
        torch.cuda.empty_cache()  # other workers may wait for it


def _told(device: str, error: Exception) -> str:
    """Of what torch says, what was asked for and what there was; its advice is for another kind of program."""
    wanted = re.search(r"[Tt]ried to allocate ([\d.]+ \w+)", message(error))
    what = f" for {wanted[1]} more" if wanted else ""
    return f"{device} has no room{what}: make training.batch_size or model.hidden_size smaller, or have fewer workers"
