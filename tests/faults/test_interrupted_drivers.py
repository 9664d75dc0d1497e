"""The real command, signalled at any moment: it ends with 130 and one line, nothing is left, and it can go on."""

import os
import random
import signal
import time
from pathlib import Path

import pytest
from recording import MLFLOW_WARNINGS
from scripted import wait_until
from sweeping import SMALL, Sweep, new_folder, seqbench_in
from undisturbed import content, require_nothing_left

from seqbench.executors import interrupts

pytestmark = [MLFLOW_WARNINGS, pytest.mark.long]

COMMAND = ("+experiment=smoke", "task.gap=5", "seed=0,1", *SMALL, "reports=null", "executor.workers=2")

#: By the number of signals, what need not be in order: a second one may end it before everything is closed.
LEFT_AFTER = {1: (), 2: ("locks", "runs"), 12: ("locks",)}


def signalled(folder: Path, seconds: float, *numbers: int) -> int:
    """The exit code after these signals, and checks that nothing is left behind."""
    sweep = Sweep(folder, COMMAND)
    sweep.wait_for_first_line()  # what comes before has its default effect
    time.sleep(seconds)
    for number in numbers:
        os.kill(sweep.process.pid, number)
        time.sleep(0.02)
    code = sweep.wait()
    if code == interrupts.CODE:
        assert sweep.err == f"{interrupts.LAST_WORDS}\n"
    else:
        assert (code, sweep.err) == (0, ""), sweep.err
    require_nothing_left(sweep, *LEFT_AFTER[len(numbers)])
    return code


@pytest.fixture(scope="module")
def parent(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("interrupted")


@pytest.fixture(scope="module")
def undisturbed(parent: Path) -> Path:
    folder = new_folder(parent, "undisturbed")
    assert seqbench_in(folder, *COMMAND).code == 0
    return folder


@pytest.mark.parametrize("times", LEFT_AFTER)
def test_signals_at_any_moment_end_a_sweep_in_order_and_it_goes_on(times: int, undisturbed: Path, parent: Path) -> None:
    folder, chance = new_folder(parent, f"signalled {times} times"), random.Random(times)
    codes = []
    for moment in (0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 7.0):
        codes.append(signalled(folder, moment + chance.random(), *chance.choices(interrupts.SIGNALS, k=times)))
    assert codes[0] == interrupts.CODE
    assert seqbench_in(folder, *COMMAND).code == 0
    assert content(folder) == content(undisturbed)


def test_a_stopped_worker_does_not_keep_a_signalled_driver(undisturbed: Path, parent: Path) -> None:
    folder = new_folder(parent, "stopped")
    sweep = Sweep(folder, [*COMMAND, "training.max_steps=100000"])
    wait_until(sweep.workers)
    workers = sweep.workers()
    for pid in workers:
        os.kill(pid, signal.SIGSTOP)
    sweep.process.terminate()
    began = time.monotonic()
    assert sweep.wait() == interrupts.CODE
    assert time.monotonic() - began < 15
    require_nothing_left(sweep)
