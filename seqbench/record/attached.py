"""The files of a run: read where they lie if that is on this machine, else through MLflow."""

import os
import tempfile
from pathlib import Path

from seqbench.record import store
from seqbench.record.reading import Recorded


def files_of(run: Recorded, uri: str) -> set[str]:
    """The names of a run's files."""
    if run.folder is not None:
        return {path.name for path in run.folder.glob("*")}
    return {file.path for file in store.connect(uri).list_artifacts(run.run_id)}


def content_of(run: Recorded, name: str, uri: str) -> bytes:
    """What one of them holds. Raises OSError if it is gone."""
    try:
        return _downloaded(run, name, uri) if run.folder is None else (run.folder / name).read_bytes()
    except FileNotFoundError as error:
        raise OSError(f"its file {name} is gone") from error


def _downloaded(run: Recorded, name: str, uri: str) -> bytes:
    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    client = store.connect(uri)
    from mlflow.exceptions import MlflowException

    with tempfile.TemporaryDirectory() as folder:
        try:
            return Path(client.download_artifacts(run.run_id, name, folder)).read_bytes()
        except MlflowException as error:
            raise FileNotFoundError(name) from error
