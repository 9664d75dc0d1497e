"""What a batch costs: processor time of drawing 32 sequences at gap 100, beside a training step of nn.LSTM on them.

python benchmarks/tasks.py              # every task that has a gap, a table in Markdown
python benchmarks/tasks.py copy group   # these

A batch may cost .3 ms, or 5 % of the step, whichever is more. On one thread; times are medians over trials by turns.
"""

import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from seqbench.config import config_dir
from seqbench.planning.make_plan import make_plan
from seqbench.tasks.base import Task
from seqbench.training.build import build
from seqbench.training.numerics import stated

BATCH, GAP, HIDDEN = 32, 100, 64
ROUNDS, SECONDS = 15, 0.1
MOST_MS, MOST_SHARE = 0.3, 0.05
#: Settings beside the default that a task is drawn with: what costs most of it.
MORE = {
    "adding": ["task.placement=early"],
    "copy": ["task.loss_on=all", "task.load=10"],
    "count": ["task.language=dyck1", "task.load=20", "task.distractors=20"],
    "flip_flop": ["task.loss_on=all", "task.load=8", "task.distractors=20"],
    "group": ["task.group=A5", "task.load=20", "task.loss_on=all"],
    "match": ["task.filler=random", "task.distractors=20"],
    "recall": ["task.loss_on=all", "task.load=8", "task.updates=8", "task.filler=random", "task.distractors=20"],
    "selective_copy": ["task.filler=random", "task.load=16", "task.distractors=50"],
}


def drawing(task: Task) -> Callable[[], object]:
    """Batches of training, one after the other."""
    index = iter(range(1, sys.maxsize))
    return lambda: task.batch(0, "train", next(index), BATCH)


def stepping(task: Task) -> Callable[[], object]:
    """A training step of nn.LSTM with a linear readout, by hand, on one batch."""
    batch = task.batch(0, "train", 0, BATCH)
    layer, readout = nn.LSTM(task.input_size, HIDDEN, batch_first=True), nn.Linear(HIDDEN, task.output_size)
    inputs = torch.nn.Embedding(len(task.words), task.input_size)(batch.inputs).detach() if task.words else batch.inputs
    optimizer = torch.optim.Adam([*layer.parameters(), *readout.parameters()])

    def step() -> None:
        optimizer.zero_grad()
        outputs = readout(layer(inputs)[0][batch.mask])
        task.loss(outputs, batch.targets[batch.mask]).mean().backward()
        optimizer.step()

    return step


def milliseconds(work: Callable[[], object], turns: int) -> float:
    """Of the processor, for one turn."""
    begun = time.process_time()
    for _ in range(turns):
        work()
    return (time.process_time() - begun) / turns * 1000


@stated(0)
def measured(task: Task) -> tuple[float, float]:
    """Of a batch and of a step."""
    pair = drawing(task), stepping(task)
    turns = [max(1, round(SECONDS * 1000 / max(milliseconds(work, 3), 0.01))) for work in pair]
    trials: Any = [[milliseconds(work, n) for work, n in zip(pair, turns, strict=True)] for _ in range(ROUNDS)]
    return tuple(map(statistics.median, zip(*trials, strict=True)))  # type: ignore[return-value]


def main(names: list[str]) -> None:
    """A row for each task as it is by default, and one for what costs most of it."""
    every = sorted(path.stem for path in (config_dir() / "task").glob("*.yaml"))
    print("| task | a batch, ms | a step of nn.LSTM, ms | share | allowed, ms |\n|---|---|---|---|---|")
    for name in names or [name for name in every if name != "text"]:
        for more in ([], *([MORE[name]] if name in MORE else [])):
            task, _ = build(make_plan(f"task={name}", f"task.gap={GAP}", "model=lstm", *more).runs[0])
            batch, step = measured(task)
            most = max(MOST_MS, MOST_SHARE * step)
            told = " ".join([name, *(each.removeprefix("task.") for each in more)])
            missed = ", **missed**" * (batch > most)
            print(f"| {told} | {batch:.3f} | {step:.2f} | {batch / step:.1%} | {most:.2f}{missed} |", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
