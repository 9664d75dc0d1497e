"""A training step of each arm on a device, against PyTorch's own layers there: milliseconds, by width and length.

python benchmarks/device.py --json device.json                       # on a card: every trained arm of conf/model
python benchmarks/device.py --arms lstm,gru --device cpu --hidden 16 --steps 20

A step is forward, backward, clipping and Adam on one batch of 32 sequences of the adding task that lies on the device.
It is synchronised before and after; a cell has the median of as many steps as fit into its share of the time, three at
least. A cell whose first step takes longer than all that may be spent on it is "-", with what that step took below.
"""

import argparse
import json
import statistics
import time
from collections.abc import Callable, Iterator

import torch
import yaml
from torch import nn

from seqbench.config import config_dir, load_class
from seqbench.models.base import Core, Model, SequenceModel, State
from seqbench.plan import seeding
from seqbench.planning.make_plan import make_plan
from seqbench.tasks.base import Batch
from seqbench.terminal import Parser
from seqbench.training.build import build
from seqbench.training.device import card, computing, device_of
from seqbench.training.numerics import stated

LAYERS = {"nn.RNN": nn.RNN, "nn.GRU": nn.GRU, "nn.LSTM": nn.LSTM}
BATCH, FEWEST, MOST = 32, 3, 50
#: Seconds that a first step may take to be measured at all.
LONGEST = 3.0


class Layer(Core):
    """One of PyTorch's own, as it comes."""

    def __init__(self, cls: type[nn.RNNBase], input_size: int, hidden_size: int) -> None:
        super().__init__()
        self.hidden_size, self.layer = hidden_size, cls(input_size, hidden_size, batch_first=True)

    def run(self, inputs: torch.Tensor, state: State) -> tuple[torch.Tensor, State]:
        return self.layer(inputs)[0], state


def trained_arms() -> list[str]:
    """Those of conf/model with a width to set that take sequences of any length."""
    files = {path.stem: yaml.safe_load(path.read_text()) for path in sorted((config_dir() / "model").glob("*.yaml"))}
    return [
        name
        for name, settings in files.items()
        if issubclass(load_class(settings["_target_"], Model), Core)
        and "hidden_size" in settings
        and "length" not in settings
    ]


def made(
    name: str, hidden: int, steps: int
) -> tuple[SequenceModel, Callable[[torch.Tensor, torch.Tensor], torch.Tensor], Batch]:
    """A model, the loss of its task and a batch of it."""
    arm = "rnn" if name in LAYERS else name
    spec = make_plan("task=adding", f"task.gap={steps - 10}", f"model={arm}", f"model.hidden_size={hidden}").runs[0]
    task, model = build(spec)
    if name in LAYERS:
        with seeding.torch_seeded(0, name):
            model = SequenceModel(Layer(LAYERS[name], task.input_size, hidden), task.output_size)
    assert isinstance(model, SequenceModel)
    return model, task.loss, task.batch(0, "train", 1, BATCH)


def training_steps(name: str, hidden: int, steps: int, device: str) -> Iterator[float]:
    """The seconds of one training step after the other."""
    model, loss_of, batch = made(name, hidden, steps)
    model, batch = model.to(device).train(), batch.to(torch.device(device))
    targets, optimizer = batch.targets[batch.mask], torch.optim.Adam(model.parameters(), lr=1e-3)
    while True:
        synchronise(device)
        began = time.perf_counter()
        loss = loss_of(model(batch.inputs, batch.mask), targets).mean()
        optimizer.zero_grad()
        torch.autograd.backward(loss)
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        synchronise(device)
        yield time.perf_counter() - began


def synchronise(device: str) -> None:
    """Wait for what a card was given to do."""
    if device != "cpu":
        torch.cuda.synchronize(device)


def cell(name: str, hidden: int, steps: int, device: str, seconds: float) -> dict[str, object]:
    """The median of a cell, in milliseconds, or why there is none."""
    found: dict[str, object] = {"arm": name, "hidden_size": hidden, "steps": steps}
    if not seconds:
        return found | {"ms": None, "why": "no time was left"}
    try:
        with stated(0), computing(device):
            return found | measured(training_steps(name, hidden, steps, device), seconds)
    except Exception as error:  # an arm that fails does not keep the others from being measured
        return found | {"ms": None, "why": f"{type(error).__name__}: {error}".partition("\n")[0][:200]}


def measured(taking: Iterator[float], seconds: float) -> dict[str, object]:
    """The median after a warm-up, which begins with libraries and kernels that are loaded once."""
    began, first = time.perf_counter(), next(taking)
    second = next(taking) if first < LONGEST else first
    if second > min(LONGEST, seconds):
        return {"ms": None, "why": f"a step takes {second:.1f} s"}
    times: list[float] = []
    while len(times) < FEWEST or (len(times) < MOST and time.perf_counter() - began < seconds):
        times.append(next(taking))
    return {"ms": statistics.median(times) * 1000, "fastest": min(times) * 1000, "measured": len(times)}


def row(cells: list[dict[str, object]]) -> str:
    """Of an arm, in Markdown."""
    told = [f"{one['ms']:.2f}" if one["ms"] is not None else "-" for one in cells]
    return f"| {cells[0]['arm']} | {' | '.join(told)} |"


def main() -> None:
    """A row for each arm as it is done, then what could not be measured."""
    asked = options()
    device, widths, lengths = asked.device, asked.hidden, asked.steps
    arms = [*LAYERS, *(asked.arms.split(",") if asked.arms else trained_arms())]
    sizes = [(hidden, steps) for hidden in widths for steps in lengths]
    share = asked.seconds / (len(arms) * len(sizes))
    print(f"{card(device) or 'CPU'}, torch {torch.__version__}, batch {BATCH}, milliseconds a training step\n")
    print(
        f"| arm | {' | '.join(f'H = {hidden}, T = {steps}' for hidden, steps in sizes)} |\n|{'---|' * (len(sizes) + 1)}"
    )
    found: list[dict[str, object]] = []
    ends = time.perf_counter() + asked.seconds
    for arm in arms:
        cells = [
            cell(arm, hidden, steps, device, share if time.perf_counter() < ends else 0) for hidden, steps in sizes
        ]
        found += cells
        print(row(cells), flush=True)
        if asked.json:
            about = {"device": device, "card": card(device), "torch": torch.__version__, "batch": BATCH}
            with open(asked.json, "w") as file:  # noqa: PTH123
                json.dump({**about, "cells": found}, file, indent=1)
    for one in found:
        if one["ms"] is None:
            print(f"- {one['arm']}, H = {one['hidden_size']}, T = {one['steps']}: {one['why']}")


def options() -> argparse.Namespace:
    """What was typed."""
    parser = Parser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", type=there, default="cuda")
    parser.add_argument("--arms", default="", help="names of files of conf/model, with commas; all that are trained")
    parser.add_argument("--hidden", type=numbers, default="64,512")
    parser.add_argument("--steps", type=numbers, default="100,1000", help="of a sequence, 11 at least")
    parser.add_argument("--seconds", type=float, default=240.0, help="for all cells together, nearly")
    parser.add_argument("--json", default="", help="a file for all numbers")
    return parser.parse_args()


def there(name: str) -> str:
    """A device of this machine."""
    try:
        return device_of(name)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{name}: {error}") from error


def numbers(text: str) -> list[int]:
    """ "64,512" """
    return [int(part) for part in text.split(",")]


if __name__ == "__main__":
    main()
