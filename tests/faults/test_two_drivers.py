"""Two drivers of one experiment, on one machine and as on two, and a server whose answers get lost."""

import http.server
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from recording import MLFLOW_WARNINGS
from scripted import wait_until
from sweeping import SMALL, OnAnotherHost, Sweep, new_folder, seqbench_in
from undisturbed import content, require_nothing_left

from seqbench.record.lease import LASTS

pytestmark = [MLFLOW_WARNINGS, pytest.mark.long]

COMMAND = ("+experiment=smoke", "task.gap=5", "seed=0,1", *SMALL, "executor=serial", "reports=null")
WITHOUT_END = (*COMMAND, "training.max_steps=1500", "training.validations_to_solve=100")
"""The same with runs that take long enough to be found at work."""


def test_of_two_drivers_of_a_folder_with_temporary_folders_of_their_own_one_is_told_of_the_other(
    tmp_path: Path,
) -> None:
    folder, other, temporary = new_folder(tmp_path, "shared"), tmp_path / "another", tmp_path / "temporary files"
    other.mkdir()
    temporary.mkdir()
    undisturbed = new_folder(tmp_path, "undisturbed")
    assert seqbench_in(undisturbed, *WITHOUT_END).code == 0
    first = Sweep(folder, WITHOUT_END)
    first.wait_for_lines(1)
    second = Sweep(other, WITHOUT_END, TMPDIR=str(temporary), MLFLOW_TRACKING_URI=f"sqlite:///{folder}/mlflow.db/")
    assert second.wait() == 3
    (line,) = second.err.splitlines()
    assert line.startswith(f"seqbench: the experiment 'smoke' is being written by process {first.process.pid} on ")
    assert (first.wait(), first.err) == (0, "")
    assert content(folder) == content(undisturbed)
    for sweep in (first, second):
        require_nothing_left(sweep)


# -- by way of a server ------------------------------------------------------------------------------------------


class Lossy(http.server.BaseHTTPRequestHandler):
    """Hands requests on to a server; of the first run that is made, the answer is lost."""

    server_uri = ""
    lost: list[str] = []
    latency = 0.0
    """Seconds before each request goes on."""

    def do_GET(self) -> None:
        time.sleep(self.latency)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        kept = {key: self.headers[key] for key in ("Content-Type", "Accept") if self.headers[key]}
        request = urllib.request.Request(self.server_uri + self.path, body or None, kept, method=self.command)
        try:
            with urllib.request.urlopen(request) as answer:
                code, told = answer.status, answer.read()
        except urllib.error.HTTPError as error:
            code, told = error.code, error.read()
        if self.path.endswith("runs/create") and not self.lost:
            self.lost.append(self.path)
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(told)))
        self.end_headers()
        self.wfile.write(told)

    do_POST = do_PATCH = do_PUT = do_DELETE = do_GET  # noqa: N815

    def log_message(self, *_: object) -> None:
        pass


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def serve(folder: Path, port: int) -> subprocess.Popen[bytes]:
    """A server of MLflow's, which answers, on a record in this folder."""
    words = ["--backend-store-uri", f"sqlite:///{folder}/mlflow.db", "--artifacts-destination", str(folder / "files")]
    process = subprocess.Popen(
        [sys.executable, "-m", "mlflow", "server", *words, "--port", str(port), "--workers", "1"],
        env={**os.environ, "MLFLOW_DISABLE_TELEMETRY": "true", "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"},
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    wait_until(lambda: answers(port))
    return process


def stop(process: subprocess.Popen[bytes], number: int = signal.SIGTERM) -> None:
    os.killpg(process.pid, number)
    process.wait()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    folder, port = new_folder(tmp_path, "server"), free_port()
    process = serve(folder, port)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        stop(process)


def answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5):
            return True
    except OSError:
        return False


@pytest.fixture
def lossy(server: str) -> Iterator[str]:
    Lossy.server_uri, Lossy.lost = server, []
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Lossy) as proxy:
        thread = threading.Thread(target=proxy.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{proxy.server_address[1]}"
        proxy.shutdown()
        thread.join()


def test_of_two_drivers_of_a_server_one_goes_on_and_an_answer_that_is_lost_leaves_no_second_run(
    server: str, lossy: str, tmp_path: Path
) -> None:
    sweeps = []
    for name, slash in (("one", ""), ("other", "/")):
        folder, temporary = tmp_path / name, tmp_path / f"temporary files of {name}"
        folder.mkdir()
        temporary.mkdir()
        sweeps.append(Sweep(folder, COMMAND, MLFLOW_TRACKING_URI=f"{lossy}{slash}", TMPDIR=str(temporary)))
    codes = sorted(sweep.wait() for sweep in sweeps)
    assert codes == [0, 3], [sweep.err for sweep in sweeps]
    (line,) = "".join(sweep.err for sweep in sweeps).splitlines()
    assert "is being written by process" in line or "has just written to" in line
    assert Lossy.lost
    undisturbed = new_folder(tmp_path, "undisturbed")
    assert seqbench_in(undisturbed, *COMMAND).code == 0
    assert content(tmp_path / "server") == content(undisturbed)
    for sweep in sweeps:
        require_nothing_left(sweep)


def test_a_server_that_is_killed_ends_a_sweep_in_a_line_and_the_same_command_goes_on_when_it_is_back(
    tmp_path: Path,
) -> None:
    folder, here, port = new_folder(tmp_path, "server"), tmp_path / "here", free_port()
    here.mkdir()
    process = serve(folder, port)
    sweep = Sweep(here, COMMAND, MLFLOW_TRACKING_URI=f"http://127.0.0.1:{port}")
    sweep.wait_for_lines(1)
    stop(process, signal.SIGKILL)
    assert sweep.wait() == 3, sweep.err
    (line,) = sweep.err.splitlines()
    assert f"http://127.0.0.1:{port}" in line
    process = serve(folder, port)
    try:
        again = Sweep(here, COMMAND, MLFLOW_TRACKING_URI=f"http://127.0.0.1:{port}")
        assert again.wait() == 0, again.err
    finally:
        stop(process)
    undisturbed = new_folder(tmp_path, "undisturbed")
    assert seqbench_in(undisturbed, *COMMAND).code == 0
    assert content(folder) == content(undisturbed)
    require_nothing_left(again)


def test_a_slow_server_changes_nothing(
    server: str, lossy: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Lossy, "latency", 0.5)
    Lossy.lost.append("nothing more")
    here, undisturbed = tmp_path / "here", new_folder(tmp_path, "undisturbed")
    here.mkdir()
    sweep = Sweep(here, COMMAND, MLFLOW_TRACKING_URI=lossy)
    assert (sweep.wait(), sweep.err) == (0, "")
    assert seqbench_in(undisturbed, *COMMAND).code == 0
    assert content(tmp_path / "server") == content(undisturbed)
    require_nothing_left(sweep)


@pytest.mark.skipif(not OnAnotherHost.is_possible(), reason="this system lets nobody be another host")
def test_of_two_hosts_one_is_told_of_the_other_and_goes_on_a_minute_after_that_was_killed(
    server: str, tmp_path: Path
) -> None:
    here, there, undisturbed = tmp_path / "here", tmp_path / "there", new_folder(tmp_path, "undisturbed")
    for folder in (here, there):
        folder.mkdir()
    far = OnAnotherHost(there, WITHOUT_END, MLFLOW_TRACKING_URI=server)
    far.wait_for_lines(1)
    near = Sweep(here, WITHOUT_END, MLFLOW_TRACKING_URI=server)
    assert near.wait() == 3, near.err
    assert re.match(r"seqbench: the experiment 'smoke' is being written by process \d+ on far-away since ", near.err)
    os.killpg(far.process.pid, signal.SIGKILL)
    far.wait()
    assert (
        Sweep(here, WITHOUT_END, MLFLOW_TRACKING_URI=server).wait() == 3
    )  # from here nobody can see whether a process there has ended
    time.sleep(LASTS)
    near = Sweep(here, WITHOUT_END, MLFLOW_TRACKING_URI=server)
    assert (near.wait(), near.err) == (0, "")
    assert seqbench_in(undisturbed, *WITHOUT_END).code == 0
    assert content(tmp_path / "server") == content(undisturbed)
    require_nothing_left(near)
