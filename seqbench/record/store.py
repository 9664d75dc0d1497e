"""Where the record lives: reached before MLflow is imported, because that takes seconds."""

import atexit
import functools
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes, urlsplit

from seqbench.record import database as databases
from seqbench.record import failures, schema, servers

if TYPE_CHECKING:
    from mlflow import MlflowClient

DEFAULT_URI = "sqlite:///mlflow.db"
FOLDERS = f"folders cannot hold a record (MLflow has given them up); use MLFLOW_TRACKING_URI={DEFAULT_URI}"


class Unavailable(RuntimeError):
    """The record, or a folder to write to, cannot be reached; the message says why and what to do."""


class NoSuchExperiment(LookupError):
    """The record has no runs of this experiment; the message names those that have some."""


def tracking_uri() -> str:
    """MLFLOW_TRACKING_URI, or a database in the working folder, where `mlflow ui` looks for it."""
    return os.environ.get("MLFLOW_TRACKING_URI") or DEFAULT_URI


def database(uri: str) -> Path | None:
    """The file of a SQLite database; None for everything else. As in any URI, "%3F" is a question mark."""
    before_query = uri.removeprefix("sqlite:///").partition("?")[0]
    return Path(os.fsdecode(unquote_to_bytes(before_query))).resolve() if uri.startswith("sqlite:///") else None


def beside(path: Path, uri: str) -> str:
    """A path as a record names it: from the folder of a SQLite database on, so that both can be moved together."""
    file = database(uri)
    return str(path.relative_to(file.parent) if file and path.is_relative_to(file.parent) else path)


def exists(uri: str) -> bool:
    """False for a SQLite database that nothing has been written to yet."""
    file = database(uri)
    return file is None or databases.begun(file)


def require_writable(folder: Path) -> None:
    """Raise Unavailable unless files can be made in `folder`, or in the nearest of its parents that exists."""
    nearest = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    try:
        with tempfile.TemporaryFile(dir=nearest):  # permissions alone do not say it: root has them all
            pass
    except FileNotFoundError as error:  # although it is there
        raise Unavailable(f"no file can be made in {nearest}: choose another folder") from error
    except OSError as error:
        reason = f"cannot write to {nearest} ({error.strerror})"
        raise Unavailable(f"{reason}: choose another folder or change its permissions") from error


def require(uri: str) -> None:
    """Raise Unavailable, within seconds, if the store at `uri` cannot be reached."""
    file = database(uri)
    if file is not None:
        require_writable(file.parent)
        if fault := databases.fault(file):
            raise Unavailable(fault)
    elif uri.startswith("sqlite:"):
        raise Unavailable(f"{uri} names no file, and what it held would end with the command; use {DEFAULT_URI}")
    elif fault := servers.fault(uri):
        raise Unavailable(fault)


def require_known(uri: str) -> None:
    """Raise Unavailable if the store at `uri` is a SQLite database that the installed MLflow is too old for.

    Asked before MLflow opens it: that would make what it misses in there.
    """
    file = database(uri)
    if file is not None and file.exists() and (reason := schema.too_new(schema.of(file))):
        raise Unavailable(f"the record in {uri} cannot be opened: {reason}")


def load_client() -> None:
    """Import MLflow, quiet and without telemetry: it takes seconds."""
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT", "true")
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "10")
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "3")
    os.environ.setdefault("MLFLOW_HTTP_POOL_MAXSIZE", "32")  # connections that are kept: more than requests at once
    os.environ.setdefault("MLFLOW_LOGGING_LEVEL", "CRITICAL")  # what fails raises, and is told in one line
    import logging

    for name in ("alembic", "sqlalchemy"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    if database(tracking_uri()) is not None:
        from mlflow.store.tracking import sqlalchemy_store  # noqa: F401  # else the first client imports it
    import mlflow  # noqa: F401


@functools.cache
def _close_at_the_end(file: Path) -> None:
    """MLflow keeps databases open; closed, a database is one file, which may be copied alone."""
    from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

    engines: dict[str, Any] = getattr(SqlAlchemyStore, "_engine_map", {})

    def close() -> None:
        for engine in engines.values():
            engine.dispose()
        if apart := databases.apart(file):
            print(f"seqbench: {apart}", file=sys.stderr)

    atexit.register(close)


def connect(uri: str) -> "MlflowClient":
    """A client of the store. Raises Unavailable where MLflow refuses the store."""
    require_known(uri)
    load_client()
    from mlflow import MlflowClient
    from mlflow.exceptions import MlflowException
    from sqlalchemy.exc import SQLAlchemyError

    file = database(uri)
    try:
        if file is None:
            return MlflowClient(uri)
        databases.create(file)
        _close_at_the_end(file)
        return MlflowClient(databases.address(file))
    except ModuleNotFoundError as error:
        raise Unavailable(servers.lacking(uri, error)) from error
    except (MlflowException, SQLAlchemyError) as error:
        if urlsplit(uri).scheme in ("", "file"):
            raise Unavailable(FOLDERS) from error
        reason = schema.too_new(schema.named_in(str(error))) or failures.reason(error)
        raise Unavailable(f"the record in {uri} cannot be opened: {reason}") from error
