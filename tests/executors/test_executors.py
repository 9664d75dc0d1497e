"""Every executor tells the same story; a worker may die without taking anybody else along."""

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
import scripted
import torch
from builders import make_spec, options
from jaxtyping import Float
from omegaconf import OmegaConf
from scripted import is_reaped, is_running, wait_until
from stories import Story, of, told
from torch import Tensor

from seqbench.config import Component, config_dir, load_class
from seqbench.events import Event, Failed, Finished, Metrics, Retried, Started
from seqbench.executors import processes
from seqbench.executors.base import Executor, events_of
from seqbench.executors.processes import Processes
from seqbench.models.rnn import RNN
from seqbench.plan import Job, RunSpec


class Raising(RNN):
    """Trains until its first validation."""

    def __init__(self, input_size: int, *, message: str = "no luck") -> None:
        super().__init__(input_size, hidden_size=4)
        self.message = message

    def forward(self, inputs: Float[Tensor, "batch time input"]) -> Float[Tensor, "batch time hidden"]:
        if not torch.is_grad_enabled():
            raise RuntimeError(self.message)
        return super().forward(inputs)


class Telling(RNN):
    """Fails with a description of the process that it runs in."""

    def __init__(self, input_size: int) -> None:
        super().__init__(input_size, hidden_size=4)

    def forward(self, inputs: Float[Tensor, "batch time input"]) -> Float[Tensor, "batch time hidden"]:
        denormal = (torch.tensor(1e-30) * 1e-10).item()
        raise RuntimeError(f"threads={torch.get_num_threads()} denormal={denormal} mlflow={'mlflow' in sys.modules}")


class Endless(RNN):
    """Leaves the pid of its process in a folder, and waits for ever."""

    def __init__(self, input_size: int, *, folder: str) -> None:
        super().__init__(input_size, hidden_size=4)
        unfinished = Path(folder) / "unfinished"
        unfinished.write_text(str(os.getpid()))
        unfinished.rename(Path(folder) / "pid")
        time.sleep(600)


def run_of(cls: type, seed: int = 0, **settings: str) -> RunSpec:
    """A run whose model is one of the above."""
    return make_spec(model=Component(cls.__name__.lower(), f"{cls.__module__}.{cls.__name__}", settings), seed=seed)


def carried_out(executor: Executor, runs: Iterable[RunSpec]) -> Iterator[tuple[RunSpec, Event]]:
    """The events of runs; that an executor tells them of the very jobs that it was given is checked on the way."""
    jobs = [Job(run, "a command") for run in runs]
    for job, event in executor.execute(jobs):
        assert any(job is given for given in jobs)
        yield job.run, event


def configured(name: str) -> Executor:
    settings = dict(OmegaConf.load(config_dir() / "executor" / f"{name}.yaml"))
    return load_class(settings.pop("_target_"), Executor)(**settings)


def ends(run: RunSpec, story: Story) -> list[Event]:
    return [event for teller, event in story if teller == run and isinstance(event, Finished | Failed)]


def children() -> set[int]:
    return {child.pid for child in multiprocessing.active_children() if child.pid}


# -- the contract ------------------------------------------------------------------------------------------

REAL_RUNS = (make_spec(seed=0), make_spec(seed=1), make_spec(model="rnn"), run_of(Raising), run_of(Telling))


#: Of every file in conf/executor; what needs an extra is skipped without it.
ALL = [
    pytest.param(name, marks=pytest.mark.skipif(name == "ray" and find_spec("ray") is None, reason="no seqbench[ray]"))
    for name in options("executor")
]


@pytest.fixture(scope="module", params=ALL)
def story(request: pytest.FixtureRequest) -> Story:
    """Runs, two of them failing, as each executor carries them out."""
    return list(carried_out(configured(request.param), REAL_RUNS))


@pytest.mark.parametrize("run", REAL_RUNS[:-1], ids=lambda run: run.run_name)
def test_every_executor_gives_the_events_of_training_in_their_order(run: RunSpec, story: Story) -> None:
    assert of(run, story) == [told(event) for event in events_of(run)]


def test_every_executor_trains_with_one_thread_and_flushes_denormals(story: Story) -> None:
    (event,) = ends(REAL_RUNS[-1], story)
    assert isinstance(event, Failed)
    assert event.reason.startswith("RuntimeError: threads=1 denormal=0.0 ")


@pytest.mark.parametrize("story", [one for one in ALL if one.values != ("serial",)], indirect=True)
def test_workers_import_no_mlflow(story: Story) -> None:
    (event,) = ends(REAL_RUNS[-1], story)
    assert isinstance(event, Failed)
    assert event.reason.endswith("mlflow=False")


@pytest.mark.parametrize("name", ALL)
def test_nothing_to_run_is_no_work(name: str) -> None:
    assert list(configured(name).execute([])) == []


def test_an_exception_in_a_model_is_the_last_event_of_its_run_with_reason_and_traceback() -> None:
    first, *_, last = events_of(run_of(Raising, message="a reason"))
    assert isinstance(first, Started)
    assert isinstance(last, Failed)
    assert last.reason == "RuntimeError: a reason"
    assert "in forward" in last.traceback


def test_a_run_that_cannot_even_be_built_fails_alone() -> None:
    (event,) = events_of(run_of(Raising, no_such_knob="1"))
    assert isinstance(event, Failed)
    assert event.reason.startswith("TypeError")


# -- workers that die --------------------------------------------------------------------------------------


@pytest.fixture
def plays(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers play their runs instead of training them."""
    monkeypatch.setattr(processes, "_work", scripted.work)


@pytest.mark.usefixtures("plays")
@pytest.mark.parametrize("workers", [1, 3])
def test_a_dead_worker_costs_its_run_one_retry_and_no_other_run_anything(workers: int, tmp_path: Path) -> None:
    deaths = (2, 0, 1, 0, 0, 0, 1, 2, 0, 0)
    runs = [scripted.scripted(seed, deaths=n, notes=tmp_path) for seed, n in enumerate(deaths)]
    story = list(carried_out(Processes(workers=workers), runs))
    for run, died in zip(runs, deaths, strict=True):
        *most, end = map(told, scripted.events(run))
        failed = told(Failed("its worker died 2 times, last with exit code -9 (SIGKILL)", ""))
        again = [*most, told(Retried("with exit code -9 (SIGKILL)")), *most]
        expected = {0: [*most, end], 1: [*again, end], 2: [*again, failed]}
        assert of(run, story) == expected[died]
        assert len(scripted.attempts(run)) == min(died + 1, 2)
    assert not children()


@pytest.mark.usefixtures("plays")
def test_a_message_that_was_cut_in_the_middle_is_a_death_like_any_other(tmp_path: Path) -> None:
    run = scripted.scripted(0, deaths=1, how="in the middle of a message", notes=tmp_path)
    story = list(carried_out(Processes(workers=1), [run]))
    whole = list(map(told, scripted.events(run)))
    assert of(run, story) == [*whole[:-1], told(Retried("with exit code -9 (SIGKILL)")), *whole]


@pytest.mark.usefixtures("plays")
def test_a_worker_that_dies_after_its_last_event_costs_nobody_anything(tmp_path: Path) -> None:
    runs = [scripted.scripted(seed, how="after its last event", notes=tmp_path) for seed in range(2)]
    story: Story = []
    for run, event in carried_out(Processes(workers=1), runs):
        story.append((run, event))
        if isinstance(event, Started):
            wait_until(lambda: not children())
    assert [told(event) for _, event in story] == [told(event) for run in runs for event in scripted.events(run)]


@pytest.mark.usefixtures("plays")
def test_an_idle_worker_that_died_gets_no_run(tmp_path: Path) -> None:
    cue = tmp_path / "cue"
    slow = scripted.scripted(0, deaths=1, waits_for=str(cue), notes=tmp_path)
    quick = scripted.scripted(1, notes=tmp_path)
    story: Story = []
    for run, event in carried_out(Processes(workers=2), [slow, quick]):
        story.append((run, event))
        if run == quick and isinstance(event, Finished):
            cue.touch()
        if cue.exists() and run == slow and isinstance(event, Metrics):
            (idle,) = scripted.attempts(quick)
            if is_running(idle):
                os.kill(idle, signal.SIGKILL)
                wait_until(lambda pid=idle: is_reaped(pid))
    assert [type(event) for run in (slow, quick) for event in ends(run, story)] == [Finished, Finished]


@pytest.mark.usefixtures("plays")
def test_there_are_never_more_workers_than_runs(tmp_path: Path) -> None:
    cue = tmp_path / "cue"
    runs = [scripted.scripted(seed, waits_for=str(cue), notes=tmp_path) for seed in range(2)]
    most = 0
    for _, event in carried_out(Processes(workers=4), runs):
        most = max(most, len(children()))
        if isinstance(event, Started):
            cue.touch()
    assert most == 2


@pytest.mark.usefixtures("plays")
def test_runs_are_begun_in_the_order_of_the_plan(tmp_path: Path) -> None:
    runs = [scripted.scripted(seed, notes=tmp_path) for seed in range(6)]
    begun = [run for run, event in carried_out(Processes(workers=1), runs) if isinstance(event, Started)]
    assert begun == runs


# -- workers that end --------------------------------------------------------------------------------------


@pytest.mark.usefixtures("plays")
def test_closing_the_iterator_ends_every_worker(tmp_path: Path) -> None:
    runs = [scripted.scripted(seed, waits_for=str(tmp_path / "never"), notes=tmp_path) for seed in range(2)]
    story, started = carried_out(Processes(workers=2), runs), set[int]()
    while len(started) < 2:
        started.add(next(story)[0].seed)
    workers = children()
    story.close()
    assert len(workers) == 2
    assert not any(map(is_running, workers))


def wait_for_ever(folders: list[str]) -> None:
    """What the process does that is killed in the next test."""
    runs = [run_of(Endless, folder=folder) for folder in folders]
    list(carried_out(Processes(workers=len(runs)), runs))


def test_workers_end_when_their_parent_is_killed(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("a", "b")]
    for folder in folders:
        folder.mkdir()
    names = list(map(str, folders))
    code = f"import sys; sys.path[:0] = {sys.path!r}; from {__name__} import *; wait_for_ever({names!r})"
    parent = subprocess.Popen([sys.executable, "-c", code])
    try:
        wait_until(lambda: all((folder / "pid").exists() for folder in folders))
    finally:
        parent.kill()
        parent.wait()
    workers = [int((folder / "pid").read_text()) for folder in folders]
    wait_until(lambda: not any(map(is_running, workers)))
