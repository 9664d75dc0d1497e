"""Training on the default text with 128 units, against the bare PyTorch loop on the same windows: one thread.

python benchmarks/words.py        # words a second of both, and their ratio, a table in Markdown
"""

import statistics
import time
from collections.abc import Iterator
from dataclasses import replace

import torch
from torch import nn

from seqbench.plan import RunSpec
from seqbench.planning.make_plan import make_plan
from seqbench.training.fit import Run, build
from seqbench.training.numerics import stated

ARMS = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}
UNITS, ROWS, ROUNDS, STEPS = 128, 20, 15, 20


def bare_loop(arm: str) -> Iterator[None]:
    """What one would write by hand; a step per `next`."""
    task, _ = build(_spec(arm))
    words = len(task.words or ())
    embedding, layer = nn.Embedding(words, task.input_size), ARMS[arm](task.input_size, UNITS, batch_first=True)
    readout = nn.Linear(UNITS, words)
    parameters = [*embedding.parameters(), *layer.parameters(), *readout.parameters()]
    optimizer, state, step = torch.optim.Adam(parameters, lr=3e-3), None, 0
    while True:
        step += 1
        batch = task.batch(0, "train", step, ROWS)
        hidden, state = layer(embedding(batch.inputs), state if task.continues("train", step, ROWS) else None)
        state = tuple(s.detach() for s in state) if isinstance(state, tuple) else state.detach()
        loss = nn.functional.cross_entropy(readout(hidden).flatten(0, 1), batch.targets.flatten())
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        loss.item()
        yield


def seqbench_loop(arm: str) -> Iterator[None]:
    """The same steps as `fit` takes them, an event every STEPS steps."""
    spec = _spec(arm)
    for _ in Run(spec, *build(spec)).train():
        yield


def _spec(arm: str) -> RunSpec:
    typed = ["task=text", f"model={arm}", f"model.hidden_size={UNITS}", f"training.batch_size={ROWS}"]
    spec = make_plan(*typed, "training.max_steps=1000000", f"training.record_every={STEPS}").runs[0]
    return replace(spec, training=replace(spec.training, validate_every=10**6))


def words_a_second(loop: Iterator[None], events: int) -> float:
    """Over STEPS steps, for which the loop yields so many times."""
    began = time.perf_counter()
    for _ in range(events):
        next(loop)
    return STEPS * ROWS * 35 / (time.perf_counter() - began)


@stated(0)
def main() -> None:
    """A row per arm; both loops by turns."""
    print("| arm | bare loop, words/s | seqbench, words/s | ratio of times, median of pairs |\n|---|---|---|---|")
    for arm in ARMS:
        bare, ours = bare_loop(arm), seqbench_loop(arm)
        pairs = [(words_a_second(bare, STEPS), words_a_second(ours, 1)) for _ in range(ROUNDS + 2)][2:]
        by_hand, here = (statistics.median(side) for side in zip(*pairs, strict=True))
        print(f"| {arm} | {by_hand:,.0f} | {here:,.0f} | {statistics.median(b / o for b, o in pairs):.2f} |")


if __name__ == "__main__":
    main()
