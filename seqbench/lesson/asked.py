"""Networks asked again: what they answer to the first sequences of their test."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from seqbench.lesson.by_hand import Form, right
from seqbench.models.base import SequenceModel
from seqbench.record.saved import SavedModel
from seqbench.tasks.base import Batch

LOOKED_AT = 100
"""Sequences of the test that are asked again, if it has as many."""


@dataclass(frozen=True)
class Answers:
    """What a network said to each sequence, and what was due."""

    said: list[str]
    due: list[str]
    right: list[bool]
    first: list[bool]
    """Whether it was right where it was asked first: of a sequence with several answers, the others do not count."""


def first_of_test(saved: SavedModel) -> Batch:
    """The first sequences of the test of a run, padded to one length if they have several."""
    size = saved.task.sizes("test", saved.spec.training.test_sequences)[0]
    batch = saved.task.batch(saved.spec.seed, "test", 0, size)
    return Batch(*(part[:LOOKED_AT] for part in batch))


def answers(saved: SavedModel, form: Form) -> Answers:
    """Of a network to the first sequences of its test."""
    batch = first_of_test(saved)
    due = [targets[asked] for targets, asked in zip(batch.targets, batch.mask, strict=True)]
    pairs = list(zip(_outputs(saved.model, batch), due, strict=True))
    said = [(form.answer(one), form.answer(other)) for one, other in pairs]
    first = [right(form.answer(one[:1]), form.answer(other[:1]), form) for one, other in pairs]
    return Answers([one for one, _ in said], [other for _, other in said], [right(*pair, form) for pair in said], first)


@torch.no_grad()
def _outputs(model: SequenceModel, batch: Batch) -> Sequence[Tensor]:
    """Those of each sequence."""
    outputs: Tensor = model(batch.inputs, batch.mask)
    return torch.split(outputs, batch.mask.sum(1).tolist())
