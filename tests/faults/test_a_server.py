"""A tracking server with PostgreSQL: every command against it, as against a file; a driver that is killed; its end."""

import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pandas as pd
import pytest
from recording import MLFLOW_WARNINGS, put_database
from scripted import wait_until
from sweeping import SMALL, Running, Sweep, new_folder, seqbench_in
from undisturbed import OF_THE_MOMENT

from seqbench.postgres import Postgres, found
from seqbench.record import results
from seqbench.record.store import Unavailable


def is_possible() -> bool:
    try:
        return bool(found("initdb")) and find_spec("psycopg2") is not None
    except Unavailable:
        return False


pytestmark = [
    MLFLOW_WARNINGS,
    pytest.mark.long,
    pytest.mark.skipif(not is_possible(), reason="PostgreSQL or its driver, seqbench[server], is not installed"),
]

LONG = ("+experiment=smoke", "task.gap=5", "seed=0,1", *SMALL, "training.max_steps=600", "executor.workers=1")
WITHOUT_END = (*LONG, "training.validations_to_solve=100", "reports=null", "curve_points=5")


@pytest.fixture(scope="module")
def folder_of_server() -> Iterator[Path]:
    """Where another user may enter, as whom root has to start PostgreSQL."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def started(folder: Path, *words: str, **variables: str) -> tuple[Running, str]:
    """A server that answers, and its address."""
    port = free_port()
    running = Running(folder, ["seqbench.server", "--port", str(port), "--workers", "1", *words], **variables)
    uri = f"http://127.0.0.1:{port}"
    wait_until(lambda: answers(uri) or running.process.poll() is not None)
    assert running.process.poll() is None, running.err
    return running, uri


def ended(running: Running) -> None:
    """In order, with all that it has started."""
    running.process.terminate()
    assert running.wait() == 130
    wait_until(lambda: not running.processes())


@pytest.fixture(scope="module")
def server(folder_of_server: Path) -> Iterator[str]:
    running, uri = started(folder_of_server)
    yield uri
    ended(running)
    assert not (folder_of_server / "server" / "database" / "postmaster.pid").exists()


def answers(uri: str) -> bool:
    try:
        with urllib.request.urlopen(f"{uri}/health", timeout=5):
            return True
    except OSError:
        return False


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "study").mkdir()
    return tmp_path / "study"


def command(server: str, folder: Path, *words: str) -> str:
    """What a command says, which succeeds."""
    running = Running(folder, words, MLFLOW_TRACKING_URI=server)
    assert running.wait() == 0, running.err
    return running.out


def metrics(experiment: str, uri: str) -> pd.DataFrame:
    """Of a record, without what is of the moment, and with fingerprints in place of ids."""
    record = results.load(experiment, uri)
    points = record.metrics[~record.metrics.metric.isin(OF_THE_MOMENT)].astype({"metric": str, "run_id": str})
    points["run_id"] = points.run_id.map(dict(zip(record.runs.run_id, record.runs.fingerprint, strict=True)))
    return points.sort_values(["run_id", "metric", "step"], ignore_index=True)


def test_a_driver_that_is_killed_goes_on_and_every_point_is_that_of_a_file(
    server: str, folder: Path, tmp_path: Path
) -> None:
    undisturbed = new_folder(tmp_path, "undisturbed")
    assert seqbench_in(undisturbed, *WITHOUT_END).code == 0
    killed = Sweep(folder, WITHOUT_END, MLFLOW_TRACKING_URI=server)
    killed.wait_for_lines(2)  # the first stands in the record by then
    killed.process.kill()
    killed.wait()
    again = Sweep(folder, WITHOUT_END, MLFLOW_TRACKING_URI=server)
    assert again.wait() == 0, again.err
    assert 2 <= len(again.lines) < 4
    runs = results.load_runs("smoke", server)
    assert runs.status.tolist() == ["FINISHED"] * len(runs)
    pd.testing.assert_frame_equal(metrics("smoke", server), metrics("smoke", f"sqlite:///{undisturbed}/mlflow.db"))


def test_sweep_report_compare_trace_and_predict_go_by_the_server(server: str, folder: Path) -> None:
    words = ("seed=0,1", *SMALL, "executor.workers=1", "name=commands")
    assert "report: reports/commands" in command(server, folder, "seqbench", "task.gap=5", "model=rnn,lstm", *words)
    assert (folder / "reports/commands/index.html").exists()
    assert "rnn" in command(server, folder, "seqbench.compare", "--experiment", "commands", "rnn", "lstm")
    run = results.load_runs("commands", server).run_id[0]
    command(server, folder, "seqbench.trace", f"run={run}")
    command(server, folder, "seqbench.report", "commands")
    command(server, folder, "seqbench", "task=agreement", "name=words", "reports=null", *words[1:3])
    command(server, folder, "seqbench.predict", "the", "experiment=words")


def test_a_search_for_the_horizon_goes_by_the_server(server: str, folder: Path) -> None:
    words = ("+experiment=horizon", "task=copy", "model=rnn", SMALL[1], "tuning=null", "name=searched", "reports=null")
    searching = (
        "horizon.max_runs=8",
        "horizon.min_gap=1",
        "horizon.max_gap=8",
        "horizon.budgets=[80]",
        "executor.workers=1",
    )
    assert "gap50" in command(server, folder, "seqbench", *words, *searching)
    assert len(results.load_runs("searched", server)) > 0


def test_the_dashboard_names_the_page_of_the_server(server: str, folder: Path) -> None:
    command(
        server, folder, "seqbench", "task.gap=5", "seed=0", *SMALL, "executor.workers=1", "name=shown", "reports=null"
    )
    page = command(server, folder, "seqbench.dashboard").splitlines()[0]
    assert page.startswith(f"{server}/#/experiments/")
    assert page.endswith("/runs?workflowType=machine_learning&viewStateShareKey=seqbench")


# -- what becomes of it when it fails ----------------------------------------------------------------------


@pytest.fixture
def place(folder_of_server: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    """A folder of this test that the user of PostgreSQL may enter; quotes and spaces are no trouble."""
    place = folder_of_server / f'it\'s "{request.node.name[:20]}" $HOME'
    place.mkdir()
    yield place
    shutil.rmtree(place)


def test_a_server_that_is_killed_leaves_no_process_and_the_next_one_starts(place: Path) -> None:
    sockets = place / "its sockets"
    sockets.mkdir()
    sockets.chmod(0o777)
    for _ in range(2):
        running, uri = started(place, TMPDIR=str(sockets))
        process_file = place / "server/database/postmaster.pid"
        assert process_file.exists()
        assert len(list(sockets.iterdir())) == 1
        running.process.kill()
        assert running.wait() == -signal.SIGKILL
        wait_until(lambda: not (answers(uri) or process_file.exists() or list(sockets.iterdir())))  # noqa: B023


def test_a_dashboard_that_is_killed_leaves_no_process(place: Path) -> None:
    put_database(place)
    assert seqbench_in(place, "task.gap=5", "seed=0", *SMALL, "executor.workers=1", "reports=null").code == 0
    port = free_port()
    running = Running(place, ["seqbench.dashboard", "--port", str(port)], MLFLOW_TRACKING_URI="")
    wait_until(lambda: answers(f"http://127.0.0.1:{port}") or running.process.poll() is not None)
    running.process.kill()
    wait_until(lambda: not answers(f"http://127.0.0.1:{port}"))
    with socket.create_server(("127.0.0.1", port)):
        pass


def test_a_password_of_the_database_is_no_word_of_any_process(place: Path) -> None:
    with Postgres(place / "database").running() as address:
        database = address.replace("seqbench@", "seqbench:not-to-be-seen@")
        running, _ = started(place, MLFLOW_BACKEND_STORE_URI=database)
        shown = subprocess.run(["ps", "-wweo", "args"], capture_output=True, text=True, check=True).stdout
        assert "mlflow server" in shown
        assert "not-to-be-seen" not in shown
        ended(running)


@pytest.mark.parametrize("by", ["seqbench.server", "seqbench.report"])
def test_a_database_that_is_not_there_is_one_line_within_seconds(place: Path, by: str) -> None:
    with Postgres(place / "database").running() as address:
        unknown = address.replace("/seqbench?", "/nowhere?").replace("seqbench@", "seqbench:not-to-be-seen@")
        words = ["--port", str(free_port())] if by == "seqbench.server" else ["any"]
        began = time.monotonic()
        running = Running(place, [by, *words], MLFLOW_BACKEND_STORE_URI=unknown, MLFLOW_TRACKING_URI=unknown)
        assert running.wait() == 3
        assert time.monotonic() - began < 20  # MLflow by itself takes 105
    shown = unknown.replace("not-to-be-seen", "***")
    assert running.err == f'seqbench: the database {shown} cannot be opened (database "nowhere" does not exist)\n'


def test_a_server_that_goes_away_in_the_midst_of_a_sweep_is_named_with_the_reason(place: Path) -> None:
    server, uri = started(place)
    (place / "study").mkdir()
    sweep = Sweep(place / "study", WITHOUT_END, MLFLOW_TRACKING_URI=uri)
    sweep.wait_for_lines(1)
    ended(server)
    assert sweep.wait() == 3
    told = "does not answer (Connection refused); the same command goes on where this one stopped"
    assert sweep.err == f"seqbench: the tracking server {uri} {told}\n"
