"""What was seen inside a model, as it travels from a process that has torch to one that draws and needs none."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

Rows = Float[np.ndarray, "_ time"]


@dataclass(frozen=True)
class Trace:
    """All rows run over the same steps; those of gates and states are units, in one common order in each layer."""

    inputs: Rows
    gates: dict[str, Rows]
    """The openings on the way to each state, 0 to 1."""
    states: dict[str, Rows]
    """After each step."""
    order: str
    """By what the units are sorted, the first row first."""
    evidence: tuple[int, ...]
    """Steps that show what the answer rests on."""
    question: int
    """The first scored step."""
    gradient: dict[str, Float[np.ndarray, " asked"]]
    """log10 of the gradient of the loss at the question with respect to each state, by its step, up to the question."""
    answer: str
    """What the model answered, what was right, and what would be said without having seen anything."""
    sequence: str = ""
    """Which sequence of the test it is and why, in words."""
    candidate: Rows | None = None
    """What a core with gates would write, where it names that and is no stack; -1 to 1."""
    words: tuple[str, ...] = ()
    """What is read, of a task over words."""
