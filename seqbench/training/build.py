"""From a run spec to its task and its freshly initialised model."""

from typing import Any

from seqbench import seeding
from seqbench.config import Fault, load_class, validate
from seqbench.models.base import Core, Model, SequenceModel, encoder
from seqbench.models.reference import Reference
from seqbench.plan import RunSpec
from seqbench.tasks.base import Task


def build(spec: RunSpec) -> tuple[Task, SequenceModel | Reference]:
    """The task and the freshly initialised model of a run. Raises what their constructors raise.

    ValueError where the training asks for something that this kind of model cannot do.
    """
    task = _task(spec)
    model: Any = load_class(spec.model.target, Model)
    if issubclass(model, Reference):
        reference = model(**spec.model.settings)
        reference.check(task)
        return task, reference
    return task, assemble(spec, task.input_size, task.output_size, task.words)


def assemble(spec: RunSpec, input_size: int, output_size: int, words: tuple[str, ...] | None) -> SequenceModel:
    """The freshly initialised network of a run, for a task of this form. Raises as `build` does."""
    made: Any = load_class(spec.model.target, Core)
    with seeding.torch_seeded(spec.seed, "init"):
        core = made(input_size, **spec.model.settings)
        if spec.training.truncate is not None and not core.has_step:
            raise ValueError(f"training.truncate needs a core that states its step, and {made.__name__} does not")
        return SequenceModel(core, output_size, encoder(words, input_size), spec.training.dropout)


def _task(spec: RunSpec) -> Task:
    made: type[Task] = load_class(spec.task.target, Task)
    if made.data(**spec.task.settings) != spec.task.data:
        raise ValueError("what the task reads has changed since the run was planned")
    task: Task = made(**spec.task.settings)  # type: ignore[arg-type]  # the knobs of the class that was configured
    return task


def try_out(spec: RunSpec) -> None:
    """Build, and show the model one sequence of its task. Raises what that raises."""
    task, model = build(spec)
    if isinstance(model, SequenceModel):
        if task.carries_state and not model.core.carries_state:
            raise ValueError(f"the state is carried from batch to batch, and {spec.model.name} states no step for it")
        batch = task.batch(spec.seed, "train", 1, spec.training.batch_size if task.carries_state else 1)
        model(batch.inputs[:1], batch.mask[:1])


def unbuildable(spec: RunSpec) -> Fault | None:
    """What keeps the model of a run from taking its task, if anything does."""
    try:
        try_out(spec)
    except Exception as error:  # whatever the constructors of other people raise
        return Fault(f"task={spec.task.name} model={spec.model.name}", str(error).partition("\n")[0])
    return None


def changed(spec: RunSpec) -> Fault | None:
    """Whether a class is no longer what the run was planned with."""
    for group, component, contract in (("task", spec.task, Task), ("model", spec.model, Model)):
        try:
            cls = load_class(component.target, contract)
        except ValueError as error:
            return Fault(f"{group}._target_", str(error))
        clean, faults = validate(cls, component.settings)
        if faults or clean != dict(component.settings) or getattr(cls, "version", 1) != component.version:
            return Fault(
                f"{group}._target_", f"{component.target} has changed since the run was planned; type it again"
            )
    return None
