"""A training step of each arm against the bare PyTorch loop for the same model: one process per case, one thread.

python benchmarks/steps.py                # all cases, a table in Markdown
python benchmarks/steps.py rnn 100        # one case, in this process: milliseconds of both, as JSON
"""

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace

import torch
from torch import nn

from seqbench.planning.make_plan import make_plan
from seqbench.training.fit import Run, build
from seqbench.training.numerics import stated

ARMS = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM, "lstm_chrono": nn.LSTM}
GAPS = (10, 100)
ROUNDS, STEPS, RECORD_EVERY = 15, 40, 20


def bare_loop(arm: str, gap: int) -> Iterator[None]:
    """What one would write by hand, on the same data; a step per `next`."""
    task, _ = build(make_plan("task=adding", f"task.gap={gap}", f"model={arm}").runs[0])
    layer, readout = ARMS[arm](task.input_size, 64, batch_first=True), nn.Linear(64, 1)
    parameters = [*layer.parameters(), *readout.parameters()]
    optimizer = torch.optim.Adam(parameters, lr=3e-3)
    step = 0
    while True:
        step += 1
        batch = task.batch(0, "train", step, 32)
        outputs, _ = layer(batch.inputs)
        loss = ((readout(outputs[:, -1])[:, 0] - batch.targets[:, -1]) ** 2).mean()
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        loss.item()
        yield


def seqbench_loop(arm: str, gap: int) -> Iterator[None]:
    """The same steps as `fit` takes them, loss and gradient norms recorded at the default cadence."""
    spec = make_plan("task=adding", f"task.gap={gap}", f"model={arm}", "training.max_steps=1000000").runs[0]
    run = Run(replace(spec, training=replace(spec.training, validate_every=10**6)), *build(spec))
    for _ in run.train():  # an event every RECORD_EVERY steps
        yield


@stated(0)
def case(arm: str, gap: int) -> dict[str, float]:
    """Both loops by turns; medians, and the median of the ratios pair by pair."""
    bare, ours = bare_loop(arm, gap), seqbench_loop(arm, gap)
    pairs = [(milliseconds(bare, STEPS), milliseconds(ours, STEPS // RECORD_EVERY)) for _ in range(ROUNDS + 2)][2:]
    return {
        "bare": statistics.median(b for b, _ in pairs),
        "seqbench": statistics.median(s for _, s in pairs),
        "ratio": statistics.median(s / b for b, s in pairs),
    }


def milliseconds(loop: Iterator[None], turns: int) -> float:
    """Mean time of an optimiser step; the loop takes `STEPS` of them in so many turns."""
    began = time.perf_counter()
    for _ in range(turns):
        next(loop)
    return (time.perf_counter() - began) / STEPS * 1000


def main() -> None:
    """All cases, each in a process of its own."""
    print("| arm | gap | bare PyTorch, ms a step | seqbench, ms a step | ratio |\n|---|---|---|---|---|")
    for arm in ARMS:
        for gap in GAPS:
            command = [sys.executable, __file__, arm, str(gap)]
            found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
            print(
                f"| {arm} | {gap} | {found['bare']:.2f} | {found['seqbench']:.2f} | {found['ratio']:.2f} |", flush=True
            )


if __name__ == "__main__":
    if len(sys.argv) == 3:
        print(json.dumps(case(sys.argv[1], int(sys.argv[2]))))
    else:
        main()
