"""How a task is shown to a person, who answers it by hand."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor

from seqbench import wording
from seqbench.tasks.adding import ALLOWED, Adding
from seqbench.tasks.base import Batch, Task
from seqbench.tasks.copy import BLANK, SYMBOLS, Copy

LETTERS = "abcdefgh.!"
"""Of the copy task: its symbols, the blank, the go signal."""


@dataclass(frozen=True)
class Form:
    """How sequences of a task are shown and answered."""

    rule: str
    """What is to be done, for somebody who has never seen the task."""
    how: str
    """What is to be typed."""
    waits: Callable[[Task], str]
    """What the gap of a task counts, and for how long something has to be remembered."""
    asked: str
    """What is to be said at the question that is asked first."""
    steps: Callable[[Batch], list[str]]
    """What a batch of one sequence shows, step by step, up to where the answer is due."""
    answer: Callable[[Tensor], str]
    """Targets, or what a network says in their place, as text."""
    allowed: float = 0.0
    """How far a number may be off."""


def _copy_waits(task: Task) -> str:
    go, blanks = LETTERS[BLANK + 1], wording.plural(task.gap - 1, "blank")
    comes = "comes" if task.gap == 2 else "come"
    return (
        f"At gap {task.gap}, the sign “{go}” comes {wording.plural(task.gap, 'step')} after the last letter, so that "
        f"{blanks} {comes} between. The first letter is needed {wording.plural(task.evidence_lag, 'step')} after it "
        f"was seen."
    )


def _adding_waits(task: Task) -> str:
    return (
        f"At gap {task.gap}, the first number with a star comes {wording.plural(task.gap, 'step')} or a few more "
        f"before the last step, at which the sum is due."
    )


def _values(batch: Batch) -> list[str]:
    return [f"{value:.2f}{'*' if marked else ''}" for value, marked in batch.inputs[0].tolist()]


def _letters(batch: Batch) -> list[str]:
    shown = "".join(LETTERS[i] for i in batch.inputs[0].argmax(-1).tolist())
    return list(shown[: int(batch.mask[0].int().argmax()) + 1])


def _numbers(values: Tensor) -> str:
    return f"{float(values.flatten()[0]):.2f}"


def _symbols(values: Tensor) -> str:
    places = values.argmax(-1) if values.ndim > 1 else values
    return "".join(LETTERS[int(place)] for place in places)


FORMS: dict[type[Task], Form] = {
    Adding: Form(
        "Numbers between 0 and 1 go by, one at each step. A star marks some of them. After the last step, say the sum "
        "of those with a star.",
        f"Type the sum. It counts as right if it is less than {math.sqrt(ALLOWED):g} off.",
        _adding_waits,
        "the sum",
        _values,
        _numbers,
        math.sqrt(ALLOWED),
    ),
    Copy: Form(
        f"Letters from {LETTERS[0]} to {LETTERS[SYMBOLS - 1]} go by, one at each step; then a wait, in which only "
        f"blanks ({LETTERS[BLANK]}) come. At the sign “{LETTERS[BLANK + 1]}”, say the letters again, in their order.",
        "Type the letters, without blanks.",
        _copy_waits,
        "the first letter",
        _letters,
        _symbols,
    ),
}


def form_of(task: Task) -> Form | None:
    """None for a task that nobody has said this of."""
    return FORMS.get(type(task))


def right(answer: str, due: str, form: Form) -> bool:
    """Whether an answer counts as right: the same text, or a number that is not too far off."""
    if not form.allowed:
        return answer == due
    return abs(float(answer) - float(due)) < form.allowed
