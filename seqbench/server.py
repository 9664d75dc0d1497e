"""`python -m seqbench.server`: a tracking server that many may write to, MLflow's with PostgreSQL behind it.

It listens on the loopback address; all that it keeps is in one folder.
"""

import sys
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path

from seqbench.config.resources import cores
from seqbench.executors import interrupts
from seqbench.postgres import Postgres
from seqbench.record.addresses import PORT
from seqbench.record.store import Unavailable, require, require_writable
from seqbench.serving import require_free, serve
from seqbench.terminal import Parser, exit_code


def main(arguments: list[str] | None = None) -> int:
    """Serve until a signal comes: exit code 130, or 3 where nothing can be served."""
    parser = Parser(prog="python -m seqbench.server", description=__doc__)
    parser.add_argument("--port", type=int, default=PORT)
    parser.add_argument("--folder", type=Path, default=Path("server"), help="where runs and their files are kept")
    parser.add_argument("--database", help="a PostgreSQL that runs already: postgresql+psycopg2://USER@HOST/NAME")
    parser.add_argument("--workers", type=int, default=cores(), help="processes that answer")
    options = parser.parse_args(arguments)
    return exit_code(lambda: _serve(options.port, options.folder.absolute(), options.database, options.workers))


def _serve(port: int, folder: Path, database: str | None, workers: int) -> int:
    """The server's own exit code, where it ends by itself."""
    if find_spec("psycopg2") is None:
        raise Unavailable("the server needs PostgreSQL's driver: pip install 'seqbench[server]'")
    require_free(port)
    require_writable(folder)
    if database is not None:
        require(database)
    with interrupts.only_noted(), ExitStack() as running:
        address = database or running.enter_context(Postgres(folder / "database"))
        print(f"export MLFLOW_TRACKING_URI=http://127.0.0.1:{port}\nin some seconds (Ctrl-C ends it)", flush=True)
        files = [
            "--artifacts-destination",
            str(folder / "files"),
            "--serve-artifacts",
            "--uvicorn-opts",
            "--no-access-log",
        ]
        return serve(["--backend-store-uri", address, *files], port, workers)


if __name__ == "__main__":
    sys.exit(main())
