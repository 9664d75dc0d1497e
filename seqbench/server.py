"""`python -m seqbench.server`: a tracking server that many may write to, MLflow's with PostgreSQL behind it.

It listens on the loopback address; all that it keeps is in one folder.
"""

import os
import sys
from contextlib import nullcontext
from importlib.util import find_spec
from pathlib import Path

from seqbench.config.resources import cores
from seqbench.executors import interrupts
from seqbench.postgres import Postgres
from seqbench.record.addresses import PORT
from seqbench.record.servers import DATABASES
from seqbench.record.store import Unavailable, require, require_writable
from seqbench.serving import DATABASE, require_free, serve
from seqbench.terminal import Parser, exit_code


def main(arguments: list[str] | None = None) -> int:
    """Serve until a signal comes: exit code 130, or 3 where nothing can be served."""
    parser = Parser(prog="python -m seqbench.server", description=__doc__)
    parser.add_argument("--port", type=int, default=PORT)
    parser.add_argument("--folder", type=Path, default=Path("server"), help="where runs and their files are kept")
    parser.add_argument(
        "--database",
        default=os.environ.get(DATABASE),
        help=f"a PostgreSQL that runs already: postgresql+psycopg2://USER@HOST/NAME; with a password, give it as the "
        f"variable {DATABASE}, because others read the words of a command",
    )
    parser.add_argument("--workers", type=int, default=cores(), help="processes that answer")
    options = parser.parse_args(arguments)
    return exit_code(lambda: _serve(options.port, options.folder.absolute(), options.database, options.workers))


def _serve(port: int, folder: Path, database: str | None, workers: int) -> int:
    """The server's own exit code, where it ends by itself."""
    require_free(port)
    require_writable(folder)
    if database:
        require_database(database)
    elif find_spec("psycopg2") is None:
        raise Unavailable("the server needs PostgreSQL's driver: pip install 'seqbench[server]'")
    files = ["--artifacts-destination", str(folder / "files"), "--serve-artifacts", "--uvicorn-opts", "--no-access-log"]
    own = Postgres(folder / "database").running() if not database else nullcontext(database)
    with interrupts.only_noted(), own as address:
        print(f"export MLFLOW_TRACKING_URI=http://127.0.0.1:{port}\nin some seconds (Ctrl-C ends it)", flush=True)
        return serve(address, port, workers, files)


def require_database(address: str) -> None:
    """Raises Unavailable unless it is the address of a database that answers."""
    if not address.startswith(tuple(DATABASES)):
        raise Unavailable(f"{address} is no address of a database: postgresql+psycopg2://USER@HOST/NAME is one")
    require(address)


if __name__ == "__main__":
    sys.exit(main())
