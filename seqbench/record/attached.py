"""The files of a run: on this machine beside the database, or where the record says; else through MLflow."""

import os
import tempfile
from pathlib import Path
from urllib.parse import unquote_to_bytes, urlparse

from seqbench.config import whole
from seqbench.record import store
from seqbench.record.database import FOLDER, folder_for
from seqbench.record.reading import Recorded


def attach(name: str, content: bytes, run_id: str, artifact_uri: str, uri: str) -> None:
    """Give a file to a run of the store at `uri`: beside its database, if that is where its files belong."""
    folders = places(artifact_uri, uri)
    if folders:
        whole.write({name: content}, folders[0])
        return
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / name
        file.write_bytes(content)
        store.connect(uri).log_artifact(run_id, str(file))


def files_of(run: Recorded, uri: str) -> set[str]:
    """The names of a run's files."""
    folders = places(run.artifact_uri, uri)
    if folders:
        return {path.name for folder in folders for path in folder.glob("*")}
    return {file.path for file in store.connect(uri).list_artifacts(run.run_id)}


def content_of(run: Recorded, name: str, uri: str) -> bytes:
    """What one of them holds. Raises OSError if it is gone."""
    folders = places(run.artifact_uri, uri)
    if not folders:
        return _downloaded(run, name, uri)
    for folder in folders:
        if (folder / name).exists():
            return (folder / name).read_bytes()
    raise FileNotFoundError(f"its file {name} is gone")


def places(artifact_uri: str, uri: str) -> list[Path]:
    """Where a run's files may be on this machine, and the first of these is where they belong; none if elsewhere.

    The record names whole paths. Where it was moved or copied with all that lies beside it, they are those of before.
    """
    recorded, database = path_of(artifact_uri), store.database(uri)
    if recorded is None:
        return []
    *_, root, experiment, run, files = ("", "", "", "", *recorded.parts)
    beside = [folder_for(experiment, database) / run / files] if database and root == FOLDER else []
    return list(dict.fromkeys([*beside, recorded]))


def path_of(artifact_uri: str) -> Path | None:
    """A folder of this machine as MLflow records it: as a path, whose quoted characters it takes for such, or a URI."""
    parts = urlparse(artifact_uri)
    if parts.scheme not in ("", "file") or (parts.scheme and parts.netloc):
        return None
    return Path(os.fsdecode(unquote_to_bytes(parts.path if parts.scheme else artifact_uri)))


def _downloaded(run: Recorded, name: str, uri: str) -> bytes:
    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    client = store.connect(uri)
    from mlflow.exceptions import MlflowException

    with tempfile.TemporaryDirectory() as folder:
        try:
            return Path(client.download_artifacts(run.run_id, name, folder)).read_bytes()
        except MlflowException as error:
            raise FileNotFoundError(f"its file {name} is gone") from error
