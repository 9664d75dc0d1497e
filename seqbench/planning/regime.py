"""From the settings of training as one types them to those of a run, the options of its optimiser among them."""

from dataclasses import replace

from omegaconf import DictConfig

from seqbench.config import Component, Fault, Training, validate
from seqbench.config.regime import as_a_run_has_them
from seqbench.planning.foreign import Asking, optimizer_options
from seqbench.planning.mistyped import several
from seqbench.planning.sections import section

OPTIONS = "training.optimizer_options"


def training_of(config: DictConfig, asking: Asking, faults: list[Fault]) -> Training | None:
    """That of a configuration; None if there are faults."""
    typed = section("training", config, faults)
    settings, wrong = as_a_run_has_them(typed)
    clean, others = validate(Training, settings, "training.")
    wrong += [several(fault, typed.get(fault.key.removeprefix("training."))) for fault in others]
    if not wrong:
        training = Training(**clean)
        wrong += [Fault(f"training.{name}", told) for name, told in training.contradictions().items()]
    faults += wrong
    return None if wrong else _with_options(training, asking, faults)


def _with_options(training: Training, asking: Asking, faults: list[Fault]) -> Training | None:
    """With the options of its optimiser that are other than it has by itself; torch is asked only if there are any."""
    if not training.optimizer_options:
        return replace(training, optimizer_options=None)
    try:
        given = training.optimizer, training.optimizer_options
        found = asking.ask(f"asking torch for {training.optimizer}", [], optimizer_options, *given)
    except ValueError as error:
        faults.append(Fault(OPTIONS, str(error)))
        return None
    return replace(training, optimizer_options=found or None)


def beside_task(training: Training, task: Component) -> list[Fault]:
    """What is wrong with a training for this task."""
    if training.curriculum is None:
        return []
    start, gap, shortest = training.curriculum["start"], task.settings.get("gap"), task.settings.get("min_gap")
    if not isinstance(gap, int):
        told = "needs a task with a gap to set, and this one has none"
    elif start > gap:
        told = f"starts at gap {start}, above that of the task, {gap}"
    elif isinstance(shortest, int) and start < shortest:
        told = f"starts at gap {start}, below task.min_gap, {shortest}"
    else:
        return []
    return [Fault("training.curriculum", told, f"task={task.name}")]
