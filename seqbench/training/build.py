"""From a run spec to its task and its freshly initialised model."""

import threading
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

import torch

from seqbench.config import CPU, Fault, in_one_line, later, load_class, told_apart, validate
from seqbench.config.source import source_of
from seqbench.models.base import Core, Model, SequenceModel, encoder
from seqbench.models.reference import Reference
from seqbench.models.stack import Stack
from seqbench.plan import RunSpec, seeding
from seqbench.tasks.base import Batch, Task
from seqbench.training.device import computing
from seqbench.training.footprint import require_memory_for_batches, require_memory_for_weights
from seqbench.training.numerics import stated
from seqbench.training.steps import try_step
from seqbench.training.trial import STEPS, try_core
from seqbench.training.untouched import untouched

Answer = TypeVar("Answer")
Made = TypeVar("Made")


def classes(spec: RunSpec) -> tuple[type[Task], type[Model]]:
    """Those of the task and the model of a run, imported. Raises ValueError where that cannot be."""
    return load_class(spec.task.target, Task), load_class(spec.model.target, Model)


def build(spec: RunSpec) -> tuple[Task, SequenceModel | Reference]:
    """The task and the freshly initialised model of a run. Raises what their constructors raise.

    ValueError where the training asks for something that this kind of model cannot do.
    """
    task = _task(spec)
    return task, _model(spec, task)


def _model(spec: RunSpec, task: Task) -> SequenceModel | Reference:
    model: Any = load_class(spec.model.target, Model)
    if issubclass(model, Reference):
        if spec.model.stack.stated:
            raise ValueError("it is not trained, so there is nothing to put in layers")
        reference: Reference = model(**spec.model.settings)
        reference.check(task)
        return reference
    return assemble(spec, task.input_size, task.output_size, task.words)


def assemble(spec: RunSpec, input_size: int, output_size: int, words: tuple[str, ...] | None) -> SequenceModel:
    """The freshly initialised network of a run, for a task of this form. Raises as `build` does."""
    made: Any = load_class(spec.model.target, Core)
    with seeding.torch_seeded(spec.seed, "init", *spec.place):
        core = _core(spec, lambda width: _whole(made(width, **spec.model.settings), "hidden_size"), input_size)
        if spec.training.truncate is not None and not core.has_step:
            raise ValueError(f"training.truncate needs a core that states its step, and {made.__name__} does not")
        if spec.training.initial_state == "passed" and not core.carries_state:
            told = "needs a core that states its step, or goes on from a state otherwise"
            raise ValueError(f"training.initial_state=passed {told}, and {made.__name__} does neither")
        return SequenceModel(core, output_size, encoder(words, input_size), spec.training.dropout)


def _core(spec: RunSpec, make: Callable[[int], Core], input_size: int) -> Core:
    """One core as it is, or the stack that was asked for."""
    if not spec.model.stack.stated:
        return make(input_size)
    return Stack(input_size, make, spec.model.stack, spec.training.dropout)


def _task(spec: RunSpec) -> Task:
    made: type[Task] = load_class(spec.task.target, Task)
    if made.data(**spec.task.settings) != spec.task.data:
        raise ValueError("what the task reads has changed since the run was planned")
    task: Task = made(**spec.task.settings)  # type: ignore[arg-type]  # the knobs of the class that was configured
    return _whole(task, "gap", "load", "input_size", "output_size", "loss_name", "score_name")


def at_gap(spec: RunSpec, gap: int, *, exactly: bool = False) -> Task:
    """The task of a run at another gap; `exactly`: without shorter ones. Raises what its constructor raises."""
    settings: dict[str, Any] = {**spec.task.settings, "gap": gap}
    if exactly and "min_gap" in settings:
        settings["min_gap"] = None
    return _task(replace(spec, task=replace(spec.task, settings=settings)))


def _whole(made: Made, *needed: str) -> Made:
    """It, if it has these attributes, which are read later on."""
    lacking = [f"`{name}`" for name in needed if not hasattr(made, name)]
    if lacking:
        raise ValueError(f"{type(made).__name__} lacks {', '.join(lacking)}: its constructor should set it")
    return made


def try_out(spec: RunSpec) -> str:
    """Build, try the core, and show the model one sequence of its task; gives what was found of the core.

    Raises ValueError with what is wrong, and whatever the task and the model raise.
    """
    with untouched("making it"):
        task = _task(spec)
        require_memory_for_weights(spec, partial(_model, spec, task))
        model = _model(spec, task)
    if isinstance(model, SequenceModel):
        try_step(model.core, task.input_size, task.evidence_lag + 1)  # first of all: what else is asked takes steps
    require_memory_for_batches(spec, task, model)
    batch = _batch(spec, task)
    if not isinstance(model, SequenceModel):
        return "not trained"
    if task.carries_state and not model.core.carries_state:
        raise ValueError(f"the state is carried from batch to batch, and {spec.model.name} states no step for it")
    model(batch.inputs[:1], batch.mask[:1])
    if spec.training.initial_state == "passed":
        _takes_its_state(spec, task, model, batch)
    if spec.training.curriculum is not None:
        _takes_the_shortest(spec, spec.training.curriculum["start"], model)
    again = assemble(spec, task.input_size, task.output_size, task.words)
    if any(not torch.equal(one, other) for one, other in zip(model.parameters(), again.parameters(), strict=True)):
        raise ValueError("it is initialised with other random numbers than the run's own")
    found = _found_of(model.core, spec, task.input_size, batch.inputs.shape[1])
    if spec.device != CPU:
        _learns_on(spec.device, model, task, batch)
    return found


def _takes_its_state(spec: RunSpec, task: Task, model: SequenceModel, batch: Batch) -> None:
    """Raises ValueError where the state at the end of a batch cannot be passed to the next."""
    if task.carries_state:
        raise ValueError(f"training.initial_state=passed is for sequences that stand alone; {spec.task.name} goes on")
    first = batch.inputs[:1], batch.mask[:1]
    try:
        model.go_on(*first, model.go_on(*first, None)[1])
    except ValueError as error:
        raise ValueError(f"training.initial_state=passed: {error}") from error


def _takes_the_shortest(spec: RunSpec, gap: int, model: SequenceModel) -> None:
    """Raises ValueError where a curriculum cannot begin at this gap."""
    try:
        batch = _batch(spec, at_gap(spec, gap))
        model(batch.inputs[:1], batch.mask[:1])
    except ValueError as error:
        raise ValueError(f"training.curriculum cannot start at gap {gap}: {error}") from error


def _learns_on(device: str, model: SequenceModel, task: Task, batch: Batch) -> None:
    """A step there; whatever is wrong with it raises."""
    with computing(device):
        first = Batch(*(part[:1] for part in batch)).to(model.to(device).device)
        outputs = model(first.inputs, first.mask)
        torch.autograd.backward(task.loss(outputs, first.targets[first.mask]).sum())


def _batch(spec: RunSpec, task: Task) -> Batch:
    size = spec.training.batch_size if task.carries_state else 1
    with untouched("drawing a batch"):
        one, other = (task.batch(spec.seed, "train", 1, size) for _ in range(2))
    if not (torch.equal(one.inputs, other.inputs) and torch.equal(one.targets, other.targets)):
        raise ValueError("the same batch is another one the second time")
    return one


def _found_of(core: Core, spec: RunSpec, width: int, steps: int) -> str:
    """`try_core`, once in a process for each core and its settings."""
    cls, settings = load_class(spec.model.target, Core), repr(sorted(spec.model.settings.items()))
    key = cls, settings, spec.model.stack, width, min(steps, STEPS)
    if key not in _FOUND:
        _FOUND[key] = try_core(core, width, steps)
    return _FOUND[key]


_FOUND: dict[object, str] = {}
#: Plans made in threads of one process share its generators, and one would look like what another's model changes.
_TRYING = threading.Lock()


def found_of(spec: RunSpec) -> str | Fault:
    """What `try_out` finds, or what keeps the run from being made."""
    return answer_to(try_out, spec)


def answer_to(question: Callable[[RunSpec], Answer], spec: RunSpec) -> Answer | Fault:
    """What a question about a run comes to for which its model is made; a fault where it cannot be."""
    try:
        classes(spec)
        with _TRYING, stated(spec.seed, *spec.place):
            return question(spec)
    except (Exception, SystemExit) as error:  # whatever the constructors of other people raise
        reason = in_one_line(error)
        return Fault("", reason, f"task={spec.task.name} model={spec.model.name}")


def changed(spec: RunSpec) -> Fault | None:
    """Whether a class is no longer what the run was planned with."""
    for group, component, contract in (("task", spec.task, Task), ("model", spec.model, Model)):
        try:
            cls = load_class(component.target, contract)
        except ValueError as error:
            return Fault(f"{group}._target_", str(error))
        clean, _ = validate(cls, component.settings)
        now, then = (told_apart(settings, later(cls)) for settings in (clean, component.settings))
        planned = then, component.version, component.source
        if (now, getattr(cls, "version", 1), source_of(cls, component.target)) != planned:
            return Fault(
                f"{group}._target_", f"{component.target} has changed since the run was planned; type it again"
            )
    return None
