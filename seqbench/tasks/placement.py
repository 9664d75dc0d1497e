"""Where the evidence stands in tasks that are asked at the last step."""

import numpy as np
from jaxtyping import Bool

#: The first evidence falls in this many first steps, so that its place is not the same in every sequence.
EVIDENCE_STEPS = 10


def evidence_marks(rng: np.random.Generator, size: int, length: int, load: int) -> Bool[np.ndarray, "size length"]:
    """Marks on `load` steps of each sequence: the first early, the others without repeats after it, none on the last.

    Whatever the length, the first lies at least `length - EVIDENCE_STEPS` steps before the last step.
    """
    first = rng.integers(EVIDENCE_STEPS, size=(size, 1))
    order = rng.random((size, length), dtype=np.float32)
    steps = np.arange(length)
    order[(steps <= first) | (steps == length - 1)] = 2  # never drawn
    marks = np.zeros((size, length), dtype=bool)
    np.put_along_axis(marks, first, True, axis=1)
    np.put_along_axis(marks, np.argsort(order, axis=1)[:, : load - 1], True, axis=1)
    return marks
