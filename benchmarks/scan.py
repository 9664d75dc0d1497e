"""The affine scan by a loop against doubling, and cores by their fast path against their own loop: one thread.

python benchmarks/scan.py                 # both tables in Markdown; processor time, forward and backward
"""

import statistics
import time
from collections.abc import Callable

import torch
from torch import Tensor

from seqbench.models import scan
from seqbench.models.base import Core
from seqbench.models.lru import LRU
from seqbench.models.mamba import Mamba
from seqbench.models.mingru import MinGRU
from seqbench.models.minlstm import MinLSTM

LENGTHS = (20, 100, 400, 2000)
#: Numbers of a step: a single sequence of 64 units, up to a batch of 32.
WIDTHS = (64, 512, 1024, 2048)
BATCH, INPUTS, UNITS, ROUNDS = 32, 10, 64, 5


def milliseconds(*ways: Callable[[], Tensor]) -> list[float]:
    """Median processor time of a forward and a backward pass of each way, in turns."""
    taken: list[list[float]] = [[] for _ in ways]
    for _ in range(ROUNDS + 1):
        for way, times in zip(ways, taken, strict=True):
            began = time.process_time()
            torch.autograd.backward(way().sum())
            times.append(1000 * (time.process_time() - began))
    return [statistics.median(times[1:]) for times in taken]


def by(most: int, a: Tensor, b: Tensor) -> Callable[[], Tensor]:
    """The scan by doubling up to so many numbers."""

    def way() -> Tensor:
        scan.FEWEST_PASSES, scan.MOST_BY_DOUBLING = 1, most
        return scan.affine_scan(a, b, torch.zeros_like(b[:, 0]))

    return way


def scans() -> None:
    """Loop against doubling."""
    print("| numbers of a step | steps | loop, ms | doubling, ms |\n|---|---|---|---|")
    for width in WIDTHS:
        for steps in LENGTHS:
            a, b = (torch.rand(1, steps, width, requires_grad=True) for _ in range(2))
            loop, doubling = milliseconds(by(0, a, b), by(2**62, a, b))
            print(f"| {width} | {steps} | {loop:.2f} | {doubling:.2f} |", flush=True)


def cores() -> None:
    """Fast path against the core's own steps."""
    print("\n| core | steps | its own steps, ms | by scan, ms | ratio |\n|---|---|---|---|---|")
    for cls in (MinGRU, MinLSTM, LRU, Mamba):
        core: Core = cls(INPUTS, hidden_size=UNITS)
        for steps in LENGTHS[1:]:
            x = torch.randn(BATCH, steps, INPUTS)
            own, fast = milliseconds(lambda: core.unroll(x, core.initial_state(x))[0], lambda: core(x))  # noqa: B023
            print(f"| {cls.__name__} | {steps} | {own:.1f} | {fast:.1f} | {own / fast:.1f} |", flush=True)


if __name__ == "__main__":
    torch.set_num_threads(1)
    before = scan.FEWEST_PASSES, scan.MOST_BY_DOUBLING
    scans()
    scan.FEWEST_PASSES, scan.MOST_BY_DOUBLING = before
    cores()
