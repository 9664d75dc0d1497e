"""A tracking server with PostgreSQL: every command against it, as against a file; a driver that is killed; its end."""

import socket
import tempfile
import urllib.request
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pandas as pd
import pytest
from recording import MLFLOW_WARNINGS
from scripted import wait_until
from sweeping import SMALL, Running, Sweep, new_folder, seqbench_in
from undisturbed import OF_THE_MOMENT

from seqbench.postgres import found
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


@pytest.fixture(scope="module")
def server(folder_of_server: Path) -> Iterator[str]:
    folder = folder_of_server
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    running = Running(folder, ["seqbench.server", "--port", str(port), "--workers", "1"])
    uri = f"http://127.0.0.1:{port}"
    wait_until(lambda: answers(uri) or running.process.poll() is not None)
    assert running.process.poll() is None, running.err
    yield uri
    running.process.terminate()
    assert running.wait() == 130
    wait_until(lambda: not running.processes())
    assert not (folder / "server" / "database" / "postmaster.pid").exists()


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
