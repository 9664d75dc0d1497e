"""Tasks whose gap, load and distractors are three knobs that do not touch one another."""

import itertools
from collections.abc import Iterable
from typing import Annotated, Literal

from annotated_types import Ge

from seqbench.events import Baseline
from seqbench.tasks.classification import Classification

Distractors = Annotated[int, Ge(0)]
#: What is shown where there is no evidence: nothing, or something that is drawn anew for each step.
Filler = Literal["blank", "random"]
#: Positions with a loss in training; what decides is the same.
LossOn = Literal["asked", "all"]


class Spaced(Classification):
    """`load` pieces of evidence with `distractors` among them, then the gap, then what is asked.

    The last piece stands exactly `gap` steps before the first answer. Distractors stand before or between the pieces,
    at places drawn at random, so that they make no gap longer.
    """

    def __init__(self, gap: int, load: int, distractors: int, min_gap: int | None) -> None:
        super().__init__(gap, load, min_gap)
        self.distractors = distractors

    @property
    def evidence_lag(self) -> int:
        return self.gap + self.load - 1


def ranked(found: Iterable[Baseline]) -> tuple[Baseline, ...]:
    """From the highest loss downwards; those of one loss, which a test cannot tell apart, under one name."""
    alike = itertools.groupby(sorted(found, key=lambda b: -b.loss), lambda b: round(b.loss, 12))
    groups = [list(group) for _, group in alike]
    return tuple(Baseline(", or ".join(b.name for b in group), group[0].loss, group[0].score) for group in groups)
