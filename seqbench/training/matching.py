"""The hidden size with which a model has as many parameters, or carries as much, as was asked for."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache

from seqbench.models.base import SequenceModel
from seqbench.models.carried import numbers_carried
from seqbench.models.reference import Reference
from seqbench.plan import RunSpec
from seqbench.tasks.base import Task
from seqbench.training.build import assemble, build

#: How far, as a share of what was asked for, the nearest hidden size may be off.
TOLERANCE = 0.02


def hidden_size_for(spec: RunSpec, what: str, count: int) -> int:
    """That of the model of a run, whatever its own; `what` is one of `COUNTED`.

    ValueError where the nearest is more than `TOLERANCE` off, and whatever `build` raises.
    """
    task, model = build(spec)
    if isinstance(model, Reference):
        raise ValueError("it is not trained, so its hidden size cannot be matched")

    @cache
    def counted(size: int) -> int:
        """What is to be matched, at this hidden size."""
        settings = {**spec.model.settings, "hidden_size": size}
        sized = replace(spec, model=replace(spec.model, settings=settings))
        return COUNTED[what](assemble(sized, task.input_size, task.output_size, task.words), task)

    multiple = model.core.hidden_multiple
    size = multiple * nearest(lambda n: counted(multiple * n), count)
    off = abs(counted(size) - count) / count
    if off > TOLERANCE:
        raise ValueError(
            f"no hidden size gives {count:,} {NAMES[what]}: {size} comes nearest, with {counted(size):,}, which is "
            f"{100 * off:.3g} % off, and {100 * TOLERANCE:g} % is allowed"
        )
    return size


def nearest(counted: Callable[[int], int], count: int) -> int:
    """The whole number above 0 at which a function that does not fall comes nearest to `count`; the smaller of two.

    It is not asked beyond the first power of two from `count` on: a model has more parameters than hidden units.
    """
    high = 1
    while counted(high) < count and high < count:
        high *= 2
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if counted(middle) < count else (low, middle)
    return min((size for size in (low, high) if size), key=lambda size: abs(counted(size) - count))


def _state(model: SequenceModel, task: Task) -> int:
    """Numbers of one sequence that a step hands to the next."""
    carried = numbers_carried(model, task.input_size)
    if carried is None:
        raise ValueError("it states no step, so that nobody knows how many numbers it carries from one to the next")
    return carried


#: By what can be matched.
COUNTED: Mapping[str, Callable[[SequenceModel, Task], int]] = {
    "parameters": lambda model, _: model.num_parameters,
    "state": _state,
}
NAMES = {"parameters": "parameters", "state": "numbers of state"}
