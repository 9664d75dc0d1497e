"""The real command on a cluster that does not answer, or no more, and one that is interrupted while Ray starts."""

import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from clusters import NEEDS_RAY
from recording import MLFLOW_WARNINGS
from scripted import wait_until
from sweeping import SMALL, Sweep, new_folder, seqbench_in, statuses
from undisturbed import require_nothing_left

from seqbench.executors import interrupts
from seqbench.executors.cluster.address import SETTINGS

pytestmark = [NEEDS_RAY, MLFLOW_WARNINGS, pytest.mark.long]

COMMAND = ("+experiment=smoke", "task.gap=5", "seed=0,1", *SMALL, "reports=null", "executor=ray", "executor.workers=1")
ENDLESS = (*COMMAND, "training.max_steps=100000", "training.validations_to_solve=100000")


@contextmanager
def silent_server() -> Iterator[str]:
    """The address of something that begins as Ray does, and says nothing more."""
    with socket.create_server(("", 0)) as server:  # Ray asks at another address of this machine
        kept = []

        def accept() -> None:
            while True:
                try:
                    kept.append(server.accept()[0])
                    kept[-1].sendall(SETTINGS)
                except OSError:
                    return

        accepting = threading.Thread(target=accept)
        accepting.start()
        try:
            yield f"127.0.0.1:{server.getsockname()[1]}"
        finally:
            server.shutdown(socket.SHUT_RDWR)
            accepting.join()
            for one in kept:
                one.close()


@contextmanager
def head() -> Iterator[tuple[str, int]]:
    """The address of a cluster of one machine, and the session that all its processes belong to."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    words = ["--head", "--block", f"--port={port}", "--num-cpus=1", "--include-dashboard=false"]
    words += ["--object-store-memory=80000000"]
    with tempfile.TemporaryDirectory(prefix="ray-", ignore_cleanup_errors=True) as folder:  # sockets want a short path
        log = Path(folder) / "head.log"
        with log.open("w") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "ray.scripts.scripts", "start", *words, f"--temp-dir={folder}"],
                stdout=output, stderr=output, start_new_session=True,
            )  # fmt: skip
        try:
            wait_until(lambda: "--block" in log.read_text())
            yield f"127.0.0.1:{port}", process.pid
        finally:
            signal_all(process.pid, signal.SIGKILL)
            process.wait()


def signal_all(session: int, number: int) -> None:
    """To all processes of a session at once, as when a machine loses its power."""
    table = subprocess.run(["ps", "-eo", "pid=,sid="], capture_output=True, text=True, check=True).stdout
    for pid in [int(pid) for pid, sid in map(str.split, table.splitlines()) if int(sid) == session]:
        os.kill(pid, number)


@pytest.mark.parametrize("number", interrupts.SIGNALS)
def test_a_signal_while_ray_starts_ends_the_command_in_time_and_leaves_nothing(number: int, tmp_path: Path) -> None:
    for moment in (1.0, 2.0, 3.0, 4.0, 6.0):
        folder = new_folder(tmp_path, str(moment))
        sweep = Sweep(folder, COMMAND)
        sweep.wait_for_first_line()
        time.sleep(moment + random.Random(moment).random())
        began = time.monotonic()
        os.kill(sweep.process.pid, number)
        assert (sweep.wait(), sweep.err) == (interrupts.CODE, f"{interrupts.LAST_WORDS}\n")
        assert time.monotonic() - began < 10  # 2 s on a machine that has nothing else to do
        require_nothing_left(sweep)


def test_an_address_that_begins_as_ray_does_and_goes_on_silent_is_refused(tmp_path: Path) -> None:
    with silent_server() as address:
        began = time.monotonic()
        result = seqbench_in(new_folder(tmp_path, "silent"), *COMMAND, f"executor.address={address}")
        assert result.code == 2
        assert result.err.startswith(f"seqbench: executor.address={address}: no Ray cluster answers there within 15 s")
        assert result.err.count("\n") == 1
        assert time.monotonic() - began < 60


def test_a_signal_while_an_address_is_silent_ends_the_command(tmp_path: Path) -> None:
    with silent_server() as address:
        sweep = Sweep(new_folder(tmp_path, "silent"), [*COMMAND, f"executor.address={address}"])
        sweep.wait_for_first_line()
        time.sleep(8)
        os.kill(sweep.process.pid, signal.SIGTERM)
        assert (sweep.wait(), sweep.err) == (interrupts.CODE, f"{interrupts.LAST_WORDS}\n")


@pytest.mark.parametrize("number", interrupts.SIGNALS)
def test_a_signal_to_a_sweep_on_a_cluster_ends_it_with_one_line(number: int, tmp_path: Path) -> None:
    folder = new_folder(tmp_path, "sweep")
    with head() as (address, _):
        sweep = Sweep(folder, [*ENDLESS, f"executor.address={address}"])
        wait_until(lambda: statuses(folder)["RUNNING"] or sweep.process.poll() is not None)
        os.kill(sweep.process.pid, number)
        assert (sweep.wait(), sweep.err) == (interrupts.CODE, f"{interrupts.LAST_WORDS}\n")
    require_nothing_left(sweep)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "frozen"])
def test_a_sweep_whose_head_is_lost_ends_with_a_line_and_its_runs_are_closed(how: int, tmp_path: Path) -> None:
    folder = new_folder(tmp_path, "sweep")
    with head() as (address, session):
        sweep = Sweep(folder, [*ENDLESS, f"executor.address={address}"])
        wait_until(lambda: statuses(folder)["RUNNING"] or sweep.process.poll() is not None)
        signal_all(session, how)
        assert sweep.wait() == 3
    assert sweep.err == (
        f"seqbench: cannot go on: the head of the Ray cluster at {address} has not answered for 25 s;"
        " the same command goes on where this one stopped\n"
    )
    assert set(statuses(folder)) == {"KILLED"}
    require_nothing_left(sweep)
