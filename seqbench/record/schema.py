"""The schema of a record, and whether the installed MLflow is older than the one that made it."""

import re
import sqlite3
from contextlib import closing
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path


def of(file: Path) -> str:
    """The revision of a SQLite database's schema; nothing if it has none."""
    try:
        with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as connection:
            return str(*connection.execute("SELECT version_num FROM alembic_version").fetchone())
    except (sqlite3.Error, TypeError):  # MLflow says what it is
        return ""


def named_in(refusal: str) -> str:
    """The revision that MLflow found where it refused a database."""
    found = re.search(r"found version (\w+)", refusal)
    return found[1] if found else ""


def too_new(revision: str) -> str:
    """What is to be said of a revision that the installed MLflow has never heard of; nothing for all others."""
    known = _known()
    if not revision or not known or revision in known:
        return ""
    installed = f"the installed MLflow {version('mlflow')}"
    return f"it is newer than {installed} ({revision} is no schema that it knows): install the MLflow that wrote it"


def _known() -> set[str]:
    """The revisions that MLflow has steps for: a file each, named after it. MLflow itself takes seconds to import."""
    package = find_spec("mlflow")
    steps = Path(package.origin).parent / "store" / "db_migrations" / "versions" if package and package.origin else None
    return {file.stem.partition("_")[0] for file in steps.glob("*_*.py")} if steps else set()
