"""What a fault must not change: the whole of a record, bit for bit, and that nothing is left behind."""

import sqlite3
from contextlib import closing
from hashlib import sha256
from pathlib import Path

from scripted import wait_until
from sweeping import Running, rows, statuses

from seqbench.record import names, points

#: What a clock, the checkout or an owner decides, and no run.
OF_THE_MOMENT = {
    "seconds", "milliseconds_per_step", "workers", "git_revision", "mlflow.user", "mlflow.source.name",
    "mlflow.source.git.commit",
}  # fmt: skip
#: Files of a record, and of those who run commands in its folder.
EXPECTED = {"mlflow.db", "mlflow.db-wal", "mlflow.db-shm", "mlruns", "files", "stdout.txt", "stderr.txt"}


def content(folder: Path) -> dict[str, list[tuple[object, ...]]]:
    """All that stands in a record, but for what is `OF_THE_MOMENT` and the executor, with the checksum of each file."""
    found = {
        "points": rows(folder, "metrics.key, tags.value, metrics.step, metrics.value, metrics.is_nan"),
        "parameters": rows(folder, "params.key, tags.value, params.value"),
        "tags": rows(folder, "others.key, tags.value, replace(others.value, 'executor=serial ', '')"),
        "results": rows(folder, "tags.value, runs.status, runs.name"),
        "experiments": _experiments(folder),
        "files": [
            (file.name, fingerprint, _said(file))
            for fingerprint, run in rows(folder, "tags.value, runs.run_uuid")
            for file in folder.glob(f"*/*/{run}/artifacts/*")
        ],
    }
    return {what: sorted(row for row in told if row[0] not in OF_THE_MOMENT) for what, told in found.items()}


def _said(file: Path) -> object:
    """What a file of a run holds; of its points, those that no clock decides."""
    if file.name != names.POINTS_FILE:
        return sha256(file.read_bytes()).hexdigest()
    return [point for point in points.read(file.read_bytes()) if point[0] not in OF_THE_MOMENT]


def _experiments(folder: Path) -> list[tuple[object, ...]]:
    """Their tags, of which the lease is none once nobody writes; where a report is says nothing of the runs."""
    with closing(sqlite3.connect(folder / "mlflow.db")) as connection:
        query = "SELECT key, name, value FROM experiment_tags JOIN experiments USING (experiment_id)"
        told = connection.execute(query).fetchall()
    return [row for row in told if row[0] not in (names.NOTE, names.REPORT)]


def require_nothing_left(sweep: Running, *but: str) -> None:
    """Of a command that has ended: no process, no run RUNNING, no lock and no file that is not of the record.

    `but` is what may be left all the same: "runs" for the next command to close, "locks" that hold nobody.
    """
    wait_until(lambda: not sweep.processes())
    files = {path.name for path in sweep.folder.iterdir()} - EXPECTED
    left = {name for name in files if not ("locks" in but and name.endswith(".lock"))}
    assert left == set()
    if "runs" not in but and (sweep.folder / "mlflow.db").exists():
        assert set(statuses(sweep.folder)) <= {"FINISHED", "KILLED", "FAILED"}
