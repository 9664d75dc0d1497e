"""A PostgreSQL of one folder; that it serves is shown in faults/test_a_server.py."""

from pathlib import Path

import pytest

from seqbench import postgres
from seqbench.postgres import Postgres, cause_in
from seqbench.record.store import Unavailable

START = "pg_ctl: could not start server\nExamine the log output.\n"
LOG = """\
2026-03-01 10:00:00.000 UTC [7] LOG:  starting PostgreSQL 15.13
2026-03-01 10:00:00.000 UTC [7] FATAL:  lock file "postmaster.pid" is empty
2026-03-01 10:00:00.000 UTC [7] HINT:  Either another server is starting, or the lock file is the remnant of a crash.
2026-03-01 10:00:00.000 UTC [7] LOG:  database system is shut down
"""
INITDB = """\
initdb: error: directory "/data" exists but is not empty
initdb: hint: If you want to create a new database system, either remove or empty the directory "/data"
"""


@pytest.mark.parametrize(
    ("said", "cause"),
    [
        (START + LOG, 'lock file "postmaster.pid" is empty'),
        (START, "pg_ctl: could not start server"),
        (INITDB, 'directory "/data" exists but is not empty'),
        ("", ""),
    ],
)
def test_the_cause_is_the_last_error_of_what_it_says_and_logs(said: str, cause: str) -> None:
    assert cause_in(said) == cause


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in for those of PostgreSQL: pg_ctl is of version 15, and cannot start."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "logged").write_text(LOG)
    start = f"cat {folder}/logged >> log; echo 'pg_ctl: could not start server' >&2; exit 1"
    version = "echo 'pg_ctl (PostgreSQL) 15.13 (Debian 15.13-0+deb12u1)'"
    (folder / "pg_ctl").write_text(f"#!/bin/sh\ncase $1 in --version) {version} ;; start) {start} ;; esac\n")
    (folder / "pg_ctl").chmod(0o755)
    monkeypatch.setattr(postgres, "found", lambda program: str(folder / program))
    monkeypatch.setattr(Postgres, "_user", None)
    return folder


@pytest.fixture
def database(tmp_path: Path) -> Path:
    (tmp_path / "database").mkdir()
    return tmp_path / "database"


def refused(folder: Path) -> str:
    with pytest.raises(Unavailable) as raised, Postgres(folder).running():
        pass
    return str(raised.value)


@pytest.mark.usefixtures("programs")
def test_a_database_of_another_major_version_is_refused_with_both(database: Path) -> None:
    (database / "PG_VERSION").write_text("14\n")
    assert refused(database) == (
        f"{database} was made by PostgreSQL 14, and this is 15.13: put the programs of 14 first in PATH, "
        "or name another folder"
    )


@pytest.mark.usefixtures("programs")
def test_one_that_does_not_start_is_told_with_the_error_of_its_log_and_leaves_no_socket(
    database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sockets").mkdir()
    monkeypatch.setattr(postgres.tempfile, "tempdir", str(tmp_path / "sockets"))
    (database / "PG_VERSION").write_text("15\n")
    (database / "log").write_text("FATAL:  of an earlier start\n")
    assert refused(database) == (
        f'PostgreSQL in {database} cannot be used: lock file "postmaster.pid" is empty; see {database}/log'
    )
    assert not list((tmp_path / "sockets").iterdir())
