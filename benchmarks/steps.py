"""What a step costs: each row times two ways of the same work by turns, in a process of its own, on one thread.

python benchmarks/steps.py                # all rows, a table in Markdown
python benchmarks/steps.py nn.GRU 400     # the rows with all of these words in their names

Times are of the processor, which other work on the machine disturbs less; ratios are medians over pairs of trials.
"""

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import NamedTuple

import torch
from torch import nn

from seqbench.gradients.flow import Flow
from seqbench.models.base import Core
from seqbench.models.delta import Delta
from seqbench.models.gru import GRU
from seqbench.models.lru import LRU
from seqbench.models.mamba import Mamba
from seqbench.models.mingru import MinGRU
from seqbench.models.minlstm import MinLSTM
from seqbench.models.mlstm import MLSTM
from seqbench.models.rnn import RNN
from seqbench.models.slstm import SLSTM
from seqbench.planning.make_plan import make_plan
from seqbench.training.fit import Run, build
from seqbench.training.numerics import stated

ARMS = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM, "lstm_chrono": nn.LSTM}
BATCH, RECORD_EVERY = 32, 20
ROUNDS, SECONDS = 15, 0.1

Work = Callable[[], object]


class Row(NamedTuple):
    """`pair` makes the other way and ours, which should be `target` times as fast (None: it is only shown)."""

    name: str
    target: float | None
    pair: Callable[[], tuple[Work, Work]]


def against_layer(cls: type[Core], hidden: int, steps: int) -> tuple[Work, Work]:
    """A core forward and backward, against the layer of PyTorch that has its weights."""
    core, inputs = cls(10, hidden_size=hidden), torch.randn(BATCH, steps, 10)
    gradient = torch.randn(BATCH, steps, hidden)
    return lambda: core.layer(inputs)[0].backward(gradient), lambda: core(inputs).backward(gradient)


def against_loop(cls: type[Core], steps: int) -> tuple[Work, Work]:
    """The fast path of a core forward and backward, against its own steps one by one."""
    core, inputs, gradient = cls(10), torch.randn(BATCH, steps, 10), torch.randn(BATCH, steps, 64)
    begun = core.initial_state(inputs)
    return lambda: core.unroll(inputs, begun)[0].backward(gradient), lambda: core(inputs).backward(gradient)


def slstm(hidden: int, steps: int) -> tuple[Work, Work]:
    """The sLSTM forward and backward, against nn.LSTM."""
    core, layer = SLSTM(10, hidden_size=hidden), nn.LSTM(10, hidden, batch_first=True)
    inputs, gradient = torch.randn(BATCH, steps, 10), torch.randn(BATCH, steps, hidden)
    return lambda: layer(inputs)[0].backward(gradient), lambda: core(inputs).backward(gradient)


def probe(arm: str) -> tuple[Work, Work]:
    """Gradient by lag of two layers at a gap of 100, against that of one."""
    return probing(arm, 1), probing(arm, 2)


def probing(arm: str, layers: int) -> Work:
    """All curves of a probe of `BATCH` sequences."""
    task, model = build(make_plan("task=adding", "task.gap=100", f"model={arm}", f"model.layers={layers}").runs[0])
    batch = task.batch(0, "probe", 0, BATCH)
    return lambda: Flow(model, task, batch).curves()


def training(arm: str, gap: int) -> tuple[Work, Work]:
    """As many steps as are recorded once, against a loop that one would write by hand."""
    return partial(next, bare_loop(arm, gap)), partial(next, seqbench_loop(arm, gap))


def bare_loop(arm: str, gap: int) -> Iterator[None]:
    """On the same data; `RECORD_EVERY` steps a turn."""
    task, _ = build(make_plan("task=adding", f"task.gap={gap}", f"model={arm}").runs[0])
    layer, readout = ARMS[arm](task.input_size, 64, batch_first=True), nn.Linear(64, 1)
    parameters = [*layer.parameters(), *readout.parameters()]
    optimizer = torch.optim.Adam(parameters, lr=3e-3)
    step = 0
    while True:
        step += 1
        batch = task.batch(0, "train", step, BATCH)
        outputs, _ = layer(batch.inputs)
        loss = ((readout(outputs[:, -1])[:, 0] - batch.targets[:, -1]) ** 2).mean()
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        loss.item()
        if step % RECORD_EVERY == 0:
            yield


def seqbench_loop(arm: str, gap: int) -> Iterator[None]:
    """The same steps as `fit` takes them, loss and gradient norms recorded at the default cadence."""
    spec = make_plan("task=adding", f"task.gap={gap}", f"model={arm}", "training.max_steps=1000000").runs[0]
    run = Run(replace(spec, training=replace(spec.training, validate_every=10**6)), *build(spec))
    for _ in run.train():  # an event every RECORD_EVERY steps
        yield


#: How many times as fast as PyTorch's layer, by class, H and T; elsewhere a core must not be slower.
TARGETS = {(RNN, 32, 100): 1.8, (RNN, 64, 100): 1.6, (RNN, 128, 100): 1.3, (GRU, 64, 100): 1.5}
#: How many times as fast as its own steps, by class and T.
BY_STEPS = {
    **{(cls, T): target for cls in (MinGRU, MinLSTM, LRU) for T, target in ((100, 3.0), (400, 6.0), (2000, 10.0))},
    **{(Mamba, T): None for T in (100, 400, 2000)},
    **{(cls, 400): 4.0 for cls in (MLSTM, Delta)},
}
ROWS = [
    *(
        Row(
            f"{RECORD_EVERY} training steps of {arm}, gap {gap}, against a bare loop", None, partial(training, arm, gap)
        )
        for arm in ARMS
        for gap in (10, 100)
    ),
    *(
        Row(
            f"{cls.__name__}, H = {H}, T = {T}, against nn.{cls.__name__}",
            TARGETS.get((cls, H, T), 1.0),
            partial(against_layer, cls, H, T),
        )
        for cls in (RNN, GRU)
        for H in (32, 64, 128)
        for T in (20, 100, 400)
    ),
    *(
        Row(f"{cls.__name__}, T = {T}, against its own steps", target, partial(against_loop, cls, T))
        for (cls, T), target in BY_STEPS.items()
    ),
    *(Row(f"SLSTM, H = {H}, T = 100, against nn.LSTM", 1 / 3, partial(slstm, H, 100)) for H in (64, 128)),
    *(Row(f"probe of two layers of {arm}, against one", 0.5, partial(probe, arm)) for arm in ("rnn", "gru", "lstm")),
]


@stated(0)
def measured(row: Row) -> tuple[float, float, float]:
    """Milliseconds of the other way and of ours, and how many times as fast ours is."""
    other, ours = row.pair()
    ours()
    other()
    turns = max(1, round(SECONDS / seconds(other, 1)))
    trials = [(seconds(other, turns), seconds(ours, turns)) for _ in range(ROUNDS)]
    theirs, own = zip(*trials, strict=True)
    ratio = statistics.median(t / o for t, o in trials)
    return statistics.median(theirs) * 1000, statistics.median(own) * 1000, ratio


def seconds(work: Work, turns: int) -> float:
    """Of the processor, a turn."""
    began = time.process_time()
    for _ in range(turns):
        work()
    return (time.process_time() - began) / turns


def main(*words: str) -> None:
    """The rows whose names have all the words."""
    print("| what | other, ms | seqbench, ms | times as fast | target |\n|---|---|---|---|---|")
    for number, row in enumerate(ROWS):
        if all(word in row.name for word in words):
            command = [sys.executable, __file__, "--row", str(number)]
            other, ours, ratio = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
            target = "" if row.target is None else f"{row.target:.1f}" + ", **missed**" * (ratio < row.target)
            print(f"| {row.name} | {other:.2f} | {ours:.2f} | {ratio:.2f} | {target} |", flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--row"]:
        print(json.dumps(measured(ROWS[int(sys.argv[2])])))
    else:
        main(*sys.argv[1:])
