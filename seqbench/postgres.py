"""A PostgreSQL of one folder, for as long as somebody needs it; it is reached by a socket of its user alone."""

import os
import re
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import quote

from seqbench.config.locks import Held, Lock
from seqbench.executors.at_end import AtEnd
from seqbench.record.store import Unavailable

#: Where Debian keeps each version's programs, of which PATH has few.
VERSIONS = Path("/usr/lib/postgresql")
#: The name of the database, and of the user within it.
NAME = "seqbench"
#: Whose process it is where root starts it: PostgreSQL refuses to be root's.
OF_ROOT = "postgres"
STOP = ("stop", "-m", "fast")


class Postgres:
    """`with Postgres(folder).running() as address`."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.log = folder, folder / "log"

    @contextmanager
    def running(self) -> Iterator[str]:
        """Made where there is none, and stopped at the end, also if this process is killed. Raises Unavailable."""
        # Short, because a socket's path has a hundred letters at most; at the end it may be gone.
        short = tempfile.TemporaryDirectory(prefix="seqbench-", ignore_cleanup_errors=True)
        with self._alone(), short as socket:
            self._prepare()
            self._give(Path(socket))
            stop = ("sh", "-c", '"$@"; rm -rf "$0"', socket, found("pg_ctl"), *STOP)
            with AtEnd(*stop, **self._options):
                self._run("pg_ctl", "start", "-w", "-l", self.log.name, "-o", f"-k {shlex.quote(socket)} -h ''")
                # An earlier start may have failed after it was made.
                self._run("createdb", "-h", socket, "-U", NAME, NAME, may_say="already exists")
                yield f"postgresql+psycopg2://{NAME}@/{NAME}?host={quote(socket)}"

    @contextmanager
    def _alone(self) -> Iterator[None]:
        lock = Lock(self.folder, "postgres")
        try:
            lock.take()
        except Held as error:
            raise Unavailable(f"{self.folder} is in use by {error.holder or 'another process'}") from error
        try:
            yield
        finally:
            lock.give()

    def _prepare(self) -> None:
        """A folder with a database that nobody has open."""
        if not (self.folder / "PG_VERSION").exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            self._give(self.folder)
            self._run("initdb", "--auth=trust", f"--username={NAME}", "--encoding=UTF8", "--locale=C")
        self._require_its_version()
        if (self.folder / "postmaster.pid").exists():  # of a command that was killed
            self._run("pg_ctl", *STOP, may_say="")

    def _require_its_version(self) -> None:
        """What one major version has written, no other one reads."""
        made_by = (self.folder / "PG_VERSION").read_text().strip()
        said = subprocess.run([found("pg_ctl"), "--version"], capture_output=True, text=True, check=True).stdout
        installed = said.partition(") ")[2].partition(" ")[0].strip()
        if re.split(r"\D", installed)[0] != made_by:
            told = f"{self.folder} was made by PostgreSQL {made_by}, and this is {installed}"
            raise Unavailable(f"{told}: put the programs of {made_by} first in PATH, or name another folder")

    def _give(self, folder: Path) -> None:
        if self._user:
            shutil.chown(folder, self._user, self._user)

    @cached_property
    def _user(self) -> str | None:
        return OF_ROOT if os.geteuid() == 0 else None

    @property
    def _options(self) -> dict[str, Any]:
        """Of each process that works with the folder."""
        environment = {**os.environ, "PGDATA": str(self.folder), "LC_ALL": "C"}
        return {"env": environment, "user": self._user, "group": self._user, "cwd": self.folder}

    def _run(self, program: str, *words: str, may_say: str | None = None) -> None:
        """Raises Unavailable with the cause, unless it fails with what it `may_say`."""
        before = self.log.stat().st_size if self.log.exists() else 0
        ended = subprocess.run(
            [found(program), *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            **self._options,
        )
        if ended.returncode and (may_say is None or may_say not in ended.stderr):
            logged = self.log.read_bytes()[before:].decode(errors="replace") if self.log.exists() else ""
            see = f"; see {self.log}" if logged else ""
            cause = cause_in(ended.stderr + logged) or f"{program} ends with exit code {ended.returncode}"
            raise Unavailable(f"PostgreSQL in {self.folder} cannot be used: {cause}{see}")


def cause_in(said: str) -> str:
    """Of what its programs say and log, the last error; else the first line."""
    errors = re.findall(r"(?i)\b(?:error|fatal|panic): +(.+)", said)
    return str(errors[-1]) if errors else said.strip().partition("\n")[0]


def found(program: str) -> str:
    """The path of one of PostgreSQL's programs. Raises Unavailable."""
    newest = sorted(VERSIONS.glob(f"*/bin/{program}"), key=lambda path: int(path.parts[-3]), reverse=True)
    path = shutil.which(program) or next(iter(newest), None)
    if path is None:
        raise Unavailable(f"there is no {program}: install PostgreSQL, or name one that runs with --database")
    return str(path)
