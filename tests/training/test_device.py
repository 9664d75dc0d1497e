"""Where a run is computed.

The meta device stands for a card where there is none: it refuses to compute with tensors of another device, too.
"""

import os
import runpy
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from builders import Opaque, cores, fits, make_spec, options, story, untimed
from safetensors.torch import load
from torch import nn

from seqbench.events import INIT, TRAIN_LOSS, Finished, GradientByLag, Metrics, Saved, Started
from seqbench.executors.processes import Processes
from seqbench.models.base import SequenceModel
from seqbench.models.prediction import predictor
from seqbench.plan import Job
from seqbench.training import footprint
from seqbench.training.build import build, try_out
from seqbench.training.device import computing, device_of
from seqbench.training.fit import Run, fit
from seqbench.training.numerics import stated

on_a_card = pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no card")


@pytest.fixture
def meta(monkeypatch):
    """Numbers of the meta device can be asked for: all are 1."""
    of_others = torch.Tensor.item
    monkeypatch.setattr(torch.Tensor, "item", lambda self: 1.0 if self.device.type == "meta" else of_others(self))
    monkeypatch.setattr(footprint, "memory", lambda device: 2**40)


def alone(program):
    """What a program prints that runs in a process of its own."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", program]
    return subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


def learns(spec):
    """Two steps and a prediction on the device of a run."""
    task, model = build(spec)
    run = Run(spec, task, model)
    for run.step in (1, 2):
        _, norm = run._backward()
        run.descent.update(norm)
    batch = task.batch(0, "test", 0, 3)
    outputs = predictor(run.model, task)(batch, False)
    return task.loss(outputs, batch.targets[batch.mask].to(outputs.device)).device.type


@pytest.mark.parametrize("arm", cores())
def test_an_arm_makes_its_tensors_where_its_inputs_are(arm, meta):
    assert learns(replace(make_spec("adding", arm, dropout=0.5), device="meta")) == "meta"


@pytest.mark.parametrize("task", [task for task in options("task") if fits("lstm", task)])
def test_a_task_is_learned_where_the_model_is(task, meta):
    spec = make_spec(task, "lstm", truncate=2, shuffle_targets=True, freeze_core=True)
    assert learns(replace(spec, device="meta")) == "meta"


class Stray(nn.RNN):
    """Makes a tensor on the CPU, wherever its inputs are."""

    def forward(self, inputs):
        return super().forward(inputs + torch.zeros(inputs.shape[-1], device="cpu"))


def test_a_core_with_a_tensor_elsewhere_is_refused_before_the_run(meta, monkeypatch):
    def stray(self, input_size, *, hidden_size=4):
        super(Opaque, self).__init__()
        self.hidden_size, self.layer = hidden_size, Stray(input_size, hidden_size, batch_first=True)

    opaque = replace(make_spec("adding").model, name="stray", target="builders.Opaque", settings={"hidden_size": 4})
    monkeypatch.setattr(Opaque, "__init__", stray)
    spec = make_spec("adding", opaque)
    assert try_out(spec) == "causal, carries no state, states no step"
    with stated(0), pytest.raises(RuntimeError, match="device"):
        try_out(replace(spec, device="meta"))


def test_a_card_without_room_is_told_in_one_line():
    told = "CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 1.00 GiB of which ..."
    expected = "cuda has no room for 2.00 GiB more: make training.batch_size or model.hidden_size smaller"
    with stated(0), pytest.raises(MemoryError, match=expected), computing("cuda"):
        raise torch.OutOfMemoryError(told)
    with stated(0), pytest.raises(RuntimeError, match="shapes"), computing("cuda"):
        raise RuntimeError("shapes differ")


def test_what_makes_a_card_repeatable_ends_with_the_run():
    with stated(0):
        assert not torch.are_deterministic_algorithms_enabled()
        with computing("cuda"):
            assert torch.are_deterministic_algorithms_enabled()
    assert not torch.are_deterministic_algorithms_enabled()


def test_float32_is_float32_on_a_card_during_a_run():
    cudnn, before = torch.backends.cudnn, torch.backends.cudnn.allow_tf32
    with stated(0):
        assert not cudnn.allow_tf32
        assert torch.get_float32_matmul_precision() == "highest"
        assert (cudnn.benchmark, cudnn.deterministic) == (False, True)
    assert cudnn.allow_tf32 == before


def test_a_run_that_does_not_fit_on_the_card_is_refused(monkeypatch):
    monkeypatch.setattr(footprint, "memory", lambda device: 1000)
    spec = replace(make_spec(), device="cuda")
    with pytest.raises(ValueError, match=r"weights and their gradients take 0\.0 GiB at least, .* on cuda: make"):
        footprint.require_memory_for_weights(spec, lambda: build(spec)[1])


def test_the_server_of_workers_asks_no_card():
    """A process that is forked from one that has asked cannot use it."""
    told = alone(
        "import sys, torch; asked = []; "
        "torch.cuda.is_available = torch.cuda.device_count = torch.cuda._lazy_init = lambda *_: asked.append(1); "
        "import seqbench.executors.preloaded; print('seqbench.training.fit' in sys.modules, asked)"
    )
    assert told == "True []"


# -- on a card -------------------------------------------------------------------------------------------------


def on_card(*given, **training):
    return replace(make_spec(*given, **training), device="cuda")


@on_a_card
@pytest.mark.filterwarnings("ignore:.*does not have a deterministic implementation")
@pytest.mark.parametrize("arm", cores())
def test_a_run_on_a_card_is_that_on_the_cpu_to_rounding(arm):
    spec = make_spec("adding", arm, learning_rate=1e-3)
    here, there = list(fit(spec)), list(fit(replace(spec, device="cuda")))
    for one, other in zip(here, there, strict=True):
        assert type(one) is type(other)
        if isinstance(one, GradientByLag) and one.stage == INIT:
            assert one.mean == pytest.approx(other.mean, abs=1e-6, nan_ok=True)
        if isinstance(one, Metrics) and TRAIN_LOSS in one.values:
            assert one.values[TRAIN_LOSS] == pytest.approx(other.values[TRAIN_LOSS], rel=1e-3)
        if isinstance(one, Finished):
            assert one.test["loss"] == pytest.approx(other.test["loss"], rel=1e-3)
            assert one.outcome == other.outcome
    assert there[0].card == torch.cuda.get_device_name()


@on_a_card
@pytest.mark.parametrize(("task", "arm"), [("copy", "rnn"), ("adding", "gru"), ("agreement", "lstm"), ("text", "lstm")])
def test_a_card_gives_the_same_bits_twice(task, arm):
    spec = on_card(task, arm, dropout=0.5 if task == "text" else 0.0, gap=6)
    assert story(spec) == story(spec)


@on_a_card
def test_two_workers_share_a_card_and_give_the_same_bits():
    jobs = [Job(on_card(seed=seed), "") for seed in (0, 1)]
    told = {seed: [] for seed in (0, 1)}
    for job, event in Processes(workers=2).execute(jobs):
        told[job.run.seed].append(repr(untimed(event)))
    assert told == {job.run.seed: story(job.run) for job in jobs}


@on_a_card
def test_a_plan_for_a_card_leaves_it_alone():
    told = alone(
        "import torch; from seqbench.planning.make_plan import make_plan; "
        "print([run.device for run in make_plan('device=auto,cpu').runs], torch.cuda.is_initialized())"
    )
    assert told == "['cuda', 'cpu'] False"


@on_a_card
def test_a_model_of_a_card_is_read_on_the_cpu():
    spec = on_card("copy", "lstm", validate_every=1)
    (saved,) = (event for event in fit(spec) if isinstance(event, Saved))
    _, model = build(spec)
    model.load_state_dict(load(saved.content))
    assert isinstance(model, SequenceModel)
    assert model.device.type == "cpu"


@on_a_card
def test_a_card_that_is_full_is_told_and_free_again():
    with stated(0), pytest.raises(MemoryError, match="cuda has no room for"), computing("cuda"):
        torch.empty(2**45, device="cuda")
    assert isinstance(next(fit(on_card())), Started)


@on_a_card
def test_a_card_that_is_not_there_is_named():
    assert device_of("auto") == device_of("cuda:0") == "cuda"
    with pytest.raises(ValueError, match="this torch sees no such device: "):
        device_of("cuda:99")


@pytest.mark.parametrize(
    ("words", "told"), [("--device cuda:99", "cuda:99: this torch sees no"), ("--hidden a", "'a'")]
)
def test_what_the_benchmark_of_devices_cannot_do_is_one_line(words, told, monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["device.py", *words.split()])
    with pytest.raises(SystemExit, match="2"):
        runpy.run_path(str(Path(__file__).parents[2] / "benchmarks/device.py"), run_name="__main__")
    (line,) = capsys.readouterr().err.splitlines()
    assert told in line
