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


def hidden_size_for(spec: RunSpec, what: str, count: int, within: float) -> int:
    """That of the model of a run, whatever its own; `what` is one of `COUNTED`.

    ValueError where the nearest is off by more than this share of what was asked for, and whatever `build` raises.
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
    near = {multiple * n: counted(multiple * n) for n in around(lambda n: counted(multiple * n), count)}
    size = min(near, key=lambda size: abs(near[size] - count))
    if abs(near[size] - count) / count > within:
        asked = f"{count:,} {NAMES[what]} within {100 * within:g} %"
        raise ValueError(f"no hidden size gives {asked}: {_told(near, count)}")
    return size


def _told(near: Mapping[int, int], count: int) -> str:
    """What each size gives; of sizes that give the same, the smallest alone."""
    sizes = {given: size for size, given in sorted(near.items(), reverse=True)}
    off = {given: f"{100 * abs(given - count) / count:.3g} % off" for given in sizes}
    return " and ".join(f"{sizes[given]} gives {given:,} ({off[given]})" for given in sorted(sizes))


def around(counted: Callable[[int], int], count: int) -> list[int]:
    """The last whole number above 0 at which a function that does not fall is below `count`, if any, and the next.

    It is not asked beyond the first power of two from `count` on: a model has more parameters than hidden units.
    """
    high = 1
    while counted(high) < count and high < count:
        high *= 2
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if counted(middle) < count else (low, middle)
    return [size for size in (low, high) if size]


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
