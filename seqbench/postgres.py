"""A PostgreSQL of one folder, for as long as somebody needs it; it is reached by a socket of its user alone."""

import os
import shutil
import subprocess
import tempfile
from functools import cached_property
from pathlib import Path

from seqbench.config.locks import Held, Lock
from seqbench.record.store import Unavailable

#: Where Debian keeps each version's programs, of which PATH has few.
VERSIONS = Path("/usr/lib/postgresql")
#: The name of the database, and of the user within it.
NAME = "seqbench"
#: Whose process it is where root starts it: PostgreSQL refuses to be root's.
OF_ROOT = "postgres"


class Postgres:
    """`with Postgres(folder) as address`: made where there is none, started, and stopped at the end."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.lock = folder, Lock(folder, "postgres")

    def __enter__(self) -> str:
        try:
            self.lock.take()
        except Held as error:
            raise Unavailable(f"{self.folder} is in use by {error.holder or 'another process'}") from error
        try:
            return self._started()
        except BaseException:
            self.lock.give()
            raise

    def __exit__(self, *_: object) -> None:
        self._run("pg_ctl", "stop", "-m", "fast")
        shutil.rmtree(self.socket)
        self.lock.give()

    def _started(self) -> str:
        if not (self.folder / "PG_VERSION").exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            self._give(self.folder)
            self._run("initdb", "--auth=trust", f"--username={NAME}", "--encoding=UTF8", "--locale=C")
        elif (self.folder / "postmaster.pid").exists():  # of a command that was killed
            self._run("pg_ctl", "stop", "-m", "fast", may_say="")
        self.socket = tempfile.mkdtemp(prefix="seqbench-")  # short: a socket's path has a hundred letters at most
        self._give(Path(self.socket))
        self._run("pg_ctl", "start", "-w", "-l", str(self.folder / "log"), "-o", f"-k {self.socket} -h ''")
        self._run("createdb", "-h", self.socket, "-U", NAME, NAME, may_say="already exists")  # a start may have failed
        return f"postgresql+psycopg2://{NAME}@/{NAME}?host={self.socket}"

    def _give(self, folder: Path) -> None:
        if self._user:
            shutil.chown(folder, self._user, self._user)

    @cached_property
    def _user(self) -> str | None:
        return OF_ROOT if os.geteuid() == 0 else None

    def _run(self, program: str, *words: str, may_say: str | None = None) -> None:
        """Raises Unavailable with the last line that it says, unless it fails with what it `may_say`."""
        ended = subprocess.run(
            [found(program), *words],
            env={**os.environ, "PGDATA": str(self.folder), "LC_ALL": "C"},
            user=self._user,
            group=self._user,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        if ended.returncode and (may_say is None or may_say not in ended.stderr):
            said = ended.stderr.strip().splitlines() or [f"exit code {ended.returncode}"]
            raise Unavailable(f"PostgreSQL in {self.folder} cannot be used: {program} says {said[-1]!r}")


def found(program: str) -> str:
    """The path of one of PostgreSQL's programs. Raises Unavailable."""
    newest = sorted(VERSIONS.glob(f"*/bin/{program}"), key=lambda path: int(path.parts[-3]), reverse=True)
    path = shutil.which(program) or next(iter(newest), None)
    if path is None:
        raise Unavailable(f"there is no {program}: install PostgreSQL, or name one that runs with --database")
    return str(path)
