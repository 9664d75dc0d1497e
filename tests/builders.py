"""Tasks, cores and run specs as `conf/` describes them, for the tests of the science."""

import functools
from collections.abc import Iterable, Iterator
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal, cast, get_args, get_origin, get_type_hints

import numpy as np
import torch
from omegaconf import OmegaConf

from seqbench.config import Component, Training, config_dir, knobs, load_class
from seqbench.events import Event, Finished
from seqbench.gradients.curve import LagCurve
from seqbench.models.base import Core, Model
from seqbench.plan import RunSpec, seeding
from seqbench.tasks.base import Task
from seqbench.training.fit import fit

CONTRACTS = {"task": Task, "model": Model}

#: What `task=text` reads in tests, so that an evaluation is short.
LITTLE_TEXT = {"path": str(Path(__file__).parent / "text.txt"), "min_count": 1, "bptt": 7}

#: Tasks in which one item could not be told from another.
LEAST_LOAD = {"count": 2, "match": 2}

#: A training short enough for a test; what matters to a test it sets itself.
SHORT = Training(
    max_steps=6,
    batch_size=4,
    record_every=2,
    validate_every=3,
    validation_sequences=20,
    test_sequences=30,
    probe_sequences=3,
)


def options(group: str) -> list[str]:
    """Names of the files of a config group."""
    return sorted(path.stem for path in (config_dir() / group).glob("*.yaml"))


def component(group: str, name: str, /, *, task_gap: int = 20, **overrides: Any) -> Component:
    """An option of a config group with some knobs set otherwise; `task_gap` is what `${task.gap}` stands for."""
    settings = deepcopy(_in_file(group, name, task_gap))
    target = settings.pop("_target_")
    for knob in {"gap", "load", "min_gap"} - set(settings) if group == "task" else ():
        overrides.pop(knob, None)  # of no meaning to this task
    if group == "task" and "load" in overrides:
        overrides["load"] = max(overrides["load"], LEAST_LOAD.get(name, 1))
    chosen = settings | (LITTLE_TEXT if name == "text" else {}) | overrides
    cls: Any = load_class(target, CONTRACTS[group])
    return Component(name, target, chosen, cls.version, cls.data(**chosen) if group == "task" else "")


@functools.cache
def _in_file(group: str, name: str, task_gap: int) -> dict[str, Any]:
    """What a file says: it is read once, and asked for at every turn."""
    config = OmegaConf.create({"task": {"gap": task_gap}, "it": OmegaConf.load(config_dir() / group / f"{name}.yaml")})
    settings: Any = OmegaConf.to_container(config, resolve=True)
    return settings["it"]  # type: ignore[no-any-return]


def load_task(name: str, /, **overrides: Any) -> Task:
    option = component("task", name, **overrides)
    return load_class(option.target, Task)(**option.settings)


def gapped() -> list[str]:
    """The tasks that have a gap to set."""
    return [name for name in options("task") if "gap" in knobs(class_of("task", name))]


def fits(arm: str, task: str) -> bool:
    """Whether an arm takes the sequences of a task.

    Sentences and strings have no fixed length, some texts need a state, and only words are counted.
    """
    loaded = load_task(task)
    if loaded.carries_state and arm in cores() and arm not in stepped():
        return False
    if arm == "ngram" and loaded.words is None:
        return False
    return (loaded.words is None and task != "count") or "length" not in knobs(class_of("model", arm))


def cores() -> list[str]:
    """The arms that are recurrent networks; the others are references, which nothing is trained of."""
    return [arm for arm in options("model") if issubclass(class_of("model", arm), Core)]


def stepped() -> list[str]:
    """The cores that state a step."""
    return [arm for arm in cores() if cast("type[Core]", class_of("model", arm)).step is not Core.step]


#: Knobs that say how a core begins, and nothing of what it computes.
INITIALISATION = {"forget_bias", "keep_bias", "max_timescale", "recurrent_init", "init"}


def kinds(arms: Iterable[str]) -> list[str]:
    """Of arms that differ in their initialisation alone, one: they run the same code."""
    found: dict[object, str] = {}
    for arm in arms:
        option = component("model", arm)
        computed = {name: value for name, value in option.settings.items() if name not in INITIALISATION}
        found.setdefault((option.target, *sorted(computed.items(), key=str)), arm)
    return list(found.values())


def fixed_to(name: str, steps: int) -> dict[str, int]:
    """What makes an arm take sequences of so many steps: nothing, but where the length is a knob of the arm."""
    return {"length": steps} if "length" in knobs(class_of("model", name)) else {}


def load_core(
    name: str, input_size: int = 3, seed: int = 0, task_gap: int = 20, steps: int | None = None, **overrides: Any
) -> Core:
    """A freshly initialised core for sequences of so many `steps`; `seed` draws its parameters.

    It has one head where those of its file do not divide the hidden size.
    """
    option = component("model", name, task_gap=task_gap, **(fixed_to(name, steps) if steps else {}), **overrides)
    if option.settings["hidden_size"] % option.settings.get("heads", 1) and "heads" not in overrides:
        option = component("model", name, task_gap=task_gap, **overrides, heads=1)
    with seeding.torch_seeded(seed, "init"):
        return load_class(option.target, Core)(input_size, **option.settings)


def steps_of(task: Component) -> int:
    """Steps of the sequences of a task."""
    return load_class(task.target, Task)(**task.settings).sample(np.random.default_rng(0), 1).inputs.shape[1]


def class_of(group: str, name: str) -> type:
    return load_class(component(group, name).target, CONTRACTS[group])


def make_spec(
    task: str | Component = "copy", model: str | Component = "lstm", *, seed: int = 0, gap: int = 2, **training: Any
) -> RunSpec:
    """A short run with eight hidden units."""
    if isinstance(task, str):
        task = component("task", task, gap=gap)
    if isinstance(model, str):
        narrow = {"hidden_size": 8} if "hidden_size" in knobs(class_of("model", model)) else {}
        model = component("model", model, task_gap=gap, **narrow, **fixed_to(model, steps_of(task)))
    return RunSpec(task, model, replace(SHORT, **training), seed)


def untimed(event: Event) -> Event:
    return replace(event, seconds=0.0, milliseconds_per_step=None) if isinstance(event, Finished) else event


def story(spec: RunSpec) -> list[str]:
    """All events of a run without its wall-clock time, as text: exact to the bit, and NaN equals itself."""
    return [repr(untimed(event)) for event in fit(spec)]


def finished(spec: RunSpec) -> Finished:
    *_, last = fit(spec)
    assert isinstance(last, Finished)
    return last


def other_values(cls: type, knob: str, value: Any) -> Iterator[Any]:
    """Values of a knob, of its annotated types, other than the one it has."""
    hint = get_type_hints(cls.__init__)[knob]
    if get_origin(hint) is tuple:
        yield (*value, 1)
        return
    for kind in get_args(hint) if get_origin(hint) not in (None, Literal) else (hint,):
        if get_origin(kind) is Literal:
            yield from (choice for choice in get_args(kind) if choice != value)
        elif kind in (int, float):
            more = value if knob == "heads" else 1  # twice as many divide the hidden size as well
            yield kind(value + more) if isinstance(value, int | float) else kind(7)
        elif kind is bool:
            yield not value
        elif get_origin(kind) is dict:
            yield {"value": 0.5}


def variations(group: str, name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The settings of an option with one knob changed, and which one."""
    option = component(group, name)
    cls = class_of(group, name)
    for knob in knobs(cls):
        for value in other_values(cls, knob, option.settings[knob]):
            yield knob, {knob: value}


def bits(tensor: torch.Tensor) -> bytes:
    return tensor.detach().contiguous().numpy().tobytes()


def curves_by_state(curves: list[LagCurve]) -> dict[str, torch.Tensor]:
    return {curve.state: torch.from_numpy(curve.log10) for curve in curves}


class Opaque(Core):
    """Outputs without a step: no gates to look at, no state to go on from."""

    def __init__(self, input_size: int, *, hidden_size: int = 4) -> None:
        super().__init__()
        self.hidden_size, self.layer = hidden_size, torch.nn.RNN(input_size, hidden_size, batch_first=True)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        return self.layer(inputs)[0]
