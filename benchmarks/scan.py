"""The affine scan by a loop against doubling, on one thread.

python benchmarks/scan.py                 # a table in Markdown; processor time, forward and backward
"""

import statistics
import time
from collections.abc import Callable

import torch
from torch import Tensor

from seqbench.models import scan

LENGTHS = (20, 100, 400, 2000)
#: Numbers of a step: a single sequence of 64 units, up to a batch of 32.
WIDTHS = (64, 512, 1024, 2048)
ROUNDS = 5


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
        return scan.affine_scan(a, b, torch.zeros_like(b[0]))

    return way


def scans() -> None:
    """Loop against doubling."""
    print("| numbers of a step | steps | loop, ms | doubling, ms |\n|---|---|---|---|")
    for width in WIDTHS:
        for steps in LENGTHS:
            a, b = (torch.rand(steps, 1, width, requires_grad=True) for _ in range(2))
            loop, doubling = milliseconds(by(0, a, b), by(2**62, a, b))
            print(f"| {width} | {steps} | {loop:.2f} | {doubling:.2f} |", flush=True)


if __name__ == "__main__":
    torch.set_num_threads(1)
    scans()
