"""Where the record lives: reached before MLflow is imported, because that takes seconds."""

import os
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run

DEFAULT_URI = "sqlite:///mlflow.db"
#: Seconds that a tracking server has to answer a health check.
PATIENCE = 5


class Unavailable(RuntimeError):
    """The record, or a folder to write to, cannot be reached; the message says why and what to do."""


def tracking_uri() -> str:
    """MLFLOW_TRACKING_URI, or a database in the working folder, where `mlflow ui` looks for it."""
    return os.environ.get("MLFLOW_TRACKING_URI") or DEFAULT_URI


def local_folder(uri: str) -> Path | None:
    """The folder of a SQLite database; None for everything else."""
    return Path(uri.removeprefix("sqlite:///")).absolute().parent if uri.startswith("sqlite:///") else None


def exists(uri: str) -> bool:
    """False for a SQLite database that nothing has been written to yet."""
    return not uri.startswith("sqlite:///") or Path(uri.removeprefix("sqlite:///")).exists()


def require_writable(folder: Path) -> None:
    """Raise Unavailable unless files can be made in `folder`, or in the nearest of its parents that exists."""
    nearest = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    if not (nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK)):
        raise Unavailable(f"cannot write to {nearest}: choose another folder or change its permissions")


def require(uri: str) -> None:
    """Raise Unavailable, within seconds, if the store at `uri` cannot be reached."""
    folder = local_folder(uri)
    if folder is not None:
        require_writable(folder)
        database = Path(uri.removeprefix("sqlite:///"))
        if database.exists() and not os.access(database, os.W_OK):
            raise Unavailable(f"cannot write to {database.absolute()}: change its permissions")
    elif uri.startswith(("http://", "https://")):
        _require_answer(uri)


def _require_answer(uri: str) -> None:
    try:
        with urllib.request.urlopen(f"{uri.rstrip('/')}/health", timeout=PATIENCE):
            return
    except urllib.error.HTTPError:
        return  # it answers; whether it knows this page is its own affair
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", error)
        raise Unavailable(f"the tracking server {uri} does not answer ({reason}); see MLFLOW_TRACKING_URI") from error


def connect(uri: str) -> "MlflowClient":
    """A client of the store, quiet and without telemetry."""
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "10")
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "3")
    import logging

    logging.getLogger("mlflow.store.db.utils").setLevel(logging.WARNING)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    from mlflow import MlflowClient

    return MlflowClient(uri)


def runs_of(client: "MlflowClient", experiment_id: str) -> "list[Run]":
    """All runs of an experiment that are not deleted, oldest first."""
    runs: list[Run] = []
    token = None
    while True:
        page = client.search_runs(
            [experiment_id], max_results=1000, order_by=["attributes.start_time ASC"], page_token=token
        )
        runs += page
        token = page.token
        if not token:
            return runs
