"""A run's numbers do not depend on what ran before it in the same process."""

import random
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from builders import make_spec, story
from recording import job_of
from torch import nn

from seqbench.config import Component
from seqbench.events import Failed, Finished
from seqbench.executors import children
from seqbench.executors.processes import Processes
from seqbench.models.rnn import RNN
from seqbench.plan import RunSpec
from seqbench.planning.make_plan import make_plan
from seqbench.training.numerics import GENERATORS, SETTINGS, stated

#: What a component may do to its process, by the name of what it changes.
LEAKS: dict[str, Callable[[], object]] = {
    "the default device": lambda: torch.set_default_device("meta"),
    "the default type of numbers": lambda: torch.set_default_dtype(torch.float64),
    "the number of threads": lambda: torch.set_num_threads(3),
    "whether tiny numbers are zero": lambda: torch.set_flush_denormal(True),
    "inference mode": lambda: KEPT.append(entered(torch.inference_mode())),
    "whether gradients are recorded": lambda: torch.set_grad_enabled(False),
    "automatic mixed precision": lambda: torch.set_autocast_enabled("cpu", True),
    "the precision of matrix products": lambda: torch.set_float32_matmul_precision("medium"),
    "the use of oneDNN": lambda: setattr(torch.backends.mkldnn, "enabled", False),
    "the use of cuDNN": lambda: setattr(torch.backends.cudnn, "benchmark", True),
    "how attention is computed": lambda: torch.backends.cuda.enable_flash_sdp(False),
    "the use of deterministic algorithms": lambda: torch.use_deterministic_algorithms(True),
    "the search for anomalies": lambda: torch.set_anomaly_enabled(True),
    "what NumPy does about faults": lambda: np.seterr(all="raise"),
    "torch's generator": lambda: torch.manual_seed(5),
    "NumPy's generator": lambda: np.random.seed(5),
    "Python's generator": lambda: random.seed(5),
}
#: An inference mode lasts as long as the block that it belongs to.
KEPT: list[torch.inference_mode] = []
ASKED = {name: one.ask for name, one in SETTINGS.items()} | {name: ask for name, (ask, _, _) in GENERATORS.items()}
del ASKED["the generators of cards"]  # of a process that uses no card
#: The checks of types in tests draw from it.
RESTLESS = "Python's generator"


def entered(mode: torch.inference_mode) -> torch.inference_mode:
    mode.__enter__()
    return mode


@pytest.fixture(params=LEAKS)
def leaked(request: pytest.FixtureRequest) -> str:
    """The name of what was changed; afterwards everything is as it was."""
    name: str = request.param
    before = {one.put: one.ask() for one in SETTINGS.values()} | {put: ask() for ask, put, _ in GENERATORS.values()}
    was = repr(ASKED[name]())
    LEAKS[name]()
    assert repr(ASKED[name]()) != was
    yield name
    while KEPT:
        KEPT.pop().__exit__(None, None, None)
    for put, value in before.items():
        put(value)


class Draws(RNN):
    """A core that uses generators of the process while it trains, as many do."""

    def __init__(self, input_size: int) -> None:
        super().__init__(input_size, hidden_size=4)

    def run(self, inputs, state):
        hidden, last = super().run(inputs, state)
        return nn.functional.dropout(hidden, 0.5, self.training) * (1 + np.random.rand() * self.training), last


def of_class(cls: type, seed: int = 0) -> RunSpec:
    return make_spec(model=Component(cls.__name__.lower(), f"{cls.__module__}.{cls.__name__}", {}), seed=seed)


RUNS = [make_spec(model="gru"), of_class(Draws)]


@pytest.fixture(scope="module")
def undisturbed() -> list[list[str]]:
    return [story(run) for run in RUNS]


def test_there_is_a_leak_for_everything_that_a_run_sets() -> None:
    assert LEAKS.keys() == ASKED.keys()


def test_a_run_begins_in_the_stated_state_and_leaves_what_it_found(leaked: str, undisturbed: list[list[str]]) -> None:
    found = repr(ASKED[leaked]())
    assert [story(run) for run in RUNS] == undisturbed
    assert leaked == RESTLESS or repr(ASKED[leaked]()) == found


def test_what_is_changed_within_a_run_does_not_outlast_it() -> None:
    watched = {name: ask for name, ask in ASKED.items() if name != RESTLESS}
    before = {name: repr(ask()) for name, ask in watched.items()}
    with stated(0):
        for name, leak in LEAKS.items():
            if name != "inference mode":
                leak()
    assert {name: repr(ask()) for name, ask in watched.items()} == before


def test_generators_follow_the_seed() -> None:
    drawn = []
    for seed in (1, 1, 2):
        with stated(seed):
            drawn.append((torch.rand(1).item(), np.random.rand(), random.random()))
    assert drawn[0] == drawn[1]
    assert not {*drawn[0]} & {*drawn[2]}


# -- what no list can name -------------------------------------------------------------------------------------

PATCHES = """
import torch
from torch import nn
from seqbench.models.rnn import RNN

torch.set_float32_matmul_precision("medium")

class Patches(RNN):
    def __init__(self, input_size):
        super().__init__(input_size, hidden_size=4)
        nn.Linear.forward = lambda self, inputs: 0 * nn.functional.linear(inputs, self.weight, self.bias)
"""


@pytest.fixture
def patches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Component:
    (tmp_path / "patching.py").write_text(PATCHES)
    monkeypatch.syspath_prepend(tmp_path)
    return Component("patches", "patching.Patches", {}, source="of somebody else")


@pytest.mark.skipif(not children.FORKED, reason="slow where children are spawned")
def test_nothing_of_a_run_of_a_foreign_class_is_found_by_the_next(patches: Component) -> None:
    ours = make_spec(model="gru")
    jobs = [job_of(make_spec(model=patches)), job_of(ours)]
    told = [(job.run, event) for job, event in Processes(workers=1).execute(jobs)]
    first, second = (end for _, end in told if isinstance(end, Finished | Failed))
    assert isinstance(first, Finished)
    assert second.test == end_of(ours).test


def end_of(run: RunSpec) -> Finished:
    (told,) = [event for _, event in Processes(workers=1).execute([job_of(run)]) if isinstance(event, Finished)]
    return told


def test_what_a_module_changes_when_it_is_imported_is_named_and_put_back(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "study"
    (folder / "model").mkdir(parents=True)
    (folder / "setting.py").write_text(PATCHES.partition("        nn.Linear")[0].replace("Patches", "Sets"))
    (folder / "model" / "sets.yaml").write_text("_target_: setting.Sets\n")
    monkeypatch.setattr("sys.path", [*__import__("sys").path])
    line = "seqbench: importing setting changes the precision of matrix products; no run begins with that\n"
    for executor in ("processes", "processes", "serial", "serial"):  # from the class, and from what is kept of it
        make_plan("model=sets", f"executor={executor}", config_dir=folder)
        assert capsys.readouterr().err == line
    assert torch.get_float32_matmul_precision() == "highest"
