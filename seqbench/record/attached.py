"""The files of a run: on this machine beside the database, or where the record says; else through MLflow."""

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes, urlparse

from seqbench.config import whole
from seqbench.record import store
from seqbench.record.database import FOLDER, folder_for
from seqbench.record.reading import Recorded


def attach(files: Mapping[str, bytes], artifact_uri: str, uri: str) -> None:
    """Give files to a run of the store at `uri`: beside its database, if that is where its files belong."""
    folders = places(artifact_uri, uri)
    if folders:
        whole.write(files, folders[0])
        return
    place = _elsewhere(artifact_uri, uri)
    with tempfile.TemporaryDirectory() as folder:
        whole.write(files, Path(folder))
        for name in files:
            place.log_artifact(str(Path(folder, name)))


def files_of(run: Recorded, uri: str) -> set[str]:
    """The names of a run's files."""
    if folder := _folder(run, uri):
        return {path.name for path in folder.glob("*")}
    return {file.path for file in store.connect(uri).list_artifacts(run.run_id)}


def content_of(run: Recorded, name: str, uri: str) -> bytes:
    """What one of them holds. Raises OSError if it is gone."""
    folder = _folder(run, uri)
    if folder is None:
        return _downloaded(run, name, uri)
    if not (folder / name).exists():
        raise FileNotFoundError(f"its file {name} is gone")
    return (folder / name).read_bytes()


def _folder(run: Recorded, uri: str) -> Path | None:
    """Where its files are on this machine: what a copy lacks is not that of the record that it was made of."""
    folders = places(run.artifact_uri, uri)
    return next((folder for folder in folders if folder.exists()), folders[0]) if folders else None


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
    """One request: MLflow's own way to ask for a file lists first what there is."""
    from mlflow.exceptions import MlflowException
    from requests import HTTPError

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / name
        try:
            _elsewhere(run.artifact_uri, uri)._download_file(name, str(file))
        except (HTTPError, MlflowException) as error:
            if not _says_gone(error):
                raise
            raise FileNotFoundError(f"its file {name} is gone") from error
        return file.read_bytes()


def _elsewhere(artifact_uri: str, uri: str) -> Any:
    """MLflow's way to files that lie elsewhere."""
    store.load_client()
    from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

    return get_artifact_repository(artifact_uri, tracking_uri=uri)


def _says_gone(error: Exception) -> bool:
    """Whether a store says that it has no such file, and not that it failed."""
    answer = getattr(error, "response", None)
    return getattr(answer, "status_code", 0) == 404 or getattr(error, "error_code", "") == "RESOURCE_DOES_NOT_EXIST"
