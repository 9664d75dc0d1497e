"""Where runs are to be computed: asked for while planning, and named by each run and its command."""

import pytest
import torch

from seqbench.config import ConfigError, Fault
from seqbench.planning.check import Checker
from seqbench.planning.make_plan import make_plan

COMMAND = "python -m seqbench"


@pytest.fixture
def one_card(monkeypatch):
    """A machine on which `auto` and `cuda` are the same card, and that sees no other."""
    there = {"auto": "cuda", "cuda": "cuda", "cpu": "cpu"}
    missing = "this torch sees no such device: ..."
    monkeypatch.setattr(Checker, "_device", lambda _, name: there.get(name, Fault(f"device={name}", missing)))
    monkeypatch.setattr(Checker, "_builds", lambda *_: True)


def devices(plan):
    return [(job.run.device, job.command) for job in plan.jobs]


def test_what_auto_means_stands_in_the_run_and_its_command(one_card):
    assert devices(make_plan("device=auto", "model=gru")) == [("cuda", f"{COMMAND} model=gru device=cuda")]


def test_the_cpu_is_named_where_it_was_typed(one_card):
    assert devices(make_plan("model=gru")) == [("cpu", f"{COMMAND} model=gru")]
    assert devices(make_plan("model=gru", "device=cpu")) == [("cpu", f"{COMMAND} model=gru device=cpu")]


def test_a_file_may_set_the_device(one_card, tmp_path):
    (tmp_path / "experiment").mkdir()
    (tmp_path / "experiment" / "own.yaml").write_text("# @package _global_\ndevice: auto\n")
    ((device, command),) = devices(make_plan("+experiment=own", config_dir=tmp_path))
    assert device == "cuda"
    assert command == f"{COMMAND} --config-dir {tmp_path} +experiment=own device=cuda"


def test_devices_are_an_axis_whose_runs_are_told_apart(one_card):
    jobs = make_plan("device=cpu,cuda").jobs
    assert [job.apart for job in jobs] == ["device=cpu", "device=cuda"]
    assert len({job.run.fingerprint for job in jobs}) == 2


def test_the_same_device_by_two_names_is_there_twice(one_card):
    with pytest.raises(ConfigError, match="is in the plan twice"):
        make_plan("device=auto,cuda")


def test_a_search_has_its_device(one_card):
    cell, *_ = make_plan("+experiment=horizon", "task=adding", "model=rnn", "device=auto").cells
    job = cell(10, 3)
    assert job.run.device == "cuda"
    assert "device=cuda" in job.command.split()


def test_a_device_that_is_missing_is_told_beside_other_faults(one_card):
    with pytest.raises(ConfigError) as found:
        make_plan("device=cuda:7", "task.gap=0")
    assert str(found.value).splitlines() == [
        "device=cuda:7: this torch sees no such device: ...",
        "task.gap: 0 is not allowed; it should be greater than or equal to 1",
    ]


@pytest.mark.parametrize("search", [[], ["+experiment=horizon"]])
def test_what_stands_in_for_a_device_that_is_missing_is_not_there_twice(one_card, search):
    with pytest.raises(ConfigError) as found:
        make_plan(*search, "task=adding", "model=rnn", "device=cpu,cuda:7")
    assert str(found.value) == "device=cuda:7: this torch sees no such device: ..."


def test_a_control_that_is_to_be_refused_hides_no_missing_device(one_card):
    with pytest.raises(ConfigError, match="device=cuda:7: this torch sees no such device"):
        make_plan("+experiment=controls", "device=cuda:7")


@pytest.mark.parametrize("typed", ["banana", "cuda:", "CUDA", "null", "1", "mps"])
def test_what_is_no_device_is_refused(typed):
    with pytest.raises(ConfigError, match=r"^device: .* is not allowed; it should be (cpu, cuda,|a valid)"):
        make_plan(f"device={typed}")


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a card")
def test_a_card_where_there_is_none_is_refused_in_one_line():
    with pytest.raises(ConfigError, match=r"^device=cuda: this torch sees no such device: .+$"):
        make_plan("device=cuda")
    assert make_plan("device=auto").runs == make_plan().runs
