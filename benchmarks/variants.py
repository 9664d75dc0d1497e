"""What variants of a test cost: each in batches of its own, or padded into one forward pass with others.

python benchmarks/variants.py              # agreement and text, a table in Markdown
python benchmarks/variants.py agreement    # this one

Seconds of the processor, on one thread, for drawing and predicting the batches of all variants; medians over trials by
turns. What is done together stands as a factor of that; "most apart" is the largest difference of a variant's loss.
"""

import functools
import statistics
import sys
import time

import torch

from seqbench.models.base import SequenceModel
from seqbench.planning.make_plan import make_plan
from seqbench.tasks.base import Batch, Task, pad
from seqbench.training.build import build
from seqbench.training.numerics import stated

ROUNDS, SEQUENCES, ARMS = 5, (50, 500), ("rnn", "lstm", "mingru")
SETTINGS = {"agreement": ["task.gap=20"], "text": []}
Drawn = list[tuple[int, Task, Batch]]


def drawn(task: Task, sequences: int) -> Drawn:
    """The batches of all variants, those of one length beside one another."""
    of_each = [
        (number, variant, variant.batch(0, "test", index, size))
        for number, (_, variant) in enumerate(task.variants(sequences))
        for index, size in enumerate(variant.sizes("test", sequences))
    ]
    return sorted(of_each, key=lambda one: one[2].inputs.shape[1])


def losses(task: Task, model: SequenceModel, sequences: int, at_once: int) -> list[float]:
    """The mean loss of each variant, so many batches in one forward pass."""
    found: dict[int, list[torch.Tensor]] = {}
    of_all = drawn(task, sequences)
    for part in (of_all[i : i + at_once] for i in range(0, len(of_all), at_once)):
        longest = max(batch.inputs.shape[1] for *_, batch in part)
        padded = [pad(batch, longest) for *_, batch in part]
        outputs = model(torch.cat([b.inputs for b in padded]), torch.cat([b.mask for b in padded]))
        of_each = outputs.split([int(batch.mask.sum()) for *_, batch in part])
        for (number, variant, batch), output in zip(part, of_each, strict=True):
            found.setdefault(number, []).append(variant.loss(output, batch.targets[batch.mask]))
    return [torch.cat(found[number]).mean().item() for number in sorted(found)]


def seconds(work: functools.partial[list[float]]) -> float:
    """Of the processor, for one turn."""
    begun = time.process_time()
    work()
    return time.process_time() - begun


@stated(0)
@torch.inference_mode()
def main(names: list[str]) -> None:
    """A row for each task, arm and number of sequences of a variant."""
    columns = "task", "arm", "sequences", "each apart, s", "four together", "all together", "most apart"
    print(f"| {' | '.join(columns)} |\n{'|---' * len(columns)}|")
    for name, arm in ((name, arm) for name in names or SETTINGS for arm in ARMS):
        task, model = build(make_plan(f"task={name}", f"model={arm}", *SETTINGS[name]).runs[0])
        model.eval()
        for sequences in SEQUENCES:
            ways = [functools.partial(losses, task, model, sequences, at_once) for at_once in (1, 4, sys.maxsize)]
            most = max(abs(a - b) for way in ways for a, b in zip(way(), ways[0](), strict=True))
            trials = [[seconds(way) for way in ways] for _ in range(ROUNDS)]
            apart, four, every = map(statistics.median, zip(*trials, strict=True))
            row = f"{apart:.3f} | {four / apart:.2f} | {every / apart:.2f} | {most:.1g}"
            print(f"| {name} | {arm} | {sequences} | {row} |", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
