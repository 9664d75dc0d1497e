"""From a run spec to its task and its freshly initialised model."""

from typing import Any

from seqbench import seeding
from seqbench.config import load_class
from seqbench.models.base import Model, SequenceModel, encoder
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
    with seeding.torch_seeded(spec.seed, "init"):
        core = model(task.input_size, **spec.model.settings)
        if spec.training.truncate is not None and not core.has_step:
            raise ValueError(f"training.truncate needs a core that states its step, and {model.__name__} does not")
        encoded = encoder(task.words, task.input_size)
        return task, SequenceModel(core, task.output_size, encoded, spec.training.dropout)


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
